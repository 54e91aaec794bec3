"""Wrong codes of receipt are counted."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('duties', '0016_shifts'),
    ]

    operations = [
        migrations.CreateModel(
            name='WrongCodes',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('duty', models.CharField(help_text='As reports say it.', max_length=120)),
                ('subject', models.UUIDField()),
                ('tries', models.PositiveSmallIntegerField(default=0)),
                ('last_at', models.DateTimeField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('duty', 'subject'), name='wrong_codes_counted_once'), models.CheckConstraint(condition=models.Q(('tries__lte', 5)), name='wrong_codes_are_a_few')],
            },
        ),
    ]
