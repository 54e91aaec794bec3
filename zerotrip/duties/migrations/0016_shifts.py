"""Whoever is on a shift owes something, too."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('duties', '0015_narrower'),
    ]

    operations = [
        migrations.AlterField(
            model_name='window',
            name='subject',
            field=models.CharField(choices=[('person', '个人'), ('site', '场所'), ('enterprise', '企业'), ('shift', '班次')], max_length=10),
        ),
    ]
