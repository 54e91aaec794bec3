from django.db import migrations, models


class Migration(migrations.Migration):
    """What somebody examined first of two is found like what they finished."""

    dependencies = [
        ('cases', '0032_signed_minutes'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='assignment',
            index=models.Index(condition=models.Q(('first_by__isnull', False)), fields=['first_by', '-first_at'], name='assignment_first_by'),
        ),
    ]
