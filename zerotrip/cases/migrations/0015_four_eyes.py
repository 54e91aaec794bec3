"""Whoever typed an application in its applicant's name never decides on it."""

from django.db import migrations

SQL = """
CREATE FUNCTION cases_refuse_decision_by_helper() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM cases_assistance a WHERE a.case_id = NEW.case_id AND a.account_id = NEW.decided_by_id
    ) THEN
        RAISE EXCEPTION 'whoever filed or keyed in an application does not decide on it'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER cases_decision_has_four_eyes BEFORE INSERT ON cases_decision
    FOR EACH ROW EXECUTE FUNCTION cases_refuse_decision_by_helper();
"""

UNDO = """
DROP TRIGGER cases_decision_has_four_eyes ON cases_decision;
DROP FUNCTION cases_refuse_decision_by_helper();
"""


class Migration(migrations.Migration):
    dependencies = [("cases", "0014_doors")]
    operations = [migrations.RunSQL(SQL, UNDO)]
