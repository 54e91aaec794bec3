"""All tables as they stood on 2026-11-26 (decision 33). What is set aside of an offer is added up by the database,
which refuses more than there is.
"""

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
CREATE FUNCTION relief_add_up_reservations() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    before numeric := 0;
    after numeric := 0;
BEGIN
    IF TG_OP <> 'INSERT' AND OLD.status = 'held' THEN before := OLD.quantity; END IF;
    IF TG_OP <> 'DELETE' AND NEW.status = 'held' THEN after := NEW.quantity; END IF;
    IF TG_OP = 'UPDATE' AND NEW.offer_id <> OLD.offer_id THEN
        RAISE EXCEPTION 'a reservation stays with its offer' USING ERRCODE = 'check_violation';
    END IF;
    IF after <> before THEN
        UPDATE relief_resource SET reserved = reserved + after - before
        WHERE id = CASE WHEN TG_OP = 'DELETE' THEN OLD.offer_id ELSE NEW.offer_id END;
    END IF;
    RETURN NULL;
END
$$;

CREATE TRIGGER relief_reservations_add_up AFTER INSERT OR UPDATE OR DELETE ON relief_reservation
    FOR EACH ROW EXECUTE FUNCTION relief_add_up_reservations();
"""

UNDO = """
DROP TRIGGER relief_reservations_add_up ON relief_reservation;
DROP FUNCTION relief_add_up_reservations();
"""


class Migration(migrations.Migration):

    initial = True

    replaces = [
        ('relief', '0001_resources'),
        ('relief', '0002_resources_set_aside'),
        ('relief', '0003_routing'),
        ('relief', '0004_rules_to_whoever_is_named'),
        ('relief', '0005_resources_for_needs'),
    ]

    dependencies = [
        ('cases', '0001_squashed_0035_need_files'),
        ('parties', '0001_squashed_0012_named_helpers'),
        ('parties', '__first__'),
    ]

    operations = [Together([
        migrations.CreateModel(
            name='Declaration',
            fields=[
                ('pack', models.CharField(max_length=60, primary_key=True, serialize=False)),
                ('definition', models.JSONField()),
            ],
        ),
        migrations.CreateModel(
            name='ResourceKind',
            fields=[
                ('ledger_length', models.PositiveIntegerField(default=0, editable=False)),
                ('ledger_head', models.BinaryField(default=bytes, max_length=32)),
                ('id', models.UUIDField(default=zerotrip.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('slug', models.SlugField(max_length=60, unique=True)),
                ('pack', models.SlugField(max_length=60)),
                ('place', models.PositiveSmallIntegerField(help_text='In lists.')),
                ('definition', models.TextField(help_text='JSON as declared: the same text is the same kind.')),
                ('offered', models.BooleanField(default=True)),
                ('loaded_at', models.DateTimeField()),
            ],
            options={
                'ordering': ('place', 'slug'),
            },
        ),
        migrations.CreateModel(
            name='Resource',
            fields=[
                ('ledger_length', models.PositiveIntegerField(default=0, editable=False)),
                ('ledger_head', models.BinaryField(default=bytes, max_length=32)),
                ('id', models.UUIDField(default=zerotrip.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('kind', models.SlugField(max_length=60)),
                ('side', models.CharField(choices=[('offer', '供给'), ('want', '需求')], max_length=5)),
                ('party', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='resources', to='parties.party')),
                ('need', models.ForeignKey(blank=True, help_text='What it is to help.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='resources', to='cases.case')),
                ('title', models.CharField(max_length=80)),
                ('answers', models.JSONField()),
                ('contact_name', models.CharField(max_length=60)),
                ('contact_phone', models.CharField(max_length=20)),
                ('area_path', models.CharField(help_text='Where it is, or where it is needed.', max_length=120)),
                ('reach', models.CharField(help_text='The area in which the other side may lie.', max_length=120)),
                ('quantity', models.DecimalField(decimal_places=2, default=1, max_digits=16)),
                ('reserved', models.DecimalField(decimal_places=2, default=0, help_text='Kept by the database.', max_digits=16)),
                ('used', models.DecimalField(decimal_places=2, default=0, max_digits=16)),
                ('n1', models.FloatField(null=True)),
                ('n2', models.FloatField(null=True)),
                ('n3', models.FloatField(null=True)),
                ('n4', models.FloatField(null=True)),
                ('n5', models.FloatField(null=True)),
                ('n6', models.FloatField(null=True)),
                ('s1', models.BigIntegerField(null=True)),
                ('s2', models.BigIntegerField(null=True)),
                ('s3', models.BigIntegerField(null=True)),
                ('s4', models.BigIntegerField(null=True)),
                ('status', models.CharField(choices=[('open', '对接中'), ('asleep', '待确认，暂不展示'), ('done', '已落实'), ('withdrawn', '已撤下'), ('expired', '已到期')], default='open', max_length=10)),
                ('entered_at', models.DateTimeField()),
                ('entered_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('by_staff', models.BooleanField(default=False, help_text="Entered by staff in the party's name.")),
                ('confirmed_at', models.DateTimeField(help_text='When somebody last said that it still stands.')),
                ('confirm_at', models.DateTimeField(help_text='When to ask.')),
                ('asked_at', models.DateTimeField(blank=True, null=True)),
                ('sleep_at', models.DateTimeField(blank=True, help_text='When to hide it, once asked.', null=True)),
                ('valid_until', models.DateTimeField()),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('ended_because', models.CharField(blank=True, max_length=200)),
            ],
            options={
                'ordering': ('-entered_at', '-id'),
                'indexes': [models.Index(condition=models.Q(('quantity__gt', django.db.models.expressions.CombinedExpression(models.F('reserved'), '+', models.F('used'))), ('status', 'open')), fields=['kind', 'side', 'n1'], include=('id', 'party', 'area_path', 'reach', 'n2', 'n3', 'n4', 'n5', 'n6', 's1', 's2', 's3', 's4'), name='resource_matched'), models.Index(condition=models.Q(('quantity__gt', django.db.models.expressions.CombinedExpression(models.F('reserved'), '+', models.F('used'))), ('status', 'open')), fields=['kind', 'side', '-entered_at', '-id'], name='resource_shelf'), models.Index(fields=['-entered_at', '-id'], name='resource_latest'), models.Index(fields=['area_path'], name='resource_area_prefix', opclasses=['text_pattern_ops']), models.Index(condition=models.Q(('asked_at', None), ('status', 'open')), fields=['confirm_at'], name='resource_to_confirm'), models.Index(condition=models.Q(('asked_at__isnull', False), ('status', 'open')), fields=['sleep_at'], name='resource_to_sleep'), models.Index(condition=models.Q(('status__in', ('open', 'asleep'))), fields=['valid_until'], name='resource_to_expire'), django.contrib.postgres.indexes.GinIndex(zerotrip.pairs.Pairs(django.db.models.functions.text.Upper('title')), name='resource_title_pairs')],
                'constraints': [models.CheckConstraint(condition=models.Q(('quantity__gt', 0), ('reserved__gte', 0), ('used__gte', 0)), name='resource_amounts_are_amounts'), models.CheckConstraint(condition=models.Q(('quantity__gte', django.db.models.expressions.CombinedExpression(models.F('reserved'), '+', models.F('used')))), name='resource_is_never_given_twice'), models.CheckConstraint(condition=models.Q(models.Q(('ended_at', None), ('status__in', ('open', 'asleep'))), models.Q(('ended_at__isnull', False), ('status__in', ('done', 'withdrawn', 'expired'))), _connector='OR'), name='ended_resource_says_when'), models.CheckConstraint(condition=models.Q(models.Q(('asked_at', None), ('sleep_at', None)), models.Q(('asked_at__isnull', False), ('sleep_at__isnull', False)), _connector='OR'), name='resource_that_was_asked_sleeps_later')],
            },
        ),
        migrations.CreateModel(
            name='Introduction',
            fields=[
                ('ledger_length', models.PositiveIntegerField(default=0, editable=False)),
                ('ledger_head', models.BinaryField(default=bytes, max_length=32)),
                ('id', models.UUIDField(default=zerotrip.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('kind', models.SlugField(max_length=60)),
                ('offer', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='offered_in', to='relief.resource')),
                ('want', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='wanted_in', to='relief.resource')),
                ('offer_party', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='parties.party')),
                ('want_party', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='parties.party')),
                ('offer_area', models.CharField(max_length=120)),
                ('want_area', models.CharField(max_length=120)),
                ('score', models.PositiveSmallIntegerField(help_text='Of 100.')),
                ('reasons', models.JSONField(help_text='Told to each side, in both languages, as they were found.')),
                ('by_hand', models.BooleanField(default=False, help_text='Somebody asked for it; else the rules found it.')),
                ('note', models.CharField(blank=True, help_text='Of staff who brought the two together.', max_length=500)),
                ('status', models.CharField(choices=[('proposed', '等双方同意'), ('introduced', '已牵线'), ('succeeded', '已对接成功'), ('failed', '没有谈成'), ('refused', '一方不考虑'), ('lapsed', '到期未同意'), ('dropped', '一方已撤下或落实')], default='proposed', max_length=10)),
                ('proposed_at', models.DateTimeField()),
                ('answer_by', models.DateTimeField(help_text='When a proposal lapses.')),
                ('offer_agreed_at', models.DateTimeField(blank=True, null=True)),
                ('offer_agreed_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('want_agreed_at', models.DateTimeField(blank=True, null=True)),
                ('want_agreed_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('introduced_at', models.DateTimeField(blank=True, null=True)),
                ('refused_by_side', models.CharField(blank=True, choices=[('offer', '供给'), ('want', '需求')], max_length=5)),
                ('refused_because', models.CharField(blank=True, max_length=200)),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('amount', models.DecimalField(blank=True, decimal_places=2, help_text='As counted.', max_digits=16, null=True)),
                ('taken', models.DecimalField(blank=True, decimal_places=2, help_text='Of the offer.', max_digits=16, null=True)),
                ('outcome_note', models.CharField(blank=True, max_length=500)),
                ('outcome_from', models.CharField(blank=True, help_text='offer, want or staff.', max_length=5)),
                ('outcome_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ('-proposed_at', '-score', '-id'),
                'indexes': [models.Index(condition=models.Q(('status', 'proposed')), fields=['answer_by'], name='introduction_to_lapse'), models.Index(fields=['-proposed_at', '-id'], name='introduction_latest'), models.Index(condition=models.Q(('status__in', ('succeeded', 'failed'))), fields=['ended_at'], name='introduction_ended')],
                'constraints': [models.UniqueConstraint(fields=('offer', 'want'), name='introduced_once'), models.CheckConstraint(condition=models.Q(('score__lte', 100)), name='introduction_score_is_of_a_hundred'), models.CheckConstraint(condition=models.Q(models.Q(('status__in', ('introduced', 'succeeded', 'failed')), _negated=True), models.Q(('introduced_at__isnull', False), ('offer_agreed_at__isnull', False), ('want_agreed_at__isnull', False)), _connector='OR'), name='introduced_when_both_agreed'), models.CheckConstraint(condition=models.Q(models.Q(('ended_at', None), ('status__in', ('proposed', 'introduced'))), models.Q(('ended_at__isnull', False), models.Q(('status__in', ('proposed', 'introduced')), _negated=True)), _connector='OR'), name='ended_introduction_says_when'), models.CheckConstraint(condition=models.Q(models.Q(('amount__gte', 0), ('status', 'succeeded'), ('taken__gt', 0)), models.Q(models.Q(('status', 'succeeded'), _negated=True), ('amount', None), ('taken', None)), _connector='OR'), name='success_says_how_much'), models.CheckConstraint(condition=models.Q(models.Q(('status', 'refused'), models.Q(('refused_by_side', ''), _negated=True), models.Q(('refused_because', ''), _negated=True)), models.Q(models.Q(('status', 'refused'), _negated=True), ('refused_because', ''), ('refused_by_side', '')), _connector='OR'), name='refusal_says_who_and_why')],
            },
        ),
        migrations.CreateModel(
            name='Reservation',
            fields=[
                ('id', models.UUIDField(default=zerotrip.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('introduction', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='reservations', to='relief.introduction')),
                ('offer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='reservations', to='relief.resource')),
                ('quantity', models.DecimalField(decimal_places=2, max_digits=16)),
                ('whole', models.BooleanField(help_text='The offer goes as a whole.')),
                ('status', models.CharField(choices=[('held', '预留中'), ('used', '已落实'), ('released', '已取消'), ('expired', '已到期')], default='held', max_length=8)),
                ('made_at', models.DateTimeField()),
                ('made_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('expires_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'ordering': ('-made_at', '-id'),
                'indexes': [models.Index(condition=models.Q(('status', 'held')), fields=['expires_at'], name='reservation_to_expire')],
                'constraints': [models.CheckConstraint(condition=models.Q(('quantity__gt', 0)), name='reservation_is_of_something'), models.CheckConstraint(condition=models.Q(('expires_at__gt', models.F('made_at'))), name='reservation_gives_time'), models.UniqueConstraint(condition=models.Q(('status', 'held'), ('whole', True)), fields=('offer',), name='whole_offer_is_held_once'), models.UniqueConstraint(condition=models.Q(('status', 'held')), fields=('introduction',), name='introduction_holds_once'), models.CheckConstraint(condition=models.Q(models.Q(('ended_at', None), ('status', 'held')), models.Q(models.Q(('status', 'held'), _negated=True), ('ended_at__isnull', False)), _connector='OR'), name='ended_reservation_says_when')],
            },
        ),
        migrations.CreateModel(
            name='RoutingRule',
            fields=[
                ('ledger_length', models.PositiveIntegerField(default=0, editable=False)),
                ('ledger_head', models.BinaryField(default=bytes, max_length=32)),
                ('id', models.UUIDField(default=zerotrip.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('team', models.ForeignKey(blank=True, help_text="Whose list; None: the district's.", null=True, on_delete=django.db.models.deletion.PROTECT, related_name='routing', to='parties.party')),
                ('order', models.PositiveIntegerField()),
                ('name', models.CharField(max_length=120)),
                ('subjects', django.contrib.postgres.fields.ArrayField(base_field=models.SlugField(max_length=60), blank=True, default=list, help_text='Empty: any.', size=None)),
                ('areas', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=15), blank=True, default=list, help_text='Codes; empty: anywhere.', size=None)),
                ('when', models.JSONField(blank=True, help_text='Criteria over what is known of the firm.', null=True)),
                ('person', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('office', models.ForeignKey(blank=True, help_text='A department or a team.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='routed_to', to='parties.party')),
                ('named', models.BooleanField(db_default=False, default=False, help_text="The firm's named helper for the subject, else its helper for all subjects.")),
                ('role', models.CharField(blank=True, choices=[('clerk', '受理'), ('reviewer', '审查'), ('leader', '决定'), ('head', '机关负责人'), ('supervisor', '监督'), ('administrator', '管理'), ('helper', '帮办'), ('duty', '诉求值班')], help_text='Which seat of the office; empty: whichever helps.', max_length=16)),
                ('green', models.CharField(blank=True, help_text='Why such needs go into the green channel.', max_length=200)),
                ('pack', models.CharField(blank=True, help_text='The pack that declares it; empty: made at the desk.', max_length=60)),
                ('key', models.CharField(blank=True, help_text='Its name in the pack.', max_length=60)),
                ('edited', models.BooleanField(default=False, help_text='Changed at the desk since: the pack leaves it alone.')),
                ('stopped', models.CharField(blank=True, choices=[('', '—'), ('left', '这个人已不在岗'), ('absent', '这个人外出，没有人代班'), ('empty', '那里没有人'), ('by_hand', '人工停用')], default='', max_length=10)),
                ('stopped_at', models.DateTimeField(blank=True, null=True)),
                ('removed_at', models.DateTimeField(blank=True, null=True)),
                ('revision', models.BigIntegerField(help_text='Grows with each change of any rule: what is compiled knows it is old.')),
                ('changed_at', models.DateTimeField()),
                ('changed_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ('order', 'id'),
                'indexes': [models.Index(fields=['-revision'], name='rule_latest_revision'), models.Index(condition=models.Q(('person__isnull', False), ('removed_at', None)), fields=['person'], name='rule_of_person')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('named', False), ('office', None), ('person__isnull', False), ('role', '')), models.Q(('named', False), ('office__isnull', False), ('person', None)), models.Q(('named', True), ('office', None), ('person', None), ('role', '')), _connector='OR'), name='rule_goes_to_one_place'), models.CheckConstraint(condition=models.Q(models.Q(('stopped', ''), ('stopped_at', None)), models.Q(models.Q(('stopped', ''), _negated=True), ('stopped_at__isnull', False)), _connector='OR'), name='stopped_rule_says_since_when'), models.UniqueConstraint(condition=models.Q(('removed_at', None), models.Q(('pack', ''), _negated=True)), fields=('pack', 'key'), name='rule_of_a_pack_once'), models.CheckConstraint(condition=models.Q(models.Q(('key', ''), ('pack', '')), models.Q(models.Q(('pack', ''), _negated=True), models.Q(('key', ''), _negated=True)), _connector='OR'), name='rule_of_a_pack_has_a_key')],
            },
        ),
        migrations.RunSQL(GUARDS, UNDO),
    ])]
