"""The gate log, partitioned by the day of its ids (UUIDv7), as ``ledger_entry`` is by month.

Django makes the table plain; while it is empty it is made anew as a partitioned one. Keys and indexes are added
at the end of the migration, and so to that one.
"""

import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
import django.db.models.deletion
import zerotrip.ids
from django.conf import settings
from django.db import migrations, models


PARTITIONED = """
ALTER TABLE prevention_passage RENAME TO prevention_passage_plain;
CREATE TABLE prevention_passage (LIKE prevention_passage_plain INCLUDING DEFAULTS INCLUDING CONSTRAINTS)
    PARTITION BY RANGE (id);
DROP TABLE prevention_passage_plain;
ALTER TABLE prevention_passage ADD PRIMARY KEY (id);

-- For ids of devices whose clock is far off.
CREATE TABLE prevention_passage_other PARTITION OF prevention_passage DEFAULT;

-- Makes the partition of a day in China, if it is not there yet; none while the default has rows of it.
CREATE FUNCTION prevention_make_passage_day(day date) RETURNS void
    LANGUAGE plpgsql AS $$
DECLARE
    midnight timestamptz := day::timestamp AT TIME ZONE 'Asia/Shanghai';
    name text := 'prevention_passage_' || to_char(day, 'YYYY_MM_DD');
    first uuid := ledger_first_subject(midnight);
    after uuid := ledger_first_subject(midnight + interval '1 day');
BEGIN
    IF to_regclass(name) IS NOT NULL
        OR EXISTS (SELECT FROM prevention_passage_other WHERE id >= first AND id < after) THEN
        RETURN;
    END IF;
    EXECUTE format('CREATE TABLE %I PARTITION OF prevention_passage FOR VALUES FROM (%L) TO (%L)', name, first, after);
END
$$;

-- Drops the days before one of which nothing is left; how many.
CREATE FUNCTION prevention_drop_passage_days(day date) RETURNS integer
    LANGUAGE plpgsql AS $$
DECLARE
    name text;
    something boolean;
    dropped integer := 0;
BEGIN
    FOR name IN
        SELECT relid::text FROM pg_partition_tree('prevention_passage')
        WHERE isleaf AND relid::text ~ '^prevention_passage_[0-9_]{10}$'
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

SELECT prevention_make_passage_day((now() AT TIME ZONE 'Asia/Shanghai')::date + n) FROM generate_series(-1, 14) AS n;
"""

UNDO = """
DROP FUNCTION prevention_make_passage_day(date);
DROP FUNCTION prevention_drop_passage_days(date);
"""


class Migration(migrations.Migration):

    dependencies = [
        ('ledger', '0001_squashed_0003_closed_days'),
        ('files', '0001_initial'),
        ('parties', '0001_squashed_0012_named_helpers'),
        ('prevention', '0004_posts'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Block',
            fields=[
                ('ledger_length', models.PositiveIntegerField(default=0, editable=False)),
                ('ledger_head', models.BinaryField(default=bytes, max_length=32)),
                ('id', models.UUIDField(default=zerotrip.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('area_path', models.CharField(max_length=120)),
                ('plate', models.CharField(blank=True, max_length=20)),
                ('phone', models.CharField(blank=True, max_length=20)),
                ('reason', models.CharField(max_length=200)),
                ('during', django.contrib.postgres.fields.ranges.DateTimeRangeField()),
                ('put_at', models.DateTimeField()),
                ('lifted_at', models.DateTimeField(blank=True, null=True)),
                ('put_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ('-put_at', 'id'),
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('plate', ''), ('phone', ''), _connector='OR'), models.Q(('phone', ''), ('plate', ''), _negated=True)), name='block_is_of_a_plate_or_a_person'), models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='block_has_a_reason'), django.contrib.postgres.constraints.ExclusionConstraint(condition=models.Q(('lifted_at', None)), expressions=[('area_path', '='), ('plate', '='), ('phone', '='), ('during', '&&')], name='blocked_once_at_a_time')],
            },
        ),
        migrations.CreateModel(
            name='Passage',
            fields=[
                ('id', models.UUIDField(default=zerotrip.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('area_path', models.CharField(max_length=120)),
                ('plate', models.CharField(help_text='Normalised: 鲁A12345.', max_length=20)),
                ('plate_odd', models.BooleanField(default=False, help_text='Not as plates are written; kept as it was read.')),
                ('driver', models.CharField(max_length=60)),
                ('phone', models.CharField(max_length=20)),
                ('origin', models.CharField(max_length=80)),
                ('goods', models.SlugField(db_index=False, max_length=60)),
                ('goods_note', models.CharField(blank=True, max_length=120)),
                ('to_name', models.CharField(blank=True, help_text='To whom, where that is no enterprise on record.', max_length=120)),
                ('temperature', models.DecimalField(decimal_places=1, max_digits=3)),
                ('colour', models.CharField(choices=[('green', '绿码'), ('yellow', '黄码'), ('red', '红码'), ('none', '没有出示')], max_length=8)),
                ('disinfected', models.BooleanField(default=False, help_text='Vehicle and outer packing, before it was let in.')),
                ('entered_at', models.DateTimeField(help_text='When it came; of a refused one too.')),
                ('left_at', models.DateTimeField(blank=True, null=True)),
                ('refused', models.CharField(blank=True, help_text='Why it was not let in.', max_length=200)),
                ('device_at', models.DateTimeField(help_text='What the clock of the device said; it may be wrong.')),
                ('received_at', models.DateTimeField()),
                ('left_id', models.UUIDField(blank=True, help_text='Made by the device for the way out.', null=True)),
                ('entered_by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('gate', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='passages', to='prevention.site')),
                ('left_by', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('picture', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='files.blob')),
                ('to', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='parties.party')),
            ],
            options={
                'ordering': ('-entered_at', '-id'),
                'indexes': [models.Index(fields=['area_path', '-entered_at'], name='passage_area'), models.Index(fields=['plate', '-entered_at'], name='passage_plate'), models.Index(condition=models.Q(('left_at', None), ('refused', '')), fields=['entered_at'], name='passage_inside')],
                'constraints': [models.CheckConstraint(condition=models.Q(('plate', ''), _negated=True), name='passage_has_a_plate'), models.CheckConstraint(condition=models.Q(('left_at', None), models.Q(('left_at__gte', models.F('entered_at')), ('refused', '')), _connector='OR'), name='passage_leaves_later'), models.CheckConstraint(condition=models.Q(models.Q(('left_at', None), ('left_by', None)), models.Q(('left_at__isnull', False), ('left_by__isnull', False)), _connector='OR'), name='passage_says_who_let_it_out'), models.CheckConstraint(condition=models.Q(('temperature__gte', 30), ('temperature__lte', 45)), name='temperature_is_of_a_person')],
            },
        ),
        migrations.RunSQL(PARTITIONED, UNDO),
    ]
