from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("prevention", "0022_others_than_drawn")]

    operations = [
        migrations.AddIndex(
            "movement",
            models.Index(
                fields=["target"], name="movement_from_nowhere", condition=Q(kind="count", source__isnull=True)
            ),
        ),
    ]
