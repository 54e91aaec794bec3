"""All tables as they stood on 2026-11-26 (decision 33). Figures and targets are never changed or deleted:
a correction is a revision of its own.
"""

import django.db.models.deletion
import zerotrip.ids
from django.conf import settings
from django.db import migrations, models
from zerotrip.tables import Together

GUARDS = """
CREATE FUNCTION indicators_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'figures are append-only' USING ERRCODE = 'insufficient_privilege';
END
$$;

CREATE TRIGGER observation_stays BEFORE UPDATE OR DELETE ON indicators_observation
    FOR EACH ROW EXECUTE FUNCTION indicators_refuse();
CREATE TRIGGER target_stays BEFORE UPDATE OR DELETE ON indicators_target
    FOR EACH ROW EXECUTE FUNCTION indicators_refuse();
"""

UNDO = """
DROP TRIGGER target_stays ON indicators_target;
DROP TRIGGER observation_stays ON indicators_observation;
DROP FUNCTION indicators_refuse();
"""


class Migration(migrations.Migration):

    initial = True

    replaces = [
        ('indicators', '0001_initial'),
        ('indicators', '0002_figures_stay'),
        ('indicators', '0003_workbooks_in_the_background'),
    ]

    dependencies = [
        ('parties', '__first__'),
    ]

    operations = [Together([
        migrations.CreateModel(
            name='Indicator',
            fields=[
                ('slug', models.SlugField(max_length=60, primary_key=True, serialize=False)),
                ('pack', models.SlugField(max_length=60)),
                ('place', models.PositiveSmallIntegerField(help_text='In the order of the pack.')),
                ('digest', models.CharField(max_length=64)),
                ('definition', models.JSONField()),
                ('loaded_at', models.DateTimeField()),
                ('withdrawn_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'ordering': ('place', 'slug'),
            },
        ),
        migrations.CreateModel(
            name='Filing',
            fields=[
                ('ledger_length', models.PositiveIntegerField(default=0, editable=False)),
                ('ledger_head', models.BinaryField(default=bytes, max_length=32)),
                ('id', models.UUIDField(default=zerotrip.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('account', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('door', models.CharField(choices=[('form', '页面填报'), ('file', '表格导入')], max_length=4)),
                ('state', models.CharField(choices=[('queued', '排队检查'), ('checking', '正在检查'), ('checked', '已检查，待确认'), ('waiting', '已确认，排队入库'), ('saving', '正在入库'), ('taken', '已入库'), ('failed', '没有成功'), ('dropped', '已放弃')], max_length=8)),
                ('at', models.DateTimeField()),
                ('name', models.CharField(blank=True, help_text='Of the file.', max_length=200)),
                ('reason', models.TextField(blank=True)),
                ('language', models.CharField(blank=True, help_text='In which the faults of a file are told.', max_length=10)),
                ('because', models.CharField(blank=True, help_text='Why a file failed, or is looked through anew.', max_length=400)),
                ('found', models.JSONField(default=dict, help_text='What looking through a file found; how far it is, while it is looked through.')),
            ],
            options={
                'indexes': [models.Index(fields=['account', '-at'], name='filing_of_account')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('state', 'failed'), _negated=True), models.Q(('because', ''), _negated=True), _connector='OR'), name='failed_filing_says_why'), models.CheckConstraint(condition=models.Q(('door', 'file'), ('state', 'taken'), _connector='OR'), name='what_is_typed_is_taken_at_once')],
            },
        ),
        migrations.CreateModel(
            name='Observation',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('indicator', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='observations', to='indicators.indicator')),
                ('area_path', models.CharField(max_length=120)),
                ('industry', models.CharField(blank=True, help_text='GB/T 4754; empty: all of them.', max_length=4)),
                ('year', models.PositiveSmallIntegerField()),
                ('number', models.PositiveSmallIntegerField(help_text='Of the month or quarter in its year, from 1.')),
                ('revision', models.PositiveSmallIntegerField(default=1)),
                ('value', models.DecimalField(decimal_places=4, max_digits=20)),
                ('base', models.DecimalField(blank=True, decimal_places=4, help_text="Last year's figure as it is comparable, where firms or areas counted have changed.", max_digits=20, null=True)),
                ('base_note', models.CharField(blank=True, help_text='Why that is the base.', max_length=200)),
                ('published', models.DecimalField(blank=True, decimal_places=2, help_text='Growth in per cent as its source has it.', max_digits=8, null=True)),
                ('published_places', models.PositiveSmallIntegerField(default=0, help_text='Places after its point.')),
                ('basis', models.CharField(blank=True, choices=[('nominal', '现价'), ('comparable', '可比价'), ('unstated', '未说明口径')], max_length=10)),
                ('source', models.CharField(blank=True, help_text="Where it is not the indicator's.", max_length=200)),
                ('reason', models.CharField(blank=True, help_text='Why it replaces the one before.', max_length=300)),
                ('filing', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='observations', to='indicators.filing')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('indicator', 'year', 'number', 'area_path', 'industry', 'revision'), name='figure_once_per_revision'), models.CheckConstraint(condition=models.Q(('number__gte', 1), ('number__lte', 12), ('year__gte', 1949), ('year__lte', 2199)), name='figure_is_of_a_period'), models.CheckConstraint(condition=models.Q(('revision', 1), models.Q(('revision__gt', 1), models.Q(('reason', ''), _negated=True)), _connector='OR'), name='revision_says_why'), models.CheckConstraint(condition=models.Q(models.Q(('base', None), ('base_note', '')), models.Q(('base__isnull', False), models.Q(('base_note', ''), _negated=True)), _connector='OR'), name='comparable_base_says_why'), models.CheckConstraint(condition=models.Q(models.Q(('basis', ''), ('published', None)), models.Q(('published__isnull', False), models.Q(('basis', ''), _negated=True)), _connector='OR'), name='published_growth_says_at_which_prices')],
            },
        ),
        migrations.CreateModel(
            name='Target',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('indicator', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='targets', to='indicators.indicator')),
                ('area_path', models.CharField(max_length=120)),
                ('year', models.PositiveSmallIntegerField()),
                ('revision', models.PositiveSmallIntegerField(default=1)),
                ('value', models.DecimalField(decimal_places=4, max_digits=20)),
                ('source', models.CharField(help_text='The plan or document it is from.', max_length=200)),
                ('reason', models.CharField(blank=True, max_length=300)),
                ('filing', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='targets', to='indicators.filing')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('indicator', 'year', 'area_path', 'revision'), name='target_once_per_revision'), models.CheckConstraint(condition=models.Q(('year__gte', 1949), ('year__lte', 2199)), name='target_is_of_a_year'), models.CheckConstraint(condition=models.Q(('source', ''), _negated=True), name='target_says_where_from'), models.CheckConstraint(condition=models.Q(('revision', 1), models.Q(('revision__gt', 1), models.Q(('reason', ''), _negated=True)), _connector='OR'), name='new_target_says_why')],
            },
        ),
        migrations.RunSQL(GUARDS, UNDO),
    ])]
