"""One open round per case, in every database.

Where 0030_one_index_each was applied, it took this index along with the one it meant: a case is in its columns,
too, and Django spares only the indexes of ``Meta.indexes``. Databases made since the squash have it.
"""

from django.db import migrations

MAKE = """
CREATE UNIQUE INDEX IF NOT EXISTS one_open_submission_per_case ON cases_submission (case_id) WHERE submitted_at IS NULL;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('cases', '0001_squashed_0035_need_files'),
    ]

    operations = [
        migrations.RunSQL(MAKE, migrations.RunSQL.noop),
    ]
