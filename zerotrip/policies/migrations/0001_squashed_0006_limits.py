"""All tables as they stood on 2026-11-27 (decision 33). The database itself refuses that a version of a policy changes."""

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.deletion
import zerotrip.ids
from django.conf import settings
from django.db import migrations, models
from zerotrip.tables import Together

GUARDS = """
CREATE FUNCTION policies_refuse_change_of_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a policy version never changes' USING ERRCODE = 'insufficient_privilege';
END
$$;

CREATE TRIGGER policies_version_stays BEFORE UPDATE OR DELETE ON policies_policyversion
    FOR EACH ROW EXECUTE FUNCTION policies_refuse_change_of_version();
"""

UNDO = """
DROP TRIGGER policies_version_stays ON policies_policyversion;
DROP FUNCTION policies_refuse_change_of_version();
"""


class Migration(migrations.Migration):

    initial = True

    replaces = [
        ('policies', '0001_initial'),
        ('policies', '0002_guards'),
        ('policies', '0003_unasked'),
        ('policies', '0004_publications'),
        ('policies', '0005_bank_answers'),
        ('policies', '0006_limits'),
    ]

    dependencies = [
        ('cases', '0001_squashed_0035_need_files'),
        ('parties', '0001_squashed_0012_named_helpers'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [Together([
        migrations.CreateModel(
            name='Shelf',
            fields=[
                ('slug', models.SlugField(max_length=60, primary_key=True, serialize=False)),
                ('pack', models.SlugField(max_length=60)),
                ('position', models.PositiveSmallIntegerField()),
                ('definition', models.JSONField()),
            ],
            options={
                'ordering': ('position', 'slug'),
            },
        ),
        migrations.CreateModel(
            name='Quiet',
            fields=[
                ('party', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='+', serialize=False, to='parties.party')),
                ('by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('at', models.DateTimeField()),
            ],
            options={
                'verbose_name_plural': 'quiet',
            },
        ),
        migrations.CreateModel(
            name='Policy',
            fields=[
                ('slug', models.SlugField(max_length=60, primary_key=True, serialize=False)),
                ('pack', models.SlugField(max_length=60)),
                ('shelves', django.contrib.postgres.fields.ArrayField(base_field=models.SlugField(max_length=60), size=None)),
                ('audience', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=12), size=None)),
                ('valid_from', models.DateField(blank=True, null=True)),
                ('valid_to', models.DateField(blank=True, null=True)),
                ('issued', models.CharField(blank=True, max_length=10)),
                ('search_text', models.TextField(blank=True)),
                ('search_words', django.contrib.postgres.search.SearchVectorField(null=True)),
                ('current', models.ForeignKey(blank=True, help_text='None: not published.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='policies.policyversion')),
                ('proposed', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='policies.policyversion')),
            ],
            options={
                'verbose_name_plural': 'policies',
                'indexes': [django.contrib.postgres.indexes.GinIndex(fields=['search_words'], name='policy_search_words'), django.contrib.postgres.indexes.GinIndex(django.contrib.postgres.indexes.OpClass(models.F('search_text'), name='gin_trgm_ops'), name='policy_search_trigrams')],
                'constraints': [models.CheckConstraint(condition=models.Q(('proposed', None), ('current', None), models.Q(('proposed', models.F('current')), _negated=True), _connector='OR'), name='what_is_proposed_is_not_published')],
            },
        ),
        migrations.CreateModel(
            name='PolicyVersion',
            fields=[
                ('ledger_length', models.PositiveIntegerField(default=0, editable=False)),
                ('ledger_head', models.BinaryField(default=bytes, max_length=32)),
                ('id', models.UUIDField(default=zerotrip.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('policy', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='versions', to='policies.policy')),
                ('number', models.PositiveIntegerField()),
                ('digest', models.CharField(max_length=64)),
                ('definition', models.JSONField()),
                ('loaded_at', models.DateTimeField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('policy', 'number'), name='policy_version_number_once'), models.UniqueConstraint(fields=('policy', 'digest'), name='policy_version_content_once')],
            },
        ),
        migrations.CreateModel(
            name='Publication',
            fields=[
                ('ledger_length', models.PositiveIntegerField(default=0, editable=False)),
                ('ledger_head', models.BinaryField(default=bytes, max_length=32)),
                ('id', models.UUIDField(default=zerotrip.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('policy', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='publications', to='policies.policy')),
                ('version', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='publications', to='policies.policyversion')),
                ('act', models.CharField(choices=[('publish', '公布'), ('discard', '不采用'), ('withdraw', '撤下')], max_length=10)),
                ('at', models.DateTimeField()),
                ('by', models.ForeignKey(blank=True, help_text='None: a pack.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(fields=['policy', 'at'], name='publication_of_policy')],
            },
        ),
        migrations.CreateModel(
            name='Run',
            fields=[
                ('ledger_length', models.PositiveIntegerField(default=0, editable=False)),
                ('ledger_head', models.BinaryField(default=bytes, max_length=32)),
                ('id', models.UUIDField(default=zerotrip.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('policy', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='runs', to='policies.policy')),
                ('version', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='policies.policyversion')),
                ('number', models.PositiveIntegerField(help_text='The how many-th of its policy.')),
                ('department', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='parties.party')),
                ('area_path', models.CharField(max_length=120)),
                ('period', models.CharField(max_length=8)),
                ('consent', models.CharField(choices=[('ask', '企业确认后发放'), ('silence', '公示期内没有拒绝即发放')], max_length=8)),
                ('status', models.CharField(choices=[('draft', '测算中'), ('announced', '公示中'), ('closed', '公示结束'), ('paid', '已办结'), ('abandoned', '已作废')], default='draft', max_length=10)),
                ('as_of', models.DateTimeField(help_text='The moment the facts are read as of.')),
                ('to_look', models.PositiveIntegerField(default=0, help_text='Enterprises of the area, to be gone through.')),
                ('looked', models.PositiveIntegerField(default=0, help_text='Of these, gone through so far.')),
                ('looked_to', models.UUIDField(blank=True, help_text='The last of these, in the order of their keys.', null=True)),
                ('listed_at', models.DateTimeField(blank=True, help_text='When everybody it is for stood in it.', null=True)),
                ('ready_at', models.DateTimeField(blank=True, help_text='When all amounts were worked out.', null=True)),
                ('unknown', models.JSONField(default=dict, help_text='How many cannot be told, and by missing fact.')),
                ('room', models.JSONField(blank=True, default=dict, help_text='Where places or money are limited: what was taken, how many left out.')),
                ('drafted_by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('drafted_at', models.DateTimeField()),
                ('announced_by', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('announced_at', models.DateTimeField(blank=True, null=True)),
                ('notice_until', models.DateTimeField(blank=True, null=True)),
                ('remind_at', models.DateTimeField(blank=True, help_text='When those who have not answered are told.', null=True)),
                ('closed_at', models.DateTimeField(blank=True, null=True)),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('reason', models.TextField(blank=True, help_text='Why it was abandoned.')),
            ],
            options={
                'ordering': ('-drafted_at',),
                'indexes': [models.Index(fields=['area_path'], name='run_area_prefix', opclasses=['text_pattern_ops']), models.Index(condition=models.Q(('status', 'announced')), fields=['notice_until'], name='run_in_notice')],
                'constraints': [models.UniqueConstraint(fields=('policy', 'number'), name='run_number_once'), models.CheckConstraint(condition=models.Q(models.Q(('announced_at', None), ('announced_by', None), ('notice_until', None)), models.Q(('announced_at__isnull', False), ('announced_by__isnull', False), ('notice_until__isnull', False)), _connector='OR'), name='announced_run_says_by_whom_and_until'), models.CheckConstraint(condition=models.Q(('ready_at', None), ('listed_at__isnull', False), _connector='OR'), name='only_a_whole_list_is_worked_out'), models.CheckConstraint(condition=models.Q(('announced_at', None), models.Q(('notice_until__gte', models.F('announced_at')), ('ready_at__isnull', False)), _connector='OR'), name='only_what_is_worked_out_is_announced'), models.CheckConstraint(condition=models.Q(models.Q(('announced_at', None), ('closed_at', None), ('ended_at', None), ('status', 'draft')), models.Q(('announced_at__isnull', False), ('closed_at', None), ('ended_at', None), ('status', 'announced')), models.Q(('closed_at__gte', models.F('notice_until')), ('ended_at', None), ('status', 'closed')), models.Q(('closed_at__gte', models.F('notice_until')), ('ended_at__isnull', False), ('status', 'paid')), models.Q(('ended_at__isnull', False), ('status', 'abandoned')), _connector='OR'), name='run_status_fits_its_moments'), models.CheckConstraint(condition=models.Q(models.Q(('status', 'abandoned'), _negated=True), models.Q(('reason', ''), _negated=True), _connector='OR'), name='abandoned_run_says_why')],
            },
        ),
        migrations.CreateModel(
            name='PaymentList',
            fields=[
                ('ledger_length', models.PositiveIntegerField(default=0, editable=False)),
                ('ledger_head', models.BinaryField(default=bytes, max_length=32)),
                ('id', models.UUIDField(default=zerotrip.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('run', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='payments', to='policies.run')),
                ('serial', models.PositiveIntegerField(unique=True)),
                ('number', models.CharField(max_length=20, unique=True)),
                ('drafted_by', models.ForeignKey(db_index=False, help_text="As the run's: the same hand twice is none.", on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('made_by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('made_at', models.DateTimeField()),
                ('to_check', models.PositiveIntegerField(default=0, help_text='Grants to be looked at once more.')),
                ('checked', models.PositiveIntegerField(default=0, help_text='Of these, looked at so far.')),
                ('ready_at', models.DateTimeField(blank=True, help_text='When all were looked at once more.', null=True)),
                ('count', models.PositiveIntegerField(default=0)),
                ('total', models.DecimalField(decimal_places=2, default=0, max_digits=18)),
                ('digest', models.CharField(blank=True, help_text='SHA-256 over its lines.', max_length=64)),
                ('approved_by', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('approved_at', models.DateTimeField(blank=True, null=True)),
                ('fetched_at', models.DateTimeField(blank=True, help_text='When the file was first taken out.', null=True)),
                ('sent_back_at', models.DateTimeField(blank=True, null=True)),
                ('reason', models.TextField(blank=True, help_text='Why it was sent back.')),
            ],
            options={
                'ordering': ('serial',),
                'constraints': [models.UniqueConstraint(condition=models.Q(('approved_at', None), ('sent_back_at', None)), fields=('run',), name='one_list_of_a_run_waits_for_approval'), models.CheckConstraint(condition=models.Q(models.Q(('approved_at', None), ('approved_by', None)), models.Q(('approved_at__isnull', False), ('approved_by__isnull', False), ('ready_at__isnull', False), ('sent_back_at', None)), _connector='OR'), name='approved_list_says_by_whom'), models.CheckConstraint(condition=models.Q(('approved_by', None), models.Q(models.Q(('approved_by', models.F('made_by')), _negated=True), models.Q(('approved_by', models.F('drafted_by')), _negated=True)), _connector='OR'), name='nobody_approves_the_list_they_made'), models.CheckConstraint(condition=models.Q(('sent_back_at', None), models.Q(('reason', ''), _negated=True), _connector='OR'), name='list_sent_back_says_why'), models.CheckConstraint(condition=models.Q(('fetched_at', None), ('approved_at__isnull', False), _connector='OR'), name='only_approved_lists_are_taken_out')],
            },
        ),
        migrations.CreateModel(
            name='Grant',
            fields=[
                ('ledger_length', models.PositiveIntegerField(default=0, editable=False)),
                ('ledger_head', models.BinaryField(default=bytes, max_length=32)),
                ('id', models.UUIDField(default=zerotrip.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('policy', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='grants', to='policies.policy')),
                ('run', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='grants', to='policies.run')),
                ('case', models.ForeignKey(blank=True, db_index=False, help_text='The application it was granted upon, where it was applied for.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cases.case')),
                ('party', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='grants', to='parties.party')),
                ('department', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='parties.party')),
                ('area_path', models.CharField(max_length=120)),
                ('period', models.CharField(max_length=8)),
                ('status', models.CharField(choices=[('proposed', '待确认'), ('withheld', '不予发放'), ('agreed', '待发放'), ('declined', '企业放弃'), ('payable', '已列入清单'), ('paid', '已发放'), ('returned', '银行退回')], default='proposed', max_length=10)),
                ('reason', models.TextField(blank=True)),
                ('amount', models.DecimalField(blank=True, decimal_places=2, max_digits=18, null=True)),
                ('evaluated_at', models.DateTimeField(blank=True, null=True)),
                ('facts', models.JSONField(default=dict, help_text='By name: label, value, source and date.')),
                ('clauses', models.JSONField(default=list, help_text='Each with what it came to, and on which facts.')),
                ('reckoned', models.JSONField(default=list, help_text='How the amount comes about, tier by tier.')),
                ('accepted', models.JSONField(default=dict, help_text='The answer it rests on: truth and amount.')),
                ('rank', models.PositiveIntegerField(blank=True, help_text='The how many-th, where places or money are limited; the level share it.', null=True)),
                ('found', models.JSONField(blank=True, default=dict, help_text='Another answer, on the facts of a later day.')),
                ('checked_for', models.UUIDField(blank=True, help_text='The payment list it was looked at for.', null=True)),
                ('agreed', models.CharField(blank=True, choices=[('said', '企业确认'), ('silence', '公示期内没有异议')], max_length=8)),
                ('agreed_at', models.DateTimeField(blank=True, null=True)),
                ('agreed_by', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('account_sealed', models.TextField(blank=True, help_text='Holder, bank and number, sealed.')),
                ('account_tail', models.CharField(blank=True, help_text='What may be shown of the number.', max_length=4)),
                ('payment', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='grants', to='policies.paymentlist')),
                ('line', models.PositiveIntegerField(blank=True, null=True)),
                ('paid_on', models.DateField(blank=True, null=True)),
                ('reminded_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'ordering': ('id',),
                'indexes': [models.Index(fields=['party'], name='grant_of_party'), models.Index(fields=['run', 'status'], name='grant_of_run'), models.Index(condition=models.Q(('evaluated_at', None), ('status', 'proposed')), fields=['run'], name='grant_to_work_out')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('status__in', ('withheld', 'declined', 'returned')), _negated=True), fields=('policy', 'party', 'period'), name='money_once_for_policy_party_and_period'), models.UniqueConstraint(fields=('case', 'policy'), name='one_grant_per_case_and_policy'), models.UniqueConstraint(fields=('payment', 'line'), name='one_grant_per_line_of_a_list'), models.CheckConstraint(condition=models.Q(models.Q(('case', None), ('run__isnull', False)), models.Q(('case__isnull', False), ('run', None)), _connector='OR'), name='grant_is_of_a_run_or_a_case'), models.CheckConstraint(condition=models.Q(models.Q(('status__in', ('withheld', 'returned')), _negated=True), models.Q(('reason', ''), _negated=True), _connector='OR'), name='grant_not_paid_says_why'), models.CheckConstraint(condition=models.Q(('case__isnull', False), models.Q(('status__in', ('agreed', 'payable', 'paid')), _negated=True), models.Q(('agreed_at__isnull', False), ('amount__gt', 0), ('evaluated_at__isnull', False), models.Q(('agreed', ''), _negated=True)), _connector='OR'), name='what_is_paid_is_worked_out_and_agreed'), models.CheckConstraint(condition=models.Q(models.Q(('agreed', 'said'), _negated=True), models.Q(('account_sealed', ''), _negated=True), _connector='OR'), name='who_agrees_names_an_account'), models.CheckConstraint(condition=models.Q(('case__isnull', False), models.Q(('payment__isnull', False), ('status__in', ('payable', 'paid', 'returned'))), models.Q(models.Q(('status__in', ('payable', 'paid', 'returned')), _negated=True), ('payment', None)), _connector='OR'), name='grant_on_a_list_while_it_is_paid'), models.CheckConstraint(condition=models.Q(models.Q(('paid_on__isnull', False), ('status', 'paid')), models.Q(models.Q(('status', 'paid'), _negated=True), ('paid_on', None)), _connector='OR'), name='paid_grant_says_when')],
            },
        ),
        migrations.CreateModel(
            name='Objection',
            fields=[
                ('id', models.UUIDField(default=zerotrip.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('run', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='objections', to='policies.run')),
                ('grant', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='objections', to='policies.grant')),
                ('name', models.CharField(max_length=60)),
                ('phone_sealed', models.TextField()),
                ('phone_tail', models.CharField(max_length=4)),
                ('text', models.TextField()),
                ('account', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('at', models.DateTimeField()),
                ('status', models.CharField(choices=[('open', '待答复'), ('upheld', '成立'), ('rejected', '不成立')], default='open', max_length=8)),
                ('answer', models.TextField(blank=True)),
                ('answered_by', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('answered_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'ordering': ('at', 'id'),
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('answer', ''), ('answered_at', None), ('answered_by', None), ('status', 'open')), models.Q(models.Q(('status', 'open'), _negated=True), ('answered_at__isnull', False), ('answered_by__isnull', False), models.Q(('answer', ''), _negated=True)), _connector='OR'), name='answered_objection_says_what_and_by_whom')],
            },
        ),
        migrations.CreateModel(
            name='Match',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('policy', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='policies.policy')),
                ('party', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='parties.party')),
                ('since', models.DateTimeField()),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('told_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('ended_at', None), ('told_at', None)), fields=['party'], name='match_to_tell'), models.Index(fields=['party', 'policy'], name='match_of_party')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('ended_at', None)), fields=('party', 'policy'), name='one_match_per_party_and_policy'), models.CheckConstraint(condition=models.Q(('ended_at', None), ('ended_at__gte', models.F('since')), _connector='OR'), name='match_ends_after_it_began')],
            },
        ),
        migrations.CreateModel(
            name='BankAnswer',
            fields=[
                ('ledger_length', models.PositiveIntegerField(default=0, editable=False)),
                ('ledger_head', models.BinaryField(default=bytes, max_length=32)),
                ('id', models.UUIDField(default=zerotrip.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('payment', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='answers', to='policies.paymentlist')),
                ('account', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
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
                'constraints': [models.UniqueConstraint(condition=models.Q(('status__in', ('queued', 'checking', 'saving'))), fields=('payment',), name='one_answer_to_a_list_under_way'), models.CheckConstraint(condition=models.Q(models.Q(('status', 'failed'), models.Q(('because', ''), _negated=True)), models.Q(('status', 'failed'), _negated=True), _connector='OR'), name='failed_answer_says_why'), models.CheckConstraint(condition=models.Q(models.Q(('paid', 0), ('returned', 0), ('saved', 0)), models.Q(('status__in', ('saving', 'done', 'dropped')), ('wrong', 0)), _connector='OR'), name='nothing_of_a_faulty_answer_is_recorded'), models.CheckConstraint(condition=models.Q(models.Q(('ended_at', None), ('status__in', ('queued', 'checking', 'saving'))), models.Q(models.Q(('status__in', ('queued', 'checking', 'saving')), _negated=True), ('ended_at__isnull', False)), _connector='OR'), name='ended_answer_says_when')],
            },
        ),
        migrations.RunSQL(GUARDS, UNDO),
    ])]
