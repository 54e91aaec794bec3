from django.db import migrations, models


class Migration(migrations.Migration):
    """What somebody examined first of two is found like what they finished."""

    dependencies = [
        ('cases', '0031_counted_in_the_index'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='assignment',
            index=models.Index(condition=models.Q(('first_by__isnull', False)), fields=['first_by', '-first_at'], name='assignment_first_by'),
        ),
    ]
