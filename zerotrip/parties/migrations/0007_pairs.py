"""Names are found by pairs of characters: words of two characters have no trigram."""
import django.contrib.postgres.indexes
import django.db.models.functions.text
import zerotrip.pairs
from django.db import migrations

PAIRS = """
CREATE FUNCTION text_pairs(text) RETURNS bigint[] LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 1000 AS $$
    SELECT array(
        SELECT (ascii(letters[n])::bigint << 21) | ascii(letters[n + 1])
        FROM generate_series(1, cardinality(letters) - 1) AS n
    ) FROM (SELECT string_to_array($1, NULL) AS letters) AS split
$$
"""


class Migration(migrations.Migration):

    dependencies = [
        ('parties', '0006_mandates_await'),
    ]

    operations = [
        migrations.RunSQL(PAIRS, "DROP FUNCTION text_pairs(text)"),
        migrations.RemoveIndex(
            model_name='party',
            name='party_name_part',
        ),
        migrations.AddIndex(
            model_name='party',
            index=django.contrib.postgres.indexes.GinIndex(zerotrip.pairs.Pairs(django.db.models.functions.text.Upper('name')), name='party_name_pairs'),
        ),
    ]
