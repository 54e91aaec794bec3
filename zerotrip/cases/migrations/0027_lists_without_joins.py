"""What lists are narrowed by lies in their own rows: of which service work is, which departments a case concerns.

Subjects are found by pairs of characters, as names are.
"""

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.functions.text
import zerotrip.pairs
from django.conf import settings
from django.db import migrations, models

FILL_WORK = """
UPDATE cases_assignment AS work SET service = version.service_id
FROM cases_case AS filed JOIN catalogue_serviceversion AS version ON version.id = filed.version_id
WHERE filed.id = work.case_id
"""
FILL_CASES = """
UPDATE cases_case AS filed SET departments = concerned.departments
FROM (
    SELECT case_id, array_agg(DISTINCT department_id) AS departments FROM cases_assignment GROUP BY case_id
) AS concerned
WHERE concerned.case_id = filed.id
"""


class Migration(migrations.Migration):

    dependencies = [
        ('cases', '0026_spoken_for'),
        ('catalogue', '0002_guards'),
        ('parties', '0007_pairs'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name='assignment',
            name='assignment_worklist',
        ),
        migrations.AddField(
            model_name='assignment',
            name='service',
            field=models.CharField(db_default='', default='', help_text="As the case's, for the same.", max_length=60),
        ),
        migrations.RunSQL(FILL_WORK, migrations.RunSQL.noop),
        migrations.AddIndex(
            model_name='assignment',
            index=models.Index(condition=models.Q(('status', 'open')), fields=['department', 'role', 'waiting', 'priority', 'due_at', 'opened_at', 'id', 'service'], include=('assignee', 'area_path', 'case', 'first_by'), name='assignment_worklist'),
        ),
        migrations.RemoveIndex(
            model_name='case',
            name='case_subject_part',
        ),
        migrations.AddField(
            model_name='case',
            name='departments',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), db_default=[], default=list, help_text='Those that have, or had, a stage in it: as its assignments say, so that lists need no join.', size=None),
        ),
        migrations.RunSQL(FILL_CASES, migrations.RunSQL.noop),
        migrations.AddIndex(
            model_name='case',
            index=django.contrib.postgres.indexes.GinIndex(zerotrip.pairs.Pairs(django.db.models.functions.text.Upper('subject')), name='case_subject_pairs'),
        ),
        migrations.AddIndex(
            model_name='case',
            index=django.contrib.postgres.indexes.GinIndex(fields=['departments'], name='case_of_departments'),
        ),
    ]
