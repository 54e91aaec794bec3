"""While an event runs on, what lies back long enough goes: decision 0041."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("prevention", "0020_doors_in_buildings")]

    operations = [
        migrations.AddField(
            "event",
            "kept_from",
            models.DateField(
                null=True, blank=True, help_text="The first day whose records are still there; None: all are."
            ),
        ),
        migrations.AlterField(
            "event",
            "keep_days",
            models.PositiveSmallIntegerField(
                help_text="Days after its last day until what it holds of people's health and movements is purged;"
                " and after its own day, until a record is."
            ),
        ),
    ]
