"""A plan of points says which doors come at which step, and for which hours of a day it was made."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    """Columns of plans."""

    dependencies = [("prevention", "0015_callers_of_firms")]

    operations = [
        migrations.AddField(
            model_name="gridslot",
            name="steps",
            field=models.JSONField(
                blank=True,
                default=list,
                help_text="Of each step: when, its first and last door, how many people, who by name.",
            ),
        ),
        migrations.AddField(
            model_name="pointplan",
            name="opens",
            field=models.TimeField(help_text="From when a day it was planned; None: not kept then.", null=True),
        ),
        migrations.AddField(
            model_name="pointplan",
            name="closes",
            field=models.TimeField(null=True),
        ),
    ]
