"""A record never changes and never goes."""

from django.db import migrations

SQL = """
CREATE FUNCTION duties_refuse_change_of_record() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'records are append-only' USING ERRCODE = 'insufficient_privilege';
END
$$;
CREATE TRIGGER duties_record_stays BEFORE UPDATE OR DELETE ON duties_record
    FOR EACH ROW EXECUTE FUNCTION duties_refuse_change_of_record();
"""
UNDO = """
DROP TRIGGER duties_record_stays ON duties_record;
DROP FUNCTION duties_refuse_change_of_record();
"""


class Migration(migrations.Migration):
    dependencies = [("duties", "0001_initial")]
    operations = [migrations.RunSQL(SQL, UNDO)]
