"""Statements are never changed or taken away; only the party may be another, when two turn out to be one."""

from django.db import migrations

MAKE = """
CREATE FUNCTION facts_are_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND (to_jsonb(NEW) - 'party_id') = (to_jsonb(OLD) - 'party_id') THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'facts are corrected by another statement, never changed' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER facts_are_kept BEFORE UPDATE OR DELETE ON facts_fact
    FOR EACH ROW EXECUTE FUNCTION facts_are_kept();
"""
DROP = "DROP TRIGGER facts_are_kept ON facts_fact; DROP FUNCTION facts_are_kept();"


class Migration(migrations.Migration):
    dependencies = [("facts", "0001_initial")]

    operations = [migrations.RunSQL(MAKE, DROP)]
