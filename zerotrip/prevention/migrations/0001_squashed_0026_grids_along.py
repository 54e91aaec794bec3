"""All tables as they stood on 2026-11-27 (decision 33)."""

import datetime
import django.contrib.postgres.constraints
import django.contrib.postgres.fields
import django.contrib.postgres.fields.ranges
import django.contrib.postgres.indexes
import django.db.models.constraints
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.text
import zerotrip.ids
import zerotrip.pairs
import zerotrip.prevention.models.posts
import zerotrip.prevention.models.sites
from django.conf import settings
from django.db import migrations, models
from zerotrip.tables import Together

MOVEMENTS = """
CREATE FUNCTION prevention_movement_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        -- Only the people in it may go, and nothing else: what is left must be what was there.
        IF NEW.handler = '' AND NEW.handler_phone = '' AND NEW.plate = ''
           AND (NEW.outside = OLD.outside OR (OLD.outside_person AND NEW.outside = '')) THEN
            OLD.handler := ''; OLD.handler_phone := ''; OLD.plate := ''; OLD.outside := NEW.outside;
            IF NEW IS NOT DISTINCT FROM OLD THEN RETURN NEW; END IF;
        END IF;
    END IF;
    RAISE EXCEPTION 'movements are append-only' USING ERRCODE = 'insufficient_privilege';
END
$$;
CREATE TRIGGER prevention_movement_stays BEFORE UPDATE OR DELETE ON prevention_movement
    FOR EACH ROW EXECUTE FUNCTION prevention_movement_stays();
"""
"""A movement is never changed or deleted; only the people named in it can go."""

UNDO_MOVEMENTS = """
DROP TRIGGER prevention_movement_stays ON prevention_movement;
DROP FUNCTION prevention_movement_stays();
"""

PASSAGES = """
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
"""The gate log, partitioned by the day of its ids (UUIDv7), as ``ledger_entry`` is by month.

Django makes the table plain; while it is empty it is made anew as a partitioned one. Keys and indexes are added
at the end of the migration, and so to that one.
"""

UNDO_PASSAGES = """
DROP FUNCTION prevention_make_passage_day(date);
DROP FUNCTION prevention_drop_passage_days(date);
"""

SCANS = """
ALTER TABLE prevention_venuescan RENAME TO prevention_venuescan_plain;
CREATE TABLE prevention_venuescan (LIKE prevention_venuescan_plain INCLUDING DEFAULTS INCLUDING CONSTRAINTS)
    PARTITION BY RANGE (id);
DROP TABLE prevention_venuescan_plain;
ALTER TABLE prevention_venuescan ADD PRIMARY KEY (id);

-- For ids of devices whose clock is far off.
CREATE TABLE prevention_venuescan_other PARTITION OF prevention_venuescan DEFAULT;

-- Makes the partition of a day in China, if it is not there yet; none while the default has rows of it.
CREATE FUNCTION prevention_make_scan_day(day date) RETURNS void
    LANGUAGE plpgsql AS $$
DECLARE
    midnight timestamptz := day::timestamp AT TIME ZONE 'Asia/Shanghai';
    name text := 'prevention_venuescan_' || to_char(day, 'YYYY_MM_DD');
    first uuid := ledger_first_subject(midnight);
    after uuid := ledger_first_subject(midnight + interval '1 day');
BEGIN
    IF to_regclass(name) IS NOT NULL
        OR EXISTS (SELECT FROM prevention_venuescan_other WHERE id >= first AND id < after) THEN
        RETURN;
    END IF;
    EXECUTE format('CREATE TABLE %I PARTITION OF prevention_venuescan FOR VALUES FROM (%L) TO (%L)', name, first, after);
END
$$;

-- Drops the days before one of which nothing is left; how many.
CREATE FUNCTION prevention_drop_scan_days(day date) RETURNS integer
    LANGUAGE plpgsql AS $$
DECLARE
    name text;
    something boolean;
    dropped integer := 0;
BEGIN
    FOR name IN
        SELECT relid::text FROM pg_partition_tree('prevention_venuescan')
        WHERE isleaf AND relid::text ~ '^prevention_venuescan_[0-9_]{10}$'
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

SELECT prevention_make_scan_day((now() AT TIME ZONE 'Asia/Shanghai')::date + n) FROM generate_series(-1, 14) AS n;
"""
"""Scans at the doors of sites, partitioned by the day of their ids, as the gate log is."""

UNDO_SCANS = """
DROP FUNCTION prevention_make_scan_day(date);
DROP FUNCTION prevention_drop_scan_days(date);
"""

SAMPLES = """
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
"""Samples are partitioned by the day of their tube (decision 39)."""

UNDO_SAMPLES = """
DROP FUNCTION prevention_drop_sample_days(date);
DROP FUNCTION prevention_make_sample_day(date);
DROP TABLE prevention_sample;
"""

LEAFLETS = """
CREATE FUNCTION prevention_leaflet_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = 'restrict_violation', MESSAGE = 'the words of a leaflet do not change';
END $$;
CREATE TRIGGER prevention_leaflet_stays BEFORE UPDATE ON prevention_leaflet FOR EACH ROW
    WHEN ((OLD.kind, OLD.who, OLD.title, OLD.title_en, OLD.text, OLD.text_en, OLD.signed, OLD.edition, OLD.area_path,
        OLD."where", OLD.ends)
        IS DISTINCT FROM
        (NEW.kind, NEW.who, NEW.title, NEW.title_en, NEW.text, NEW.text_en, NEW.signed, NEW.edition, NEW.area_path,
        NEW."where", NEW.ends))
    EXECUTE FUNCTION prevention_leaflet_stays();
"""
"""The words of an edition never change, nor for whom it is."""

UNDO_LEAFLETS = """
DROP TRIGGER prevention_leaflet_stays ON prevention_leaflet;
DROP FUNCTION prevention_leaflet_stays();
"""

FIGURES = "\n".join(
    f"CREATE TRIGGER {table}_stays BEFORE UPDATE ON {table}"
    " FOR EACH ROW EXECUTE FUNCTION duties_refuse_change_of_record();"
    for table in ("prevention_call", "prevention_tally", "prevention_tallyline")
)
"""Calls and frozen figures never change."""


class Migration(migrations.Migration):

    initial = True

    replaces = [
        ('prevention', '0001_initial'),
        ('prevention', '0002_rosters'),
        ('prevention', '0003_lots'),
        ('prevention', '0004_posts'),
        ('prevention', '0005_gates'),
        ('prevention', '0006_venues'),
        ('prevention', '0007_screening'),
        ('prevention', '0008_field'),
        ('prevention', '0009_sealed'),
        ('prevention', '0010_inspections'),
        ('prevention', '0011_rounds'),
        ('prevention', '0012_exporters'),
        ('prevention', '0013_leaflets'),
        ('prevention', '0014_draw_known_at'),
        ('prevention', '0015_callers_of_firms'),
        ('prevention', '0016_plan_steps'),
        ('prevention', '0017_leaflets_to_sites'),
        ('prevention', '0018_sealed_in_step'),
        ('prevention', '0019_findings_at'),
        ('prevention', '0020_doors_in_buildings'),
        ('prevention', '0021_kept_from'),
        ('prevention', '0022_others_than_drawn'),
        ('prevention', '0023_movement_from_nowhere'),
        ('prevention', '0024_tubes_that_are_void'),
        ('prevention', '0025_why_enrolments_end'),
        ('prevention', '0026_grids_along'),
    ]

    dependencies = [
        ('duties', '0001_squashed_0019_withdrawn_by_itself'),
        ('files', '0001_initial'),
        ('ledger', '0001_squashed_0003_closed_days'),
        ('parties', '0001_squashed_0012_named_helpers'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [Together([
        migrations.CreateModel(
            name='Event',
            fields=[
                ('ledger_length', models.PositiveIntegerField(default=0, editable=False)),
                ('ledger_head', models.BinaryField(default=bytes, max_length=32)),
                ('id', models.UUIDField(default=zerotrip.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=80)),
                ('area_path', models.CharField(max_length=120)),
                ('measures', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('screening', '核酸筛查'), ('checks', '每日核查'), ('venues', '场所防控'), ('cold_chain', '冷链追溯'), ('gates', '卡口登记'), ('posts', '值班值守'), ('supplies', '物资保障和封控区')], max_length=12), size=None)),
                ('basis', models.CharField(help_text='The notice or the law it rests on, with its number.', max_length=200)),
                ('starts_on', models.DateField()),
                ('ends_on', models.DateField(blank=True, help_text='Its last day; None: not known yet.', null=True)),
                ('keep_days', models.PositiveSmallIntegerField(help_text="Days after its last day until what it holds of people's health and movements is purged; and after its own day, until a record is.")),
                ('department', models.ForeignKey(help_text='That answers for it.', on_delete=django.db.models.deletion.PROTECT, related_name='+', to='parties.party')),
                ('declared_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('declared_at', models.DateTimeField()),
                ('kept_from', models.DateField(blank=True, help_text='The first day whose records are still there; None: all are.', null=True)),
                ('purged_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'ordering': ('-starts_on', 'id'),
                'indexes': [models.Index(condition=models.Q(('purged_at', None)), fields=['area_path'], name='event_held')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('name', ''), _negated=True), models.Q(('basis', ''), _negated=True)), name='event_has_name_and_basis'), models.CheckConstraint(condition=models.Q(('measures__len__gt', 0)), name='event_brings_something_up'), models.CheckConstraint(condition=models.Q(('ends_on', None), ('ends_on__gte', models.F('starts_on')), _connector='OR'), name='event_ends_after_it_starts'), models.CheckConstraint(condition=models.Q(('keep_days__lte', 365)), name='event_is_not_kept_longer'), models.CheckConstraint(condition=models.Q(('purged_at', None), ('ends_on__isnull', False), _connector='OR'), name='purged_event_has_ended')],
            },
        ),
        migrations.CreateModel(
            name='SiteKind',
            fields=[
                ('slug', models.SlugField(max_length=60, primary_key=True, serialize=False)),
                ('pack', models.SlugField(db_index=False, max_length=60)),
                ('place', models.PositiveSmallIntegerField(help_text='In the order of the pack.')),
                ('group', models.SlugField(db_index=False, max_length=60)),
                ('small', models.BooleanField(help_text='One of the nine kinds of small venue (九小场所).')),
                ('risk', models.CharField(choices=[('low', '低'), ('medium', '中'), ('high', '高')], help_text='What a new site of the kind begins with.', max_length=8)),
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
            name='Person',
            fields=[
                ('id', models.UUIDField(default=zerotrip.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=120)),
                ('name_key', models.CharField(help_text='What of the name is compared: see rosters.identity.', max_length=120)),
                ('ric_digest', models.BinaryField(max_length=32, null=True)),
                ('ric_sealed', models.BinaryField(null=True)),
                ('document_kind', models.CharField(blank=True, choices=[('passport', '护照'), ('residence', '外国人永久居留身份证'), ('permit', '港澳台居民居住证'), ('travel', '港澳台居民来往内地通行证'), ('birth', '出生医学证明'), ('other', '其他证件')], max_length=10)),
                ('document_digest', models.BinaryField(max_length=32, null=True)),
                ('document_sealed', models.BinaryField(null=True)),
                ('number_shown', models.CharField(blank=True, help_text='What is shown of the number or the document: masked.', max_length=32)),
                ('phone', models.CharField(blank=True, max_length=20)),
                ('birth_year', models.PositiveSmallIntegerField(blank=True, null=True)),
                ('party', models.ForeignKey(blank=True, help_text='The account of the same number.', null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='parties.party')),
                ('created_at', models.DateTimeField()),
            ],
            options={
                'verbose_name_plural': 'people',
                'indexes': [models.Index(fields=['name_key', 'phone'], name='person_by_name_and_phone')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('ric_digest__isnull', False)), fields=('ric_digest',), name='one_person_per_ric'), models.UniqueConstraint(condition=models.Q(('document_digest__isnull', False)), fields=('document_digest',), name='one_person_per_document'), models.UniqueConstraint(condition=models.Q(('document_digest', None), ('ric_digest', None)), fields=('name_key', 'phone'), name='one_unnumbered_person_per_name_and_phone'), models.CheckConstraint(condition=models.Q(models.Q(('ric_digest', None), ('ric_sealed', None)), models.Q(('ric_digest__isnull', False), ('ric_sealed__isnull', False)), _connector='OR'), name='person_number_is_sealed_and_digested_together'), models.CheckConstraint(condition=models.Q(models.Q(('document_digest', None), ('document_kind', ''), ('document_sealed', None)), models.Q(('document_digest__isnull', False), ('document_sealed__isnull', False), models.Q(('document_kind', ''), _negated=True)), _connector='OR'), name='person_document_has_kind_seal_and_digest'), models.CheckConstraint(condition=models.Q(models.Q(('name', ''), _negated=True), models.Q(('name_key', ''), _negated=True)), name='person_has_a_name'), models.CheckConstraint(condition=models.Q(('ric_digest__isnull', False), ('document_digest__isnull', False), models.Q(('phone', ''), _negated=True), _connector='OR'), name='person_is_known_by_something')],
            },
        ),
        migrations.CreateModel(
            name='Exclusion',
            fields=[
                ('id', models.UUIDField(default=zerotrip.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='exclusions', to='prevention.person')),
                ('reason', models.CharField(choices=[('away', '外出，不在本地'), ('managed', '隔离或管控中'), ('medical', '身体原因不宜'), ('elsewhere', '已在别处完成，有证明'), ('deceased', '已去世'), ('double', '重复登记'), ('other', '其他')], max_length=10)),
                ('during', django.contrib.postgres.fields.ranges.DateRangeField()),
                ('requirement', models.ForeignKey(blank=True, help_text='None: nothing is due.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='duties.requirement')),
                ('note', models.CharField(blank=True, max_length=200)),
                ('recorded_by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('recorded_at', models.DateTimeField()),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('during__isempty', False), ('during__lower_inf', False)), name='exclusion_begins'), models.CheckConstraint(condition=models.Q(models.Q(('reason__in', ('other', 'elsewhere')), _negated=True), models.Q(('note', ''), _negated=True), _connector='OR'), name='exclusion_says_what_else'), models.CheckConstraint(condition=models.Q(('reason__in', ('deceased', 'double')), ('during__upper_inf', False), _connector='OR'), name='exclusion_has_an_end_unless_it_is_final')],
            },
        ),
        migrations.CreateModel(
            name='Site',
            fields=[
                ('ledger_length', models.PositiveIntegerField(default=0, editable=False)),
                ('ledger_head', models.BinaryField(default=bytes, max_length=32)),
                ('id', models.UUIDField(default=zerotrip.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('kind', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='sites', to='prevention.sitekind')),
                ('name', models.CharField(max_length=120)),
                ('owner', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='sites', to='parties.party')),
                ('area_path', models.CharField(help_text='Down to its grid, where that is known.', max_length=120)),
                ('address', models.CharField(blank=True, max_length=200)),
                ('risk', models.CharField(choices=[('low', '低'), ('medium', '中'), ('high', '高')], max_length=8)),
                ('contact', models.CharField(blank=True, max_length=60)),
                ('phone', models.CharField(blank=True, max_length=20)),
                ('within', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='parts', to='prevention.site')),
                ('code', models.CharField(default=zerotrip.prevention.models.sites.new_code, editable=False, max_length=16, unique=True)),
                ('details', models.JSONField(blank=True, default=dict, help_text='Answers to the fields of its kind, by name.')),
                ('opened_on', models.DateField()),
                ('closed_on', models.DateField(blank=True, help_text='The first day it is not there any more.', null=True)),
            ],
            options={
                'indexes': [models.Index(fields=['area_path'], name='site_area_prefix', opclasses=['text_pattern_ops'])],
                'constraints': [models.UniqueConstraint(condition=models.Q(('closed_on', None)), fields=('area_path', 'kind', 'name', 'address'), name='one_open_site_of_a_kind_name_and_address'), models.CheckConstraint(condition=models.Q(models.Q(('name', ''), _negated=True), models.Q(('area_path', ''), _negated=True)), name='site_has_name_and_area'), models.CheckConstraint(condition=models.Q(('closed_on', None), ('closed_on__gte', models.F('opened_on')), _connector='OR'), name='site_closes_after_it_opens'), models.CheckConstraint(condition=models.Q(('within', None), models.Q(('within', models.F('id')), _negated=True), _connector='OR'), name='site_is_not_in_itself'), models.CheckConstraint(condition=models.Q(('code__regex', '^[2-9A-HJKMNP-Z]{16}$')), name='site_has_a_venue_code')],
            },
        ),
        migrations.CreateModel(
            name='RosterFile',
            fields=[
                ('ledger_length', models.PositiveIntegerField(default=0, editable=False)),
                ('ledger_head', models.BinaryField(default=bytes, max_length=32)),
                ('id', models.UUIDField(default=zerotrip.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('account', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('name', models.CharField(max_length=200)),
                ('sha256', models.CharField(max_length=64)),
                ('kind', models.CharField(choices=[('resident', '居民'), ('lodger', '宿舍住宿人员'), ('builder', '工地人员'), ('worker', '单位员工')], max_length=8)),
                ('area_path', models.CharField(help_text='Where its people are, unless a row names another place.', max_length=120)),
                ('site', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='prevention.site')),
                ('employer', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='parties.party')),
                ('first_day', models.DateField(help_text='From which day on its people are on the roster.')),
                ('replaces', models.BooleanField(default=False, help_text='Whoever it does not name is on that roster no more.')),
                ('language', models.CharField(max_length=10)),
                ('status', models.CharField(choices=[('queued', '排队中'), ('checking', '核对中'), ('checked', '已核对，等您确认'), ('waiting', '已确认，排队中'), ('saving', '写入中'), ('writing', '生成中'), ('done', '已完成'), ('failed', '没有成功'), ('dropped', '已放弃')], default='queued', max_length=10)),
                ('because', models.CharField(blank=True, help_text='Why it failed, or is to be confirmed again.', max_length=400)),
                ('rows', models.PositiveIntegerField(default=0, help_text='Rows read so far.')),
                ('total', models.PositiveIntegerField(default=0, help_text='All rows, once they are counted.')),
                ('saved', models.PositiveIntegerField(default=0, help_text='Rows gone through in taking it over.')),
                ('found', models.JSONField(default=dict, help_text='Counts of what it says: see rosters.matching.')),
                ('faults', models.JSONField(default=list, help_text='The first faults: row, heading, what. Never what was written.')),
                ('leaving', models.CharField(blank=True, help_text='Digest of whom it would take off, as listed.', max_length=32)),
                ('asked_at', models.DateTimeField()),
                ('confirmed_at', models.DateTimeField(blank=True, null=True)),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('expires_at', models.DateTimeField(help_text='When the file and its rows go.')),
                ('purged', models.BooleanField(default=False)),
            ],
            options={
                'indexes': [models.Index(fields=['account', '-asked_at'], name='roster_file_of_account'), models.Index(condition=models.Q(('purged', False)), fields=['expires_at'], name='roster_file_to_purge')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('status', 'failed'), _negated=True), models.Q(('because', ''), _negated=True), _connector='OR'), name='failed_roster_file_says_why'), models.CheckConstraint(condition=models.Q(models.Q(('area_path', ''), _negated=True), models.Q(('sha256', ''), _negated=True)), name='roster_file_is_a_file_of_an_area')],
            },
        ),
        migrations.CreateModel(
            name='RosterRow',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('file', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='lines', to='prevention.rosterfile')),
                ('number', models.PositiveIntegerField(help_text='The row in the file.')),
                ('fresh', models.UUIDField(help_text='The key of the person, should it be somebody new.')),
                ('name', models.CharField(max_length=120)),
                ('name_key', models.CharField(max_length=120)),
                ('ric_digest', models.BinaryField(max_length=32, null=True)),
                ('ric_sealed', models.BinaryField(null=True)),
                ('document_kind', models.CharField(blank=True, max_length=10)),
                ('document_digest', models.BinaryField(max_length=32, null=True)),
                ('document_sealed', models.BinaryField(null=True)),
                ('number_shown', models.CharField(blank=True, max_length=32)),
                ('phone', models.CharField(blank=True, max_length=20)),
                ('birth_year', models.PositiveSmallIntegerField(null=True)),
                ('area_path', models.CharField(max_length=120)),
                ('household', models.CharField(blank=True, max_length=80)),
                ('site_id', models.UUIDField(null=True)),
                ('employer_id', models.UUIDField(null=True)),
                ('person_id', models.UUIDField(help_text='Who it is about.', null=True)),
                ('other_id', models.UUIDField(help_text='Of a conflict: the second one it claims.', null=True)),
                ('verdict', models.CharField(blank=True, choices=[('new', '新登记'), ('number', '身份证号相同'), ('document', '证件号相同'), ('phone', '姓名和手机号相同'), ('completed', '姓名和手机号相同，补上号码'), ('conflict', '指向两个人，没有合并'), ('ambiguous', '同名同号的不止一人，没有合并'), ('elsewhere', '同一个人在文件里有两个地方')], max_length=10)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('file', 'number'), name='one_line_per_row_of_a_roster_file')],
            },
        ),
        migrations.CreateModel(
            name='Enrolment',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('person', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='enrolments', to='prevention.person')),
                ('kind', models.CharField(choices=[('resident', '居民'), ('lodger', '宿舍住宿人员'), ('builder', '工地人员'), ('worker', '单位员工')], max_length=8)),
                ('area_path', models.CharField(max_length=120)),
                ('household', models.CharField(blank=True, help_text='The door within the grid, as it is written there; or the room.', max_length=80)),
                ('site', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='prevention.site')),
                ('employer', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='parties.party')),
                ('during', django.contrib.postgres.fields.ranges.DateRangeField(help_text='Its first day, and the first it does not hold any more; no end: until told.')),
                ('because', models.CharField(blank=True, db_default='', default='', help_text='Why it ends, of somebody who is on no other roster of the kind from then on.', max_length=400)),
            ],
            options={
                'indexes': [models.Index(fields=['area_path'], name='enrolment_area', opclasses=['text_pattern_ops']), models.Index(condition=models.Q(('site__isnull', False)), fields=['site'], name='enrolment_site'), models.Index(condition=models.Q(('employer__isnull', False)), fields=['employer'], name='enrolment_employer')],
                'constraints': [django.contrib.postgres.constraints.ExclusionConstraint(expressions=[('person', '='), ('kind', '='), ('during', '&&')], name='a_person_is_on_one_roster_of_a_kind_a_day'), models.CheckConstraint(condition=models.Q(('during__isempty', False), ('during__lower_inf', False)), name='enrolment_begins'), models.CheckConstraint(condition=models.Q(('area_path', ''), _negated=True), name='enrolment_has_an_area'), models.CheckConstraint(condition=models.Q(models.Q(('employer', None), ('kind', 'resident'), ('site', None)), models.Q(('kind__in', ('lodger', 'builder')), ('site__isnull', False)), models.Q(('kind', 'worker'), ('site__isnull', False)), models.Q(('employer__isnull', False), ('kind', 'worker')), _connector='OR'), name='enrolment_says_where')],
            },
        ),
        migrations.CreateModel(
            name='Holder',
            fields=[
                ('id', models.UUIDField(default=zerotrip.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('party', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='parties.party')),
                ('site', models.OneToOneField(blank=True, help_text='A site has one store of its own.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='prevention.site')),
                ('name', models.CharField(max_length=80)),
                ('area_path', models.CharField(max_length=120)),
                ('made_at', models.DateTimeField()),
            ],
            options={
                'ordering': ('name', 'id'),
                'indexes': [models.Index(fields=['area_path'], name='holder_area_prefix', opclasses=['text_pattern_ops']), django.contrib.postgres.indexes.GinIndex(zerotrip.pairs.Pairs(django.db.models.functions.text.Upper('name')), name='holder_name_pairs')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('party__isnull', False), ('site', None)), fields=('party', 'name'), name='one_store_of_a_name_per_party'), models.UniqueConstraint(condition=models.Q(('party', None), ('site', None)), fields=('area_path', 'name'), name='one_place_of_a_name_per_area'), models.CheckConstraint(condition=models.Q(models.Q(('name', ''), _negated=True), models.Q(('area_path', ''), _negated=True)), name='holder_has_name_and_area')],
            },
        ),
        migrations.CreateModel(
            name='Item',
            fields=[
                ('slug', models.SlugField(max_length=60, primary_key=True, serialize=False)),
                ('pack', models.SlugField(db_index=False, max_length=60)),
                ('place', models.PositiveSmallIntegerField(help_text='In lists.')),
                ('name', models.JSONField(help_text='In both languages.')),
                ('unit', models.JSONField(help_text='In both languages.')),
                ('purpose', models.CharField(choices=[('cold_chain', '冷链食品'), ('protective', '防护物资'), ('meal', '餐食'), ('living', '生活物资')], max_length=10)),
                ('decimals', models.PositiveSmallIntegerField(default=0, help_text='Of a quantity.')),
                ('papers', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('customs', '海关检验检疫证明'), ('disinfection', '消毒证明'), ('test', '货物核酸检测报告'), ('quarantine', '集中监管仓出库证明'), ('other', '其他证明')], max_length=12), default=list, size=None)),
                ('transit_hours', models.PositiveSmallIntegerField(help_text='Between leaving and arriving, without a word.')),
                ('definition', models.JSONField(help_text='As declared.')),
                ('offered', models.BooleanField(default=True)),
                ('loaded_at', models.DateTimeField()),
            ],
            options={
                'ordering': ('place', 'slug'),
                'constraints': [models.CheckConstraint(condition=models.Q(('decimals__lte', 3)), name='item_has_few_decimals')],
            },
        ),
        migrations.CreateModel(
            name='Level',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('holder', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='levels', to='prevention.holder')),
                ('item', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='prevention.item')),
                ('least', models.DecimalField(decimal_places=3, max_digits=14)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('holder', 'item'), name='one_level_per_store_and_item'), models.CheckConstraint(condition=models.Q(('least__gt', 0)), name='level_is_above_zero')],
            },
        ),
        migrations.CreateModel(
            name='Recall',
            fields=[
                ('ledger_length', models.PositiveIntegerField(default=0, editable=False)),
                ('ledger_head', models.BinaryField(default=bytes, max_length=32)),
                ('id', models.UUIDField(default=zerotrip.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('reason', models.CharField(max_length=400)),
                ('area_path', models.CharField(max_length=120)),
                ('order', models.UUIDField(blank=True, help_text='The order its holders answer under.', null=True)),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('at', models.DateTimeField()),
                ('lifted_at', models.DateTimeField(blank=True, null=True)),
                ('lifted_because', models.CharField(blank=True, max_length=400)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='recall_says_why'), models.CheckConstraint(condition=models.Q(models.Q(('lifted_at', None), ('lifted_because', '')), models.Q(('lifted_at__isnull', False), models.Q(('lifted_because', ''), _negated=True)), _connector='OR'), name='lifted_recall_says_why')],
            },
        ),
        migrations.CreateModel(
            name='Lot',
            fields=[
                ('ledger_length', models.PositiveIntegerField(default=0, editable=False)),
                ('ledger_head', models.BinaryField(default=bytes, max_length=32)),
                ('id', models.UUIDField(default=zerotrip.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('number', models.CharField(max_length=20, unique=True)),
                ('item', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='lots', to='prevention.item')),
                ('country', models.CharField(blank=True, help_text='Of origin.', max_length=60)),
                ('port', models.CharField(blank=True, help_text='Of entry.', max_length=60)),
                ('consignment', models.CharField(blank=True, help_text='Number of the customs declaration.', max_length=40)),
                ('marks', models.CharField(blank=True, help_text='Batch marks of the maker.', max_length=80)),
                ('produced_on', models.DateField(blank=True, null=True)),
                ('expires_on', models.DateField(blank=True, null=True)),
                ('documented', models.DecimalField(blank=True, decimal_places=3, help_text='The quantity its papers name; None: what was received.', max_digits=14, null=True)),
                ('arrived_at', models.DateTimeField()),
                ('recall', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='lots', to='prevention.recall')),
                ('by', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('at', models.DateTimeField()),
            ],
            options={
                'ordering': ('-arrived_at', 'number'),
                'indexes': [models.Index(condition=models.Q(('consignment', ''), _negated=True), fields=['consignment'], name='lot_of_consignment'), models.Index(fields=['-arrived_at'], name='lot_latest')],
                'constraints': [models.CheckConstraint(condition=models.Q(('documented', None), ('documented__gt', 0), _connector='OR'), name='documented_quantity_is_one'), models.CheckConstraint(condition=models.Q(('produced_on', None), ('expires_on', None), ('expires_on__gte', models.F('produced_on')), _connector='OR'), name='lot_expires_after_it_was_made')],
            },
        ),
        migrations.CreateModel(
            name='Balance',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('lot', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='balances', to='prevention.lot')),
                ('holder', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='balances', to='prevention.holder')),
                ('quantity', models.DecimalField(decimal_places=3, default=0, max_digits=14)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('lot', 'holder'), name='one_balance_per_lot_and_holder'), models.CheckConstraint(condition=models.Q(('quantity__gte', 0)), name='nothing_lies_below_zero')],
            },
        ),
        migrations.CreateModel(
            name='LotFile',
            fields=[
                ('id', models.UUIDField(default=zerotrip.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('blob', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='files.blob')),
                ('name', models.CharField(max_length=200)),
                ('place', models.PositiveSmallIntegerField(default=0, help_text='Its place among those that came with it.')),
                ('lot', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='files', to='prevention.lot')),
                ('step', models.UUIDField(help_text='What was handed in at once.')),
                ('kind', models.CharField(choices=[('customs', '海关检验检疫证明'), ('disinfection', '消毒证明'), ('test', '货物核酸检测报告'), ('quarantine', '集中监管仓出库证明'), ('other', '其他证明')], max_length=12)),
                ('is_log', models.BooleanField(default=False, help_text='Disinfection that was done here, not a certificate.')),
                ('number', models.CharField(blank=True, max_length=60)),
                ('lab', models.CharField(blank=True, help_text='Who issued it.', max_length=80)),
                ('issued_on', models.DateField(blank=True, null=True)),
                ('done_at', models.DateTimeField(blank=True, help_text='When it was disinfected.', null=True)),
                ('who', models.CharField(blank=True, help_text='Who disinfected it.', max_length=60)),
                ('holder', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='prevention.holder')),
                ('by', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('at', models.DateTimeField()),
            ],
            options={
                'ordering': ('at', 'place', 'id'),
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('done_at', None), ('holder', None), ('is_log', False), ('issued_on__isnull', False), ('who', ''), models.Q(('number', ''), _negated=True)), models.Q(('done_at__isnull', False), ('holder__isnull', False), ('is_log', True), ('kind', 'disinfection')), _connector='OR'), name='certificate_has_a_number_and_disinfection_a_time')],
            },
        ),
        migrations.CreateModel(
            name='SupplyRequest',
            fields=[
                ('ledger_length', models.PositiveIntegerField(default=0, editable=False)),
                ('ledger_head', models.BinaryField(default=bytes, max_length=32)),
                ('id', models.UUIDField(default=zerotrip.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('holder', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='requests', to='prevention.holder')),
                ('item', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='prevention.item')),
                ('quantity', models.DecimalField(decimal_places=3, max_digits=14)),
                ('needed_by', models.DateField()),
                ('note', models.CharField(blank=True, max_length=200)),
                ('by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('at', models.DateTimeField()),
                ('closed_at', models.DateTimeField(blank=True, null=True)),
                ('closed_because', models.CharField(blank=True, help_text='Why no more of it comes.', max_length=200)),
            ],
            options={
                'ordering': ('needed_by', 'at', 'id'),
                'indexes': [models.Index(condition=models.Q(('closed_at', None)), fields=['needed_by'], name='supply_request_open')],
                'constraints': [models.CheckConstraint(condition=models.Q(('quantity__gt', 0)), name='request_asks_for_something'), models.CheckConstraint(condition=models.Q(('closed_because', ''), ('closed_at__isnull', False), _connector='OR'), name='closed_request_says_when')],
            },
        ),
        migrations.CreateModel(
            name='Movement',
            fields=[
                ('id', models.UUIDField(primary_key=True, serialize=False)),
                ('step', models.UUIDField(help_text='What was recorded at once: a split has a movement for each part.')),
                ('kind', models.CharField(choices=[('receive', '入库'), ('move', '转运'), ('split', '拆分'), ('join', '合并'), ('sell', '销售'), ('use', '使用'), ('destroy', '销毁'), ('return', '退货'), ('count', '盘点差异')], max_length=8)),
                ('source', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='prevention.lot')),
                ('source_holder', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='prevention.holder')),
                ('target', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='prevention.lot')),
                ('target_holder', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='prevention.holder')),
                ('quantity', models.DecimalField(decimal_places=3, max_digits=14)),
                ('at', models.DateTimeField(help_text='When it happened; of goods on their way, when they left.')),
                ('area_path', models.CharField(help_text='Where it left, or arrived from outside.', max_length=120)),
                ('outside', models.CharField(blank=True, help_text='Supplier, buyer, receiver outside the ledger.', max_length=120)),
                ('outside_person', models.BooleanField(default=False, help_text='Whether that is a person.')),
                ('handler', models.CharField(blank=True, max_length=60)),
                ('handler_phone', models.CharField(blank=True, max_length=20)),
                ('plate', models.CharField(blank=True, max_length=16)),
                ('handled', models.BooleanField(help_text='Whether a handler was named, also when the name is gone.')),
                ('reason', models.CharField(blank=True, max_length=200)),
                ('request', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='movements', to='prevention.supplyrequest')),
                ('door', models.CharField(choices=[('portal', '企业自己登记'), ('desk', '工作人员登记'), ('sheet', 'Excel 导入'), ('api', '平台接口')], max_length=8)),
                ('by', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('recorded_at', models.DateTimeField()),
            ],
            options={
                'ordering': ('at', 'recorded_at', 'id'),
                'indexes': [models.Index(fields=['source', 'source_holder', 'at'], name='movement_from'), models.Index(fields=['target', 'target_holder', 'at'], name='movement_to'), models.Index(fields=['step'], name='movement_step'), models.Index(condition=models.Q(('kind', 'count'), ('source__isnull', True)), fields=['target'], name='movement_from_nowhere'), models.Index(fields=['source_holder', '-at'], name='movement_from_holder'), models.Index(fields=['target_holder', '-at'], name='movement_to_holder')],
                'constraints': [models.CheckConstraint(condition=models.Q(('quantity__gt', 0)), name='movement_moves_something'), models.CheckConstraint(condition=models.Q(models.Q(('source', None), ('source_holder', None)), models.Q(('source__isnull', False), ('source_holder__isnull', False)), _connector='OR'), name='movement_leaves_a_lot_at_a_holder'), models.CheckConstraint(condition=models.Q(models.Q(('target', None), ('target_holder', None)), models.Q(('target__isnull', False), ('target_holder__isnull', False)), _connector='OR'), name='movement_reaches_a_lot_at_a_holder'), models.CheckConstraint(condition=models.Q(models.Q(('kind', 'receive'), ('source', None), ('target__isnull', False)), models.Q(('kind', 'move'), ('source__isnull', False), ('target__isnull', False), ('source', models.F('target')), models.Q(('source_holder', models.F('target_holder')), _negated=True)), models.Q(('kind__in', ('split', 'join')), ('source__isnull', False), ('target__isnull', False), ('source_holder', models.F('target_holder')), models.Q(('source', models.F('target')), _negated=True)), models.Q(('kind__in', ('sell', 'return')), models.Q(models.Q(('source__isnull', False), ('target', None)), models.Q(('source__isnull', False), ('target__isnull', False), ('source', models.F('target')), models.Q(('source_holder', models.F('target_holder')), _negated=True)), _connector='OR')), models.Q(('kind__in', ('use', 'destroy')), ('source__isnull', False), ('target', None)), models.Q(('kind', 'count'), models.Q(models.Q(('source__isnull', False), ('target', None)), models.Q(('source', None), ('target__isnull', False)), _connector='OR')), _connector='OR'), name='movement_goes_as_its_kind_does'), models.CheckConstraint(condition=models.Q(models.Q(('kind__in', ('destroy', 'return', 'count')), _negated=True), models.Q(('reason', ''), _negated=True), _connector='OR'), name='movement_that_needs_a_reason_has_one')],
            },
        ),
        migrations.RunSQL(MOVEMENTS, UNDO_MOVEMENTS),
        migrations.CreateModel(
            name='Arrival',
            fields=[
                ('movement', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='arrival', serialize=False, to='prevention.movement')),
                ('quantity', models.DecimalField(decimal_places=3, max_digits=14)),
                ('arrived_at', models.DateTimeField()),
                ('note', models.CharField(blank=True, max_length=200)),
                ('by', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('at', models.DateTimeField()),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('quantity__gte', 0)), name='arrived_quantity_is_none_or_more')],
            },
        ),
        migrations.CreateModel(
            name='GoodsSheet',
            fields=[
                ('ledger_length', models.PositiveIntegerField(default=0, editable=False)),
                ('ledger_head', models.BinaryField(default=bytes, max_length=32)),
                ('id', models.UUIDField(default=zerotrip.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('account', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('name', models.CharField(max_length=200)),
                ('sha256', models.CharField(max_length=64)),
                ('language', models.CharField(max_length=10)),
                ('state', models.CharField(choices=[('queued', '排队中'), ('checked', '已核对，等您确认'), ('waiting', '已确认，排队中'), ('done', '已完成'), ('failed', '没有成功')], default='queued', max_length=8)),
                ('because', models.CharField(blank=True, max_length=400)),
                ('rows', models.PositiveIntegerField(default=0)),
                ('faults', models.PositiveIntegerField(default=0)),
                ('shown', models.JSONField(default=list, help_text='The first rows with a fault: row, column, value, what.')),
                ('sample', models.JSONField(default=list, help_text='The first rows as they were understood.')),
                ('asked_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('expires_at', models.DateTimeField()),
                ('purged', models.BooleanField(default=False)),
            ],
            options={
                'ordering': ('-asked_at',),
                'indexes': [models.Index(condition=models.Q(('purged', False)), fields=['expires_at'], name='goods_sheet_to_purge')],
            },
        ),
        migrations.CreateModel(
            name='Declared',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('pack', models.CharField(max_length=60)),
                ('name', models.CharField(max_length=40)),
                ('definition', models.JSONField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('pack', 'name'), name='declared_once')],
            },
        ),
        migrations.CreateModel(
            name='Post',
            fields=[
                ('ledger_length', models.PositiveIntegerField(default=0, editable=False)),
                ('ledger_head', models.BinaryField(default=bytes, max_length=32)),
                ('id', models.UUIDField(default=zerotrip.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=60)),
                ('place', models.CharField(help_text='Where people go, in words.', max_length=120)),
                ('site', models.ForeignKey(blank=True, help_text='The gate or place it is at.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='posts', to='prevention.site')),
                ('area_path', models.CharField(max_length=120)),
                ('outside', models.BooleanField(default=False, help_text='A deployment elsewhere: a motorway exit, a goods yard.')),
                ('skills', django.contrib.postgres.fields.ArrayField(base_field=models.SlugField(max_length=60), default=list, help_text='Of each, somebody on every turn has to have it.', size=None)),
                ('lead', models.ForeignKey(help_text='Who is told of gaps and absences.', on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('secret', models.BinaryField(default=zerotrip.prevention.models.posts.new_secret, max_length=20)),
                ('made_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('made_at', models.DateTimeField()),
                ('closed_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'ordering': ('name', 'id'),
                'indexes': [models.Index(fields=['area_path'], name='post_area', opclasses=['text_pattern_ops'])],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('name', ''), _negated=True), models.Q(('place', ''), _negated=True)), name='post_has_name_and_place'), models.UniqueConstraint(condition=models.Q(('closed_at', None)), fields=('area_path', 'name'), name='one_open_post_of_a_name')],
            },
        ),
        migrations.CreateModel(
            name='Plan',
            fields=[
                ('ledger_length', models.PositiveIntegerField(default=0, editable=False)),
                ('ledger_head', models.BinaryField(default=bytes, max_length=32)),
                ('id', models.UUIDField(default=zerotrip.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('area_path', models.CharField(max_length=120)),
                ('starts_on', models.DateField()),
                ('ends_on', models.DateField()),
                ('status', models.CharField(choices=[('asked', '正在排班'), ('drafted', '待发布'), ('published', '已发布'), ('dropped', '已作废')], default='asked', max_length=12)),
                ('seed', models.PositiveIntegerField(default=1, help_text='The same people, posts and seed give the same plan.')),
                ('progress', models.PositiveSmallIntegerField(default=0, help_text='Per cent.')),
                ('proven', models.BooleanField(default=False, help_text='Whether it is proven that no plan leaves less uncovered.')),
                ('failed', models.TextField(blank=True, help_text='Why it could not be made, in words.')),
                ('asked_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('asked_at', models.DateTimeField()),
                ('made_at', models.DateTimeField(blank=True, null=True)),
                ('published_at', models.DateTimeField(blank=True, null=True)),
                ('posts', models.ManyToManyField(related_name='plans', to='prevention.post')),
            ],
            options={
                'ordering': ('-starts_on', '-asked_at', 'id'),
                'constraints': [models.CheckConstraint(condition=models.Q(('ends_on__gte', models.F('starts_on')), ('ends_on__lt', django.db.models.expressions.CombinedExpression(models.F('starts_on'), '+', models.Value(datetime.timedelta(days=7))))), name='plan_has_days'), models.CheckConstraint(condition=models.Q(('progress__lte', 100)), name='plan_progress_is_per_cent'), models.CheckConstraint(condition=models.Q(models.Q(('published_at__isnull', False), ('status', 'published')), models.Q(models.Q(('status', 'published'), _negated=True), ('published_at', None)), _connector='OR'), name='published_plan_says_when')],
            },
        ),
        migrations.CreateModel(
            name='Gap',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('post', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='gaps', to='prevention.post')),
                ('area_path', models.CharField(max_length=120)),
                ('starts_at', models.DateTimeField()),
                ('ends_at', models.DateTimeField()),
                ('missing', models.PositiveSmallIntegerField()),
                ('skills', django.contrib.postgres.fields.ArrayField(base_field=models.SlugField(max_length=60), default=list, size=None)),
                ('flagged_at', models.DateTimeField()),
            ],
            options={
                'ordering': ('starts_at', 'id'),
                'constraints': [models.UniqueConstraint(fields=('post', 'starts_at'), name='gap_is_flagged_once')],
            },
        ),
        migrations.CreateModel(
            name='Turn',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('post', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='turns', to='prevention.post')),
                ('starts', models.PositiveSmallIntegerField(help_text='Hour of the day, 0 to 23.')),
                ('hours', models.PositiveSmallIntegerField()),
                ('people', models.PositiveSmallIntegerField()),
            ],
            options={
                'ordering': ('starts', 'id'),
                'constraints': [models.UniqueConstraint(fields=('post', 'starts'), name='one_turn_begins_at_an_hour'), models.CheckConstraint(condition=models.Q(('starts__lt', 24)), name='turn_begins_in_the_day'), models.CheckConstraint(condition=models.Q(('hours__gte', 1), ('hours__lte', 12)), name='turn_is_no_longer'), models.CheckConstraint(condition=models.Q(('people__gte', 1), ('people__lte', 50)), name='turn_takes_people')],
            },
        ),
        migrations.CreateModel(
            name='Worker',
            fields=[
                ('ledger_length', models.PositiveIntegerField(default=0, editable=False)),
                ('ledger_head', models.BinaryField(default=bytes, max_length=32)),
                ('id', models.UUIDField(default=zerotrip.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='parties.party')),
                ('kind', models.CharField(choices=[('staff', '工作人员'), ('pioneer', '党员先锋'), ('volunteer', '志愿者')], max_length=12)),
                ('area_path', models.CharField(help_text='Where they are ready to stand.', max_length=120)),
                ('phone', models.CharField(max_length=20)),
                ('unit', models.CharField(blank=True, help_text='Where they come from: firm, school, party branch.', max_length=80)),
                ('skills', django.contrib.postgres.fields.ArrayField(base_field=models.SlugField(max_length=60), default=list, size=None)),
                ('weekdays', django.contrib.postgres.fields.ArrayField(base_field=models.PositiveSmallIntegerField(), default=list, help_text='Monday is 0; empty: all.', size=None)),
                ('no_nights', models.BooleanField(default=False)),
                ('most_a_week', models.PositiveSmallIntegerField(default=5, help_text='Shifts in seven days.')),
                ('enlisted_at', models.DateTimeField()),
                ('accepted_at', models.DateTimeField(blank=True, null=True)),
                ('accepted_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('left_at', models.DateTimeField(blank=True, null=True)),
                ('minutes_before', models.PositiveIntegerField(default=0, help_text='Credited minutes of shifts whose records were purged.')),
            ],
            options={
                'ordering': ('person__name', 'id'),
                'indexes': [models.Index(fields=['area_path'], name='worker_area', opclasses=['text_pattern_ops'])],
                'constraints': [models.UniqueConstraint(condition=models.Q(('left_at', None)), fields=('person',), name='enlisted_once'), models.CheckConstraint(condition=models.Q(('most_a_week__gte', 1), ('most_a_week__lte', 7)), name='worker_rests'), models.CheckConstraint(condition=models.Q(('weekdays__contained_by', [0, 1, 2, 3, 4, 5, 6])), name='worker_knows_seven_weekdays'), models.CheckConstraint(condition=models.Q(models.Q(('accepted_at', None), ('accepted_by', None)), models.Q(('accepted_at__isnull', False), ('accepted_by__isnull', False)), _connector='OR'), name='accepted_worker_says_by_whom')],
            },
        ),
        migrations.CreateModel(
            name='Shift',
            fields=[
                ('ledger_length', models.PositiveIntegerField(default=0, editable=False)),
                ('ledger_head', models.BinaryField(default=bytes, max_length=32)),
                ('id', models.UUIDField(default=zerotrip.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('plan', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='shifts', to='prevention.plan')),
                ('post', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='shifts', to='prevention.post')),
                ('worker', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='shifts', to='prevention.worker')),
                ('area_path', models.CharField(max_length=120)),
                ('during', django.contrib.postgres.fields.ranges.DateTimeRangeField()),
                ('override', models.CharField(blank=True, help_text='Why a rule was set aside for it.', max_length=200)),
                ('published_at', models.DateTimeField(blank=True, null=True)),
                ('dropped_at', models.DateTimeField(blank=True, null=True)),
                ('signed_on_at', models.DateTimeField(blank=True, null=True)),
                ('signed_off_at', models.DateTimeField(blank=True, null=True)),
                ('missed_at', models.DateTimeField(blank=True, help_text="When the post's lead was told of an absence.", null=True)),
                ('credited', models.PositiveSmallIntegerField(default=0, help_text='Minutes.')),
            ],
            options={
                'ordering': ('during', 'id'),
                'indexes': [models.Index(condition=models.Q(('dropped_at', None)), fields=['post', 'during'], name='shift_of_post'), models.Index(fields=['area_path'], name='shift_area', opclasses=['text_pattern_ops'])],
                'constraints': [django.contrib.postgres.constraints.ExclusionConstraint(condition=models.Q(('dropped_at', None)), deferrable=django.db.models.constraints.Deferrable['IMMEDIATE'], expressions=[('worker', '='), ('during', '&&')], name='nobody_stands_at_two_posts'), models.CheckConstraint(condition=models.Q(('during__isempty', False), ('during__lower_inf', False), ('during__upper_inf', False)), name='shift_has_both_ends'), models.CheckConstraint(condition=models.Q(('signed_off_at', None), models.Q(('signed_off_at__gte', models.F('signed_on_at')), ('signed_on_at__isnull', False)), _connector='OR'), name='signed_off_after_on'), models.CheckConstraint(condition=models.Q(('credited', 0), ('signed_off_at__isnull', False), _connector='OR'), name='credited_when_signed_off'), models.CheckConstraint(condition=models.Q(('signed_on_at', None), ('published_at__isnull', False), _connector='OR'), name='signed_on_to_what_was_told')],
            },
        ),
        migrations.CreateModel(
            name='Swap',
            fields=[
                ('id', models.UUIDField(default=zerotrip.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('shift', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='swaps', to='prevention.shift')),
                ('asked_by', models.ForeignKey(help_text='Whose shift it was.', on_delete=django.db.models.deletion.CASCADE, related_name='+', to='prevention.worker')),
                ('other', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='prevention.worker')),
                ('returned', models.ForeignKey(blank=True, help_text='None: the other stands in.', null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='prevention.shift')),
                ('reason', models.CharField(blank=True, max_length=200)),
                ('asked_at', models.DateTimeField()),
                ('agreed_at', models.DateTimeField(blank=True, null=True)),
                ('settled_at', models.DateTimeField(blank=True, null=True)),
                ('done', models.BooleanField(default=False)),
                ('settled_by', models.ForeignKey(blank=True, help_text='None: the rules allowed it.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ('-asked_at', 'id'),
                'constraints': [models.UniqueConstraint(condition=models.Q(('settled_at', None)), fields=('shift',), name='one_open_swap_per_shift'), models.CheckConstraint(condition=models.Q(('done', False), models.Q(('agreed_at__isnull', False), ('settled_at__isnull', False)), _connector='OR'), name='done_swap_was_agreed')],
            },
        ),
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
                ('put_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('put_at', models.DateTimeField()),
                ('lifted_at', models.DateTimeField(blank=True, null=True)),
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
                ('gate', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='passages', to='prevention.site')),
                ('area_path', models.CharField(max_length=120)),
                ('plate', models.CharField(help_text='Normalised: 鲁A12345.', max_length=20)),
                ('plate_odd', models.BooleanField(default=False, help_text='Not as plates are written; kept as it was read.')),
                ('driver', models.CharField(max_length=60)),
                ('phone', models.CharField(max_length=20)),
                ('origin', models.CharField(max_length=80)),
                ('goods', models.SlugField(db_index=False, max_length=60)),
                ('goods_note', models.CharField(blank=True, max_length=120)),
                ('to', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='parties.party')),
                ('to_name', models.CharField(blank=True, help_text='To whom, where that is no enterprise on record.', max_length=120)),
                ('temperature', models.DecimalField(decimal_places=1, max_digits=3)),
                ('colour', models.CharField(choices=[('green', '绿码'), ('yellow', '黄码'), ('red', '红码'), ('none', '没有出示')], max_length=8)),
                ('disinfected', models.BooleanField(default=False, help_text='Vehicle and outer packing, before it was let in.')),
                ('picture', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='files.blob')),
                ('entered_at', models.DateTimeField(help_text='When it came; of a refused one too.')),
                ('left_at', models.DateTimeField(blank=True, null=True)),
                ('refused', models.CharField(blank=True, help_text='Why it was not let in.', max_length=200)),
                ('device_at', models.DateTimeField(help_text='What the clock of the device said; it may be wrong.')),
                ('received_at', models.DateTimeField()),
                ('entered_by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('left_by', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('left_id', models.UUIDField(blank=True, help_text='Made by the device for the way out.', null=True)),
            ],
            options={
                'ordering': ('-entered_at', '-id'),
                'indexes': [models.Index(fields=['area_path', '-entered_at'], name='passage_area'), models.Index(fields=['plate', '-entered_at'], name='passage_plate'), models.Index(condition=models.Q(('left_at', None), ('refused', '')), fields=['entered_at'], name='passage_inside')],
                'constraints': [models.CheckConstraint(condition=models.Q(('plate', ''), _negated=True), name='passage_has_a_plate'), models.CheckConstraint(condition=models.Q(('left_at', None), models.Q(('left_at__gte', models.F('entered_at')), ('refused', '')), _connector='OR'), name='passage_leaves_later'), models.CheckConstraint(condition=models.Q(models.Q(('left_at', None), ('left_by', None)), models.Q(('left_at__isnull', False), ('left_by__isnull', False)), _connector='OR'), name='passage_says_who_let_it_out'), models.CheckConstraint(condition=models.Q(('temperature__gte', 30), ('temperature__lte', 45)), name='temperature_is_of_a_person')],
            },
        ),
        migrations.RunSQL(PASSAGES, UNDO_PASSAGES),
        migrations.CreateModel(
            name='VenueScan',
            fields=[
                ('id', models.UUIDField(default=zerotrip.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('site', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='scans', to='prevention.site')),
                ('area_path', models.CharField(max_length=120)),
                ('person', models.BinaryField(help_text='Keyed digest of who it was; None where nobody said.', max_length=32, null=True)),
                ('outcome', models.CharField(choices=[('entered', '自行登记进入'), ('in', '放行'), ('registered', '登记后放行'), ('away', '劝返')], max_length=10)),
                ('reasons', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('fever', '体温异常'), ('colour', '健康码异常'), ('mask', '没有戴口罩'), ('no_code', '没有健康码'), ('down', '健康码服务不通'), ('report', '没有核酸报告')], max_length=8), default=list, size=None)),
                ('colour', models.CharField(choices=[('green', '绿码'), ('yellow', '黄码'), ('red', '红码'), ('none', '没有出示')], max_length=8)),
                ('told_by', models.CharField(choices=[('service', '健康码服务'), ('eye', '当面查看'), ('down', '服务不通，当面查看'), ('nobody', '没有查看')], max_length=8)),
                ('temperature', models.DecimalField(decimal_places=1, max_digits=3, null=True)),
                ('mask', models.BooleanField(null=True)),
                ('at', models.DateTimeField(help_text='By the clock of the device, put right.')),
                ('received_at', models.DateTimeField()),
                ('by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ('-at', '-id'),
                'indexes': [models.Index(fields=['site', 'at'], name='scan_of_site'), models.Index(condition=models.Q(('person__isnull', False)), fields=['person', 'at'], name='scan_of_person')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('outcome', 'away'), _negated=True), ('reasons__len__gt', 0), _connector='OR'), name='whoever_is_turned_away_is_told_why'), models.CheckConstraint(condition=models.Q(models.Q(('by', None), ('mask', None), ('outcome', 'entered'), ('temperature', None), ('told_by', 'nobody')), models.Q(models.Q(('outcome', 'entered'), _negated=True), ('by__isnull', False), models.Q(('told_by', 'nobody'), _negated=True)), _connector='OR'), name='check_at_a_door_has_a_keeper'), models.CheckConstraint(condition=models.Q(('temperature', None), models.Q(('temperature__gte', 30), ('temperature__lte', 45)), _connector='OR'), name='temperature_at_a_door_is_of_a_person')],
            },
        ),
        migrations.RunSQL(SCANS, UNDO_SCANS),
        migrations.CreateModel(
            name='Box',
            fields=[
                ('ledger_length', models.PositiveIntegerField(default=0, editable=False)),
                ('ledger_head', models.BinaryField(default=bytes, max_length=32)),
                ('id', models.UUIDField(default=zerotrip.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('code', models.CharField(help_text='As printed on it; boxes are used again.', max_length=32)),
                ('point', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='prevention.site')),
                ('area_path', models.CharField(max_length=120)),
                ('counted', models.PositiveSmallIntegerField(help_text='Tubes, counted by hand when it was packed.')),
                ('packed_at', models.DateTimeField()),
                ('packed_by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('laboratory', models.SlugField(blank=True, db_index=False, max_length=60)),
                ('carrier', models.CharField(blank=True, help_text='Who took it along.', max_length=60)),
                ('plate', models.CharField(blank=True, max_length=20)),
                ('handed_at', models.DateTimeField(blank=True, null=True)),
                ('handed_by', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('received_at', models.DateTimeField(blank=True, null=True)),
                ('received_by', models.CharField(blank=True, help_text='Who took it in at the laboratory.', max_length=60)),
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
                ('box', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='mishaps', to='prevention.box')),
                ('code', models.CharField(max_length=32)),
                ('kind', models.CharField(choices=[('missing', '箱里没有'), ('extra', '清单上没有'), ('leaked', '渗漏或破损'), ('unlabelled', '条码看不清'), ('empty', '管里没有拭子'), ('swabs', '拭子数和人数不符')], max_length=10)),
                ('note', models.CharField(blank=True, max_length=200)),
                ('voids', models.BooleanField(default=False, help_text='Whoever is in the tube is to be sampled again, as long as nothing is found in it.')),
                ('found_at', models.DateTimeField()),
                ('settled_at', models.DateTimeField(blank=True, null=True)),
                ('settled', models.CharField(blank=True, help_text='How it was settled.', max_length=200)),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('voids', True)), fields=['code'], name='mishap_that_voids')],
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
                ('account', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
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
                ('point', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='prevention.site')),
                ('area_path', models.CharField(max_length=120)),
                ('begun_at', models.DateTimeField()),
                ('begun_by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('sealed_at', models.DateTimeField(blank=True, null=True)),
                ('box', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='tubes', to='prevention.box')),
                ('outcome', models.CharField(blank=True, choices=[('negative', '阴性'), ('positive', '阳性'), ('unclear', '待复核'), ('invalid', '无效，需要重采')], help_text='Empty: nothing is known yet.', max_length=8)),
                ('outcome_at', models.DateTimeField(blank=True, help_text='When the laboratory said so.', null=True)),
            ],
            options={
                'indexes': [models.Index(fields=['point', '-begun_at'], name='tube_of_point'), models.Index(fields=['area_path', 'begun_at'], name='tube_of_area', opclasses=['text_pattern_ops', 'timestamptz_ops']), models.Index(condition=models.Q(('box__isnull', False)), fields=['box'], name='tube_of_box'), models.Index(condition=models.Q(('outcome', '')), fields=['begun_at'], name='tube_without_outcome'), models.Index(condition=models.Q(('outcome', 'invalid')), fields=['code'], name='tube_invalid')],
                'constraints': [models.CheckConstraint(condition=models.Q(('capacity__in', (1, 5, 10, 20))), name='tube_is_of_a_validated_size'), models.CheckConstraint(condition=models.Q(('taken__lte', models.F('capacity'))), name='tube_holds_no_more_than_its_size'), models.CheckConstraint(condition=models.Q(('over', 0), ('taken', models.F('capacity')), _connector='OR'), name='tube_runs_over_when_it_is_full'), models.CheckConstraint(condition=models.Q(models.Q(('outcome', ''), ('outcome_at', None)), models.Q(models.Q(('outcome', ''), _negated=True), ('outcome_at__isnull', False)), _connector='OR'), name='tube_outcome_has_its_moment')],
            },
        ),
        migrations.RunSQL(
            SAMPLES,
            UNDO_SAMPLES,
            state_operations=[
                migrations.CreateModel(
                    name='Sample',
                    fields=[
                        ('pk', models.CompositePrimaryKey('day', 'tube', 'person', blank=True, editable=False, primary_key=True, serialize=False)),
                        ('day', models.DateField()),
                        ('tube', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='samples', to='prevention.tube')),
                        ('person', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='prevention.person')),
                        ('at', models.DateTimeField(help_text='When they were taken last.', null=True)),
                        ('void_at', models.DateTimeField(help_text='When they were last taken out again.', null=True)),
                        ('counts', models.BooleanField(help_text='In the tube, and not beyond its capacity.')),
                        ('received_at', models.DateTimeField()),
                        ('by', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                ),
            ],
        ),
        migrations.CreateModel(
            name='Retest',
            fields=[
                ('id', models.UUIDField(default=zerotrip.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('tube', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='retests', to='prevention.tube')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='prevention.person')),
                ('because', models.CharField(choices=[('negative', '阴性'), ('positive', '阳性'), ('unclear', '待复核'), ('invalid', '无效，需要重采')], help_text='What was found in the tube.', max_length=8)),
                ('area_path', models.CharField(help_text='Of their grid; else of the point.', max_length=120)),
                ('told_at', models.DateTimeField(help_text='When it was told to those who look after the area.')),
                ('due_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('outcome', models.CharField(blank=True, choices=[('negative', '阴性'), ('positive', '阳性'), ('unclear', '待复核'), ('invalid', '无效，需要重采')], help_text='Of the single test; empty: the tube was corrected.', max_length=8)),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('ended_at', None)), fields=['area_path', 'due_at'], name='retest_open')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('ended_at', None), models.Q(('outcome', ''), _negated=True), _connector='OR'), fields=('tube', 'person'), name='retested_once_for_a_tube'), models.CheckConstraint(condition=models.Q(('because', 'negative'), _negated=True), name='nobody_is_retested_for_a_negative'), models.CheckConstraint(condition=models.Q(('outcome', ''), ('ended_at__isnull', False), _connector='OR'), name='retest_with_outcome_ended')],
            },
        ),
        migrations.CreateModel(
            name='Phone',
            fields=[
                ('ledger_length', models.PositiveIntegerField(default=0, editable=False)),
                ('ledger_head', models.BinaryField(default=bytes, max_length=32)),
                ('id', models.UUIDField(default=zerotrip.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('kind', models.CharField(blank=True, help_text='What the browser says it is.', max_length=120)),
                ('area_path', models.CharField(blank=True, help_text='Of what it was last given along.', max_length=120)),
                ('off', models.DurationField(help_text='How far its clock was behind ours when that was last noted.')),
                ('met_at', models.DateTimeField()),
                ('seen_at', models.DateTimeField()),
                ('revoked_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'ordering': ('-seen_at', 'id'),
                'constraints': [models.CheckConstraint(condition=models.Q(('seen_at__gte', models.F('met_at'))), name='phone_is_seen_after_it_is_met')],
            },
        ),
        migrations.CreateModel(
            name='Taking',
            fields=[
                ('id', models.UUIDField(default=zerotrip.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('phone', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='takings', to='prevention.phone')),
                ('tasks', models.JSONField(help_text='For what: see Task.')),
                ('place', models.UUIDField(blank=True, help_text='The point or site whose people went along.', null=True)),
                ('area_path', models.CharField(blank=True, help_text='The area whose people went along.', max_length=120)),
                ('grids', models.JSONField(blank=True, default=list, help_text='Of grids alone that a plan sent to the point.')),
                ('people', models.PositiveIntegerField(default=0)),
                ('at', models.DateTimeField()),
                ('expires_at', models.DateTimeField()),
            ],
            options={
                'ordering': ('-at', 'id'),
                'constraints': [models.CheckConstraint(condition=models.Q(('expires_at__gt', models.F('at'))), name='taking_expires'), models.CheckConstraint(condition=models.Q(('people', 0), models.Q(('area_path', ''), _negated=True), _connector='OR'), name='taking_of_people_has_an_area')],
            },
        ),
        migrations.CreateModel(
            name='SealedArea',
            fields=[
                ('ledger_length', models.PositiveIntegerField(default=0, editable=False)),
                ('ledger_head', models.BinaryField(default=bytes, max_length=32)),
                ('id', models.UUIDField(default=zerotrip.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=80)),
                ('level', models.SlugField(help_text='Of the pack: sealed, controlled, watched.', max_length=60)),
                ('has_runs', models.BooleanField(help_text='Whether meals, waste and medicine are brought: the level says so.')),
                ('area_path', models.CharField(max_length=120)),
                ('basis', models.CharField(help_text='The notice or the law it rests on, with its number.', max_length=200)),
                ('decided_by', models.CharField(help_text='Who decided: the office or command, by name.', max_length=80)),
                ('during', django.contrib.postgres.fields.ranges.DateTimeRangeField()),
                ('carrier', models.ForeignKey(blank=True, help_text='The enterprise that makes its runs.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='parties.party')),
                ('transfer', models.ForeignKey(blank=True, help_text='Temporary transfer point.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='prevention.site')),
                ('opened_by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('opened_at', models.DateTimeField()),
                ('lifted_at', models.DateTimeField(blank=True, help_text='When it ended before its day.', null=True)),
                ('agreed', models.PositiveIntegerField(default=0, help_text='The entry of its journal with which what is owed there agrees.')),
                ('points', models.ManyToManyField(help_text='Its collection points.', related_name='sealed_areas', to='prevention.site')),
            ],
            options={
                'ordering': ('-opened_at', 'id'),
                'indexes': [models.Index(fields=['area_path'], name='sealed_area_prefix', opclasses=['text_pattern_ops'])],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('name', ''), _negated=True), models.Q(('basis', ''), _negated=True), models.Q(('decided_by', ''), _negated=True)), name='sealed_area_says_who_and_why'), models.CheckConstraint(condition=models.Q(('during__isempty', False), ('during__lower_inf', False), ('during__upper_inf', False)), name='sealed_area_begins_and_ends')],
            },
        ),
        migrations.CreateModel(
            name='DoorRequest',
            fields=[
                ('id', models.UUIDField(default=zerotrip.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('sealed', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='requests', to='prevention.sealedarea')),
                ('area_path', models.CharField(help_text='Down to the grid the door is in, where that is known.', max_length=120)),
                ('site', models.ForeignKey(blank=True, db_index=False, help_text='The building the door is in, where rosters say it.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='prevention.site')),
                ('door', models.CharField(max_length=80)),
                ('kind', models.CharField(choices=[('meal', '餐食'), ('medicine', '药品'), ('goods', '生活物资'), ('other', '其他帮助')], max_length=10)),
                ('what', models.CharField(max_length=200)),
                ('persons', models.PositiveSmallIntegerField(blank=True, null=True)),
                ('phone', models.CharField(blank=True, max_length=20)),
                ('by', models.ForeignKey(blank=True, help_text='None: the household itself.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('at', models.DateTimeField()),
                ('settled_at', models.DateTimeField(blank=True, null=True)),
                ('settled_by', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ('door', 'at', 'id'),
                'indexes': [models.Index(condition=models.Q(('settled_at', None)), fields=['sealed', 'at'], name='door_request_open')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('door', ''), _negated=True), models.Q(('what', ''), _negated=True)), name='door_request_says_what'), models.CheckConstraint(condition=models.Q(models.Q(('settled_at', None), ('settled_by', None)), models.Q(('settled_at__isnull', False), ('settled_by__isnull', False)), _connector='OR'), name='settled_door_request_says_by_whom')],
            },
        ),
        migrations.CreateModel(
            name='SealedPlace',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sealed', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='places', to='prevention.sealedarea')),
                ('key', models.CharField(help_text='The place by itself: area, site or door.', max_length=220)),
                ('area_path', models.CharField(max_length=120)),
                ('site', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='prevention.site')),
                ('door', models.CharField(blank=True, help_text='As rosters write it.', max_length=80)),
                ('during', django.contrib.postgres.fields.ranges.DateTimeRangeField()),
            ],
            options={
                'ordering': ('id',),
                'constraints': [django.contrib.postgres.constraints.ExclusionConstraint(expressions=[('key', '='), ('during', '&&')], name='a_place_is_sealed_once_at_a_time'), models.CheckConstraint(condition=models.Q(('site', None), ('door', ''), _connector='OR'), name='sealed_place_is_a_site_or_a_door')],
            },
        ),
        migrations.CreateModel(
            name='Draw',
            fields=[
                ('ledger_length', models.PositiveIntegerField(default=0, editable=False)),
                ('ledger_head', models.BinaryField(default=bytes, max_length=32)),
                ('id', models.UUIDField(default=zerotrip.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=80)),
                ('office', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='parties.party')),
                ('area_path', models.CharField(max_length=120)),
                ('lists', models.TextField(help_text='Sites, inspectors, recusals and terms, in one canonical form.')),
                ('lists_hash', models.CharField(help_text='SHA-256 of the lists.', max_length=64)),
                ('source', models.CharField(help_text='The public value that is waited for, named beforehand.', max_length=200)),
                ('known_at', models.DateTimeField(help_text='When that value becomes known, said beforehand: none is taken before.')),
                ('secret_sealed', models.TextField(editable=False)),
                ('secret_hash', models.CharField(help_text='SHA-256 of the secret, which so cannot change.', max_length=64)),
                ('frozen_at', models.DateTimeField()),
                ('frozen_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('replaces', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='replaced_by', to='prevention.draw')),
                ('reason', models.CharField(blank=True, help_text='Why it is drawn once more.', max_length=400)),
                ('value', models.CharField(blank=True, help_text='The public value.', max_length=200)),
                ('secret', models.CharField(blank=True, help_text='Laid open with the outcome.', max_length=64)),
                ('outcome', models.JSONField(blank=True, null=True)),
                ('drawn_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'ordering': ('-frozen_at', 'id'),
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('name', ''), _negated=True), models.Q(('source', ''), _negated=True)), name='draw_has_name_and_source'), models.CheckConstraint(condition=models.Q(models.Q(('drawn_at', None), ('outcome', None), ('secret', ''), ('value', '')), models.Q(('drawn_at__isnull', False), ('outcome__isnull', False), models.Q(('value', ''), _negated=True), models.Q(('secret', ''), _negated=True)), _connector='OR'), name='draw_lays_everything_open_at_once'), models.CheckConstraint(condition=models.Q(models.Q(('reason', ''), ('replaces', None)), models.Q(('replaces__isnull', False), models.Q(('reason', ''), _negated=True)), _connector='OR'), name='draw_once_more_has_a_reason'), models.CheckConstraint(condition=models.Q(('known_at__gte', models.F('frozen_at'))), name='draw_waits_for_what_is_to_come'), models.CheckConstraint(condition=models.Q(('drawn_at', None), ('drawn_at__gte', models.F('known_at')), _connector='OR'), name='draw_is_drawn_once_it_is_known'), models.UniqueConstraint(condition=models.Q(('drawn_at', None)), fields=('office', 'area_path'), name='one_draw_of_an_office_waits')],
            },
        ),
        migrations.CreateModel(
            name='Inspection',
            fields=[
                ('ledger_length', models.PositiveIntegerField(default=0, editable=False)),
                ('ledger_head', models.BinaryField(default=bytes, max_length=32)),
                ('id', models.UUIDField(default=zerotrip.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('site', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='inspections', to='prevention.site')),
                ('area_path', models.CharField(max_length=120)),
                ('office', models.ForeignKey(help_text='That looks after what is found.', on_delete=django.db.models.deletion.PROTECT, related_name='+', to='parties.party')),
                ('checklist', models.SlugField(db_index=False, max_length=60)),
                ('items', models.JSONField(help_text='The list as it was when the inspection began.')),
                ('draw', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='inspections', to='prevention.draw')),
                ('others_because', models.CharField(blank=True, help_text='Why others inspect than those the draw fell to. Anybody can read it.', max_length=400)),
                ('first', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('second', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('started_at', models.DateTimeField()),
                ('score', models.PositiveSmallIntegerField(blank=True, null=True)),
                ('signed_at', models.DateTimeField(blank=True, null=True)),
                ('countersigned_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'ordering': ('-started_at', 'id'),
                'indexes': [models.Index(fields=['area_path'], name='inspection_area', opclasses=['text_pattern_ops'])],
                'constraints': [models.CheckConstraint(condition=models.Q(('first', models.F('second')), _negated=True), name='two_inspectors_are_two'), models.CheckConstraint(condition=models.Q(('countersigned_at', None), models.Q(('score__isnull', False), ('signed_at__isnull', False)), _connector='OR'), name='second_inspector_signs_after_the_first'), models.CheckConstraint(condition=models.Q(('score', None), ('score__lte', 100), _connector='OR'), name='score_is_of_a_hundred'), models.CheckConstraint(condition=models.Q(('others_because', ''), ('draw__isnull', False), _connector='OR'), name='others_are_others_than_a_draw_fell_to')],
            },
        ),
        migrations.CreateModel(
            name='InspectionItem',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('inspection', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='findings', to='prevention.inspection')),
                ('item', models.SlugField(db_index=False, max_length=60)),
                ('found', models.CharField(choices=[('ok', '合格'), ('defect', '不合格'), ('none', '不适用')], max_length=8)),
                ('note', models.CharField(blank=True, max_length=400)),
                ('found_at', models.DateTimeField(help_text='Of two answers the later counts, whichever comes in first.', null=True)),
                ('photo', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='files.blob')),
                ('photo_at', models.DateTimeField(help_text='The same of photographs.', null=True)),
                ('stamped', models.ForeignKey(blank=True, db_index=False, help_text='The photograph with time and place drawn on it.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='files.blob')),
                ('owed', models.OneToOneField(blank=True, help_text='What has to be put right.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='duties.obligation')),
            ],
            options={
                'ordering': ('pk',),
                'constraints': [models.UniqueConstraint(fields=('inspection', 'item'), name='item_is_answered_once'), models.CheckConstraint(condition=models.Q(('owed', None), ('found', 'defect'), _connector='OR'), name='only_a_defect_is_to_be_put_right')],
            },
        ),
        migrations.CreateModel(
            name='Caller',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('window', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='duties.window')),
                ('subject', models.UUIDField(help_text='Somebody on a roster, or a firm.')),
                ('area_path', models.CharField(max_length=120)),
                ('caller', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('given_by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('given_at', models.DateTimeField()),
                ('next_at', models.DateTimeField(help_text='When they are to be called next.')),
                ('calls', models.PositiveSmallIntegerField(default=0)),
                ('last', models.SlugField(blank=True, db_index=False, help_text='What the last call ended with.', max_length=60)),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('ended_at', None)), fields=['caller', 'next_at'], name='caller_has_to_call'), models.Index(fields=['subject'], name='caller_of_subject')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('ended_at', None)), fields=('window', 'subject'), name='one_caller_of_a_subject_and_window')],
            },
        ),
        migrations.CreateModel(
            name='Call',
            fields=[
                ('id', models.UUIDField(default=zerotrip.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('caller', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='log', to='prevention.caller')),
                ('by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('at', models.DateTimeField()),
                ('outcome', models.SlugField(db_index=False, max_length=60)),
                ('note', models.CharField(blank=True, max_length=200)),
                ('next_at', models.DateTimeField(blank=True, null=True)),
                ('exclusion', models.UUIDField(blank=True, help_text='That was recorded upon it.', null=True)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('outcome', ''), _negated=True), name='call_has_an_outcome')],
            },
        ),
        migrations.CreateModel(
            name='Point',
            fields=[
                ('site', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='point', serialize=False, to='prevention.site')),
                ('windows', models.PositiveSmallIntegerField(default=1, help_text='Sampling windows.')),
                ('per_hour', models.PositiveSmallIntegerField(default=100, help_text='People a window takes an hour.')),
                ('samplers', models.PositiveSmallIntegerField(default=0)),
                ('registrars', models.PositiveSmallIntegerField(default=0)),
                ('keepers', models.PositiveSmallIntegerField(default=0, help_text='Who keep order.')),
                ('queue', models.PositiveSmallIntegerField(blank=True, help_text='People waiting, as last told.', null=True)),
                ('queue_at', models.DateTimeField(blank=True, null=True)),
                ('queue_by', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('windows__gte', 1), ('windows__lte', 200)), name='point_has_windows'), models.CheckConstraint(condition=models.Q(('per_hour__gte', 1), ('per_hour__lte', 1000)), name='window_takes_people'), models.CheckConstraint(condition=models.Q(models.Q(('queue', None), ('queue_at', None), ('queue_by', None)), models.Q(('queue__isnull', False), ('queue_at__isnull', False), ('queue_by__isnull', False)), _connector='OR'), name='queue_says_when_and_by_whom')],
            },
        ),
        migrations.CreateModel(
            name='Opening',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('point', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='openings', to='prevention.point')),
                ('weekday', models.PositiveSmallIntegerField(help_text='0: Monday.')),
                ('opens', models.TimeField()),
                ('closes', models.TimeField()),
            ],
            options={
                'ordering': ('weekday',),
                'constraints': [models.UniqueConstraint(fields=('point', 'weekday'), name='point_opens_once_a_day'), models.CheckConstraint(condition=models.Q(('closes__gt', models.F('opens'))), name='point_closes_after_it_opens'), models.CheckConstraint(condition=models.Q(('weekday__lt', 7)), name='point_opens_on_a_day_of_the_week')],
            },
        ),
        migrations.CreateModel(
            name='PointPlan',
            fields=[
                ('window', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='point_plan', serialize=False, to='duties.window')),
                ('area_path', models.CharField(max_length=120)),
                ('opens', models.TimeField(help_text='From when a day it was planned; None: not kept then.', null=True)),
                ('closes', models.TimeField(null=True)),
                ('made_by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('made_at', models.DateTimeField()),
                ('confirmed_by', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('confirmed_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('confirmed_at', None), ('confirmed_by', None)), models.Q(('confirmed_at__isnull', False), ('confirmed_by__isnull', False)), _connector='OR'), name='confirmed_point_plan_says_by_whom')],
            },
        ),
        migrations.CreateModel(
            name='GridSlot',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('plan', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='slots', to='prevention.pointplan')),
                ('area_path', models.CharField(help_text='The grid.', max_length=120)),
                ('point', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='prevention.site')),
                ('people', models.PositiveIntegerField()),
                ('starts', models.DateTimeField()),
                ('ends', models.DateTimeField()),
                ('steps', models.JSONField(blank=True, default=list, help_text='Of each step: when, its first and last door, how many people, who by name.')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('plan', 'area_path'), name='grid_comes_once_in_a_plan'), models.CheckConstraint(condition=models.Q(('ends__gt', models.F('starts'))), name='grid_slot_takes_time')],
            },
        ),
        migrations.CreateModel(
            name='Round',
            fields=[
                ('id', models.UUIDField(default=zerotrip.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('window', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='round', to='duties.window')),
                ('event', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='prevention.event')),
                ('name', models.CharField(max_length=60)),
                ('opened_by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('opened_at', models.DateTimeField()),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('name', ''), _negated=True), name='round_has_a_name')],
            },
        ),
        migrations.CreateModel(
            name='Tally',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('window', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='tallies', to='duties.window')),
                ('at', models.DateTimeField(help_text='The moment they are of.')),
                ('made_at', models.DateTimeField()),
            ],
            options={
                'verbose_name_plural': 'tallies',
                'constraints': [models.UniqueConstraint(fields=('window', 'at'), name='one_tally_of_a_window_and_moment')],
            },
        ),
        migrations.CreateModel(
            name='TallyLine',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('tally', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='lines', to='prevention.tally')),
                ('by', models.CharField(choices=[('whole', '合计'), ('area', '按区域'), ('site_kind', '按场所类型'), ('employer', '按单位')], max_length=10)),
                ('key', models.CharField(blank=True, help_text='The area, the kind of site, the employer.', max_length=120)),
                ('asked', models.PositiveIntegerField()),
                ('sampled', models.PositiveIntegerField(help_text='Who came at least once.')),
                ('kept', models.PositiveIntegerField()),
                ('excused', models.PositiveIntegerField()),
                ('missing', models.PositiveIntegerField()),
                ('positives', models.PositiveIntegerField(help_text='None: nobody counts them.', null=True)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('tally', 'by', 'key'), name='one_line_of_a_tally'), models.CheckConstraint(condition=models.Q(('asked', django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(models.F('kept'), '+', models.F('excused')), '+', models.F('missing')))), name='tally_line_adds_up')],
            },
        ),
        migrations.CreateModel(
            name='Exporter',
            fields=[
                ('id', models.UUIDField(default=zerotrip.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('event', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='exporters', to='prevention.event')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('until', models.DateField(help_text='The last day.')),
                ('named_by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('named_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('ended_at', None)), fields=('event', 'user'), name='one_exporter_of_an_account_per_event')],
            },
        ),
        migrations.CreateModel(
            name='Leaflet',
            fields=[
                ('ledger_length', models.PositiveIntegerField(default=0, editable=False)),
                ('ledger_head', models.BinaryField(default=bytes, max_length=32)),
                ('id', models.UUIDField(default=zerotrip.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(choices=[('notice', '明白纸'), ('appeal', '倡议书')], max_length=8)),
                ('who', models.CharField(choices=[('person', '个人'), ('site', '场所')], default='person', max_length=10)),
                ('title', models.CharField(max_length=80)),
                ('title_en', models.CharField(blank=True, max_length=160)),
                ('text', models.TextField()),
                ('text_en', models.TextField(blank=True)),
                ('signed', models.BooleanField(help_text='Whether readers sign with their name.')),
                ('area_path', models.CharField(max_length=120)),
                ('where', models.JSONField(blank=True, default=dict, help_text='Criteria of those it is for.')),
                ('ends', models.DateTimeField(help_text='Until when it is to be read.')),
                ('edition', models.PositiveSmallIntegerField(default=1)),
                ('replaces', models.UUIDField(blank=True, help_text='The edition before.', null=True, unique=True)),
                ('window', models.OneToOneField(blank=True, help_text='In which receipts are owed.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='leaflet', to='duties.window')),
                ('made_by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('made_at', models.DateTimeField()),
                ('sent_at', models.DateTimeField(blank=True, help_text='When everybody then on the rosters had been sent it.', null=True)),
                ('named_at', models.DateTimeField(blank=True, help_text='When the silent were named to their grids.', null=True)),
                ('trouble', models.CharField(blank=True, help_text='Why it did not go on being sent.', max_length=300)),
                ('withdrawn_at', models.DateTimeField(blank=True, null=True)),
                ('withdrawn_by', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('because', models.CharField(blank=True, help_text='Why it was withdrawn.', max_length=200)),
            ],
            options={
                'ordering': ('-made_at', 'id'),
                'indexes': [models.Index(condition=models.Q(('named_at', None), ('withdrawn_at', None)), fields=['ends'], name='leaflet_to_be_named')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('title', ''), _negated=True), models.Q(('text', ''), _negated=True)), name='leaflet_says_something'), models.CheckConstraint(condition=models.Q(('area_path', ''), _negated=True), name='leaflet_is_for_an_area'), models.CheckConstraint(condition=models.Q(models.Q(('because', ''), ('withdrawn_at', None), ('withdrawn_by', None)), models.Q(('withdrawn_at__isnull', False), ('withdrawn_by__isnull', False), models.Q(('because', ''), _negated=True)), _connector='OR'), name='withdrawn_leaflet_says_by_whom_and_why')],
            },
        ),
        migrations.RunSQL(LEAFLETS, UNDO_LEAFLETS),
        migrations.CreateModel(
            name='Receipt',
            fields=[
                ('id', models.UUIDField(default=zerotrip.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('leaflet', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='receipts', to='prevention.leaflet')),
                ('subject', models.UUIDField(help_text='Somebody on a roster, or a site.')),
                ('area_path', models.CharField(max_length=120)),
                ('sent_at', models.DateTimeField(blank=True, help_text='When the link went to their phone.', null=True)),
                ('reminded', models.PositiveSmallIntegerField(default=0)),
                ('read_at', models.DateTimeField(blank=True, null=True)),
                ('how', models.CharField(blank=True, choices=[('link', '手机链接'), ('door', '上门送达')], max_length=4)),
                ('tries', models.PositiveSmallIntegerField(default=0, help_text='Signed with names that are not on the roster.')),
                ('signature', models.CharField(blank=True, help_text='The name as it was signed.', max_length=120)),
                ('on_behalf', models.CharField(blank=True, help_text='Of whoever signed for it, what they are.', max_length=40)),
                ('by', models.ForeignKey(blank=True, db_index=False, help_text='Who brought it.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('leaflet', 'subject'), name='one_receipt_of_a_leaflet_and_subject'), models.CheckConstraint(condition=models.Q(models.Q(('by', None), ('how', ''), ('on_behalf', ''), ('read_at', None), ('signature', '')), models.Q(('by', None), ('how', 'link'), ('read_at__isnull', False)), models.Q(('by__isnull', False), ('how', 'door'), ('read_at__isnull', False)), _connector='OR'), name='receipt_says_how_it_was_read'), models.CheckConstraint(condition=models.Q(('read_at', None), ('sent_at', None), _negated=True), name='receipt_was_sent_or_read'), models.CheckConstraint(condition=models.Q(('tries__lte', 5)), name='receipt_link_is_tried_a_few_times')],
            },
        ),
        migrations.RunSQL(FIGURES, migrations.RunSQL.noop),
    ])]
