from django.db import migrations, models
from django.db.models import F, Q


class Migration(migrations.Migration):
    dependencies = [("prevention", "0013_leaflets")]

    operations = [
        migrations.AddField("draw", "known_at", models.DateTimeField(null=True)),
        migrations.RunSQL(
            "UPDATE prevention_draw SET known_at = frozen_at WHERE known_at IS NULL", migrations.RunSQL.noop
        ),
        migrations.AlterField(
            "draw",
            "known_at",
            models.DateTimeField(
                help_text="When that value becomes known, said beforehand: none is taken before."
            ),
        ),
        migrations.AddConstraint(
            "draw",
            models.CheckConstraint(condition=Q(known_at__gte=F("frozen_at")), name="draw_waits_for_what_is_to_come"),
        ),
        migrations.AddConstraint(
            "draw",
            models.CheckConstraint(
                condition=Q(drawn_at=None) | Q(drawn_at__gte=F("known_at")), name="draw_is_drawn_once_it_is_known"
            ),
        ),
    ]
