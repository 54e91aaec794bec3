"""With which change of a sealed area what is owed there agrees."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('prevention', '0017_leaflets_to_sites'),
    ]

    operations = [
        migrations.AddField(
            model_name='sealedarea',
            name='agreed',
            field=models.PositiveIntegerField(default=0, help_text='The entry of its journal with which what is owed there agrees.'),
        ),
    ]
