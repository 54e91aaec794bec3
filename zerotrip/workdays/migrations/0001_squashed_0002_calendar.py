"""All tables as they stood on 2026-11-26 (decision 33)."""

import zerotrip.ids
from django.db import migrations, models
from zerotrip.tables import Together


class Migration(migrations.Migration):

    initial = True

    replaces = [
        ('workdays', '0001_initial'),
        ('workdays', '0002_calendar'),
    ]

    dependencies = [
    ]

    operations = [Together([
        migrations.CreateModel(
            name='Calendar',
            fields=[
                ('ledger_length', models.PositiveIntegerField(default=0, editable=False)),
                ('ledger_head', models.BinaryField(default=bytes, max_length=32)),
                ('id', models.UUIDField(default=zerotrip.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('area_path', models.CharField(blank=True, help_text='Empty: everywhere.', max_length=120, unique=True)),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='OfficeHours',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('area_path', models.CharField(blank=True, max_length=120, unique=True)),
                ('hours', models.JSONField()),
            ],
            options={
                'verbose_name_plural': 'office hours',
            },
        ),
        migrations.CreateModel(
            name='CalendarDay',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('date', models.DateField()),
                ('working', models.BooleanField()),
                ('name', models.CharField(max_length=80)),
                ('area_path', models.CharField(blank=True, help_text='Empty: everywhere.', max_length=120)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('date', 'area_path'), name='calendar_day_once_per_area')],
            },
        ),
        migrations.CreateModel(
            name='CalendarStamp',
            fields=[
                ('id', models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False)),
                ('changes', models.PositiveIntegerField(default=0)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('id', 1)), name='one_calendar_stamp')],
            },
        ),
        migrations.CreateModel(
            name='CalendarYear',
            fields=[
                ('year', models.PositiveSmallIntegerField(primary_key=True, serialize=False)),
                ('official', models.BooleanField(default=False)),
                ('source', models.CharField(max_length=200)),
                ('loaded_at', models.DateTimeField()),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('year__gte', 2004), ('year__lte', 2060)), name='calendar_year_in_range')],
            },
        ),
    ])]
