"""Tubes, samples, boxes, results and retests (decision 39). Samples are partitioned by the day of their tube."""

import django.db.models.deletion
import zerotrip.ids
from django.conf import settings
from django.db import migrations, models

TABLES = """
CREATE TABLE prevention_sample (
    day date NOT NULL,
    tube_id varchar(32) NOT NULL,
    person_id uuid NOT NULL,
    at timestamptz,
    void_at timestamptz,
    counts boolean NOT NULL,
    received_at timestamptz NOT NULL,
    by_id uuid,
    CONSTRAINT sample_was_taken_or_voided CHECK (at IS NOT NULL OR void_at IS NOT NULL),
    CONSTRAINT sample_that_counts_is_in_the_tube CHECK (NOT counts OR (at IS NOT NULL AND (void_at IS NULL OR at > void_at))),
    PRIMARY KEY (day, tube_id, person_id)
) PARTITION BY RANGE (day);

CREATE INDEX sample_of_person ON prevention_sample (person_id, at) WHERE counts;

-- Makes the partition of a day, if it is not there yet; two at a time wait for each other. A tube is begun within a
-- few days of the moments of its samples: what a partition cannot hold is said, so that it need not be looked into.
CREATE FUNCTION prevention_make_sample_day(day date) RETURNS void
    LANGUAGE plpgsql AS $$
DECLARE
    name text := 'prevention_sample_' || to_char(day, 'YYYY_MM_DD');
    midnight timestamptz := day::timestamp AT TIME ZONE 'Asia/Shanghai';
BEGIN
    IF to_regclass(name) IS NOT NULL THEN
        RETURN;
    END IF;
    PERFORM pg_advisory_xact_lock(hashtext('prevention_make_sample_day'));
    EXECUTE format(
        'CREATE TABLE IF NOT EXISTS %I PARTITION OF prevention_sample FOR VALUES FROM (%L) TO (%L)',
        name, day, day + 1
    );
    IF NOT EXISTS (SELECT FROM pg_constraint WHERE conrelid = name::regclass AND conname = 'sample_near_its_day') THEN
        EXECUTE format(
            'ALTER TABLE %I ADD CONSTRAINT sample_near_its_day CHECK (at >= %L AND at < %L)',
            name, midnight - interval '4 days', midnight + interval '5 days'
        );
    END IF;
END
$$;

-- Drops the days before one of which nothing is left; how many.
CREATE FUNCTION prevention_drop_sample_days(day date) RETURNS integer
    LANGUAGE plpgsql AS $$
DECLARE
    name text;
    something boolean;
    dropped integer := 0;
BEGIN
    FOR name IN
        SELECT relid::text FROM pg_partition_tree('prevention_sample')
        WHERE isleaf AND relid::text ~ '^prevention_sample_[0-9_]{10}$'
            AND to_date(right(relid::text, 10), 'YYYY_MM_DD') < day
    LOOP
        EXECUTE format('SELECT EXISTS (SELECT FROM %I)', name) INTO something;
        IF NOT something THEN
            EXECUTE format('DROP TABLE %I', name);
            dropped := dropped + 1;
        END IF;
    END LOOP;
    RETURN dropped;
END
$$;
"""

UNDO = """
DROP FUNCTION prevention_drop_sample_days(date);
DROP FUNCTION prevention_make_sample_day(date);
DROP TABLE prevention_sample;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('prevention', '0006_venues'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Box',
            fields=[
                ('ledger_length', models.PositiveIntegerField(default=0, editable=False)),
                ('ledger_head', models.BinaryField(default=bytes, max_length=32)),
                ('id', models.UUIDField(default=zerotrip.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('code', models.CharField(help_text='As printed on it; boxes are used again.', max_length=32)),
                ('area_path', models.CharField(max_length=120)),
                ('counted', models.PositiveSmallIntegerField(help_text='Tubes, counted by hand when it was packed.')),
                ('packed_at', models.DateTimeField()),
                ('laboratory', models.SlugField(blank=True, db_index=False, max_length=60)),
                ('carrier', models.CharField(blank=True, help_text='Who took it along.', max_length=60)),
                ('plate', models.CharField(blank=True, max_length=20)),
                ('handed_at', models.DateTimeField(blank=True, null=True)),
                ('received_at', models.DateTimeField(blank=True, null=True)),
                ('received_by', models.CharField(blank=True, help_text='Who took it in at the laboratory.', max_length=60)),
                ('handed_by', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('packed_by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('point', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='prevention.site')),
            ],
            options={
                'indexes': [models.Index(fields=['area_path', '-packed_at'], name='box_of_area')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('received_at', None)), fields=('code',), name='one_box_of_a_code_under_way'), models.CheckConstraint(condition=models.Q(('counted__gt', 0)), name='box_holds_something'), models.CheckConstraint(condition=models.Q(models.Q(('carrier', ''), ('handed_at', None), ('handed_by', None)), models.Q(('handed_at__isnull', False), ('handed_by__isnull', False), models.Q(('carrier', ''), _negated=True), models.Q(('laboratory', ''), _negated=True)), _connector='OR'), name='box_handed_over_says_by_and_to_whom'), models.CheckConstraint(condition=models.Q(models.Q(('received_at', None), ('received_by', '')), models.Q(('handed_at__isnull', False), models.Q(('received_by', ''), _negated=True)), _connector='OR'), name='box_received_says_by_whom')],
            },
        ),
        migrations.CreateModel(
            name='Mishap',
            fields=[
                ('id', models.UUIDField(default=zerotrip.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('code', models.CharField(max_length=32)),
                ('kind', models.CharField(choices=[('missing', '箱里没有'), ('extra', '清单上没有'), ('leaked', '渗漏或破损'), ('unlabelled', '条码看不清'), ('empty', '管里没有拭子'), ('swabs', '拭子数和人数不符')], max_length=10)),
                ('note', models.CharField(blank=True, max_length=200)),
                ('found_at', models.DateTimeField()),
                ('settled_at', models.DateTimeField(blank=True, null=True)),
                ('settled', models.CharField(blank=True, help_text='How it was settled.', max_length=200)),
                ('box', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='mishaps', to='prevention.box')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('box', 'code', 'kind'), name='mishap_named_once'), models.CheckConstraint(condition=models.Q(models.Q(('settled', ''), ('settled_at', None)), models.Q(('settled_at__isnull', False), models.Q(('settled', ''), _negated=True)), _connector='OR'), name='settled_mishap_says_how')],
            },
        ),
        migrations.CreateModel(
            name='ResultFile',
            fields=[
                ('ledger_length', models.PositiveIntegerField(default=0, editable=False)),
                ('ledger_head', models.BinaryField(default=bytes, max_length=32)),
                ('id', models.UUIDField(default=zerotrip.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('laboratory', models.SlugField(db_index=False, max_length=60)),
                ('area_path', models.CharField(max_length=120)),
                ('name', models.CharField(blank=True, help_text='Of the file; empty: it came over the wire.', max_length=200)),
                ('sha256', models.CharField(max_length=64)),
                ('language', models.CharField(default='zh-hans', max_length=10)),
                ('status', models.CharField(choices=[('queued', '等待读取'), ('reading', '正在读取'), ('done', '已入库'), ('failed', '没有入库')], default='queued', max_length=8)),
                ('because', models.CharField(blank=True, max_length=400)),
                ('total', models.PositiveIntegerField(default=0)),
                ('done', models.PositiveIntegerField(default=0, help_text='Rows gone through.')),
                ('found', models.JSONField(default=dict, help_text='Counts: new, again, corrected, unknown, positive, faults.')),
                ('faults', models.JSONField(default=list, help_text='The first faults: row, what.')),
                ('asked_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('account', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(fields=['area_path', '-asked_at'], name='result_file_of_area')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('status', 'failed'), _negated=True), models.Q(('because', ''), _negated=True), _connector='OR'), name='failed_result_file_says_why')],
            },
        ),
        migrations.CreateModel(
            name='Result',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('tube', models.CharField(max_length=32)),
                ('outcome', models.CharField(choices=[('negative', '阴性'), ('positive', '阳性'), ('unclear', '待复核'), ('invalid', '无效，需要重采')], max_length=8)),
                ('issued_at', models.DateTimeField(help_text='When the laboratory said so: of two the later one counts.')),
                ('file', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='results', to='prevention.resultfile')),
            ],
            options={
                'indexes': [models.Index(fields=['file'], name='result_of_file')],
                'constraints': [models.UniqueConstraint(fields=('tube', 'issued_at', 'outcome'), name='result_is_kept_once')],
            },
        ),
        migrations.CreateModel(
            name='Tube',
            fields=[
                ('code', models.CharField(max_length=32, primary_key=True, serialize=False)),
                ('day', models.DateField(help_text='The day in China it was begun: the partition of its samples.')),
                ('capacity', models.PositiveSmallIntegerField(choices=[(1, 1), (5, 5), (10, 10), (20, 20)])),
                ('taken', models.PositiveSmallIntegerField(default=0, help_text='How many of those in it count.')),
                ('over', models.PositiveSmallIntegerField(default=0, help_text='How many are in it beyond its capacity.')),
                ('area_path', models.CharField(max_length=120)),
                ('begun_at', models.DateTimeField()),
                ('sealed_at', models.DateTimeField(blank=True, null=True)),
                ('outcome', models.CharField(blank=True, choices=[('negative', '阴性'), ('positive', '阳性'), ('unclear', '待复核'), ('invalid', '无效，需要重采')], help_text='Empty: nothing is known yet.', max_length=8)),
                ('outcome_at', models.DateTimeField(blank=True, help_text='When the laboratory said so.', null=True)),
                ('begun_by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('box', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='tubes', to='prevention.box')),
                ('point', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='prevention.site')),
            ],
            options={
                'indexes': [models.Index(fields=['point', '-begun_at'], name='tube_of_point'), models.Index(fields=['area_path', 'begun_at'], name='tube_of_area', opclasses=['text_pattern_ops', 'timestamptz_ops']), models.Index(condition=models.Q(('box__isnull', False)), fields=['box'], name='tube_of_box'), models.Index(condition=models.Q(('outcome', '')), fields=['begun_at'], name='tube_without_outcome')],
                'constraints': [models.CheckConstraint(condition=models.Q(('capacity__in', (1, 5, 10, 20))), name='tube_is_of_a_validated_size'), models.CheckConstraint(condition=models.Q(('taken__lte', models.F('capacity'))), name='tube_holds_no_more_than_its_size'), models.CheckConstraint(condition=models.Q(('over', 0), ('taken', models.F('capacity')), _connector='OR'), name='tube_runs_over_when_it_is_full'), models.CheckConstraint(condition=models.Q(models.Q(('outcome', ''), ('outcome_at', None)), models.Q(models.Q(('outcome', ''), _negated=True), ('outcome_at__isnull', False)), _connector='OR'), name='tube_outcome_has_its_moment')],
            },
        ),
        migrations.RunSQL(TABLES, UNDO, state_operations=[
        migrations.CreateModel(
            name='Sample',
            fields=[
                ('pk', models.CompositePrimaryKey('day', 'tube', 'person', blank=True, editable=False, primary_key=True, serialize=False)),
                ('day', models.DateField()),
                ('at', models.DateTimeField(help_text='When they were taken last.', null=True)),
                ('void_at', models.DateTimeField(help_text='When they were last taken out again.', null=True)),
                ('counts', models.BooleanField(help_text='In the tube, and not beyond its capacity.')),
                ('received_at', models.DateTimeField()),
                ('by', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('person', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='prevention.person')),
                ('tube', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='samples', to='prevention.tube')),
            ],
        ),
        ]),
        migrations.CreateModel(
            name='Retest',
            fields=[
                ('id', models.UUIDField(default=zerotrip.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('because', models.CharField(choices=[('negative', '阴性'), ('positive', '阳性'), ('unclear', '待复核'), ('invalid', '无效，需要重采')], help_text='What was found in the tube.', max_length=8)),
                ('area_path', models.CharField(help_text='Of their grid; else of the point.', max_length=120)),
                ('told_at', models.DateTimeField(help_text='When it was told to those who look after the area.')),
                ('due_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('outcome', models.CharField(blank=True, choices=[('negative', '阴性'), ('positive', '阳性'), ('unclear', '待复核'), ('invalid', '无效，需要重采')], help_text='Of the single test; empty: the tube was corrected.', max_length=8)),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='prevention.person')),
                ('tube', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='retests', to='prevention.tube')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('ended_at', None)), fields=['area_path', 'due_at'], name='retest_open')],
                'constraints': [models.UniqueConstraint(fields=('tube', 'person'), name='retested_once_for_a_tube'), models.CheckConstraint(condition=models.Q(('because', 'negative'), _negated=True), name='nobody_is_retested_for_a_negative'), models.CheckConstraint(condition=models.Q(('outcome', ''), ('ended_at__isnull', False), _connector='OR'), name='retest_with_outcome_ended')],
            },
        ),
    ]
