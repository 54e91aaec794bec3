"""A window whose measure is in force no more is closed, and by nobody."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("duties", "0018_reports_without_people"), migrations.swappable_dependency(settings.AUTH_USER_MODEL)]

    operations = [
        migrations.RemoveConstraint("window", "closed_window_says_by_whom"),
        migrations.AlterField(
            "window",
            "closed_by",
            models.ForeignKey(
                blank=True,
                db_index=False,
                help_text="None of one that is closed: its measure was in force no more.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddConstraint(
            "window",
            models.CheckConstraint(
                condition=models.Q(closed_by=None) | models.Q(closed_at__isnull=False),
                name="window_is_closed_by_whom_it_says",
            ),
        ),
    ]
