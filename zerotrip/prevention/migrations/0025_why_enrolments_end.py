from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("prevention", "0024_tubes_that_are_void")]

    operations = [
        migrations.AddField(
            "enrolment",
            "because",
            models.CharField(
                max_length=400,
                blank=True,
                db_default="",
                default="",
                help_text="Why it ends, of somebody who is on no other roster of the kind from then on.",
            ),
        ),
    ]
