"""All tables as they stood on 2026-11-26 (decision 33). The database itself refuses that a version of a service changes."""

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.deletion
import zerotrip.ids
from django.contrib.postgres.operations import TrigramExtension
from django.db import migrations, models
from zerotrip.tables import Together

GUARDS = """
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

    initial = True

    replaces = [
        ('catalogue', '0001_initial'),
        ('catalogue', '0002_guards'),
    ]

    dependencies = [
    ]

    operations = [Together([
        TrigramExtension(),
        migrations.CreateModel(
            name='Pack',
            fields=[
                ('ledger_length', models.PositiveIntegerField(default=0, editable=False)),
                ('ledger_head', models.BinaryField(default=bytes, max_length=32)),
                ('id', models.UUIDField(default=zerotrip.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('slug', models.SlugField(max_length=60, unique=True)),
                ('digest', models.CharField(max_length=64)),
                ('definition', models.JSONField()),
                ('district', models.JSONField()),
                ('loaded_at', models.DateTimeField()),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Service',
            fields=[
                ('slug', models.SlugField(max_length=60, primary_key=True, serialize=False)),
                ('pack', models.SlugField(max_length=60)),
                ('department', models.SlugField(max_length=60)),
                ('audience', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=12), size=None)),
                ('themes', django.contrib.postgres.fields.ArrayField(base_field=models.SlugField(max_length=60), size=None)),
                ('search_text', models.TextField(blank=True)),
                ('search_words', django.contrib.postgres.search.SearchVectorField(null=True)),
                ('current', models.ForeignKey(blank=True, help_text='None: withdrawn.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalogue.serviceversion')),
            ],
            options={
                'indexes': [django.contrib.postgres.indexes.GinIndex(fields=['search_words'], name='service_search_words'), django.contrib.postgres.indexes.GinIndex(django.contrib.postgres.indexes.OpClass(models.F('search_text'), name='gin_trgm_ops'), name='service_search_trigrams')],
            },
        ),
        migrations.CreateModel(
            name='ServiceVersion',
            fields=[
                ('ledger_length', models.PositiveIntegerField(default=0, editable=False)),
                ('ledger_head', models.BinaryField(default=bytes, max_length=32)),
                ('id', models.UUIDField(default=zerotrip.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('service', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='versions', to='catalogue.service')),
                ('number', models.PositiveIntegerField()),
                ('digest', models.CharField(max_length=64)),
                ('definition', models.JSONField()),
                ('files', models.JSONField(default=dict, help_text='Templates by name: the version is whole by itself.')),
                ('loaded_at', models.DateTimeField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('service', 'number'), name='version_number_once_per_service'), models.UniqueConstraint(fields=('service', 'digest'), name='version_content_once_per_service'), models.CheckConstraint(condition=models.Q(('number__gte', 1)), name='version_numbers_start_at_one')],
            },
        ),
        migrations.RunSQL(GUARDS, UNDO),
    ])]
