"""Phones that go on without a network, and what they were given along."""

import django.db.models.deletion
import zerotrip.ids
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('prevention', '0007_screening'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Phone',
            fields=[
                ('ledger_length', models.PositiveIntegerField(default=0, editable=False)),
                ('ledger_head', models.BinaryField(default=bytes, max_length=32)),
                ('id', models.UUIDField(default=zerotrip.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(blank=True, help_text='What the browser says it is.', max_length=120)),
                ('area_path', models.CharField(blank=True, help_text='Of what it was last given along.', max_length=120)),
                ('off', models.DurationField(help_text='How far its clock was behind ours when that was last noted.')),
                ('met_at', models.DateTimeField()),
                ('seen_at', models.DateTimeField()),
                ('revoked_at', models.DateTimeField(blank=True, null=True)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ('-seen_at', 'id'),
                'constraints': [models.CheckConstraint(condition=models.Q(('seen_at__gte', models.F('met_at'))), name='phone_is_seen_after_it_is_met')],
            },
        ),
        migrations.CreateModel(
            name='Taking',
            fields=[
                ('id', models.UUIDField(default=zerotrip.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('tasks', models.JSONField(help_text='For what: see Task.')),
                ('place', models.UUIDField(blank=True, help_text='The point or site whose people went along.', null=True)),
                ('area_path', models.CharField(blank=True, help_text='The area whose people went along.', max_length=120)),
                ('people', models.PositiveIntegerField(default=0)),
                ('at', models.DateTimeField()),
                ('expires_at', models.DateTimeField()),
                ('phone', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='takings', to='prevention.phone')),
            ],
            options={
                'ordering': ('-at', 'id'),
                'constraints': [models.CheckConstraint(condition=models.Q(('expires_at__gt', models.F('at'))), name='taking_expires'), models.CheckConstraint(condition=models.Q(('people', 0), models.Q(('area_path', ''), _negated=True), _connector='OR'), name='taking_of_people_has_an_area')],
            },
        ),
    ]
