"""Rounds of screening: their names, who calls the missing, points and plans of points, frozen figures."""

import django.db.models.deletion
import django.db.models.expressions
import zerotrip.ids
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('duties', '0011_standing'),
        ('prevention', '0010_inspections'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Caller',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('person', models.UUIDField(help_text='Somebody on a roster.')),
                ('area_path', models.CharField(max_length=120)),
                ('given_at', models.DateTimeField()),
                ('next_at', models.DateTimeField(help_text='When they are to be called next.')),
                ('calls', models.PositiveSmallIntegerField(default=0)),
                ('last', models.SlugField(blank=True, db_index=False, help_text='What the last call ended with.', max_length=60)),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('caller', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('given_by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('window', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='duties.window')),
            ],
            options={
                'indexes': [
                    models.Index(condition=models.Q(('ended_at', None)), fields=['caller', 'next_at'], name='caller_has_to_call'),
                    models.Index(fields=['person'], name='caller_of_person'),
                ],
                'constraints': [
                    models.UniqueConstraint(condition=models.Q(('ended_at', None)), fields=('window', 'person'), name='one_caller_of_a_person_and_window'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Call',
            fields=[
                ('id', models.UUIDField(default=zerotrip.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('at', models.DateTimeField()),
                ('outcome', models.SlugField(db_index=False, max_length=60)),
                ('note', models.CharField(blank=True, max_length=200)),
                ('next_at', models.DateTimeField(blank=True, null=True)),
                ('exclusion', models.UUIDField(blank=True, help_text='That was recorded upon it.', null=True)),
                ('by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('caller', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='log', to='prevention.caller')),
            ],
            options={
                'constraints': [
                    models.CheckConstraint(condition=models.Q(('outcome', ''), _negated=True), name='call_has_an_outcome'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Point',
            fields=[
                ('site', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='point', serialize=False, to='prevention.site')),
                ('windows', models.PositiveSmallIntegerField(default=1, help_text='Sampling windows.')),
                ('per_hour', models.PositiveSmallIntegerField(default=100, help_text='People a window takes an hour.')),
                ('samplers', models.PositiveSmallIntegerField(default=0)),
                ('registrars', models.PositiveSmallIntegerField(default=0)),
                ('keepers', models.PositiveSmallIntegerField(default=0, help_text='Who keep order.')),
                ('queue', models.PositiveSmallIntegerField(blank=True, help_text='People waiting, as last told.', null=True)),
                ('queue_at', models.DateTimeField(blank=True, null=True)),
                ('queue_by', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [
                    models.CheckConstraint(condition=models.Q(('windows__gte', 1), ('windows__lte', 200)), name='point_has_windows'),
                    models.CheckConstraint(condition=models.Q(('per_hour__gte', 1), ('per_hour__lte', 1000)), name='window_takes_people'),
                    models.CheckConstraint(condition=models.Q(models.Q(('queue', None), ('queue_at', None), ('queue_by', None)), models.Q(('queue__isnull', False), ('queue_at__isnull', False), ('queue_by__isnull', False)), _connector='OR'), name='queue_says_when_and_by_whom'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Opening',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('weekday', models.PositiveSmallIntegerField(help_text='0: Monday.')),
                ('opens', models.TimeField()),
                ('closes', models.TimeField()),
                ('point', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='openings', to='prevention.point')),
            ],
            options={
                'ordering': ('weekday',),
                'constraints': [
                    models.UniqueConstraint(fields=('point', 'weekday'), name='point_opens_once_a_day'),
                    models.CheckConstraint(condition=models.Q(('closes__gt', models.F('opens'))), name='point_closes_after_it_opens'),
                    models.CheckConstraint(condition=models.Q(('weekday__lt', 7)), name='point_opens_on_a_day_of_the_week'),
                ],
            },
        ),
        migrations.CreateModel(
            name='PointPlan',
            fields=[
                ('window', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='point_plan', serialize=False, to='duties.window')),
                ('area_path', models.CharField(max_length=120)),
                ('made_at', models.DateTimeField()),
                ('confirmed_at', models.DateTimeField(blank=True, null=True)),
                ('confirmed_by', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('made_by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [
                    models.CheckConstraint(condition=models.Q(models.Q(('confirmed_at', None), ('confirmed_by', None)), models.Q(('confirmed_at__isnull', False), ('confirmed_by__isnull', False)), _connector='OR'), name='confirmed_point_plan_says_by_whom'),
                ],
            },
        ),
        migrations.CreateModel(
            name='GridSlot',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('area_path', models.CharField(help_text='The grid.', max_length=120)),
                ('people', models.PositiveIntegerField()),
                ('starts', models.DateTimeField()),
                ('ends', models.DateTimeField()),
                ('point', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='prevention.site')),
                ('plan', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='slots', to='prevention.pointplan')),
            ],
            options={
                'constraints': [
                    models.UniqueConstraint(fields=('plan', 'area_path'), name='grid_comes_once_in_a_plan'),
                    models.CheckConstraint(condition=models.Q(('ends__gt', models.F('starts'))), name='grid_slot_takes_time'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Round',
            fields=[
                ('id', models.UUIDField(default=zerotrip.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=60)),
                ('opened_at', models.DateTimeField()),
                ('event', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='prevention.event')),
                ('opened_by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('window', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='round', to='duties.window')),
            ],
            options={
                'constraints': [
                    models.CheckConstraint(condition=models.Q(('name', ''), _negated=True), name='round_has_a_name'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Tally',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('at', models.DateTimeField(help_text='The moment they are of.')),
                ('made_at', models.DateTimeField()),
                ('window', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='tallies', to='duties.window')),
            ],
            options={
                'verbose_name_plural': 'tallies',
                'constraints': [
                    models.UniqueConstraint(fields=('window', 'at'), name='one_tally_of_a_window_and_moment'),
                ],
            },
        ),
        migrations.CreateModel(
            name='TallyLine',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('by', models.CharField(choices=[('whole', '合计'), ('area', '按区域'), ('site_kind', '按场所类型'), ('employer', '按单位')], max_length=10)),
                ('key', models.CharField(blank=True, help_text='The area, the kind of site, the employer.', max_length=120)),
                ('asked', models.PositiveIntegerField()),
                ('sampled', models.PositiveIntegerField(help_text='Who came at least once.')),
                ('kept', models.PositiveIntegerField()),
                ('excused', models.PositiveIntegerField()),
                ('missing', models.PositiveIntegerField()),
                ('positives', models.PositiveIntegerField(help_text='None: nobody counts them.', null=True)),
                ('tally', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='lines', to='prevention.tally')),
            ],
            options={
                'constraints': [
                    models.UniqueConstraint(fields=('tally', 'by', 'key'), name='one_line_of_a_tally'),
                    models.CheckConstraint(condition=models.Q(('asked', django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(models.F('kept'), '+', models.F('excused')), '+', models.F('missing')))), name='tally_line_adds_up'),
                ],
            },
        ),
        migrations.RunSQL(
            "\n".join(
                f"CREATE TRIGGER {table}_stays BEFORE UPDATE ON {table}"
                " FOR EACH ROW EXECUTE FUNCTION duties_refuse_change_of_record();"
                for table in ("prevention_call", "prevention_tally", "prevention_tallyline")
            ),
            migrations.RunSQL.noop,
        ),
    ]
