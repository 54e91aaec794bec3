"""What the database itself refuses, and the yearly case numbers."""

from django.db import migrations

SQL = """
-- One sequence a year: numbers never repeat and nobody waits for another's transaction.
CREATE FUNCTION cases_next_number(year integer) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    name text := 'cases_number_' || year;
BEGIN
    RETURN nextval(name::regclass);
EXCEPTION WHEN undefined_table THEN
    PERFORM pg_advisory_xact_lock(hashtext(name));
    EXECUTE format('CREATE SEQUENCE IF NOT EXISTS %I', name);
    RETURN nextval(name::regclass);
END
$$;

-- A round that was handed in never changes.
CREATE FUNCTION cases_refuse_change_of_submitted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.submitted_at IS NOT NULL THEN
        RAISE EXCEPTION 'a submitted round is frozen' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER cases_submission_stays BEFORE UPDATE ON cases_submission
    FOR EACH ROW EXECUTE FUNCTION cases_refuse_change_of_submitted();
"""

UNDO = """
DROP TRIGGER cases_submission_stays ON cases_submission;
DROP FUNCTION cases_refuse_change_of_submitted();
DROP FUNCTION cases_next_number(integer);
"""


class Migration(migrations.Migration):
    dependencies = [("cases", "0001_initial")]
    operations = [migrations.RunSQL(SQL, UNDO)]
