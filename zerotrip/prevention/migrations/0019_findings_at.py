import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("files", "0001_initial"), ("prevention", "0018_sealed_in_step")]

    operations = [
        migrations.AddField(
            "inspectionitem",
            "found_at",
            models.DateTimeField(
                null=True, help_text="Of two answers the later counts, whichever comes in first."
            ),
        ),
        migrations.AddField(
            "inspectionitem", "photo_at", models.DateTimeField(null=True, help_text="The same of photographs.")
        ),
        migrations.AddField(
            "inspectionitem",
            "stamped",
            models.ForeignKey(
                to="files.blob",
                on_delete=django.db.models.deletion.PROTECT,
                null=True,
                blank=True,
                related_name="+",
                db_index=False,
                help_text="The photograph with time and place drawn on it.",
            ),
        ),
    ]
