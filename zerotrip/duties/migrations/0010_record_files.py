"""Pictures and papers that come with records; like those they never change and never go."""

import django.db.models.deletion
import zerotrip.ids
from django.db import migrations, models


SQL = """
CREATE TRIGGER duties_record_file_stays BEFORE UPDATE OR DELETE ON duties_recordfile
    FOR EACH ROW EXECUTE FUNCTION duties_refuse_change_of_record();
"""
UNDO = "DROP TRIGGER duties_record_file_stays ON duties_recordfile;"


class Migration(migrations.Migration):

    dependencies = [
        ('duties', '0009_problems_are_needs'),
        ('files', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='RecordFile',
            fields=[
                ('id', models.UUIDField(default=zerotrip.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=200)),
                ('place', models.PositiveSmallIntegerField(default=0, help_text='Its place among those that came with it.')),
                ('blob', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='files.blob')),
                ('record', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='files', to='duties.record')),
            ],
            options={
                'ordering': ('record__at', 'place', 'id'),
                'constraints': [models.UniqueConstraint(fields=('record', 'blob'), name='record_has_a_file_once')],
            },
        ),
        migrations.RunSQL(SQL, UNDO),
    ]
