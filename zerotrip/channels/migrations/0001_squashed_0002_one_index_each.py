"""All tables as they stood on 2026-11-26 (decision 33)."""

import django.db.models.deletion
import zerotrip.ids
from django.conf import settings
from django.db import migrations, models
from zerotrip.tables import Together


class Migration(migrations.Migration):

    initial = True

    replaces = [
        ('channels', '0001_initial'),
        ('channels', '0002_one_index_each'),
    ]

    dependencies = [
        ('parties', '__first__'),
    ]

    operations = [Together([
        migrations.CreateModel(
            name='Notice',
            fields=[
                ('id', models.UUIDField(default=zerotrip.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('user', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='notices', to=settings.AUTH_USER_MODEL)),
                ('key', models.CharField(max_length=120)),
                ('template', models.CharField(max_length=40)),
                ('context', models.JSONField(default=dict)),
                ('link', models.CharField(blank=True, max_length=200)),
                ('at', models.DateTimeField()),
                ('read_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'indexes': [models.Index(fields=['user', '-at'], name='notice_of_user')],
                'constraints': [models.UniqueConstraint(fields=('user', 'key'), name='told_once')],
            },
        ),
        migrations.CreateModel(
            name='Message',
            fields=[
                ('id', models.UUIDField(default=zerotrip.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('notice', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='messages', to='channels.notice')),
                ('transport', models.CharField(choices=[('email', '电子邮件'), ('sms', '短信')], max_length=8)),
                ('address', models.CharField(max_length=254)),
                ('subject', models.CharField(blank=True, max_length=200)),
                ('body', models.TextField()),
                ('status', models.CharField(choices=[('queued', '待发送'), ('sent', '已发送'), ('failed', '发送失败')], default='queued', max_length=8)),
                ('tries', models.PositiveSmallIntegerField(default=0)),
                ('error', models.TextField(blank=True)),
                ('queued_at', models.DateTimeField()),
                ('sent_at', models.DateTimeField(blank=True, null=True)),
                ('purge_at', models.DateTimeField(blank=True, help_text='When the body is wiped: codes.', null=True)),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('status', 'queued')), fields=['queued_at'], name='message_queued')],
                'constraints': [models.UniqueConstraint(fields=('notice', 'transport'), name='one_message_per_notice_and_transport'), models.CheckConstraint(condition=models.Q(models.Q(('sent_at__isnull', False), ('status', 'sent')), models.Q(models.Q(('status', 'sent'), _negated=True), ('sent_at', None)), _connector='OR'), name='sent_message_says_when')],
            },
        ),
    ])]
