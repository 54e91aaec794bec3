"""Leaflets to people, and that each was read. The words of an edition never change."""

import django.db.models.deletion
import zerotrip.ids
from django.conf import settings
from django.db import migrations, models


GUARDS = """
CREATE FUNCTION prevention_leaflet_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = 'restrict_violation', MESSAGE = 'the words of a leaflet do not change';
END $$;
CREATE TRIGGER prevention_leaflet_stays BEFORE UPDATE ON prevention_leaflet FOR EACH ROW
    WHEN ((OLD.kind, OLD.title, OLD.title_en, OLD.text, OLD.text_en, OLD.signed, OLD.edition, OLD.area_path, OLD.ends)
        IS DISTINCT FROM
        (NEW.kind, NEW.title, NEW.title_en, NEW.text, NEW.text_en, NEW.signed, NEW.edition, NEW.area_path, NEW.ends))
    EXECUTE FUNCTION prevention_leaflet_stays();
"""
UNDO = """
DROP TRIGGER prevention_leaflet_stays ON prevention_leaflet;
DROP FUNCTION prevention_leaflet_stays();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('duties', '0015_narrower'),
        ('prevention', '0012_exporters'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Leaflet',
            fields=[
                ('ledger_length', models.PositiveIntegerField(default=0, editable=False)),
                ('ledger_head', models.BinaryField(default=bytes, max_length=32)),
                ('id', models.UUIDField(default=zerotrip.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(choices=[('notice', '明白纸'), ('appeal', '倡议书')], max_length=8)),
                ('title', models.CharField(max_length=80)),
                ('title_en', models.CharField(blank=True, max_length=160)),
                ('text', models.TextField()),
                ('text_en', models.TextField(blank=True)),
                ('signed', models.BooleanField(help_text='Whether readers sign with their name.')),
                ('area_path', models.CharField(max_length=120)),
                ('where', models.JSONField(blank=True, default=dict, help_text='Criteria of those on rosters it is for.')),
                ('ends', models.DateTimeField(help_text='Until when it is to be read.')),
                ('edition', models.PositiveSmallIntegerField(default=1)),
                ('replaces', models.UUIDField(blank=True, help_text='The edition before.', null=True, unique=True)),
                ('made_at', models.DateTimeField()),
                ('sent_at', models.DateTimeField(blank=True, help_text='When everybody then on the rosters had been sent it.', null=True)),
                ('named_at', models.DateTimeField(blank=True, help_text='When the silent were named to their grids.', null=True)),
                ('withdrawn_at', models.DateTimeField(blank=True, null=True)),
                ('because', models.CharField(blank=True, help_text='Why it was withdrawn.', max_length=200)),
                ('made_by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('window', models.OneToOneField(blank=True, help_text='In which receipts are owed.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='leaflet', to='duties.window')),
                ('withdrawn_by', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [
                    models.CheckConstraint(condition=models.Q(models.Q(('title', ''), _negated=True), models.Q(('text', ''), _negated=True)), name='leaflet_says_something'),
                    models.CheckConstraint(condition=models.Q(('area_path', ''), _negated=True), name='leaflet_is_for_an_area'),
                    models.CheckConstraint(condition=models.Q(models.Q(('because', ''), ('withdrawn_at', None), ('withdrawn_by', None)), models.Q(('withdrawn_at__isnull', False), ('withdrawn_by__isnull', False), models.Q(('because', ''), _negated=True)), _connector='OR'), name='withdrawn_leaflet_says_by_whom_and_why'),
                ],
                'indexes': [
                    models.Index(condition=models.Q(('named_at', None), ('withdrawn_at', None)), fields=['ends'], name='leaflet_to_be_named'),
                ],
                'ordering': ('-made_at', 'id'),
            },
        ),
        migrations.CreateModel(
            name='Receipt',
            fields=[
                ('id', models.UUIDField(default=zerotrip.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('person', models.UUIDField(help_text='Somebody on a roster.')),
                ('area_path', models.CharField(max_length=120)),
                ('sent_at', models.DateTimeField(blank=True, help_text='When the link went to their phone.', null=True)),
                ('reminded', models.PositiveSmallIntegerField(default=0)),
                ('read_at', models.DateTimeField(blank=True, null=True)),
                ('how', models.CharField(blank=True, choices=[('link', '手机链接'), ('door', '上门送达')], max_length=4)),
                ('signature', models.CharField(blank=True, help_text='The name as it was signed.', max_length=120)),
                ('on_behalf', models.CharField(blank=True, help_text='Of whoever signed for them, what they are.', max_length=40)),
                ('by', models.ForeignKey(blank=True, db_index=False, help_text='Who brought it.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('leaflet', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='receipts', to='prevention.leaflet')),
            ],
            options={
                'constraints': [
                    models.UniqueConstraint(fields=('leaflet', 'person'), name='one_receipt_of_a_leaflet_and_person'),
                    models.CheckConstraint(condition=models.Q(models.Q(('by', None), ('how', ''), ('on_behalf', ''), ('read_at', None), ('signature', '')), models.Q(('by', None), ('how', 'link'), ('on_behalf', ''), ('read_at__isnull', False)), models.Q(('by__isnull', False), ('how', 'door'), ('read_at__isnull', False)), _connector='OR'), name='receipt_says_how_it_was_read'),
                    models.CheckConstraint(condition=models.Q(('read_at', None), ('sent_at', None), _negated=True), name='receipt_was_sent_or_read'),
                ],
            },
        ),
        migrations.RunSQL(GUARDS, UNDO),
    ]
