"""All tables as they stood on 2026-11-27 (decision 33). A record never changes and never goes, nor what came with it."""

import django.contrib.postgres.fields
import django.db.models.deletion
import zerotrip.ids
from django.conf import settings
from django.db import migrations, models
from zerotrip.tables import Together

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

UNDO_GUARDS = """
DROP TRIGGER duties_record_file_stays ON duties_recordfile;
DROP TRIGGER duties_record_stays ON duties_record;
DROP FUNCTION duties_refuse_change_of_record();
"""

TABLES = """
-- What is owed, a partition for each first day of a window; made when a window opens, dropped when it is purged.
CREATE TABLE duties_due (
    day date NOT NULL,
    window_id integer NOT NULL,
    subject uuid NOT NULL,
    place uuid,
    area_path varchar(120) NOT NULL,
    since timestamptz NOT NULL,
    done smallint NOT NULL DEFAULT 0 CHECK (done >= 0),
    kept_at timestamptz,
    released_at timestamptz,
    why varchar(12) NOT NULL DEFAULT '',
    CONSTRAINT released_due_says_why CHECK ((released_at IS NULL) = (why = '')),
    CONSTRAINT kept_due_has_records CHECK (kept_at IS NULL OR done > 0),
    PRIMARY KEY (day, window_id, subject)
) PARTITION BY RANGE (day);

CREATE INDEX due_of_subject ON duties_due (subject);
CREATE INDEX due_missing ON duties_due (window_id, area_path text_pattern_ops)
    WHERE kept_at IS NULL AND released_at IS NULL;

-- Makes the partition of a day, if it is not there yet; two at a time wait for each other.
CREATE FUNCTION duties_make_day(day date) RETURNS void
    LANGUAGE plpgsql AS $$
DECLARE
    name text := 'duties_due_' || to_char(day, 'YYYY_MM_DD');
BEGIN
    IF to_regclass(name) IS NOT NULL THEN
        RETURN;
    END IF;
    PERFORM pg_advisory_xact_lock(hashtext('duties_make_day'));
    EXECUTE format(
        'CREATE TABLE IF NOT EXISTS %I PARTITION OF duties_due FOR VALUES FROM (%L) TO (%L) WITH (fillfactor = 85)',
        name, day, day + 1
    );
END
$$;

-- Reports, a partition for each month their keys were made in. What a wrong clock makes goes to the last.
CREATE TABLE duties_report (
    id uuid PRIMARY KEY,
    duty varchar(120) NOT NULL,
    subject uuid NOT NULL,
    owner uuid,
    area_path varchar(120) NOT NULL,
    at timestamptz NOT NULL,
    received_at timestamptz NOT NULL,
    by_id uuid REFERENCES parties_user DEFERRABLE INITIALLY DEFERRED,
    answers jsonb NOT NULL,
    position jsonb,
    corrects uuid,
    CONSTRAINT report_corrects_another CHECK (corrects IS NULL OR corrects <> id)
) PARTITION BY RANGE (id);

CREATE TABLE duties_report_other PARTITION OF duties_report DEFAULT;
CREATE INDEX report_of_subject ON duties_report (duty, subject, at);
CREATE INDEX report_put_right ON duties_report (corrects) WHERE corrects IS NOT NULL;

CREATE FUNCTION duties_make_month(day date) RETURNS void
    LANGUAGE plpgsql AS $$
DECLARE
    month timestamptz := date_trunc('month', day::timestamp) AT TIME ZONE 'UTC';
BEGIN
    EXECUTE format(
        'CREATE TABLE IF NOT EXISTS %I PARTITION OF duties_report FOR VALUES FROM (%L) TO (%L)',
        'duties_report_' || to_char(day, 'YYYY_MM'),
        ledger_first_subject(month), ledger_first_subject(month + interval '1 month')
    );
END
$$;

SELECT duties_make_month((now() + n * interval '1 month')::date) FROM generate_series(-1, 23) AS n;

-- What a report says of people may go, and nothing else of it: what is left must be what was there.
CREATE FUNCTION duties_report_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.position IS NULL AND NOT EXISTS (
        SELECT FROM jsonb_each(NEW.answers) kept WHERE OLD.answers -> kept.key IS DISTINCT FROM kept.value
    ) THEN
        OLD.position := NULL; OLD.answers := NEW.answers;
        IF NEW IS NOT DISTINCT FROM OLD THEN RETURN NEW; END IF;
    END IF;
    RAISE EXCEPTION 'records are append-only' USING ERRCODE = 'insufficient_privilege';
END
$$;
CREATE TRIGGER duties_report_stays BEFORE UPDATE ON duties_report
    FOR EACH ROW EXECUTE FUNCTION duties_report_stays();
"""

UNDO_TABLES = """
DROP TABLE duties_report;
DROP TABLE duties_due;
DROP FUNCTION duties_report_stays();
DROP FUNCTION duties_make_month(date);
DROP FUNCTION duties_make_day(date);
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
        ('duties', '0011_standing'),
        ('duties', '0012_defects'),
        ('duties', '0013_stamped'),
        ('duties', '0014_filling'),
        ('duties', '0015_narrower'),
        ('duties', '0016_shifts'),
        ('duties', '0017_wrong_codes'),
        ('duties', '0018_reports_without_people'),
        ('duties', '0019_withdrawn_by_itself'),
    ]

    dependencies = [
        ('files', '0001_initial'),
        ('ledger', '0001_squashed_0003_closed_days'),
        ('parties', '0001_squashed_0012_named_helpers'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [Together([
        migrations.CreateModel(
            name='Requirement',
            fields=[
                ('ledger_length', models.PositiveIntegerField(default=0, editable=False)),
                ('ledger_head', models.BinaryField(default=bytes, max_length=32)),
                ('id', models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ('slug', models.CharField(max_length=160, unique=True)),
                ('kind', models.CharField(choices=[('answer', '补正答复'), ('make_up', '补交材料'), ('check', '事后核查'), ('rectify', '整改'), ('call_back', '回访'), ('confirm', '确认诉求是否解决'), ('milestone', '项目节点'), ('directive', '交办'), ('task', '任务'), ('visit', '走访'), ('report', '填报'), ('receipt', '签收'), ('warning', '预警'), ('standing', '常态要求'), ('defect', '场所整改')], max_length=12)),
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
                ('kind', models.CharField(choices=[('answer', '补正答复'), ('make_up', '补交材料'), ('check', '事后核查'), ('rectify', '整改'), ('call_back', '回访'), ('confirm', '确认诉求是否解决'), ('milestone', '项目节点'), ('directive', '交办'), ('task', '任务'), ('visit', '走访'), ('report', '填报'), ('receipt', '签收'), ('warning', '预警'), ('standing', '常态要求'), ('defect', '场所整改')], help_text="As the requirement's, so that lists need no join.", max_length=12)),
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
        migrations.RunSQL(GUARDS, UNDO_GUARDS),
        migrations.CreateModel(
            name='Window',
            fields=[
                ('id', models.AutoField(primary_key=True, serialize=False)),
                ('requirement', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='windows', to='duties.requirement')),
                ('subject', models.CharField(choices=[('person', '个人'), ('site', '场所'), ('enterprise', '企业'), ('shift', '班次')], max_length=10)),
                ('area_path', models.CharField(max_length=120)),
                ('day', models.DateField(help_text='Its first day, in China: the partition its dues are in.')),
                ('starts', models.DateTimeField()),
                ('ends', models.DateTimeField(help_text='The first moment that is too late.')),
                ('needs', models.PositiveSmallIntegerField(help_text='Records owed within it.')),
                ('opened_at', models.DateTimeField()),
                ('reconciled_at', models.DateTimeField(help_text='When its dues were last made to agree with the rosters.')),
                ('where', models.JSONField(blank=True, default=dict, help_text='Criteria of those it asks alone, among whom the duty is about.')),
                ('reminded', models.PositiveSmallIntegerField(default=0)),
                ('closed_at', models.DateTimeField(blank=True, help_text='When it was settled that nobody is missing.', null=True)),
                ('closed_by', models.ForeignKey(blank=True, db_index=False, help_text='None of one that is closed: its measure was in force no more.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(fields=['ends'], name='window_by_end')],
                'constraints': [models.UniqueConstraint(fields=('requirement', 'area_path', 'starts'), name='window_once_per_requirement_and_area'), models.CheckConstraint(condition=models.Q(('ends__gt', models.F('starts'))), name='window_takes_time'), models.CheckConstraint(condition=models.Q(('needs__gt', 0)), name='window_asks_for_something'), models.CheckConstraint(condition=models.Q(('closed_by', None), ('closed_at__isnull', False), _connector='OR'), name='window_is_closed_by_whom_it_says')],
            },
        ),
        migrations.RunSQL(
            TABLES,
            UNDO_TABLES,
            state_operations=[
                migrations.CreateModel(
                    name='Due',
                    fields=[
                        ('pk', models.CompositePrimaryKey('day', 'window', 'subject', blank=True, editable=False, primary_key=True, serialize=False)),
                        ('day', models.DateField()),
                        ('window', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='dues', to='duties.window')),
                        ('subject', models.UUIDField()),
                        ('place', models.UUIDField(help_text='Through which a person owes it: a site or an employer; of a site, whose it is.', null=True)),
                        ('area_path', models.CharField(max_length=120)),
                        ('since', models.DateTimeField()),
                        ('done', models.PositiveSmallIntegerField(default=0, help_text='Records that count, up to what the window needs.')),
                        ('kept_at', models.DateTimeField(help_text='The moment of the record that made it enough.', null=True)),
                        ('released_at', models.DateTimeField(null=True)),
                        ('why', models.CharField(default='', help_text='Why it was released.', max_length=12)),
                    ],
                ),
                migrations.CreateModel(
                    name='Report',
                    fields=[
                        ('id', models.UUIDField(default=zerotrip.ids.new_id, primary_key=True, serialize=False)),
                        ('duty', models.CharField(help_text='The standing duty by its pack and name, in every edition.', max_length=120)),
                        ('subject', models.UUIDField()),
                        ('owner', models.UUIDField(help_text='The party that answers for the subject.', null=True)),
                        ('area_path', models.CharField(max_length=120)),
                        ('at', models.DateTimeField(help_text='When it was done, by the clock of whoever did it, put right.')),
                        ('received_at', models.DateTimeField()),
                        ('by', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('answers', models.JSONField(default=dict)),
                        ('position', models.JSONField(help_text='Where it was done: latitude, longitude, metres of error.', null=True)),
                        ('corrects', models.UUIDField(help_text='The report it puts right, which counts no more.', null=True)),
                    ],
                    options={
                        'indexes': [models.Index(fields=['duty', 'subject', 'at'], name='report_of_subject'), models.Index(condition=models.Q(('corrects__isnull', False)), fields=['corrects'], name='report_put_right')],
                        'constraints': [models.CheckConstraint(condition=models.Q(('corrects', models.F('id')), _negated=True), name='report_corrects_another')],
                    },
                ),
            ],
        ),
        migrations.CreateModel(
            name='ReportFile',
            fields=[
                ('id', models.UUIDField(default=zerotrip.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('blob', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='files.blob')),
                ('name', models.CharField(max_length=200)),
                ('place', models.PositiveSmallIntegerField(default=0, help_text='Its place among those that came with it.')),
                ('report', models.UUIDField()),
                ('stamped', models.ForeignKey(blank=True, help_text='The photograph with time and place drawn on it; the original stays.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='files.blob')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('report', 'blob'), name='report_has_a_file_once')],
            },
        ),
        migrations.CreateModel(
            name='Filling',
            fields=[
                ('window', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='filling', serialize=False, to='duties.window')),
                ('people', models.PositiveIntegerField(help_text='Whom the rosters name; None: not looked yet.', null=True)),
                ('ends', models.JSONField(default=list, help_text='The last subject of each part but the last.')),
                ('done', models.PositiveIntegerField(default=0, help_text='Parts that are written.')),
            ],
        ),
        migrations.CreateModel(
            name='WrongCodes',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('duty', models.CharField(help_text='As reports say it.', max_length=120)),
                ('subject', models.UUIDField()),
                ('tries', models.PositiveSmallIntegerField(default=0)),
                ('last_at', models.DateTimeField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('duty', 'subject'), name='wrong_codes_counted_once'), models.CheckConstraint(condition=models.Q(('tries__lte', 5)), name='wrong_codes_are_a_few')],
            },
        ),
    ])]
