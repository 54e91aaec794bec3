"""What is set aside of an offer is added up by the database, which refuses more than there is."""

from django.db import migrations

SQL = """
CREATE FUNCTION relief_add_up_reservations() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    before numeric := 0;
    after numeric := 0;
BEGIN
    IF TG_OP <> 'INSERT' AND OLD.status = 'held' THEN before := OLD.quantity; END IF;
    IF TG_OP <> 'DELETE' AND NEW.status = 'held' THEN after := NEW.quantity; END IF;
    IF TG_OP = 'UPDATE' AND NEW.offer_id <> OLD.offer_id THEN
        RAISE EXCEPTION 'a reservation stays with its offer' USING ERRCODE = 'check_violation';
    END IF;
    IF after <> before THEN
        UPDATE relief_resource SET reserved = reserved + after - before
        WHERE id = CASE WHEN TG_OP = 'DELETE' THEN OLD.offer_id ELSE NEW.offer_id END;
    END IF;
    RETURN NULL;
END
$$;

CREATE TRIGGER relief_reservations_add_up AFTER INSERT OR UPDATE OR DELETE ON relief_reservation
    FOR EACH ROW EXECUTE FUNCTION relief_add_up_reservations();
"""

UNDO = """
DROP TRIGGER relief_reservations_add_up ON relief_reservation;
DROP FUNCTION relief_add_up_reservations();
"""


class Migration(migrations.Migration):
    dependencies = [("relief", "0001_resources")]
    operations = [migrations.RunSQL(SQL, UNDO)]
