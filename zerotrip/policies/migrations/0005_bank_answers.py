"""Runs are drafted, and what banks answered is recorded, by the worker."""

import django.db.models.deletion
import zerotrip.ids
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('parties', '0001_squashed_0012_named_helpers'),
        ('policies', '0001_squashed_0004_publications'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='BankAnswer',
            fields=[
                ('ledger_length', models.PositiveIntegerField(default=0, editable=False)),
                ('ledger_head', models.BinaryField(default=bytes, max_length=32)),
                ('id', models.UUIDField(default=zerotrip.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('name', models.CharField(blank=True, help_text='What the file was called.', max_length=200)),
                ('sha256', models.CharField(max_length=64)),
                ('language', models.CharField(help_text='In which its faults are told.', max_length=10)),
                ('status', models.CharField(choices=[('queued', '排队检查'), ('checking', '正在检查'), ('saving', '正在登记'), ('done', '已登记'), ('failed', '没有登记'), ('dropped', '已放弃')], default='queued', max_length=8)),
                ('because', models.CharField(blank=True, help_text='Why nothing, or no more, was recorded.', max_length=400)),
                ('rows', models.PositiveIntegerField(default=0, help_text='Rows looked through so far.')),
                ('lines', models.PositiveIntegerField(default=0, help_text='Lines of the list it speaks of.')),
                ('saved', models.PositiveIntegerField(default=0, help_text='Of these, gone through in recording.')),
                ('paid', models.PositiveIntegerField(default=0, help_text='Recorded as paid.')),
                ('returned', models.PositiveIntegerField(default=0, help_text='Recorded as returned.')),
                ('wrong', models.PositiveIntegerField(default=0, help_text='Rows that do not fit. All are in a file.')),
                ('shown', models.JSONField(default=list, help_text='The first of them: row, reference, what.')),
                ('at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('expires_at', models.DateTimeField(help_text='When its files go.')),
                ('purged', models.BooleanField(default=False)),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('purged', False)), fields=['expires_at'], name='answer_to_purge')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('status', 'failed'), models.Q(('because', ''), _negated=True)), models.Q(('status', 'failed'), _negated=True), _connector='OR'), name='failed_answer_says_why'), models.CheckConstraint(condition=models.Q(models.Q(('paid', 0), ('returned', 0), ('saved', 0)), models.Q(('status__in', ('saving', 'done', 'dropped')), ('wrong', 0)), _connector='OR'), name='nothing_of_a_faulty_answer_is_recorded'), models.CheckConstraint(condition=models.Q(models.Q(('ended_at', None), ('status__in', ('queued', 'checking', 'saving'))), models.Q(models.Q(('status__in', ('queued', 'checking', 'saving')), _negated=True), ('ended_at__isnull', False)), _connector='OR'), name='ended_answer_says_when')],
            },
        ),
        migrations.AddField(
            model_name='paymentlist',
            name='checked',
            field=models.PositiveIntegerField(default=0, help_text='Of these, looked at so far.'),
        ),
        migrations.AddField(
            model_name='paymentlist',
            name='to_check',
            field=models.PositiveIntegerField(default=0, help_text='Grants to be looked at once more.'),
        ),
        migrations.AddField(
            model_name='run',
            name='listed_at',
            field=models.DateTimeField(blank=True, help_text='When everybody it is for stood in it.', null=True),
        ),
        migrations.AddField(
            model_name='run',
            name='looked',
            field=models.PositiveIntegerField(default=0, help_text='Of these, gone through so far.'),
        ),
        migrations.AddField(
            model_name='run',
            name='looked_to',
            field=models.UUIDField(blank=True, help_text='The last of these, in the order of their keys.', null=True),
        ),
        migrations.AddField(
            model_name='run',
            name='to_look',
            field=models.PositiveIntegerField(default=0, help_text='Enterprises of the area, to be gone through.'),
        ),
        migrations.RunSQL('UPDATE policies_run SET listed_at = drafted_at', migrations.RunSQL.noop),
        migrations.AddConstraint(
            model_name='run',
            constraint=models.CheckConstraint(condition=models.Q(('ready_at', None), ('listed_at__isnull', False), _connector='OR'), name='only_a_whole_list_is_worked_out'),
        ),
        migrations.AddField(
            model_name='bankanswer',
            name='account',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='bankanswer',
            name='payment',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='answers', to='policies.paymentlist'),
        ),
        migrations.AddConstraint(
            model_name='bankanswer',
            constraint=models.UniqueConstraint(condition=models.Q(('status__in', ('queued', 'checking', 'saving'))), fields=('payment',), name='one_answer_to_a_list_under_way'),
        ),
    ]
