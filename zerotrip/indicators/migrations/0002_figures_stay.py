"""Figures and targets are never changed or deleted: a correction is a revision of its own."""

from django.db import migrations

STAY = """
CREATE FUNCTION indicators_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'figures are append-only' USING ERRCODE = 'insufficient_privilege';
END
$$;

CREATE TRIGGER observation_stays BEFORE UPDATE OR DELETE ON indicators_observation
    FOR EACH ROW EXECUTE FUNCTION indicators_refuse();
CREATE TRIGGER target_stays BEFORE UPDATE OR DELETE ON indicators_target
    FOR EACH ROW EXECUTE FUNCTION indicators_refuse();
"""

UNDO = """
DROP TRIGGER target_stays ON indicators_target;
DROP TRIGGER observation_stays ON indicators_observation;
DROP FUNCTION indicators_refuse();
"""


class Migration(migrations.Migration):
    dependencies = [("indicators", "0001_initial")]
    operations = [migrations.RunSQL(STAY, UNDO)]
