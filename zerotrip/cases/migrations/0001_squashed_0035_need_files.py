"""All tables as they stood on 2026-11-26 (decision 33), what the database itself refuses, and the yearly case numbers."""

import datetime
import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.text
import zerotrip.ids
import zerotrip.pairs
from django.conf import settings
from django.db import migrations, models
from zerotrip.tables import Together

GUARDS = """
-- One sequence a year: numbers never repeat and nobody waits for another's transaction.
CREATE FUNCTION cases_next_number(year integer) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    name text := 'cases_number_' || year;
BEGIN
    RETURN nextval(name::regclass);
EXCEPTION WHEN undefined_table THEN
    PERFORM pg_advisory_xact_lock(hashtext(name));
    EXECUTE format('CREATE SEQUENCE IF NOT EXISTS %I', name);
    RETURN nextval(name::regclass);
END
$$;

-- A round that was handed in never changes.
CREATE FUNCTION cases_refuse_change_of_submitted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.submitted_at IS NOT NULL THEN
        RAISE EXCEPTION 'a submitted round is frozen' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER cases_submission_stays BEFORE UPDATE ON cases_submission
    FOR EACH ROW EXECUTE FUNCTION cases_refuse_change_of_submitted();

CREATE FUNCTION cases_refuse_decision_by_helper() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM cases_assistance a WHERE a.case_id = NEW.case_id AND a.account_id = NEW.decided_by_id
    ) THEN
        RAISE EXCEPTION 'whoever filed or keyed in an application does not decide on it'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER cases_decision_has_four_eyes BEFORE INSERT ON cases_decision
    FOR EACH ROW EXECUTE FUNCTION cases_refuse_decision_by_helper();
"""

UNDO = """
DROP TRIGGER cases_decision_has_four_eyes ON cases_decision;
DROP FUNCTION cases_refuse_decision_by_helper();
DROP TRIGGER cases_submission_stays ON cases_submission;
DROP FUNCTION cases_refuse_change_of_submitted();
DROP FUNCTION cases_next_number(integer);
"""


class Migration(migrations.Migration):

    initial = True

    replaces = [
        ('cases', '0001_initial'),
        ('cases', '0002_guards'),
        ('cases', '0003_lists'),
        ('cases', '0004_depth'),
        ('cases', '0005_owed_and_promised'),
        ('cases', '0010_desk'),
        ('cases', '0011_closed_and_overdue'),
        ('cases', '0012_terms'),
        ('cases', '0013_lists_of_many'),
        ('cases', '0014_doors'),
        ('cases', '0015_four_eyes'),
        ('cases', '0016_findings'),
        ('cases', '0017_rating'),
        ('cases', '0018_challenges'),
        ('cases', '0019_latest_first'),
        ('cases', '0020_procedures_end_with_their_case'),
        ('cases', '0021_inbound_mail'),
        ('cases', '0022_mail_proposals'),
        ('cases', '0023_bars_from_applying'),
        ('cases', '0024_two_people'),
        ('cases', '0025_hearings'),
        ('cases', '0026_spoken_for'),
        ('cases', '0027_lists_without_joins'),
        ('cases', '0028_places'),
        ('cases', '0029_withdrawn_corrections'),
        ('cases', '0030_one_index_each'),
        ('cases', '0031_counted_in_the_index'),
        ('cases', '0032_signed_minutes'),
        ('cases', '0033_first_hands'),
        ('cases', '0034_needs'),
        ('cases', '0035_need_files'),
    ]

    dependencies = [
        ('catalogue', '0001_squashed_0002_guards'),
        ('files', '0001_initial'),
        ('parties', '0001_squashed_0012_named_helpers'),
        ('parties', '__first__'),
    ]

    operations = [Together([
        migrations.CreateModel(
            name='Case',
            fields=[
                ('ledger_length', models.PositiveIntegerField(default=0, editable=False)),
                ('ledger_head', models.BinaryField(default=bytes, max_length=32)),
                ('id', models.UUIDField(default=zerotrip.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('number', models.CharField(max_length=24, unique=True)),
                ('version', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='cases', to='catalogue.serviceversion')),
                ('applicant', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='cases', to='parties.party')),
                ('opened_by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('department', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='parties.party')),
                ('departments', django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), db_default=[], default=list, help_text='Those that have, or had, a stage in it: as its assignments say, so that lists need no join.', size=None)),
                ('area_path', models.CharField(max_length=120)),
                ('door', models.CharField(choices=[('portal', '网上申报'), ('desk', '窗口收件'), ('phone', '电话代填'), ('mail', '电子邮件')], default='portal', max_length=8)),
                ('mode', models.CharField(choices=[('formal', '正式办理'), ('pre_review', '容缺预审'), ('simulated', '模拟审批')], default='formal', max_length=10)),
                ('priority', models.PositiveSmallIntegerField(choices=[(0, '绿色通道'), (1, '普通')], default=1)),
                ('contact', models.ForeignKey(blank=True, db_index=False, help_text='The named person of the green channel, who looks after the case to its end.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('subject', models.CharField(blank=True, max_length=200)),
                ('status', models.CharField(choices=[('draft', '草稿'), ('submitted', '待受理'), ('correcting', '待补正'), ('reviewing', '审查中'), ('deciding', '待决定'), ('rehearsed', '预审完成'), ('granted', '制证中'), ('issued', '待送达'), ('helping', '帮办中'), ('confirming', '待企业确认'), ('closed', '已办结')], default='draft', max_length=12)),
                ('result', models.CharField(blank=True, choices=[('', '—'), ('granted', '准予'), ('refused', '不予许可'), ('declined', '不予受理'), ('withdrawn', '已撤回'), ('lapsed', '逾期未补正，视为撤回'), ('terminated', '终止办理'), ('resolved', '已解决'), ('unresolved', '未能解决')], default='', max_length=12)),
                ('opened_at', models.DateTimeField()),
                ('submitted_at', models.DateTimeField(blank=True, null=True)),
                ('accepted_at', models.DateTimeField(blank=True, null=True)),
                ('decided_at', models.DateTimeField(blank=True, null=True)),
                ('closed_at', models.DateTimeField(blank=True, null=True)),
                ('due_at', models.DateTimeField(blank=True, help_text='When the running clock ends.', null=True)),
                ('suspended', models.BooleanField(default=False, help_text='A special procedure is under way.')),
                ('variant', models.CharField(blank=True, db_default='', default='', help_text='Which variant of the service its answers make it.', max_length=60)),
                ('left_out', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=60), db_default=[], default=list, help_text='The stages its answers leave out.', size=None)),
            ],
            options={
                'indexes': [models.Index(fields=['applicant', '-opened_at'], name='case_of_applicant'), django.contrib.postgres.indexes.GinIndex(zerotrip.pairs.Pairs(django.db.models.functions.text.Upper('subject')), name='case_subject_pairs'), django.contrib.postgres.indexes.GinIndex(fields=['departments'], name='case_of_departments'), models.Index(models.Case(models.When(closed_at=None, priority=0, then=models.Value(0)), default=models.Value(1)), models.OrderBy(models.F('submitted_at'), descending=True), models.OrderBy(models.F('id'), descending=True), condition=models.Q(('submitted_at__isnull', False)), name='case_green_first_then_latest'), models.Index(models.F('status'), models.Case(models.When(closed_at=None, priority=0, then=models.Value(0)), default=models.Value(1)), models.OrderBy(models.F('submitted_at'), descending=True), models.OrderBy(models.F('id'), descending=True), condition=models.Q(('submitted_at__isnull', False)), name='case_latest_of_status'), models.Index(models.F('version'), models.Case(models.When(closed_at=None, priority=0, then=models.Value(0)), default=models.Value(1)), models.OrderBy(models.F('submitted_at'), descending=True), models.OrderBy(models.F('id'), descending=True), condition=models.Q(('submitted_at__isnull', False)), name='case_latest_of_version'), models.Index(models.Case(models.When(closed_at=None, priority=0, then=models.Value(0)), default=models.Value(1)), models.OrderBy(models.F('submitted_at'), descending=True), models.OrderBy(models.F('id'), descending=True), condition=models.Q(('priority', 0), ('submitted_at__isnull', False)), name='case_latest_green'), models.Index(condition=models.Q(('closed_at', None), ('contact__isnull', False)), fields=['contact'], name='case_of_contact'), models.Index(condition=models.Q(('closed_at__isnull', False)), fields=['closed_at'], name='case_closed'), models.Index(condition=models.Q(('closed_at', None), ('due_at__isnull', False)), fields=['department', 'version', 'due_at'], include=('contact', 'area_path'), name='case_overdue'), models.Index(fields=['area_path', 'status'], name='case_area_prefix', opclasses=['text_pattern_ops', 'text_pattern_ops'])],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('closed_at__isnull', False), ('status', 'closed')), models.Q(models.Q(('status', 'closed'), _negated=True), ('closed_at', None)), _connector='OR'), name='closed_case_says_when'), models.CheckConstraint(condition=models.Q(models.Q(models.Q(('status__in', ('granted', 'issued', 'closed')), _negated=True), ('result', '')), models.Q(('result', 'granted'), ('status__in', ('granted', 'issued'))), models.Q(('status', 'closed'), models.Q(('result', ''), _negated=True)), _connector='OR'), name='case_result_fits_its_status'), models.CheckConstraint(condition=models.Q(('status__in', ('draft', 'closed')), ('submitted_at__isnull', False), _connector='OR'), name='case_under_way_was_submitted'), models.CheckConstraint(condition=models.Q(models.Q(('status__in', ('reviewing', 'deciding', 'granted', 'issued')), _negated=True), models.Q(('mode', 'formal'), _negated=True), ('accepted_at__isnull', False), _connector='OR'), name='case_under_review_was_accepted'), models.CheckConstraint(condition=models.Q(('mode', 'formal'), models.Q(models.Q(('status__in', ('granted', 'issued')), _negated=True), ('accepted_at', None)), _connector='OR'), name='rehearsal_is_no_decision'), models.CheckConstraint(condition=models.Q(models.Q(('contact__isnull', False), ('priority', 0)), models.Q(models.Q(('priority', 0), _negated=True), ('contact', None)), _connector='OR'), name='green_channel_has_a_named_person')],
            },
        ),
        migrations.CreateModel(
            name='ChosenColumns',
            fields=[
                ('account', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='+', serialize=False, to=settings.AUTH_USER_MODEL)),
                ('columns', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=20), size=None)),
            ],
        ),
        migrations.CreateModel(
            name='Bar',
            fields=[
                ('id', models.UUIDField(default=zerotrip.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(choices=[('commit', '告知承诺不实'), ('false', '隐瞒有关情况或者提供虚假材料'), ('fraud', '以欺骗、贿赂等不正当手段取得许可')], default='commit', max_length=8)),
                ('party', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='bars', to='parties.party')),
                ('case', models.ForeignKey(help_text='The one it comes from.', on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cases.case')),
                ('licence', models.SlugField(blank=True, help_text='Which licence cannot be applied for: ServiceSpec.barred_as.', max_length=60)),
                ('named', models.JSONField(blank=True, default=dict, help_text='What that licence is called, in both languages.')),
                ('reason', models.TextField()),
                ('since', models.DateTimeField()),
                ('until', models.DateTimeField()),
                ('lifted_at', models.DateTimeField(blank=True, null=True)),
                ('lifted_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('lifted_because', models.TextField(blank=True)),
            ],
            options={
                'ordering': ('since', 'id'),
                'indexes': [models.Index(fields=['party', 'until'], name='bar_of_party')],
                'constraints': [models.CheckConstraint(condition=models.Q(('until__gt', models.F('since'))), name='bar_ends_after_it_begins'), models.UniqueConstraint(fields=('case', 'kind'), name='one_bar_of_a_kind_for_a_case'), models.CheckConstraint(condition=models.Q(models.Q(('kind', 'commit'), ('licence', '')), models.Q(models.Q(('kind', 'commit'), _negated=True), models.Q(('licence', ''), _negated=True)), _connector='OR'), name='bar_from_applying_names_its_licence'), models.CheckConstraint(condition=models.Q(('kind', 'commit'), models.Q(('kind', 'false'), ('until__lte', django.db.models.expressions.CombinedExpression(models.F('since'), '+', models.Value(datetime.timedelta(days=367))))), models.Q(('kind', 'fraud'), ('until__lte', django.db.models.expressions.CombinedExpression(models.F('since'), '+', models.Value(datetime.timedelta(days=1097))))), _connector='OR'), name='bar_no_longer_than_the_law_says'), models.CheckConstraint(condition=models.Q(models.Q(('lifted_at', None), ('lifted_because', ''), ('lifted_by', None)), models.Q(('lifted_at__gte', models.F('since')), ('lifted_by__isnull', False), models.Q(('lifted_because', ''), _negated=True)), _connector='OR'), name='lifted_bar_says_when_by_whom_and_why')],
            },
        ),
        migrations.CreateModel(
            name='Assistance',
            fields=[
                ('id', models.UUIDField(default=zerotrip.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='assistances', to='cases.case')),
                ('account', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('mandate', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='parties.mandate')),
                ('kind', models.CharField(choices=[('assisted', '帮办'), ('delegated', '代办')], max_length=10)),
                ('round', models.PositiveSmallIntegerField()),
                ('began_at', models.DateTimeField()),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('kind', 'delegated')), fields=['account'], name='assistance_delegated')],
                'constraints': [models.UniqueConstraint(fields=('case', 'account', 'kind', 'round'), name='assistance_once_per_round')],
            },
        ),
        migrations.CreateModel(
            name='Assignment',
            fields=[
                ('id', models.UUIDField(default=zerotrip.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='assignments', to='cases.case')),
                ('stage', models.CharField(max_length=60)),
                ('kind', models.CharField(choices=[('intake', 'intake'), ('review', 'review'), ('decision', 'decision'), ('approval', 'approval'), ('make_up', 'make_up'), ('check', 'check'), ('call_back', 'call_back'), ('help', 'help')], max_length=10)),
                ('department', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='parties.party')),
                ('role', models.CharField(choices=[('clerk', '受理'), ('reviewer', '审查'), ('leader', '决定'), ('head', '机关负责人'), ('supervisor', '监督'), ('administrator', '管理'), ('helper', '帮办'), ('duty', '诉求值班')], help_text='Whose turn it is in the department.', max_length=16)),
                ('assignee', models.ForeignKey(blank=True, db_index=False, help_text='None: whoever takes it.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('priority', models.PositiveSmallIntegerField(choices=[(0, '绿色通道'), (1, '普通')], default=1, help_text="As the case's, so that lists need no join.")),
                ('area_path', models.CharField(max_length=120)),
                ('service', models.CharField(db_default='', default='', help_text="As the case's, for the same.", max_length=60)),
                ('materials', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=60), default=list, help_text='What it looks at; empty: all.', size=None)),
                ('status', models.CharField(choices=[('open', '待办'), ('done', '已办'), ('cancelled', '已取消'), ('superseded', '已重新审查')], default='open', max_length=10)),
                ('waiting', models.BooleanField(default=False, help_text='For the applicant: nothing for staff to do now.')),
                ('opened_at', models.DateTimeField()),
                ('due_at', models.DateTimeField(blank=True, null=True)),
                ('verdict', models.CharField(blank=True, choices=[('', '—'), ('pass', '通过'), ('cond', '有条件通过'), ('fail', '不通过'), ('silent', '逾期未答复，视为同意'), ('object', '逾期未答复，视为不同意')], default='', max_length=6)),
                ('opinion', models.TextField(blank=True)),
                ('conditions', models.TextField(blank=True, help_text='What a favourable opinion hangs on.')),
                ('findings', models.JSONField(db_default=models.Value({}, models.JSONField()), default=dict, help_text='What was found or fixed, by field.')),
                ('two_people', models.BooleanField(db_default=False, default=False, help_text='One gives the opinion, another confirms it: art. 34.')),
                ('first_by', models.ForeignKey(blank=True, db_index=False, help_text='Of two, whoever gave the opinion; until it is confirmed it counts for nothing.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('first_at', models.DateTimeField(blank=True, null=True)),
                ('proposed', models.CharField(blank=True, choices=[('', '—'), ('pass', '通过'), ('cond', '有条件通过'), ('fail', '不通过'), ('silent', '逾期未答复，视为同意'), ('object', '逾期未答复，视为不同意')], db_default='', default='', help_text='By the first.', max_length=6)),
                ('remark', models.TextField(blank=True, db_default='', default='', help_text='Of the second: beside the opinion, or why it went back.')),
                ('done_by', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('done_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('status', 'open')), fields=['department', 'role', 'waiting', 'priority', 'due_at', 'opened_at', 'id', 'service'], include=('assignee', 'area_path', 'case', 'first_by'), name='assignment_worklist'), models.Index(condition=models.Q(('status', 'open')), fields=['waiting', 'priority', 'due_at', 'opened_at', 'id'], name='assignment_due_first'), models.Index(condition=models.Q(('status', 'open')), fields=['department', 'role', 'waiting', 'assignee', 'kind'], include=('area_path', 'case', 'first_by', 'priority', 'due_at'), name='assignment_counted'), models.Index(condition=models.Q(('assignee__isnull', False), ('status', 'open')), fields=['assignee'], name='assignment_of_assignee'), models.Index(condition=models.Q(('status', 'done')), fields=['done_by', '-done_at'], name='assignment_done_by'), models.Index(condition=models.Q(('first_by__isnull', False)), fields=['first_by', '-first_at'], name='assignment_first_by')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('status__in', ('open', 'done'))), fields=('case', 'stage'), name='one_assignment_per_stage'), models.CheckConstraint(condition=models.Q(models.Q(('done_at__isnull', False), ('status__in', ('done', 'superseded')), models.Q(('verdict', ''), _negated=True)), models.Q(models.Q(('status__in', ('done', 'superseded')), _negated=True), ('done_at', None), ('done_by', None), ('verdict', '')), _connector='OR'), name='done_assignment_says_who_when_and_what'), models.CheckConstraint(condition=models.Q(models.Q(('verdict', 'cond'), _negated=True), models.Q(('conditions', ''), _negated=True), _connector='OR'), name='conditional_names_conditions'), models.CheckConstraint(condition=models.Q(('first_by', None), ('done_by', None), models.Q(('first_by', models.F('done_by')), _negated=True), _connector='OR'), name='confirmed_by_another_than_the_first'), models.CheckConstraint(condition=models.Q(('two_people', False), models.Q(('status__in', ('done', 'superseded')), _negated=True), models.Q(('done_by__isnull', False), ('first_by__isnull', False)), _connector='OR'), name='examined_by_two_names_both'), models.CheckConstraint(condition=models.Q(models.Q(('first_at', None), ('first_by', None), ('proposed', '')), models.Q(('first_at__isnull', False), ('first_by__isnull', False), ('two_people', True), models.Q(('proposed', ''), _negated=True)), _connector='OR'), name='first_of_two_says_when_and_what')],
            },
        ),
        migrations.CreateModel(
            name='Challenge',
            fields=[
                ('id', models.UUIDField(default=zerotrip.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='challenges', to='cases.case')),
                ('kind', models.CharField(choices=[('review', '行政复议'), ('lawsuit', '行政诉讼')], max_length=8)),
                ('organ', models.CharField(help_text='Which authority or court.', max_length=120)),
                ('number', models.CharField(blank=True, help_text='Its number of the matter.', max_length=80)),
                ('filed_on', models.DateField()),
                ('stage', models.CharField(choices=[('filed', '已提出'), ('accepted', '已受理'), ('closed', '已结案')], default='filed', max_length=8)),
                ('upshot', models.CharField(blank=True, choices=[('', '—'), ('upheld', '维持'), ('changed', '变更'), ('revoked', '撤销'), ('anew', '责令重新作出'), ('otherwise', '撤回、驳回或者其他')], default='', max_length=10)),
                ('closed_on', models.DateField(blank=True, null=True)),
                ('note', models.TextField(blank=True)),
                ('noted_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('noted_at', models.DateTimeField()),
            ],
            options={
                'ordering': ('filed_on', 'id'),
                'constraints': [models.UniqueConstraint(condition=models.Q(('stage', 'closed'), _negated=True), fields=('case', 'kind'), name='one_open_challenge_of_a_kind'), models.CheckConstraint(condition=models.Q(models.Q(('closed_on__isnull', False), ('stage', 'closed'), models.Q(('upshot', ''), _negated=True)), models.Q(models.Q(('stage', 'closed'), _negated=True), ('closed_on', None), ('upshot', '')), _connector='OR'), name='closed_challenge_says_when_and_how'), models.CheckConstraint(condition=models.Q(('closed_on', None), ('closed_on__gte', models.F('filed_on')), _connector='OR'), name='challenge_closes_after_it_is_filed'), models.CheckConstraint(condition=models.Q(('organ', ''), _negated=True), name='challenge_names_the_organ')],
            },
        ),
        migrations.CreateModel(
            name='Clock',
            fields=[
                ('id', models.UUIDField(default=zerotrip.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='clocks', to='cases.case')),
                ('assignment', models.OneToOneField(blank=True, help_text="Of a stage's own limit.", null=True, on_delete=django.db.models.deletion.CASCADE, related_name='clock', to='cases.assignment')),
                ('name', models.CharField(choices=[('notice', '受理或告知'), ('promised', '承诺办结'), ('statutory', '法定办结'), ('delivery', '送达'), ('stage', '环节'), ('rehearsal', '预审'), ('hearing', '举行听证'), ('answer', '响应'), ('plan', '拿出方案')], max_length=10)),
                ('amount', models.DecimalField(decimal_places=2, max_digits=6)),
                ('unit', models.CharField(choices=[('working_days', 'working_days'), ('working_hours', 'working_hours'), ('calendar_days', 'calendar_days'), ('months', 'months'), ('hours', 'hours')], max_length=16)),
                ('basis', models.JSONField(default=dict, help_text='Where the limit comes from, in both languages.')),
                ('started_at', models.DateTimeField()),
                ('pauses', models.JSONField(default=list, help_text='[[from, to or null, kind, reason]]')),
                ('extensions', models.JSONField(default=list, help_text='[[at, amount, reason]]')),
                ('due_at', models.DateTimeField(blank=True, help_text='None while paused.', null=True)),
                ('warn_at', models.DateTimeField(blank=True, help_text='When its light turns yellow.', null=True)),
                ('told', models.PositiveSmallIntegerField(default=0, help_text='Told of: 1 yellow, 2 red, 3 whoever is above.')),
                ('escalate_at', models.DateTimeField(blank=True, help_text='When what stays late goes higher up.', null=True)),
                ('provisional', models.BooleanField(default=False)),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('ended_at', None), ('told__lt', 2)), fields=['due_at'], name='clock_running_red'), models.Index(condition=models.Q(('ended_at', None), ('escalate_at__isnull', False), ('told', 2)), fields=['escalate_at'], name='clock_running_higher_up'), models.Index(condition=models.Q(('ended_at', None), ('told', 0)), fields=['warn_at'], name='clock_running_yellow')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('assignment', None), ('ended_at', None)), fields=('case', 'name'), name='one_running_clock_of_a_name'), models.CheckConstraint(condition=models.Q(models.Q(('assignment__isnull', False), ('name', 'stage')), models.Q(models.Q(('name', 'stage'), _negated=True), ('assignment', None)), _connector='OR'), name='stage_clock_has_its_stage'), models.CheckConstraint(condition=models.Q(('amount__gte', 0)), name='clock_limit_is_not_negative'), models.CheckConstraint(condition=models.Q(('ended_at', None), ('ended_at__gte', models.F('started_at')), _connector='OR'), name='clock_ends_after_its_start')],
            },
        ),
        migrations.CreateModel(
            name='Concerned',
            fields=[
                ('id', models.UUIDField(default=zerotrip.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='concerned', to='cases.case')),
                ('name', models.CharField(max_length=80)),
                ('contact', models.CharField(blank=True, help_text='Shown to whoever does the work, and to nobody else.', max_length=120)),
                ('interest', models.TextField(help_text='What the licence touches.')),
                ('party', models.ForeignKey(blank=True, help_text='Where they have an account here.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='parties.party')),
                ('recorded_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('recorded_at', models.DateTimeField()),
                ('purged_at', models.DateTimeField(blank=True, help_text='When it was wiped how they are reached, after the case.', null=True)),
            ],
            options={
                'ordering': ('recorded_at', 'id'),
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('name', ''), _negated=True), models.Q(('interest', ''), _negated=True), models.Q(models.Q(('purged_at', None), models.Q(('contact', ''), _negated=True)), models.Q(('contact', ''), ('purged_at__isnull', False)), _connector='OR')), name='concerned_is_named_and_reached')],
            },
        ),
        migrations.CreateModel(
            name='Confirmation',
            fields=[
                ('id', models.UUIDField(default=zerotrip.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('case', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='confirmations', to='cases.case')),
                ('mandate', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='confirmations', to='parties.mandate')),
                ('purpose', models.CharField(choices=[('take_over', '由窗口接着办'), ('hand_in', '核对无误，提交'), ('reuse', '读取电子证照'), ('mandate', '授权代办')], max_length=10)),
                ('means', models.CharField(choices=[('code', '手机验证码'), ('paper', '纸上签字'), ('spoken', '当面说明')], max_length=8)),
                ('fingerprint', models.CharField(blank=True, max_length=64)),
                ('code_digest', models.BinaryField(max_length=32, null=True)),
                ('about', models.CharField(blank=True, help_text='The material a licence is read for.', max_length=60)),
                ('account', models.ForeignKey(blank=True, help_text='Who was sent the code.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('sent_to', models.CharField(blank=True, help_text='Masked.', max_length=40)),
                ('expires_at', models.DateTimeField(blank=True, null=True)),
                ('tries', models.PositiveSmallIntegerField(default=0)),
                ('paper', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='files.blob')),
                ('asked_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('asked_at', models.DateTimeField()),
                ('confirmed_at', models.DateTimeField(blank=True, null=True)),
                ('refused_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'indexes': [models.Index(fields=['case', '-asked_at'], name='confirmation_of_case')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('code_digest', None), ('confirmed_at__isnull', False), ('means', 'paper'), ('paper__isnull', False)), models.Q(('code_digest__isnull', False), ('expires_at__isnull', False), ('means', 'code'), ('paper', None)), models.Q(('code_digest', None), ('means', 'spoken'), ('paper', None), ('refused_at__isnull', False)), _connector='OR'), name='confirmation_by_code_or_on_paper'), models.CheckConstraint(condition=models.Q(models.Q(('fingerprint', ''), ('purpose__in', ('take_over', 'mandate'))), models.Q(('purpose__in', ('hand_in', 'reuse')), models.Q(('fingerprint', ''), _negated=True)), _connector='OR'), name='confirmation_of_what_is_handed_in'), models.CheckConstraint(condition=models.Q(models.Q(('purpose', 'reuse'), models.Q(('about', ''), _negated=True)), models.Q(models.Q(('purpose', 'reuse'), _negated=True), ('about', '')), _connector='OR'), name='confirmation_of_reading_says_for_what'), models.CheckConstraint(condition=models.Q(models.Q(('case', None), ('mandate__isnull', False), ('purpose', 'mandate')), models.Q(models.Q(('purpose', 'mandate'), _negated=True), ('case__isnull', False), ('mandate', None)), _connector='OR'), name='confirmation_is_about_a_case_or_a_mandate'), models.CheckConstraint(condition=models.Q(('refused_at', None), models.Q(('confirmed_at', None), ('purpose', 'reuse')), _connector='OR'), name='only_reading_is_refused'), models.CheckConstraint(condition=models.Q(('tries__lte', 5)), name='confirmation_tries_end')],
            },
        ),
        migrations.CreateModel(
            name='Consultation',
            fields=[
                ('id', models.UUIDField(default=zerotrip.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('department', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='parties.party')),
                ('area_path', models.CharField(max_length=120)),
                ('service', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalogue.service')),
                ('caller', models.CharField(blank=True, max_length=120)),
                ('phone', models.CharField(blank=True, max_length=20)),
                ('email', models.EmailField(blank=True, max_length=254)),
                ('question', models.TextField(blank=True)),
                ('answer', models.TextField(blank=True)),
                ('minutes', models.PositiveSmallIntegerField()),
                ('taken_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('taken_at', models.DateTimeField()),
                ('guide_sent_at', models.DateTimeField(blank=True, null=True)),
                ('case', models.ForeignKey(blank=True, help_text='What came of it.', null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='consultations', to='cases.case')),
                ('purge_at', models.DateTimeField(help_text='When caller, address, question and answer are wiped.')),
                ('purged_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'indexes': [models.Index(fields=['department', '-taken_at'], name='consultation_latest'), models.Index(condition=models.Q(('purged_at', None)), fields=['purge_at'], name='consultation_to_wipe')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('purged_at', None), models.Q(('question', ''), _negated=True)), models.Q(('answer', ''), ('caller', ''), ('email', ''), ('phone', ''), ('purged_at__isnull', False), ('question', '')), _connector='OR'), name='consultation_asks_something_until_wiped'), models.CheckConstraint(condition=models.Q(('guide_sent_at', None), ('service__isnull', False), _connector='OR'), name='guide_sent_is_of_a_service'), models.CheckConstraint(condition=models.Q(('minutes__lte', 600)), name='consultation_ends_the_same_day')],
            },
        ),
        migrations.CreateModel(
            name='Correction',
            fields=[
                ('id', models.UUIDField(default=zerotrip.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='corrections', to='cases.case')),
                ('round', models.PositiveSmallIntegerField(help_text='The submission it speaks of.')),
                ('items', models.JSONField(help_text='[{place, message}]; a place is a field path or material:<key>.')),
                ('note', models.TextField(blank=True)),
                ('again_because', models.TextField(blank=True, help_text='Why this was not in an earlier notice.')),
                ('requested_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('requested_at', models.DateTimeField()),
                ('answered_at', models.DateTimeField(blank=True, null=True)),
                ('taken_back_at', models.DateTimeField(blank=True, null=True)),
                ('taken_back_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('lapsed_at', models.DateTimeField(blank=True, null=True)),
                ('dropped_at', models.DateTimeField(blank=True, help_text='When the application was withdrawn, and nobody waited for an answer.', null=True)),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('answered_at', None), ('taken_back_at', None)), fields=('case',), name='one_open_correction_per_case'), models.UniqueConstraint(condition=models.Q(('taken_back_at', None)), fields=('case', 'round'), name='one_correction_per_round'), models.CheckConstraint(condition=models.Q(models.Q(('taken_back_at', None), ('taken_back_by', None)), models.Q(('answered_at', None), ('taken_back_at__isnull', False), ('taken_back_by__isnull', False)), _connector='OR'), name='correction_taken_back_says_by_whom'), models.CheckConstraint(condition=models.Q(('lapsed_at', None), ('answered_at', None), _connector='OR'), name='correction_lapsed_or_answered'), models.CheckConstraint(condition=models.Q(('dropped_at', None), models.Q(('answered_at', None), ('lapsed_at', None), ('taken_back_at', None)), _connector='OR'), name='correction_dropped_unanswered'), models.CheckConstraint(condition=models.Q(('items', []), _negated=True), name='correction_names_something')],
            },
        ),
        migrations.CreateModel(
            name='Export',
            fields=[
                ('ledger_length', models.PositiveIntegerField(default=0, editable=False)),
                ('ledger_head', models.BinaryField(default=bytes, max_length=32)),
                ('id', models.UUIDField(default=zerotrip.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('account', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('form', models.CharField(choices=[('csv', 'CSV'), ('xlsx', 'Excel 工作簿')], max_length=4)),
                ('search', models.JSONField(help_text='What was looked for: see queries.Search.')),
                ('language', models.CharField(max_length=10)),
                ('status', models.CharField(choices=[('queued', '排队中'), ('running', '生成中'), ('done', '可下载'), ('failed', '没有成功'), ('expired', '已过期')], default='queued', max_length=8)),
                ('total', models.PositiveIntegerField(default=0, help_text='Rows found as the file was begun.')),
                ('rows', models.PositiveIntegerField(default=0, help_text='Rows written so far.')),
                ('size', models.PositiveBigIntegerField(default=0, help_text='Bytes.')),
                ('fault', models.CharField(blank=True, choices=[('', '—'), ('seat', '您已没有岗位，不能导出。'), ('many', '结果太多，请加上筛选条件再导出。'), ('broken', '生成时出了问题，请再试一次。')], default='', max_length=8)),
                ('asked_at', models.DateTimeField()),
                ('expires_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'indexes': [models.Index(fields=['account', '-asked_at'], name='export_of_account'), models.Index(condition=models.Q(('status', 'done')), fields=['expires_at'], name='export_to_purge')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('expires_at__isnull', False), ('status__in', ('done', 'expired'))), models.Q(models.Q(('status__in', ('done', 'expired')), _negated=True), ('expires_at', None)), _connector='OR'), name='export_that_is_done_expires'), models.CheckConstraint(condition=models.Q(models.Q(('status', 'failed'), models.Q(('fault', ''), _negated=True)), models.Q(models.Q(('status', 'failed'), _negated=True), ('fault', '')), _connector='OR'), name='failed_export_says_why')],
            },
        ),
        migrations.CreateModel(
            name='Hearing',
            fields=[
                ('id', models.UUIDField(default=zerotrip.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='hearings', to='cases.case')),
                ('ground', models.CharField(choices=[('law', '法律、法规、规章规定应当听证'), ('public', '涉及公共利益，行政机关认为需要听证'), ('asked', '申请人或者利害关系人要求听证')], max_length=8)),
                ('requested_at', models.DateTimeField(blank=True, null=True)),
                ('calls', models.PositiveSmallIntegerField(default=0, help_text='How often its time and place were notified.')),
                ('called_at', models.DateTimeField(blank=True, null=True)),
                ('called_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('begins_at', models.DateTimeField(blank=True, null=True)),
                ('place', models.CharField(blank=True, max_length=200)),
                ('closed_because', models.TextField(blank=True, help_text='Why it is not public: a secret, privacy.')),
                ('announced', models.TextField(blank=True, help_text='Where it was announced publicly.')),
                ('presided_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('presider', models.CharField(blank=True, help_text='Their name, as the notice has it.', max_length=80)),
                ('recusal_asked_at', models.DateTimeField(blank=True, null=True)),
                ('recusal_asked_by', models.CharField(blank=True, help_text='Who asked that somebody else preside.', max_length=80)),
                ('recusal_reason', models.TextField(blank=True)),
                ('recusal_settled_at', models.DateTimeField(blank=True, null=True)),
                ('recusal_settled_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('recusal_answer', models.TextField(blank=True)),
                ('minutes', models.TextField(blank=True)),
                ('signatures', models.JSONField(default=list, help_text='[{name, signed, note}] of those who took part.')),
                ('kept_at', models.DateTimeField(blank=True, help_text='When the minutes were put on file.', null=True)),
                ('kept_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('scan', models.ForeignKey(blank=True, help_text='The paper they signed. Once it is there it stays.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='files.blob')),
                ('dropped_at', models.DateTimeField(blank=True, help_text='Nobody asks for it any more.', null=True)),
            ],
            options={
                'ordering': ('id',),
                'constraints': [models.UniqueConstraint(condition=models.Q(('dropped_at', None)), fields=('case',), name='one_hearing_of_a_case'), models.CheckConstraint(condition=models.Q(models.Q(('ground', 'asked'), ('requested_at__isnull', False)), models.Q(models.Q(('ground', 'asked'), _negated=True), ('requested_at', None)), _connector='OR'), name='hearing_is_asked_for_or_of_own_accord'), models.CheckConstraint(condition=models.Q(models.Q(('begins_at', None), ('called_at', None), ('called_by', None), ('calls', 0), ('place', ''), ('presided_by', None), ('presider', '')), models.Q(('begins_at__gt', models.F('called_at')), ('called_at__isnull', False), ('called_by__isnull', False), ('calls__gt', 0), ('presided_by__isnull', False), models.Q(('place', ''), _negated=True), models.Q(('presider', ''), _negated=True)), _connector='OR'), name='called_hearing_has_time_place_and_presider'), models.CheckConstraint(condition=models.Q(('presided_by', None), models.Q(('presided_by', models.F('called_by')), _negated=True), _connector='OR'), name='who_examines_does_not_preside'), models.CheckConstraint(condition=models.Q(('ground', 'asked'), ('calls', 0), models.Q(('announced', ''), _negated=True), _connector='OR'), name='hearing_of_own_accord_is_announced'), models.CheckConstraint(condition=models.Q(models.Q(('recusal_asked_at', None), ('recusal_settled_at', None)), models.Q(('recusal_asked_at__isnull', False), models.Q(('recusal_reason', ''), _negated=True)), _connector='OR'), name='recusal_gives_its_reason'), models.CheckConstraint(condition=models.Q(models.Q(('recusal_settled_at', None), ('recusal_settled_by', None)), models.Q(('recusal_settled_at__isnull', False), ('recusal_settled_by__isnull', False), models.Q(('recusal_answer', ''), _negated=True)), _connector='OR'), name='settled_recusal_is_answered'), models.CheckConstraint(condition=models.Q(models.Q(('kept_at', None), ('kept_by', None), ('minutes', '')), models.Q(('dropped_at', None), ('kept_at__gte', models.F('begins_at')), ('kept_by__isnull', False), models.Q(('minutes', ''), _negated=True), models.Q(('recusal_asked_at', None), ('recusal_settled_at__isnull', False), _connector='OR')), _connector='OR'), name='kept_minutes_are_of_a_hearing_that_was_held'), models.CheckConstraint(condition=models.Q(('scan', None), ('kept_at__isnull', False), _connector='OR'), name='signed_paper_is_of_kept_minutes')],
            },
        ),
        migrations.CreateModel(
            name='InboundMail',
            fields=[
                ('id', models.UUIDField(default=zerotrip.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('message_id', models.CharField(max_length=250, unique=True)),
                ('sender', models.CharField(blank=True, max_length=254)),
                ('account', models.ForeignKey(blank=True, help_text='Whose proven address it is.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('subject', models.CharField(blank=True, max_length=200)),
                ('text', models.TextField(blank=True)),
                ('case', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='cases.case')),
                ('department', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='parties.party')),
                ('area_path', models.CharField(blank=True, max_length=120)),
                ('why', models.CharField(blank=True, help_text="Why it waits: a key of the desk's words.", max_length=12)),
                ('state', models.CharField(choices=[('waiting', '待处理'), ('placed', '已归入办件'), ('answered', '已回复'), ('dismissed', '不处理')], default='waiting', max_length=10)),
                ('said', models.TextField(blank=True, help_text='The answer, or why it was dismissed.')),
                ('received_at', models.DateTimeField()),
                ('settled_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('settled_at', models.DateTimeField(blank=True, null=True)),
                ('purge_at', models.DateTimeField(help_text='When sender, subject, text, answer and files are wiped.')),
                ('purged_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'indexes': [models.Index(fields=['state', '-received_at'], name='mail_latest'), models.Index(condition=models.Q(('purged_at', None)), fields=['purge_at'], name='mail_to_wipe')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('settled_at', None), ('settled_by', None), ('state', 'waiting')), models.Q(models.Q(('state', 'waiting'), _negated=True), ('settled_at__isnull', False)), _connector='OR'), name='settled_mail_says_when'), models.CheckConstraint(condition=models.Q(('purged_at', None), models.Q(('said', ''), ('sender', ''), ('subject', ''), ('text', '')), _connector='OR'), name='purged_mail_says_nothing')],
            },
        ),
        migrations.CreateModel(
            name='MailFile',
            fields=[
                ('id', models.UUIDField(default=zerotrip.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('mail', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='files', to='cases.inboundmail')),
                ('name', models.CharField(max_length=200)),
                ('blob', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='files.blob')),
                ('reason', models.CharField(blank=True, help_text='Why it is not with a material.', max_length=200)),
                ('case', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='cases.case')),
                ('key', models.CharField(blank=True, help_text='The material it was placed on.', max_length=60)),
                ('proposed', models.CharField(blank=True, db_default='', help_text='The owed material it seems to be, for a clerk to take.', max_length=60)),
            ],
            options={
                'ordering': ('id',),
                'constraints': [models.CheckConstraint(condition=models.Q(('blob__isnull', False), models.Q(('reason', ''), _negated=True), _connector='OR'), name='mail_file_kept_or_says_why'), models.CheckConstraint(condition=models.Q(('key', ''), ('blob__isnull', False), _connector='OR'), name='placed_mail_file_was_kept'), models.CheckConstraint(condition=models.Q(('proposed', ''), ('blob__isnull', False), _connector='OR'), name='proposed_mail_file_was_kept')],
            },
        ),
        migrations.CreateModel(
            name='NeedFile',
            fields=[
                ('id', models.UUIDField(default=zerotrip.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('blob', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='files.blob')),
                ('name', models.CharField(max_length=200)),
                ('place', models.PositiveSmallIntegerField(default=0, help_text='Its place among those that came with it.')),
                ('case', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='need_files', to='cases.case')),
                ('step', models.CharField(help_text='What it came with: raise, add, answer, plan, report, resolve.', max_length=20)),
                ('assignment', models.ForeignKey(blank=True, db_index=False, help_text='The work of whoever handed it in; None: it came with the need or from the firm.', null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='cases.assignment')),
                ('by', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('at', models.DateTimeField(help_text='As the journal has the step it came with.')),
            ],
            options={
                'ordering': ('at', 'place', 'id'),
                'constraints': [models.UniqueConstraint(fields=('case', 'step', 'at', 'blob'), name='need_file_once_with_what_it_says')],
            },
        ),
        migrations.CreateModel(
            name='Proposal',
            fields=[
                ('id', models.UUIDField(default=zerotrip.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='proposals', to='cases.case')),
                ('assignment', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='proposals', to='cases.assignment')),
                ('kind', models.CharField(choices=[('decision', '决定'), ('extension', '延期')], max_length=10)),
                ('verdict', models.CharField(blank=True, choices=[('', '—'), ('granted', '准予'), ('refused', '不予许可'), ('declined', '不予受理'), ('withdrawn', '已撤回'), ('lapsed', '逾期未补正，视为撤回'), ('terminated', '终止办理'), ('resolved', '已解决'), ('unresolved', '未能解决')], default='', max_length=12)),
                ('reasons', models.TextField(blank=True)),
                ('conditions', models.TextField(blank=True)),
                ('falsehood', models.BooleanField(db_default=False, default=False, help_text='As on the decision.')),
                ('levels', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=16), help_text='The roles that approve, one after the other.', size=None)),
                ('level', models.PositiveSmallIntegerField(default=0, help_text='Approvals given.')),
                ('status', models.CharField(choices=[('open', '待批'), ('approved', '已批准'), ('returned', '退回修改'), ('dropped', '已作废')], default='open', max_length=10)),
                ('drafted_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('drafted_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'ordering': ('drafted_at', 'id'),
                'constraints': [models.UniqueConstraint(condition=models.Q(('status', 'open')), fields=('case', 'kind'), name='one_open_proposal_of_a_kind'), models.UniqueConstraint(condition=models.Q(('kind', 'extension'), ('status', 'approved')), fields=('case',), name='limits_are_extended_once'), models.CheckConstraint(condition=models.Q(models.Q(('ended_at', None), ('status', 'open')), models.Q(models.Q(('status', 'open'), _negated=True), ('ended_at__isnull', False)), _connector='OR'), name='ended_proposal_says_when'), models.CheckConstraint(condition=models.Q(models.Q(('kind', 'extension'), ('verdict', ''), models.Q(('reasons', ''), _negated=True)), models.Q(('kind', 'decision'), ('verdict', 'granted')), models.Q(('kind', 'decision'), ('verdict__in', ('refused', 'terminated')), models.Q(('reasons', ''), _negated=True)), _connector='OR'), name='proposal_gives_its_reasons'), models.CheckConstraint(condition=models.Q(('falsehood', False), models.Q(('kind', 'decision'), ('verdict', 'refused')), _connector='OR'), name='proposed_falsehood_is_refused')],
            },
        ),
        migrations.CreateModel(
            name='Approval',
            fields=[
                ('id', models.UUIDField(default=zerotrip.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('proposal', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='approvals', to='cases.proposal')),
                ('level', models.PositiveSmallIntegerField()),
                ('approved', models.BooleanField()),
                ('opinion', models.TextField(blank=True)),
                ('drafted_by', models.ForeignKey(help_text='As on the draft.', on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('at', models.DateTimeField()),
            ],
            options={
                'ordering': ('level', 'at'),
                'constraints': [models.UniqueConstraint(fields=('proposal', 'level'), name='one_approval_per_level'), models.UniqueConstraint(fields=('proposal', 'by'), name='each_approval_by_another'), models.CheckConstraint(condition=models.Q(('by', models.F('drafted_by')), _negated=True), name='approved_by_another_than_drafted'), models.CheckConstraint(condition=models.Q(('approved', True), models.Q(('opinion', ''), _negated=True), _connector='OR'), name='return_says_why')],
            },
        ),
        migrations.CreateModel(
            name='Rating',
            fields=[
                ('id', models.UUIDField(default=zerotrip.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('case', models.OneToOneField(help_text='One matter, one rating.', on_delete=django.db.models.deletion.CASCADE, related_name='rating', to='cases.case')),
                ('service', models.CharField(help_text="As the case's, so that averages need no join.", max_length=60)),
                ('department', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='parties.party')),
                ('area_path', models.CharField(max_length=120)),
                ('green', models.BooleanField(default=False)),
                ('grade', models.PositiveSmallIntegerField(choices=[(5, '非常满意'), (4, '满意'), (3, '基本满意'), (2, '不满意'), (1, '非常不满意')])),
                ('tags', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('fast', '办得快'), ('clear', '一次说清'), ('kind', '态度热情'), ('no_trip', '不用跑腿'), ('slow', '办得慢'), ('unclear', '没有一次说清'), ('unkind', '态度不好'), ('extra', '要了多余的材料'), ('hard', '网上不好用')], max_length=10), blank=True, default=list, size=None)),
                ('comment', models.TextField(blank=True)),
                ('door', models.CharField(choices=[('portal', '网上，登录后'), ('link', '短信或邮件里的链接'), ('desk', '窗口')], max_length=8)),
                ('by', models.ForeignKey(blank=True, help_text="In whose session it was said: at the counter, the clerk's. None: by the link.", null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('at', models.DateTimeField()),
                ('supplement', models.TextField(blank=True)),
                ('supplemented_at', models.DateTimeField(blank=True, null=True)),
                ('finding', models.TextField(blank=True, help_text='What the call-back found.')),
                ('put_right', models.TextField(blank=True)),
                ('settled', models.CharField(blank=True, choices=[('', '—'), ('yes', '满意'), ('no', '仍不满意'), ('unreached', '多次联系不上')], default='', max_length=10)),
                ('called_back_at', models.DateTimeField(blank=True, null=True)),
                ('called_back_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(fields=['service', 'grade'], name='rating_of_service'), models.Index(fields=['department', 'grade'], name='rating_of_department'), models.Index(fields=['at'], name='rating_by_day')],
                'constraints': [models.CheckConstraint(condition=models.Q(('grade__gte', 1), ('grade__lte', 5)), name='rating_has_one_of_five_grades'), models.CheckConstraint(condition=models.Q(models.Q(('supplement', ''), ('supplemented_at', None)), models.Q(('supplemented_at__isnull', False), models.Q(('supplement', ''), _negated=True)), _connector='OR'), name='supplement_says_something_and_when'), models.CheckConstraint(condition=models.Q(models.Q(('called_back_at', None), ('called_back_by', None), ('finding', ''), ('put_right', ''), ('settled', '')), models.Q(('called_back_at__isnull', False), ('called_back_by__isnull', False), ('grade__lte', 2), models.Q(('settled', ''), _negated=True), models.Q(('finding', ''), _negated=True)), _connector='OR'), name='call_back_says_by_whom_and_what')],
            },
        ),
        migrations.CreateModel(
            name='Reminder',
            fields=[
                ('id', models.UUIDField(default=zerotrip.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('assignment', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='reminders', to='cases.assignment')),
                ('day', models.DateField()),
                ('at', models.DateTimeField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('assignment', 'day'), name='reminded_once_a_day')],
            },
        ),
        migrations.CreateModel(
            name='SavedView',
            fields=[
                ('id', models.UUIDField(default=zerotrip.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('account', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('name', models.CharField(max_length=40)),
                ('query', models.CharField(blank=True, max_length=400)),
                ('is_default', models.BooleanField(default=False, help_text='The worklist opens with it.')),
                ('saved_at', models.DateTimeField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('account', 'name'), name='saved_view_name_once_per_account'), models.UniqueConstraint(condition=models.Q(('is_default', True)), fields=('account',), name='one_default_view_per_account'), models.CheckConstraint(condition=models.Q(('name', ''), _negated=True), name='saved_view_has_a_name')],
            },
        ),
        migrations.CreateModel(
            name='Submission',
            fields=[
                ('id', models.UUIDField(default=zerotrip.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('case', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='submissions', to='cases.case')),
                ('round', models.PositiveSmallIntegerField(default=1)),
                ('answers', models.JSONField(default=dict)),
                ('committed', models.BooleanField(default=False, help_text='By notification and commitment.')),
                ('owed', models.JSONField(default=dict, help_text='Material → what stands in for it: image or commitment.')),
                ('edit', models.PositiveIntegerField(default=0, help_text='Counts saves; a save names the one it saw.')),
                ('window', models.CharField(blank=True, help_text='The page that saved last.', max_length=36)),
                ('door', models.CharField(choices=[('portal', '网上申报'), ('desk', '窗口收件'), ('phone', '电话代填'), ('mail', '电子邮件')], db_default='portal', default='portal', help_text='Where it was handed in.', max_length=8)),
                ('started_at', models.DateTimeField()),
                ('submitted_at', models.DateTimeField(blank=True, null=True)),
                ('submitted_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('case', 'round'), name='submission_round_once_per_case'), models.UniqueConstraint(condition=models.Q(('submitted_at', None)), fields=('case',), name='one_open_submission_per_case'), models.CheckConstraint(condition=models.Q(models.Q(('submitted_at', None), ('submitted_by', None)), models.Q(('submitted_at__isnull', False), ('submitted_by__isnull', False)), _connector='OR'), name='submission_says_when_and_by_whom')],
            },
        ),
        migrations.CreateModel(
            name='Material',
            fields=[
                ('id', models.UUIDField(default=zerotrip.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('submission', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='materials', to='cases.submission')),
                ('key', models.CharField(max_length=60)),
                ('blob', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='files.blob')),
                ('name', models.CharField(max_length=200)),
                ('added_at', models.DateTimeField()),
            ],
            options={
                'ordering': ('key', 'added_at', 'id'),
                'constraints': [models.UniqueConstraint(fields=('submission', 'key', 'blob'), name='material_once_per_round')],
            },
        ),
        migrations.CreateModel(
            name='Suspension',
            fields=[
                ('id', models.UUIDField(default=zerotrip.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='suspensions', to='cases.case')),
                ('assignment', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='cases.assignment')),
                ('kind', models.CharField(choices=[('hearing', '听证'), ('bidding', '招标'), ('auction', '拍卖'), ('inspection', '检验'), ('test', '检测'), ('quarantine', '检疫'), ('appraisal', '鉴定'), ('expert_review', '专家评审'), ('publicity', '公示')], max_length=16)),
                ('reason', models.TextField()),
                ('amount', models.DecimalField(decimal_places=2, max_digits=6)),
                ('unit', models.CharField(choices=[('working_days', 'working_days'), ('working_hours', 'working_hours'), ('calendar_days', 'calendar_days'), ('months', 'months'), ('hours', 'hours')], max_length=16)),
                ('started_at', models.DateTimeField()),
                ('started_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('until', models.DateTimeField(help_text='The announced end: time is counted again from then on, whatever happens.')),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('ended_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('outcome', models.TextField(blank=True, help_text='What came of the procedure.')),
            ],
            options={
                'ordering': ('started_at', 'id'),
                'constraints': [models.UniqueConstraint(condition=models.Q(('ended_at', None)), fields=('case', 'kind'), name='one_open_suspension_of_a_kind'), models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='suspension_gives_its_reason'), models.CheckConstraint(condition=models.Q(('until__gt', models.F('started_at'))), name='suspension_has_a_length'), models.CheckConstraint(condition=models.Q(models.Q(('ended_at', None), ('ended_by', None), ('outcome', '')), models.Q(('ended_at__gte', models.F('started_at')), ('ended_at__lte', models.F('until')), models.Q(('ended_by__isnull', False), ('ended_at', models.F('until')), models.Q(('outcome', ''), _negated=True), _connector='OR')), _connector='OR'), name='suspension_ends_by_somebody_or_runs_out')],
            },
        ),
        migrations.CreateModel(
            name='Telling',
            fields=[
                ('id', models.UUIDField(default=zerotrip.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='tellings', to='cases.case')),
                ('what', models.CharField(choices=[('view', '告知可以陈述意见'), ('right', '告知听证权利'), ('hearing', '通知听证时间地点')], max_length=8)),
                ('number', models.PositiveSmallIntegerField(default=1, help_text='Which call of the hearing it tells of.')),
                ('to_applicant', models.BooleanField()),
                ('concerned', models.ForeignKey(blank=True, help_text='To whom; or, to the applicant, whose interest it is about.', null=True, on_delete=django.db.models.deletion.CASCADE, related_name='tellings', to='cases.concerned')),
                ('via', models.CharField(choices=[('portal', '网上'), ('post', '邮寄'), ('phone', '电话'), ('in_person', '当面送达')], max_length=10)),
                ('told_at', models.DateTimeField()),
                ('told_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('says', models.TextField(blank=True, help_text='When, where and before whom the hearing is, as it was notified.')),
                ('until', models.DateTimeField(blank=True, help_text='Until when they may answer.', null=True)),
                ('answer', models.CharField(blank=True, choices=[('', '—'), ('said', '陈述了意见'), ('nothing', '没有意见'), ('asked', '要求听证'), ('waived', '放弃听证')], default='', max_length=8)),
                ('words', models.TextField(blank=True, help_text='What they said.')),
                ('answered_on', models.DateField(blank=True, help_text='The day their answer came.', null=True)),
                ('noted_at', models.DateTimeField(blank=True, null=True)),
                ('noted_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ('told_at', 'id'),
                'constraints': [models.UniqueConstraint(fields=('case', 'what', 'number', 'to_applicant', 'concerned'), name='told_of_it_once', nulls_distinct=False), models.CheckConstraint(condition=models.Q(('to_applicant', True), ('concerned__isnull', False), _connector='OR'), name='telling_has_an_addressee'), models.CheckConstraint(condition=models.Q(('to_applicant', False), ('via', 'portal'), _connector='OR'), name='applicant_is_told_online'), models.CheckConstraint(condition=models.Q(models.Q(('answer', ''), ('until', None), ('what', 'hearing'), models.Q(('says', ''), _negated=True)), models.Q(('answer__in', ('', 'said', 'nothing')), ('until__gt', models.F('told_at')), ('what', 'view')), models.Q(('answer__in', ('', 'asked', 'waived')), ('until__gt', models.F('told_at')), ('what', 'right')), _connector='OR'), name='answer_fits_what_was_told'), models.CheckConstraint(condition=models.Q(models.Q(('answer', ''), ('answered_on', None), ('noted_at', None), ('noted_by', None), ('words', '')), models.Q(models.Q(('answer', ''), _negated=True), ('answered_on__isnull', False), ('noted_at__isnull', False), ('noted_by__isnull', False)), _connector='OR'), name='answer_says_when_and_who_noted_it'), models.CheckConstraint(condition=models.Q(('answer', 'said'), ('words', ''), _negated=True), name='view_is_in_words')],
            },
        ),
        migrations.CreateModel(
            name='Commitment',
            fields=[
                ('case', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='commitment', serialize=False, to='cases.case')),
                ('conditions', models.JSONField(help_text='The conditions as they were read, in both languages.')),
                ('liability', models.JSONField(help_text='What follows if it is false, as it was read, in both languages.')),
                ('signed_name', models.CharField(max_length=120)),
                ('signed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('signed_at', models.DateTimeField()),
                ('found', models.CharField(choices=[('open', '待核查'), ('true', '属实'), ('mending', '整改中'), ('false', '不实')], default='open', max_length=8)),
                ('finding', models.TextField(blank=True)),
                ('found_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('found', 'open'), ('found_at', None)), models.Q(models.Q(('found', 'open'), _negated=True), ('found_at__isnull', False)), _connector='OR'), name='checked_commitment_says_when'), models.CheckConstraint(condition=models.Q(models.Q(('found', 'false'), _negated=True), models.Q(('finding', ''), _negated=True), _connector='OR'), name='false_commitment_says_why')],
            },
        ),
        migrations.CreateModel(
            name='Decision',
            fields=[
                ('case', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='decision', serialize=False, to='cases.case')),
                ('verdict', models.CharField(choices=[('granted', '准予'), ('refused', '不予许可'), ('declined', '不予受理'), ('terminated', '终止办理')], max_length=12)),
                ('reasons', models.TextField(blank=True)),
                ('conditions', models.TextField(blank=True, help_text='What a grant hangs on.')),
                ('falsehood', models.BooleanField(db_default=False, default=False, help_text='Refused for facts kept back or false materials (art. 78).')),
                ('decided_by', models.ForeignKey(blank=True, help_text='None: by rule, as the service says.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('decided_at', models.DateTimeField()),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('verdict', 'granted'), models.Q(('reasons', ''), _negated=True), _connector='OR'), name='refusal_gives_reasons'), models.CheckConstraint(condition=models.Q(('falsehood', False), ('verdict', 'refused'), _connector='OR'), name='falsehood_is_refused')],
            },
        ),
        migrations.CreateModel(
            name='Need',
            fields=[
                ('case', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='need', serialize=False, to='cases.case')),
                ('request', models.UUIDField(db_index=True, help_text='Those raised in one request have the same.')),
                ('source', models.CharField(blank=True, help_text='What it came out of, such as visit; empty: it was simply raised.', max_length=40)),
                ('source_id', models.UUIDField(blank=True, null=True)),
                ('level', models.PositiveSmallIntegerField(default=0, help_text='How often the firm was not content.')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('source_id__isnull', False)), fields=['source_id'], name='need_of_source')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('source', ''), ('source_id', None)), models.Q(models.Q(('source', ''), _negated=True), ('source_id__isnull', False)), _connector='OR'), name='source_of_a_need_is_whole')],
            },
        ),
        migrations.CreateModel(
            name='Place',
            fields=[
                ('case', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='place', serialize=False, to='cases.case')),
                ('service', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='places', to='catalogue.service')),
                ('period', models.PositiveSmallIntegerField(help_text='The year of acceptance; 0: not by the year.')),
                ('number', models.PositiveIntegerField()),
                ('most', models.PositiveIntegerField(help_text='How many there were when it was taken.')),
                ('taken_at', models.DateTimeField()),
                ('given_up_at', models.DateTimeField(blank=True, help_text='When the licence ended, and made room.', null=True)),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('given_up_at', None)), fields=('service', 'period', 'number'), name='each_place_taken_once'), models.CheckConstraint(condition=models.Q(('number__gte', 1), ('number__lte', models.F('most'))), name='no_place_beyond_the_last'), models.CheckConstraint(condition=models.Q(('given_up_at', None), models.Q(('given_up_at__gte', models.F('taken_at')), ('period', 0)), _connector='OR'), name='only_places_for_all_time_are_given_up')],
            },
        ),
        migrations.RunSQL(GUARDS, UNDO),
    ])]
