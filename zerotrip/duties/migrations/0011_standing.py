"""Standing duties: windows, what is owed in them, and the reports that count (decision 35)."""

import django.db.models.deletion
import zerotrip.ids
from django.conf import settings
from django.db import migrations, models

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

-- A report never changes; it goes only when it is purged.
CREATE TRIGGER duties_report_stays BEFORE UPDATE ON duties_report
    FOR EACH ROW EXECUTE FUNCTION duties_refuse_change_of_record();
"""

UNDO = """
DROP TABLE duties_report;
DROP TABLE duties_due;
DROP FUNCTION duties_make_month(date);
DROP FUNCTION duties_make_day(date);
"""


class Migration(migrations.Migration):

    dependencies = [
        ('duties', '0001_squashed_0010_record_files'),
        ('files', '0001_initial'),
        ('ledger', '0001_squashed_0003_closed_days'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name='obligation',
            name='kind',
            field=models.CharField(choices=[('answer', '补正答复'), ('make_up', '补交材料'), ('check', '事后核查'), ('rectify', '整改'), ('call_back', '回访'), ('confirm', '确认诉求是否解决'), ('milestone', '项目节点'), ('directive', '交办'), ('task', '任务'), ('visit', '走访'), ('report', '填报'), ('receipt', '签收'), ('warning', '预警'), ('standing', '常态要求')], help_text="As the requirement's, so that lists need no join.", max_length=12),
        ),
        migrations.AlterField(
            model_name='requirement',
            name='kind',
            field=models.CharField(choices=[('answer', '补正答复'), ('make_up', '补交材料'), ('check', '事后核查'), ('rectify', '整改'), ('call_back', '回访'), ('confirm', '确认诉求是否解决'), ('milestone', '项目节点'), ('directive', '交办'), ('task', '任务'), ('visit', '走访'), ('report', '填报'), ('receipt', '签收'), ('warning', '预警'), ('standing', '常态要求')], max_length=12),
        ),
        migrations.CreateModel(
            name='Window',
            fields=[
                ('id', models.AutoField(primary_key=True, serialize=False)),
                ('subject', models.CharField(choices=[('person', '个人'), ('site', '场所'), ('enterprise', '企业')], max_length=10)),
                ('area_path', models.CharField(max_length=120)),
                ('day', models.DateField(help_text='Its first day, in China: the partition its dues are in.')),
                ('starts', models.DateTimeField()),
                ('ends', models.DateTimeField(help_text='The first moment that is too late.')),
                ('needs', models.PositiveSmallIntegerField(help_text='Records owed within it.')),
                ('opened_at', models.DateTimeField()),
                ('reconciled_at', models.DateTimeField(help_text='When its dues were last made to agree with the rosters.')),
                ('reminded', models.PositiveSmallIntegerField(default=0)),
                ('closed_at', models.DateTimeField(blank=True, help_text='When it was settled that nobody is missing.', null=True)),
                ('closed_by', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('requirement', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='windows', to='duties.requirement')),
            ],
        ),
        migrations.RunSQL(
            TABLES,
            UNDO,
            state_operations=[
        migrations.CreateModel(
            name='Due',
            fields=[
                ('pk', models.CompositePrimaryKey('day', 'window', 'subject', blank=True, editable=False, primary_key=True, serialize=False)),
                ('day', models.DateField()),
                ('subject', models.UUIDField()),
                ('place', models.UUIDField(help_text='Through which a person owes it: a site or an employer; of a site, whose it is.', null=True)),
                ('area_path', models.CharField(max_length=120)),
                ('since', models.DateTimeField()),
                ('done', models.PositiveSmallIntegerField(default=0, help_text='Records that count, up to what the window needs.')),
                ('kept_at', models.DateTimeField(help_text='The moment of the record that made it enough.', null=True)),
                ('released_at', models.DateTimeField(null=True)),
                ('why', models.CharField(default='', help_text='Why it was released.', max_length=12)),
                ('window', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='dues', to='duties.window')),
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
                ('answers', models.JSONField(default=dict)),
                ('position', models.JSONField(help_text='Where it was done: latitude, longitude, metres of error.', null=True)),
                ('corrects', models.UUIDField(help_text='The report it puts right, which counts no more.', null=True)),
                ('by', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
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
                ('name', models.CharField(max_length=200)),
                ('place', models.PositiveSmallIntegerField(default=0, help_text='Its place among those that came with it.')),
                ('report', models.UUIDField()),
                ('blob', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='files.blob')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('report', 'blob'), name='report_has_a_file_once')],
            },
        ),
        migrations.AddIndex(
            model_name='window',
            index=models.Index(fields=['ends'], name='window_by_end'),
        ),
        migrations.AddConstraint(
            model_name='window',
            constraint=models.UniqueConstraint(fields=('requirement', 'area_path', 'starts'), name='window_once_per_requirement_and_area'),
        ),
        migrations.AddConstraint(
            model_name='window',
            constraint=models.CheckConstraint(condition=models.Q(('ends__gt', models.F('starts'))), name='window_takes_time'),
        ),
        migrations.AddConstraint(
            model_name='window',
            constraint=models.CheckConstraint(condition=models.Q(('needs__gt', 0)), name='window_asks_for_something'),
        ),
        migrations.AddConstraint(
            model_name='window',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('closed_at', None), ('closed_by', None)), models.Q(('closed_at__isnull', False), ('closed_by__isnull', False)), _connector='OR'), name='closed_window_says_by_whom'),
        ),
    ]
