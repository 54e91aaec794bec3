from django.db import migrations, models

import zerotrip.ids


class Migration(migrations.Migration):
    dependencies = [("workdays", "0001_initial")]
    operations = [
        migrations.CreateModel(
            name="Calendar",
            fields=[
                ("ledger_length", models.PositiveIntegerField(default=0, editable=False)),
                ("ledger_head", models.BinaryField(default=bytes, max_length=32)),
                ("id", models.UUIDField(default=zerotrip.ids.new_id, editable=False, primary_key=True, serialize=False)),
                (
                    "area_path",
                    models.CharField(blank=True, help_text="Empty: everywhere.", max_length=120, unique=True),
                ),
            ],
            options={"abstract": False},
        ),
    ]
