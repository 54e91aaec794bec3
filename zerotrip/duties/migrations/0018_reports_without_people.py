"""What a report says of people may go, and nothing else of it: what is left must be what was there."""

from django.db import migrations

GUARD = """
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
DROP TRIGGER duties_report_stays ON duties_report;
CREATE TRIGGER duties_report_stays BEFORE UPDATE ON duties_report
    FOR EACH ROW EXECUTE FUNCTION duties_report_stays();
"""

UNDO = """
DROP TRIGGER duties_report_stays ON duties_report;
DROP FUNCTION duties_report_stays();
CREATE TRIGGER duties_report_stays BEFORE UPDATE ON duties_report
    FOR EACH ROW EXECUTE FUNCTION duties_refuse_change_of_record();
"""


class Migration(migrations.Migration):
    dependencies = [("duties", "0017_wrong_codes")]

    operations = [migrations.RunSQL(GUARD, UNDO)]
