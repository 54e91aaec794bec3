from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("prevention", "0021_kept_from")]

    operations = [
        migrations.AddField(
            "inspection",
            "others_because",
            models.CharField(
                blank=True,
                default="",
                max_length=400,
                help_text="Why others inspect than those the draw fell to. Anybody can read it.",
            ),
            preserve_default=False,
        ),
        migrations.AddConstraint(
            "inspection",
            models.CheckConstraint(
                condition=Q(others_because="") | Q(draw__isnull=False),
                name="others_are_others_than_a_draw_fell_to",
            ),
        ),
    ]
