"""Tubes that say nothing of those in them; a tube that is positive again after a correction names them again."""

from __future__ import annotations

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    """A column of mishaps, and what finds tubes whose samples do not count."""

    dependencies = [("prevention", "0023_movement_from_nowhere")]

    operations = [
        migrations.AddField(
            "mishap",
            "voids",
            models.BooleanField(
                default=False,
                help_text="Whoever is in the tube is to be sampled again, as long as nothing is found in it.",
            ),
        ),
        migrations.AddIndex(
            "mishap", models.Index(fields=["code"], name="mishap_that_voids", condition=Q(voids=True))
        ),
        migrations.AddIndex(
            "tube", models.Index(fields=["code"], name="tube_invalid", condition=Q(outcome="invalid"))
        ),
        migrations.RemoveConstraint("retest", "retested_once_for_a_tube"),
        migrations.AddConstraint(
            "retest",
            models.UniqueConstraint(
                fields=["tube", "person"],
                name="retested_once_for_a_tube",
                condition=Q(ended_at=None) | ~Q(outcome=""),
            ),
        ),
    ]
