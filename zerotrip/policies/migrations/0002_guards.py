"""What the database itself refuses: a version of a policy never changes."""

from django.db import migrations

SQL = """
CREATE FUNCTION policies_refuse_change_of_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a policy version never changes' USING ERRCODE = 'insufficient_privilege';
END
$$;

CREATE TRIGGER policies_version_stays BEFORE UPDATE OR DELETE ON policies_policyversion
    FOR EACH ROW EXECUTE FUNCTION policies_refuse_change_of_version();
"""

UNDO = """
DROP TRIGGER policies_version_stays ON policies_policyversion;
DROP FUNCTION policies_refuse_change_of_version();
"""


class Migration(migrations.Migration):
    dependencies = [("policies", "0001_initial")]
    operations = [migrations.RunSQL(SQL, UNDO)]
