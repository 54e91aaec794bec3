"""All tables as they stood on 2026-11-26 (decision 33). A record never changes and never goes, nor what came with it."""

import django.contrib.postgres.fields
import django.db.models.deletion
import zerotrip.ids
from django.conf import settings
from django.db import migrations, models

GUARDS = """
CREATE FUNCTION duties_refuse_change_of_record() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'records are append-only' USING ERRCODE = 'insufficient_privilege';
END
$$;
CREATE TRIGGER duties_record_stays BEFORE UPDATE OR DELETE ON duties_record
    FOR EACH ROW EXECUTE FUNCTION duties_refuse_change_of_record();

CREATE TRIGGER duties_record_file_stays BEFORE UPDATE OR DELETE ON duties_recordfile
    FOR EACH ROW EXECUTE FUNCTION duties_refuse_change_of_record();
"""

UNDO = """
DROP TRIGGER duties_record_file_stays ON duties_recordfile;
DROP TRIGGER duties_record_stays ON duties_record;
DROP FUNCTION duties_refuse_change_of_record();
"""


class Migration(migrations.Migration):

    initial = True

    replaces = [
        ('duties', '0001_initial'),
        ('duties', '0002_records_stay'),
        ('duties', '0003_months'),
        ('duties', '0004_one_index_each'),
        ('duties', '0005_one_index_each'),
        ('duties', '0006_projects'),
        ('duties', '0007_needs'),
        ('duties', '0008_orders'),
        ('duties', '0009_problems_are_needs'),
        ('duties', '0010_record_files'),
    ]

    dependencies = [
        ('files', '0001_initial'),
        ('parties', '0001_squashed_0012_named_helpers'),
        ('parties', '__first__'),
    ]

    operations = [
        migrations.CreateModel(
            name='Requirement',
            fields=[
                ('ledger_length', models.PositiveIntegerField(default=0, editable=False)),
                ('ledger_head', models.BinaryField(default=bytes, max_length=32)),
                ('id', models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ('slug', models.CharField(max_length=160, unique=True)),
                ('kind', models.CharField(choices=[('answer', '补正答复'), ('make_up', '补交材料'), ('check', '事后核查'), ('rectify', '整改'), ('call_back', '回访'), ('confirm', '确认诉求是否解决'), ('milestone', '项目节点'), ('directive', '交办'), ('task', '任务'), ('visit', '走访'), ('report', '填报'), ('receipt', '签收'), ('warning', '预警')], max_length=12)),
                ('name', models.JSONField(help_text='In both languages.')),
                ('amount', models.DecimalField(blank=True, decimal_places=2, help_text='None: a day is set for each.', max_digits=6, null=True)),
                ('unit', models.CharField(blank=True, choices=[('working_days', 'working_days'), ('working_hours', 'working_hours'), ('calendar_days', 'calendar_days'), ('months', 'months'), ('hours', 'hours')], max_length=16)),
                ('basis', models.JSONField(default=dict, help_text='Where the limit comes from, in both languages.')),
                ('remind', django.contrib.postgres.fields.ArrayField(base_field=models.PositiveSmallIntegerField(), default=list, help_text='Working days before the end.', size=None)),
                ('consequence', models.CharField(help_text='What follows when it is missed.', max_length=20)),
                ('text', models.TextField(blank=True, help_text='What is asked, in full.')),
                ('source', models.CharField(blank=True, help_text='The document or the meeting it comes from.', max_length=160)),
                ('form', models.JSONField(blank=True, help_text='Sections an answer fills in. None: its word is all.', null=True)),
                ('checked', models.BooleanField(default=False, help_text='An answer counts once the issuer has looked at it.')),
                ('population', models.JSONField(default=dict, help_text='How those it is about were found: for the record.')),
                ('part_of', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='parts', to='duties.requirement')),
                ('pack', models.SlugField(blank=True, db_index=False, max_length=60)),
                ('declared', models.JSONField(blank=True, help_text='As the pack says it.', null=True)),
                ('issuer', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='orders', to='parties.party')),
                ('area_path', models.CharField(blank=True, max_length=120)),
                ('issued_by', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('issued_at', models.DateTimeField(blank=True, null=True)),
                ('closed_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('issuer__isnull', False)), fields=['issuer', '-issued_at'], name='order_of_office'), models.Index(condition=models.Q(('pack', ''), _negated=True), fields=['pack', 'kind'], name='requirement_of_pack')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('amount', None), ('unit', '')), models.Q(('amount__gt', 0), ('amount__isnull', False), models.Q(('unit', ''), _negated=True)), _connector='OR'), name='requirement_gives_time'), models.CheckConstraint(condition=models.Q(models.Q(('area_path', ''), ('issued_at', None), ('issued_by', None), ('issuer', None)), models.Q(('issued_at__isnull', False), ('issued_by__isnull', False), ('issuer__isnull', False), models.Q(('area_path', ''), _negated=True)), _connector='OR'), name='order_says_who_issued_it'), models.CheckConstraint(condition=models.Q(('part_of', None), models.Q(('issuer__isnull', False), models.Q(('part_of', models.F('id')), _negated=True)), _connector='OR'), name='part_of_an_order_is_an_order'), models.CheckConstraint(condition=models.Q(models.Q(('kind', 'directive'), _negated=True), models.Q(('form', None), ('issuer__isnull', False), ('part_of', None)), _connector='OR'), name='directive_stands_above_its_parts')],
            },
        ),
        migrations.CreateModel(
            name='Obligation',
            fields=[
                ('id', models.UUIDField(default=zerotrip.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('requirement', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='obligations', to='duties.requirement')),
                ('kind', models.CharField(choices=[('answer', '补正答复'), ('make_up', '补交材料'), ('check', '事后核查'), ('rectify', '整改'), ('call_back', '回访'), ('confirm', '确认诉求是否解决'), ('milestone', '项目节点'), ('directive', '交办'), ('task', '任务'), ('visit', '走访'), ('report', '填报'), ('receipt', '签收'), ('warning', '预警')], help_text="As the requirement's, so that lists need no join.", max_length=12)),
                ('subject', models.UUIDField(help_text='What it belongs to: the key of a case, a project, a directive.')),
                ('key', models.CharField(help_text='Which of its kind: a material, a round, a date, who owes it.', max_length=80)),
                ('about', models.ForeignKey(blank=True, help_text='The enterprise visited.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='parties.party')),
                ('part_of', models.ForeignKey(blank=True, help_text='What was passed on.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='parts', to='duties.obligation')),
                ('owner', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='obligations', to='parties.party')),
                ('watcher', models.ForeignKey(help_text='The department that looks after it.', on_delete=django.db.models.deletion.PROTECT, related_name='+', to='parties.party')),
                ('area_path', models.CharField(max_length=120)),
                ('words', models.JSONField(help_text='What is owed, in both languages.')),
                ('context', models.JSONField(default=dict, help_text='What notices about it say.')),
                ('link', models.CharField(blank=True, help_text='Where whoever owes it does it.', max_length=200)),
                ('opened_at', models.DateTimeField()),
                ('due_at', models.DateTimeField()),
                ('remind_at', models.DateTimeField(blank=True, help_text='When to remind next.', null=True)),
                ('reminded', models.PositiveSmallIntegerField(default=0)),
                ('status', models.CharField(choices=[('open', '待履行'), ('handed_in', '待核对'), ('kept', '已履行'), ('dropped', '不再需要')], default='open', max_length=10)),
                ('missed_at', models.DateTimeField(blank=True, help_text='When its consequence was drawn.', null=True)),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'ordering': ('opened_at', 'key'),
                'indexes': [models.Index(fields=['subject'], name='obligation_of_subject'), models.Index(condition=models.Q(('status', 'open')), fields=['owner', 'due_at'], name='obligation_of_owner'), models.Index(condition=models.Q(('missed_at', None), ('status', 'open')), fields=['due_at'], name='obligation_overdue'), models.Index(condition=models.Q(('status', 'open')), fields=['remind_at'], name='obligation_remind')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('status', 'dropped'), _negated=True), fields=('requirement', 'subject', 'key'), name='owed_once'), models.CheckConstraint(condition=models.Q(('due_at__gte', models.F('opened_at'))), name='obligation_gives_time'), models.CheckConstraint(condition=models.Q(('part_of', models.F('id')), _negated=True), name='nothing_is_passed_on_to_itself'), models.CheckConstraint(condition=models.Q(models.Q(('ended_at__isnull', False), ('status__in', ('kept', 'dropped'))), models.Q(('ended_at', None), ('status__in', ('open', 'handed_in'))), _connector='OR'), name='ended_obligation_says_when')],
            },
        ),
        migrations.CreateModel(
            name='Record',
            fields=[
                ('id', models.UUIDField(default=zerotrip.ids.new_id, primary_key=True, serialize=False)),
                ('obligation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='records', to='duties.obligation')),
                ('what', models.CharField(help_text='handed_in, kept, returned, missed, dropped, moved, passed_on, urged, tried', max_length=20)),
                ('note', models.TextField(blank=True)),
                ('details', models.JSONField(default=dict)),
                ('by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('at', models.DateTimeField()),
            ],
            options={
                'ordering': ('at', 'id'),
            },
        ),
        migrations.CreateModel(
            name='RecordFile',
            fields=[
                ('id', models.UUIDField(default=zerotrip.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('blob', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='files.blob')),
                ('name', models.CharField(max_length=200)),
                ('place', models.PositiveSmallIntegerField(default=0, help_text='Its place among those that came with it.')),
                ('record', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='files', to='duties.record')),
            ],
            options={
                'ordering': ('record__at', 'place', 'id'),
                'constraints': [models.UniqueConstraint(fields=('record', 'blob'), name='record_has_a_file_once')],
            },
        ),
        migrations.RunSQL(GUARDS, UNDO),
    ]
