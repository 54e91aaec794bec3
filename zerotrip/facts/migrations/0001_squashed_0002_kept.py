"""All tables as they stood on 2026-11-26 (decision 33). Statements are never changed or taken away; only the party
may be another, when two turn out to be one.
"""

import django.db.models.deletion
import zerotrip.ids
from django.conf import settings
from django.db import migrations, models
from zerotrip.tables import Together

GUARDS = """
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

UNDO = """
DROP TRIGGER facts_are_kept ON facts_fact;
DROP FUNCTION facts_are_kept();
"""


class Migration(migrations.Migration):

    initial = True

    replaces = [
        ('facts', '0001_initial'),
        ('facts', '0002_kept'),
    ]

    dependencies = [
        ('parties', '0001_squashed_0012_named_helpers'),
        ('parties', '__first__'),
    ]

    operations = [Together([
        migrations.CreateModel(
            name='Declaration',
            fields=[
                ('id', models.UUIDField(default=zerotrip.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('pack', models.SlugField(max_length=60)),
                ('definition', models.JSONField()),
                ('digest', models.CharField(max_length=64)),
                ('current', models.BooleanField(default=True)),
                ('loaded_at', models.DateTimeField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('current', True)), fields=('pack',), name='one_declaration_per_pack')],
            },
        ),
        migrations.CreateModel(
            name='Standing',
            fields=[
                ('party', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='standing', serialize=False, to='parties.party')),
                ('area_path', models.CharField(help_text="As the party's, so that lists need no join.", max_length=120)),
                ('derived_at', models.DateTimeField()),
                ('derive_on', models.DateField(blank=True, help_text='The day something of it is no longer so.', null=True)),
            ],
            options={
                'indexes': [models.Index(fields=['area_path'], name='standing_area_prefix', opclasses=['text_pattern_ops']), models.Index(condition=models.Q(('derive_on__isnull', False)), fields=['derive_on'], name='standing_to_derive')],
            },
        ),
        migrations.CreateModel(
            name='Fact',
            fields=[
                ('id', models.UUIDField(default=zerotrip.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('party', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='facts', to='parties.party')),
                ('name', models.CharField(max_length=60)),
                ('value', models.JSONField(help_text='None: taken back, nothing is known.', null=True)),
                ('source', models.CharField(max_length=60)),
                ('as_of', models.DateField(help_text='The day it was so, or the last of its period.')),
                ('note', models.CharField(blank=True, help_text='Where it was read, why it was corrected.', max_length=400)),
                ('recorded_by', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('recorded_at', models.DateTimeField()),
            ],
            options={
                'ordering': ('name', '-as_of', '-recorded_at'),
                'indexes': [models.Index(fields=['party', 'name', 'as_of'], name='fact_of_party')],
            },
        ),
        migrations.RunSQL(GUARDS, UNDO),
    ])]
