from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("duties", "0013_stamped")]

    operations = [
        migrations.CreateModel(
            name="Filling",
            fields=[
                (
                    "window",
                    models.OneToOneField(
                        on_delete=models.CASCADE,
                        primary_key=True,
                        related_name="filling",
                        serialize=False,
                        to="duties.window",
                    ),
                ),
                (
                    "people",
                    models.PositiveIntegerField(null=True, help_text="Whom the rosters name; None: not looked yet."),
                ),
                ("ends", models.JSONField(default=list, help_text="The last subject of each part but the last.")),
                ("done", models.PositiveIntegerField(default=0, help_text="Parts that are written.")),
            ],
        ),
    ]
