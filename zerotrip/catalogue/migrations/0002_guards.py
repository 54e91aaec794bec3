"""What the database itself refuses: a version of a service never changes."""

from django.db import migrations

SQL = """
CREATE FUNCTION catalogue_refuse_change_of_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a service version never changes' USING ERRCODE = 'insufficient_privilege';
END
$$;

CREATE TRIGGER catalogue_version_stays BEFORE UPDATE OR DELETE ON catalogue_serviceversion
    FOR EACH ROW EXECUTE FUNCTION catalogue_refuse_change_of_version();

-- Test databases are emptied between tests; no other is.
CREATE TRIGGER catalogue_versions_are_not_emptied BEFORE TRUNCATE ON catalogue_serviceversion
    FOR EACH STATEMENT WHEN (current_database() NOT LIKE 'test\\_%')
    EXECUTE FUNCTION catalogue_refuse_change_of_version();
"""

UNDO = """
DROP TRIGGER catalogue_versions_are_not_emptied ON catalogue_serviceversion;
DROP TRIGGER catalogue_version_stays ON catalogue_serviceversion;
DROP FUNCTION catalogue_refuse_change_of_version();
"""


class Migration(migrations.Migration):
    dependencies = [("catalogue", "0001_initial")]
    operations = [migrations.RunSQL(SQL, UNDO)]
