"""All tables as they stood on 2026-11-26 (decision 33). Names are found by pairs of characters: words of two
characters have no trigram.
"""

import django.contrib.postgres.constraints
import django.contrib.postgres.fields
import django.contrib.postgres.fields.ranges
import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.functions.text
import zerotrip.ids
import zerotrip.pairs
from django.conf import settings
from django.contrib.postgres.operations import BtreeGistExtension
from django.db import migrations, models
from zerotrip.tables import Together

PAIRS = """
CREATE FUNCTION text_pairs(text) RETURNS bigint[] LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 1000 AS $$
    SELECT array(
        SELECT (ascii(letters[n])::bigint << 21) | ascii(letters[n + 1])
        FROM generate_series(1, cardinality(letters) - 1) AS n
    ) FROM (SELECT string_to_array($1, NULL) AS letters) AS split
$$
"""


class Migration(migrations.Migration):

    initial = True

    replaces = [
        ('parties', '0001_initial'),
        ('parties', '0002_lists'),
        ('parties', '0003_head_of_agency'),
        ('parties', '0004_absence'),
        ('parties', '0005_mandates'),
        ('parties', '0006_mandates_await'),
        ('parties', '0007_pairs'),
        ('parties', '0008_one_index_each'),
        ('parties', '0009_departments'),
        ('parties', '0010_merged'),
        ('parties', '0011_needs'),
        ('parties', '0012_named_helpers'),
    ]

    dependencies = [
        ('files', '0001_initial'),
    ]

    operations = [Together([
        BtreeGistExtension(),
        migrations.RunSQL(PAIRS, "DROP FUNCTION text_pairs(text)"),
        migrations.CreateModel(
            name='Party',
            fields=[
                ('ledger_length', models.PositiveIntegerField(default=0, editable=False)),
                ('ledger_head', models.BinaryField(default=bytes, max_length=32)),
                ('id', models.UUIDField(default=zerotrip.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(choices=[('person', '个人'), ('enterprise', '企业'), ('department', '部门'), ('team', '专班')], max_length=12)),
                ('name', models.CharField(max_length=120)),
                ('name_en', models.CharField(blank=True, max_length=160)),
                ('code', models.SlugField(blank=True, help_text='Name of a department in packs.', max_length=60)),
                ('uscc', models.CharField(blank=True, max_length=18)),
                ('ric_digest', models.BinaryField(max_length=32, null=True)),
                ('ric_sealed', models.BinaryField(null=True)),
                ('phone', models.CharField(blank=True, max_length=20)),
                ('email', models.EmailField(blank=True, max_length=254)),
                ('address', models.CharField(blank=True, max_length=200)),
                ('area_path', models.CharField(blank=True, max_length=120)),
                ('parent', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='parts', to='parties.party')),
                ('created_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('merged_into', models.ForeignKey(blank=True, db_index=False, help_text='The party it turned out to be: see enterprises.actions.merge.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='parties.party')),
            ],
            options={
                'verbose_name_plural': 'parties',
                'indexes': [models.Index(fields=['area_path'], name='party_area_prefix', opclasses=['text_pattern_ops']), django.contrib.postgres.indexes.GinIndex(zerotrip.pairs.Pairs(django.db.models.functions.text.Upper('name')), name='party_name_pairs'), models.Index(condition=models.Q(('merged_into__isnull', False)), fields=['uscc'], name='party_merged'), models.Index(condition=models.Q(('kind', 'department')), fields=['area_path', 'code'], name='party_departments')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('ended_at', None), models.Q(('uscc', ''), _negated=True)), fields=('uscc',), name='one_live_party_per_uscc'), models.UniqueConstraint(condition=models.Q(('ended_at', None), ('ric_digest__isnull', False)), fields=('ric_digest',), name='one_live_party_per_ric'), models.UniqueConstraint(condition=models.Q(('ended_at', None), models.Q(('code', ''), _negated=True)), fields=('code', 'area_path'), name='one_live_department_per_code_and_area'), models.CheckConstraint(condition=models.Q(models.Q(('kind', 'enterprise'), _negated=True), ('uscc__regex', '^[0-9A-HJ-NP-RTUW-Y]{18}$'), _connector='OR'), name='enterprise_has_a_uscc'), models.CheckConstraint(condition=models.Q(('kind', 'person'), models.Q(('ric_digest', None), ('ric_sealed', None)), _connector='OR'), name='only_people_have_identity_numbers'), models.CheckConstraint(condition=models.Q(models.Q(('ric_digest', None), ('ric_sealed', None)), models.Q(('ric_digest__isnull', False), ('ric_sealed__isnull', False)), _connector='OR'), name='identity_number_is_sealed_and_digested_together'), models.CheckConstraint(condition=models.Q(models.Q(('kind', 'department'), _negated=True), models.Q(models.Q(('code', ''), _negated=True), models.Q(('area_path', ''), _negated=True)), _connector='OR'), name='department_has_code_and_area'), models.CheckConstraint(condition=models.Q(models.Q(('kind', 'team'), _negated=True), models.Q(models.Q(('code', ''), _negated=True), models.Q(('area_path', ''), _negated=True)), _connector='OR'), name='team_has_code_and_area'), models.CheckConstraint(condition=models.Q(('merged_into', None), ('ended_at__isnull', False), _connector='OR'), name='merged_party_has_ended')],
            },
        ),
        migrations.CreateModel(
            name='User',
            fields=[
                ('password', models.CharField(max_length=128, verbose_name='password')),
                ('last_login', models.DateTimeField(blank=True, null=True, verbose_name='last login')),
                ('id', models.UUIDField(default=zerotrip.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('person', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='account', to='parties.party')),
                ('email', models.EmailField(blank=True, max_length=254, null=True, unique=True)),
                ('phone', models.CharField(blank=True, max_length=20, null=True, unique=True)),
                ('email_verified', models.BooleanField(default=False)),
                ('phone_verified', models.BooleanField(default=False)),
                ('language', models.CharField(default='zh-hans', max_length=10)),
                ('is_active', models.BooleanField(default=True)),
                ('created_at', models.DateTimeField()),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('email__isnull', False), ('phone__isnull', False), _connector='OR'), name='account_has_email_or_phone'), models.CheckConstraint(condition=models.Q(('person__isnull', False)), name='account_has_a_person')],
            },
        ),
        migrations.CreateModel(
            name='Membership',
            fields=[
                ('id', models.UUIDField(default=zerotrip.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='memberships', to='parties.party')),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='members', to='parties.party')),
                ('kind', models.CharField(choices=[('staff', '工作人员'), ('agent', '经办人'), ('helper', '点对点专人')], max_length=12)),
                ('role', models.CharField(blank=True, choices=[('clerk', '受理'), ('reviewer', '审查'), ('leader', '决定'), ('head', '机关负责人'), ('supervisor', '监督'), ('administrator', '管理'), ('helper', '帮办'), ('duty', '诉求值班')], max_length=16)),
                ('area_path', models.CharField(blank=True, max_length=120)),
                ('subject', models.SlugField(blank=True, db_default='', db_index=False, default='', help_text='What a named helper helps with: a service of category need; empty: every subject.', max_length=60)),
                ('during', django.contrib.postgres.fields.ranges.DateTimeRangeField()),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('during__upper_inf', True), ('kind', 'helper')), fields=['person'], name='named_helper')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('kind', 'staff'), ('role__in', ['clerk', 'reviewer', 'leader', 'head', 'supervisor', 'administrator', 'helper', 'duty']), models.Q(('area_path', ''), _negated=True)), models.Q(('area_path', ''), ('kind__in', ('agent', 'helper')), ('role', '')), _connector='OR'), name='staff_have_role_and_area'), models.CheckConstraint(condition=models.Q(('subject', ''), ('kind', 'helper'), _connector='OR'), name='only_named_helpers_have_a_subject'), django.contrib.postgres.constraints.ExclusionConstraint(expressions=[('person', '='), ('organisation', '='), ('kind', '='), ('role', '='), ('subject', '='), ('during', '&&')], name='memberships_do_not_overlap'), django.contrib.postgres.constraints.ExclusionConstraint(condition=models.Q(('kind', 'helper')), expressions=[('organisation', '='), ('subject', '='), ('during', '&&')], name='one_named_helper_at_a_time')],
            },
        ),
        migrations.CreateModel(
            name='Mandate',
            fields=[
                ('id', models.UUIDField(default=zerotrip.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('principal', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='mandates', to='parties.party')),
                ('agent', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='mandates', to=settings.AUTH_USER_MODEL)),
                ('kind', models.CharField(choices=[('assisted', '帮办'), ('delegated', '代办')], max_length=10)),
                ('given', models.CharField(choices=[('counter', '窗口'), ('phone', '电话'), ('online', '网上')], max_length=8)),
                ('deeds', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('fill', '填写和上传'), ('submit', '提交'), ('correct', '补正和补交'), ('withdraw', '撤回'), ('receive', '领取结果')], max_length=10), size=None)),
                ('services', django.contrib.postgres.fields.ArrayField(base_field=models.SlugField(max_length=60), default=list, help_text='Empty: one case.', size=None)),
                ('case', models.UUIDField(blank=True, help_text='The one case; None: the services.', null=True)),
                ('during', django.contrib.postgres.fields.ranges.DateTimeRangeField()),
                ('evidence', models.ForeignKey(blank=True, help_text='The signed paper.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='files.blob')),
                ('statement', models.TextField(blank=True, help_text='What was said, where no paper was signed.')),
                ('recorded_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('recorded_at', models.DateTimeField()),
                ('awaits', models.BooleanField(db_default=False, default=False, help_text='Recorded by a clerk; its principal has not said yes yet.')),
                ('confirmed_at', models.DateTimeField(blank=True, null=True)),
                ('confirmed_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('revoked_at', models.DateTimeField(blank=True, null=True)),
                ('revoked_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('during__isempty', False), ('during__lower_inf', False), ('during__upper_inf', False)), name='mandate_begins_and_ends'), models.CheckConstraint(condition=models.Q(models.Q(('case__isnull', False), ('services__len', 0)), models.Q(('case', None), ('services__len__gt', 0)), _connector='OR'), name='mandate_is_for_one_case_or_for_services'), models.CheckConstraint(condition=models.Q(('deeds__len__gt', 0)), name='mandate_lets_something_be_done'), models.CheckConstraint(condition=models.Q(('evidence__isnull', False), models.Q(('statement', ''), _negated=True), _connector='OR'), name='mandate_rests_on_paper_or_words'), models.CheckConstraint(condition=models.Q(models.Q(('kind', 'assisted'), _negated=True), models.Q(('case__isnull', False), ('given__in', ('counter', 'phone'))), _connector='OR'), name='assistance_is_for_one_case'), models.CheckConstraint(condition=models.Q(models.Q(('revoked_at', None), ('revoked_by', None)), models.Q(('revoked_at__isnull', False), ('revoked_by__isnull', False)), _connector='OR'), name='revoked_mandate_says_by_whom'), models.CheckConstraint(condition=models.Q(models.Q(('confirmed_at', None), ('confirmed_by', None)), models.Q(('awaits', False), ('confirmed_at__isnull', False), ('confirmed_by__isnull', False)), _connector='OR'), name='confirmed_mandate_says_by_whom'), models.CheckConstraint(condition=models.Q(('confirmed_by', None), models.Q(('confirmed_by', models.F('recorded_by')), _negated=True), _connector='OR'), name='nobody_confirms_the_mandate_they_recorded'), models.CheckConstraint(condition=models.Q(('awaits', False), ('kind', 'delegated'), _connector='OR'), name='assistance_holds_at_once')],
            },
        ),
        migrations.CreateModel(
            name='Absence',
            fields=[
                ('id', models.UUIDField(default=zerotrip.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='absences', to='parties.party')),
                ('stand_in', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='stands_in', to='parties.party')),
                ('during', django.contrib.postgres.fields.ranges.DateTimeRangeField()),
                ('recorded_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('recorded_at', models.DateTimeField()),
            ],
            options={
                'constraints': [django.contrib.postgres.constraints.ExclusionConstraint(expressions=[('person', '='), ('during', '&&')], name='absences_do_not_overlap'), models.CheckConstraint(condition=models.Q(('person', models.F('stand_in')), _negated=True), name='nobody_stands_in_for_themselves'), models.CheckConstraint(condition=models.Q(('during__isempty', False), ('during__lower_inf', False), ('during__upper_inf', False)), name='absence_begins_and_ends')],
            },
        ),
        migrations.CreateModel(
            name='Area',
            fields=[
                ('code', models.CharField(max_length=15, primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=80)),
                ('name_en', models.CharField(blank=True, max_length=120)),
                ('level', models.CharField(choices=[('city', '市'), ('district', '区县'), ('subdistrict', '街道'), ('community', '社区'), ('grid', '网格')], max_length=12)),
                ('parent', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='children', to='parties.area')),
                ('path', models.CharField(max_length=120, unique=True)),
            ],
            options={
                'indexes': [models.Index(fields=['path'], name='area_path_prefix', opclasses=['text_pattern_ops'])],
                'constraints': [models.CheckConstraint(condition=models.Q(('path__endswith', django.db.models.functions.text.Concat(models.Value('/'), models.F('code'), models.Value('/')))), name='area_path_ends_in_its_code'), models.CheckConstraint(condition=models.Q(('code__regex', '^[0-9]{12}([0-9]{3})?$')), name='area_code_is_12_digits_or_15_for_a_grid')],
            },
        ),
    ])]
