from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("prevention", "0014_draw_known_at")]

    operations = [
        migrations.RemoveIndex("caller", "caller_of_person"),
        migrations.RemoveConstraint("caller", "one_caller_of_a_person_and_window"),
        migrations.RenameField("caller", "person", "subject"),
        migrations.AlterField("caller", "subject", models.UUIDField(help_text="Somebody on a roster, or a firm.")),
        migrations.AddIndex("caller", models.Index(fields=["subject"], name="caller_of_subject")),
        migrations.AddConstraint(
            "caller",
            models.UniqueConstraint(
                fields=["window", "subject"],
                condition=models.Q(ended_at=None),
                name="one_caller_of_a_subject_and_window",
            ),
        ),
    ]
