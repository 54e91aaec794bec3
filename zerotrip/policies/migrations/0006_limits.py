"""Runs keep to so many places and so much money."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('policies', '0005_bank_answers'),
    ]

    operations = [
        migrations.AddField(
            model_name='grant',
            name='rank',
            field=models.PositiveIntegerField(blank=True, help_text='The how many-th, where places or money are limited; the level share it.', null=True),
        ),
        migrations.AddField(
            model_name='run',
            name='room',
            field=models.JSONField(blank=True, default=dict, help_text='Where places or money are limited: what was taken, how many left out.'),
        ),
    ]
