"""Leaflets to sites, each locked after a few wrong names; for whom one is never changes either."""

import importlib

from django.db import migrations, models

BEFORE = importlib.import_module("zerotrip.prevention.migrations.0013_leaflets")
GUARD = """
DROP TRIGGER prevention_leaflet_stays ON prevention_leaflet;
CREATE TRIGGER prevention_leaflet_stays BEFORE UPDATE ON prevention_leaflet FOR EACH ROW
    WHEN ((OLD.kind, OLD.who, OLD.title, OLD.title_en, OLD.text, OLD.text_en, OLD.signed, OLD.edition, OLD.area_path,
        OLD."where", OLD.ends)
        IS DISTINCT FROM
        (NEW.kind, NEW.who, NEW.title, NEW.title_en, NEW.text, NEW.text_en, NEW.signed, NEW.edition, NEW.area_path,
        NEW."where", NEW.ends))
    EXECUTE FUNCTION prevention_leaflet_stays();
"""
UNDO = BEFORE.UNDO + BEFORE.GUARDS


class Migration(migrations.Migration):

    dependencies = [
        ('prevention', '0016_plan_steps'),
    ]

    operations = [
        migrations.AddField(
            model_name='leaflet',
            name='who',
            field=models.CharField(choices=[('person', '个人'), ('site', '场所')], default='person', max_length=10),
        ),
        migrations.AddField(
            model_name='leaflet',
            name='trouble',
            field=models.CharField(blank=True, default='', help_text='Why it did not go on being sent.', max_length=300),
            preserve_default=False,
        ),
        migrations.AlterField(
            model_name='leaflet',
            name='where',
            field=models.JSONField(blank=True, default=dict, help_text='Criteria of those it is for.'),
        ),
        migrations.RemoveConstraint(
            model_name='receipt',
            name='one_receipt_of_a_leaflet_and_person',
        ),
        migrations.RemoveConstraint(
            model_name='receipt',
            name='receipt_says_how_it_was_read',
        ),
        migrations.RenameField(
            model_name='receipt',
            old_name='person',
            new_name='subject',
        ),
        migrations.AlterField(
            model_name='receipt',
            name='subject',
            field=models.UUIDField(help_text='Somebody on a roster, or a site.'),
        ),
        migrations.AddField(
            model_name='receipt',
            name='tries',
            field=models.PositiveSmallIntegerField(default=0, help_text='Signed with names that are not on the roster.'),
        ),
        migrations.AlterField(
            model_name='receipt',
            name='on_behalf',
            field=models.CharField(blank=True, help_text='Of whoever signed for it, what they are.', max_length=40),
        ),
        migrations.AddConstraint(
            model_name='receipt',
            constraint=models.UniqueConstraint(fields=('leaflet', 'subject'), name='one_receipt_of_a_leaflet_and_subject'),
        ),
        migrations.AddConstraint(
            model_name='receipt',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('by', None), ('how', ''), ('on_behalf', ''), ('read_at', None), ('signature', '')), models.Q(('by', None), ('how', 'link'), ('read_at__isnull', False)), models.Q(('by__isnull', False), ('how', 'door'), ('read_at__isnull', False)), _connector='OR'), name='receipt_says_how_it_was_read'),
        ),
        migrations.AddConstraint(
            model_name='receipt',
            constraint=models.CheckConstraint(condition=models.Q(('tries__lte', 5)), name='receipt_link_is_tried_a_few_times'),
        ),
        migrations.RunSQL(GUARD, UNDO),
    ]
