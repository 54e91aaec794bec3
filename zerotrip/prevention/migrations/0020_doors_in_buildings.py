"""What a door asks for says in which grid and building the door is."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("prevention", "0019_findings_at")]

    operations = [
        migrations.AlterField(
            "doorrequest",
            "area_path",
            models.CharField(help_text="Down to the grid the door is in, where that is known.", max_length=120),
        ),
        migrations.AddField(
            "doorrequest",
            "site",
            models.ForeignKey(
                blank=True,
                db_index=False,
                help_text="The building the door is in, where rosters say it.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="prevention.site",
            ),
        ),
    ]
