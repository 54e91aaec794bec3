"""A window may ask some of those its duty is about alone."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('duties', '0014_filling'),
    ]

    operations = [
        migrations.AddField(
            model_name='window',
            name='where',
            field=models.JSONField(blank=True, default=dict, help_text='Criteria of those it asks alone, among whom the duty is about.'),
        ),
    ]
