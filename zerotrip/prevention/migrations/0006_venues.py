"""Scans at the doors of sites, partitioned by the day of their ids, as the gate log is (0005)."""

import django.contrib.postgres.fields
import django.db.models.deletion
import zerotrip.ids
from django.conf import settings
from django.db import migrations, models


PARTITIONED = """
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

UNDO = """
DROP FUNCTION prevention_make_scan_day(date);
DROP FUNCTION prevention_drop_scan_days(date);
"""


class Migration(migrations.Migration):

    dependencies = [
        ('ledger', '0001_squashed_0003_closed_days'),
        ('prevention', '0005_gates'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='VenueScan',
            fields=[
                ('id', models.UUIDField(default=zerotrip.ids.new_id, editable=False, primary_key=True, serialize=False)),
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
                ('site', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='scans', to='prevention.site')),
            ],
            options={
                'ordering': ('-at', '-id'),
                'indexes': [models.Index(fields=['site', 'at'], name='scan_of_site'), models.Index(condition=models.Q(('person__isnull', False)), fields=['person', 'at'], name='scan_of_person')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('outcome', 'away'), _negated=True), ('reasons__len__gt', 0), _connector='OR'), name='whoever_is_turned_away_is_told_why'), models.CheckConstraint(condition=models.Q(models.Q(('by', None), ('mask', None), ('outcome', 'entered'), ('temperature', None), ('told_by', 'nobody')), models.Q(models.Q(('outcome', 'entered'), _negated=True), ('by__isnull', False), models.Q(('told_by', 'nobody'), _negated=True)), _connector='OR'), name='check_at_a_door_has_a_keeper'), models.CheckConstraint(condition=models.Q(('temperature', None), models.Q(('temperature__gte', 30), ('temperature__lte', 45)), _connector='OR'), name='temperature_at_a_door_is_of_a_person')],
            },
        ),
        migrations.RunSQL(PARTITIONED, UNDO),
    ]
