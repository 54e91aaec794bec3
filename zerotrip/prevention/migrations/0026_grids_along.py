from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("prevention", "0025_why_enrolments_end")]

    operations = [
        migrations.AddField(
            model_name="taking",
            name="grids",
            field=models.JSONField(
                blank=True, default=list, help_text="Of grids alone that a plan sent to the point."
            ),
        ),
    ]
