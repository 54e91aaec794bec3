"""Partitions refuse TRUNCATE themselves.

PostgreSQL gives the triggers for rows to the partitions of a table, those for statements not: a
partition named by itself could be emptied. Present ones get the trigger here, later ones as they are made.
"""

from django.db import migrations

GUARD = """
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

-- Makes the partition of the month of a day, if it is not there yet.
CREATE OR REPLACE FUNCTION ledger_make_partition(day date) RETURNS void
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

SELECT ledger_keep_partition(inhrelid::regclass) FROM pg_inherits WHERE inhparent = 'ledger_entry'::regclass;
"""

UNDO = """
CREATE OR REPLACE FUNCTION ledger_make_partition(day date) RETURNS void
    LANGUAGE plpgsql AS $$
DECLARE
    month timestamptz := date_trunc('month', day::timestamp) AT TIME ZONE 'UTC';
    name text := 'ledger_entry_' || to_char(day, 'YYYY_MM');
BEGIN
    EXECUTE format(
        'CREATE TABLE IF NOT EXISTS %I PARTITION OF ledger_entry FOR VALUES FROM (%L) TO (%L)',
        name, ledger_first_subject(month), ledger_first_subject(month + interval '1 month')
    );
END
$$;
DO $$
DECLARE
    partition regclass;
BEGIN
    FOR partition IN SELECT inhrelid::regclass FROM pg_inherits WHERE inhparent = 'ledger_entry'::regclass LOOP
        EXECUTE format('DROP TRIGGER ledger_partition_is_not_emptied ON %s', partition);
    END LOOP;
END
$$;
DROP FUNCTION ledger_keep_partition(regclass);
"""


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_initial")]
    operations = [migrations.RunSQL(GUARD, UNDO)]
