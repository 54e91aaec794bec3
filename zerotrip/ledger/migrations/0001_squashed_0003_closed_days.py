"""The journal as a partitioned, append-only table; and the days of it that are closed (decision 33).

Partitions are months of the *subject's* birth, told by its UUIDv7, so that ``(subject, seq)`` is a
real primary key: PostgreSQL wants the partition key inside every unique key. It gives the triggers for
rows to the partitions of a table, those for statements not: each partition refuses TRUNCATE itself.
"""

from django.db import migrations, models
from zerotrip.tables import Together

TABLE = """
CREATE TABLE ledger_entry (
    subject uuid NOT NULL,
    seq integer NOT NULL CHECK (seq >= 1),
    kind varchar(40) NOT NULL,
    action varchar(60) NOT NULL,
    actor uuid,
    actor_name varchar(120) NOT NULL,
    at timestamptz NOT NULL,
    reason text NOT NULL,
    details jsonb NOT NULL,
    digest bytea NOT NULL CHECK (length(digest) = 32),
    PRIMARY KEY (subject, seq)
) PARTITION BY RANGE (subject);

CREATE TABLE ledger_entry_other PARTITION OF ledger_entry DEFAULT;

CREATE INDEX ledger_entry_at ON ledger_entry USING brin (at);

CREATE FUNCTION ledger_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the journal is append-only' USING ERRCODE = 'insufficient_privilege';
END
$$;

CREATE TRIGGER ledger_entry_stays BEFORE UPDATE OR DELETE ON ledger_entry
    FOR EACH ROW EXECUTE FUNCTION ledger_refuse();

-- Test databases are emptied between tests; no other is.
CREATE TRIGGER ledger_entry_is_not_emptied BEFORE TRUNCATE ON ledger_entry
    FOR EACH STATEMENT WHEN (current_database() NOT LIKE 'test\\_%') EXECUTE FUNCTION ledger_refuse();

-- Makes a partition refuse TRUNCATE. Test databases are emptied between tests; no other is.
CREATE FUNCTION ledger_keep_partition(partition regclass) RETURNS void
    LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format(
        'CREATE TRIGGER ledger_partition_is_not_emptied BEFORE TRUNCATE ON %s FOR EACH STATEMENT'
        ' WHEN (current_database() NOT LIKE %L) EXECUTE FUNCTION ledger_refuse()',
        partition, 'test\\_%'
    );
END
$$;

SELECT ledger_keep_partition('ledger_entry_other');

-- The smallest UUIDv7 of a moment: 48 bits of milliseconds, the rest zero.
CREATE FUNCTION ledger_first_subject(moment timestamptz) RETURNS uuid
    LANGUAGE sql STABLE AS $$
    SELECT (lpad(to_hex((extract(epoch FROM moment) * 1000)::bigint), 12, '0') || repeat('0', 20))::uuid
$$;

-- Makes the partition of the month of a day, if it is not there yet.
CREATE FUNCTION ledger_make_partition(day date) RETURNS void
    LANGUAGE plpgsql AS $$
DECLARE
    month timestamptz := date_trunc('month', day::timestamp) AT TIME ZONE 'UTC';
    name text := 'ledger_entry_' || to_char(day, 'YYYY_MM');
BEGIN
    IF to_regclass(name) IS NOT NULL THEN
        RETURN;
    END IF;
    EXECUTE format(
        'CREATE TABLE %I PARTITION OF ledger_entry FOR VALUES FROM (%L) TO (%L)',
        name, ledger_first_subject(month), ledger_first_subject(month + interval '1 month')
    );
    PERFORM ledger_keep_partition(name::regclass);
END
$$;

SELECT ledger_make_partition((now() + n * interval '1 month')::date) FROM generate_series(-1, 23) AS n;
"""

UNDO = """
DROP TABLE ledger_entry;
DROP FUNCTION ledger_make_partition(date);
DROP FUNCTION ledger_first_subject(timestamptz);
DROP FUNCTION ledger_keep_partition(regclass);
DROP FUNCTION ledger_refuse();
"""

KEPT = """
CREATE TRIGGER ledger_closedday_stays BEFORE UPDATE OR DELETE ON ledger_closedday
    FOR EACH ROW EXECUTE FUNCTION ledger_refuse();
-- Test databases are emptied between tests; no other is.
CREATE TRIGGER ledger_closedday_is_not_emptied BEFORE TRUNCATE ON ledger_closedday
    FOR EACH STATEMENT WHEN (current_database() NOT LIKE 'test\\_%') EXECUTE FUNCTION ledger_refuse();
"""

LET_GO = """
DROP TRIGGER ledger_closedday_stays ON ledger_closedday;
DROP TRIGGER ledger_closedday_is_not_emptied ON ledger_closedday;
"""


class Migration(migrations.Migration):

    initial = True

    replaces = [
        ('ledger', '0001_initial'),
        ('ledger', '0002_partitions_are_not_emptied'),
        ('ledger', '0003_closed_days'),
    ]

    dependencies = [
    ]

    operations = [Together([
        migrations.RunSQL(
            TABLE,
            UNDO,
            state_operations=[
                migrations.CreateModel(
                    name='Entry',
                    fields=[
                        ('pk', models.CompositePrimaryKey('subject', 'seq', blank=True, editable=False, primary_key=True, serialize=False)),
                        ('subject', models.UUIDField()),
                        ('seq', models.PositiveIntegerField()),
                        ('kind', models.CharField(max_length=40)),
                        ('action', models.CharField(max_length=60)),
                        ('actor', models.UUIDField(null=True)),
                        ('actor_name', models.CharField(max_length=120)),
                        ('at', models.DateTimeField()),
                        ('reason', models.TextField(blank=True)),
                        ('details', models.JSONField(default=dict)),
                        ('digest', models.BinaryField(max_length=32)),
                    ],
                    options={
                        'ordering': ('subject', 'seq'),
                    },
                ),
            ],
        ),
        migrations.CreateModel(
            name='ClosedDay',
            fields=[
                ('day', models.DateField(primary_key=True, serialize=False)),
                ('entries', models.PositiveBigIntegerField()),
                ('digest', models.BinaryField(max_length=32)),
                ('signature', models.BinaryField(help_text='Detached CMS (RFC 5652) over the digest, DER.')),
                ('closed_at', models.DateTimeField()),
            ],
            options={
                'ordering': ('day',),
            },
        ),
        migrations.RunSQL(KEPT, LET_GO),
    ])]
