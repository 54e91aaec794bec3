"""All tables as they stood on 2026-11-26 (decision 33), and what of them stays as it was told or read."""

import django.db.models.deletion
import zerotrip.ids
import zerotrip.licences.models
from django.conf import settings
from django.db import migrations, models
from zerotrip.tables import Together

GUARDS = """
-- What a courier told stays as it was told. Only what names people may be wiped.
CREATE FUNCTION licences_refuse_change_of_event() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.note IN ('', OLD.note) AND NEW.signed_by IN ('', OLD.signed_by)
        AND (NEW.id, NEW.label_id, NEW.courier, NEW.key, NEW.kind, NEW.at, NEW.place, NEW.source, NEW.received_at)
          = (OLD.id, OLD.label_id, OLD.courier, OLD.key, OLD.kind, OLD.at, OLD.place, OLD.source, OLD.received_at)
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'what was told of a parcel is append-only' USING ERRCODE = 'insufficient_privilege';
END
$$;

CREATE TRIGGER licences_event_stays BEFORE UPDATE OR DELETE ON licences_event
    FOR EACH ROW EXECUTE FUNCTION licences_refuse_change_of_event();

-- What was read and agreed to stays as it was. A use that waits to be verified is filled in once, by the answer.
CREATE FUNCTION licences_refuse_change_of_grant() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.id, NEW.case_id, NEW.material, NEW.round, NEW.licence_id, NEW.consent, NEW.consented_by_id, NEW.consented_at,
        NEW.filled)
     IS DISTINCT FROM
       (OLD.id, OLD.case_id, OLD.material, OLD.round, OLD.licence_id, OLD.consent, OLD.consented_by_id, OLD.consented_at,
        OLD.filled)
    OR OLD.status <> 'provisional' AND
       (NEW.kind, NEW.number, NEW.identifier, NEW.title, NEW.title_en, NEW.holder, NEW.issuer, NEW.valid_until, NEW.facts)
     IS DISTINCT FROM
       (OLD.kind, OLD.number, OLD.identifier, OLD.title, OLD.title_en, OLD.holder, OLD.issuer, OLD.valid_until, OLD.facts)
    OR OLD.ended_round IS NOT NULL AND NEW.ended_round IS DISTINCT FROM OLD.ended_round
    OR OLD.status = 'failed' AND NEW.status <> 'failed'
    THEN
        RAISE EXCEPTION 'what was read of a licence stays as it was' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER licences_grant_stays BEFORE UPDATE ON licences_grant
    FOR EACH ROW EXECUTE FUNCTION licences_refuse_change_of_grant();
"""

UNDO = """
DROP TRIGGER licences_grant_stays ON licences_grant;
DROP FUNCTION licences_refuse_change_of_grant();
DROP TRIGGER licences_event_stays ON licences_event;
DROP FUNCTION licences_refuse_change_of_event();
"""


class Migration(migrations.Migration):

    initial = True

    replaces = [
        ('licences', '0001_initial'),
        ('licences', '0002_lists'),
        ('licences', '0003_stopped_by_rule'),
        ('licences', '0004_delivery'),
        ('licences', '0005_reuse'),
        ('licences', '0006_editions'),
        ('licences', '0007_got_by_fraud'),
        ('licences', '0008_agreed_how'),
        ('licences', '0009_one_index_each'),
    ]

    dependencies = [
        ('cases', '0001_squashed_0035_need_files'),
        ('catalogue', '0001_squashed_0002_guards'),
        ('files', '0001_initial'),
        ('parties', '0001_squashed_0012_named_helpers'),
        ('parties', '__first__'),
    ]

    operations = [Together([
        migrations.CreateModel(
            name='Batch',
            fields=[
                ('ledger_length', models.PositiveIntegerField(default=0, editable=False)),
                ('ledger_head', models.BinaryField(default=bytes, max_length=32)),
                ('id', models.UUIDField(default=zerotrip.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('number', models.CharField(max_length=20, unique=True)),
                ('department', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='parties.party')),
                ('area_path', models.CharField(max_length=120)),
                ('courier', models.CharField(max_length=30)),
                ('opened_at', models.DateTimeField()),
                ('opened_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('closed_at', models.DateTimeField(blank=True, null=True)),
                ('closed_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('missing', models.JSONField(default=list, help_text='Tracking numbers that were not handed over.')),
            ],
            options={
                'verbose_name_plural': 'batches',
                'indexes': [models.Index(fields=['department', '-opened_at'], name='batch_of_department')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('closed_at', None), ('closed_by', None), ('missing', [])), models.Q(('closed_at__isnull', False), ('closed_by__isnull', False)), _connector='OR'), name='closed_batch_says_when_and_by_whom')],
            },
        ),
        migrations.CreateModel(
            name='Counter',
            fields=[
                ('pk', models.CompositePrimaryKey('scheme', 'year', blank=True, editable=False, primary_key=True, serialize=False)),
                ('scheme', models.CharField(max_length=60)),
                ('year', models.PositiveSmallIntegerField()),
                ('last', models.PositiveIntegerField()),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('last__gte', 1)), name='counter_starts_at_one')],
            },
        ),
        migrations.CreateModel(
            name='Delivery',
            fields=[
                ('ledger_length', models.PositiveIntegerField(default=0, editable=False)),
                ('ledger_head', models.BinaryField(default=bytes, max_length=32)),
                ('id', models.UUIDField(default=zerotrip.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('case', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='delivery', to='cases.case')),
                ('way', models.CharField(choices=[('electronic', '只要电子证照'), ('post', '邮寄到家'), ('counter', '窗口自取')], max_length=10)),
                ('recipient', models.CharField(blank=True, max_length=60)),
                ('phone', models.CharField(blank=True, max_length=20)),
                ('address', models.CharField(blank=True, max_length=200)),
                ('chosen_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('chosen_at', models.DateTimeField()),
                ('purged_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'verbose_name_plural': 'deliveries',
                'indexes': [models.Index(fields=['chosen_by', '-chosen_at'], name='delivery_latest_of_account'), models.Index(condition=models.Q(('purged_at', None), ('way', 'post')), fields=['chosen_at'], name='delivery_to_purge')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('purged_at', None), ('way', 'post'), models.Q(('recipient', ''), _negated=True), models.Q(('phone', ''), _negated=True), models.Q(('address', ''), _negated=True)), models.Q(models.Q(models.Q(('way', 'post'), _negated=True), ('purged_at__isnull', False), _connector='OR'), ('address', ''), ('phone', ''), ('recipient', '')), _connector='OR'), name='post_says_to_whom_and_nothing_else_does')],
            },
        ),
        migrations.CreateModel(
            name='Licence',
            fields=[
                ('ledger_length', models.PositiveIntegerField(default=0, editable=False)),
                ('ledger_head', models.BinaryField(default=bytes, max_length=32)),
                ('id', models.UUIDField(default=zerotrip.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('kind', models.SlugField(help_text='Which sort of licence, as its service declares.', max_length=60)),
                ('number', models.CharField(max_length=80)),
                ('edition', models.PositiveSmallIntegerField(default=1)),
                ('origin', models.CharField(choices=[('issue', '核发'), ('change', '变更换发'), ('renew', '延续换发'), ('reissue', '补发'), ('correct', '更正换发'), ('fulfil', '条件已满足，换发')], default='issue', max_length=8)),
                ('replaces', models.OneToOneField(blank=True, help_text='The edition before.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='replaced_by', to='licences.licence')),
                ('identifier', models.CharField(help_text='GB/T 36904, with check character.', max_length=120, unique=True)),
                ('title', models.CharField(max_length=120)),
                ('title_en', models.CharField(blank=True, max_length=160)),
                ('holder', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='licences', to='parties.party')),
                ('issuer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='parties.party')),
                ('area_path', models.CharField(max_length=120)),
                ('case', models.OneToOneField(blank=True, help_text='Whose outcome it is. A corrected edition takes the place of the one it corrects.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='licence', to='cases.case')),
                ('version', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalogue.serviceversion')),
                ('facts', models.JSONField(help_text='What the certificate says: name → text.')),
                ('blob', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='files.blob')),
                ('token', models.CharField(default=zerotrip.licences.models.new_token, editable=False, max_length=32, unique=True)),
                ('issued_at', models.DateTimeField()),
                ('valid_from', models.DateField()),
                ('valid_until', models.DateField(blank=True, help_text='The last day; None: no end of its own.', null=True)),
                ('status', models.CharField(choices=[('valid', '有效'), ('suspended', '已暂停'), ('revoked', '已撤销'), ('replaced', '已被新版本取代')], default='valid', max_length=10)),
                ('stopped_at', models.DateTimeField(blank=True, null=True)),
                ('stopped_by', models.ForeignKey(blank=True, help_text='None: by a rule of the service.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('stopped_because', models.TextField(blank=True)),
                ('ground', models.CharField(blank=True, choices=[('', '—'), ('annul', '撤销'), ('withdraw', '撤回'), ('penalty', '吊销'), ('cancel', '注销')], default='', max_length=8)),
            ],
            options={
                'indexes': [models.Index(fields=['holder', '-issued_at'], name='licence_of_holder'), models.Index(fields=['issuer', '-issued_at'], name='licence_of_issuer'), models.Index(fields=['-issued_at'], name='licence_latest'), models.Index(fields=['area_path'], name='licence_area_prefix', opclasses=['text_pattern_ops'])],
                'constraints': [models.UniqueConstraint(condition=models.Q(('status', 'replaced'), _negated=True), fields=('kind', 'number'), name='one_current_licence_per_number'), models.UniqueConstraint(fields=('kind', 'number', 'edition'), name='licence_edition_once_per_number'), models.CheckConstraint(condition=models.Q(models.Q(('edition', 1), ('replaces', None)), models.Q(('edition__gt', 1), ('replaces__isnull', False)), _connector='OR'), name='later_edition_replaces_one'), models.CheckConstraint(condition=models.Q(models.Q(('status', 'revoked'), models.Q(('ground', ''), _negated=True)), models.Q(models.Q(('status', 'revoked'), _negated=True), ('ground', '')), _connector='OR'), name='ended_licence_says_on_which_ground'), models.CheckConstraint(condition=models.Q(models.Q(('status', 'valid'), ('stopped_at', None), ('stopped_because', ''), ('stopped_by', None)), models.Q(('status__in', ('suspended', 'revoked', 'replaced')), ('stopped_at__isnull', False), models.Q(('stopped_because', ''), _negated=True)), _connector='OR'), name='stopped_licence_says_when_and_why'), models.CheckConstraint(condition=models.Q(('valid_until', None), ('valid_until__gte', models.F('valid_from')), _connector='OR'), name='licence_ends_after_it_begins')],
            },
        ),
        migrations.CreateModel(
            name='Grant',
            fields=[
                ('id', models.UUIDField(default=zerotrip.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='grants', to='cases.case')),
                ('material', models.CharField(max_length=60)),
                ('round', models.PositiveSmallIntegerField(help_text='The first submission it counts in.')),
                ('ended_round', models.PositiveSmallIntegerField(blank=True, help_text='The first it does not.', null=True)),
                ('licence', models.ForeignKey(blank=True, help_text='One held here.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='grants', to='licences.licence')),
                ('kind', models.SlugField(max_length=60)),
                ('number', models.CharField(max_length=80)),
                ('identifier', models.CharField(blank=True, max_length=120)),
                ('title', models.CharField(max_length=120)),
                ('title_en', models.CharField(blank=True, max_length=160)),
                ('holder', models.CharField(blank=True, max_length=120)),
                ('issuer', models.CharField(blank=True, max_length=120)),
                ('valid_until', models.DateField(blank=True, null=True)),
                ('facts', models.JSONField(default=dict, help_text='What the licence said: name → text.')),
                ('filled', models.JSONField(default=dict, help_text='Field of the form → what the licence gives it.')),
                ('consent', models.JSONField(help_text='The sentence that was agreed to, in both languages.')),
                ('consented_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('consented_at', models.DateTimeField()),
                ('confirmation', models.ForeignKey(blank=True, help_text='How the applicant agreed, where a clerk keyed in.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cases.confirmation')),
                ('status', models.CharField(choices=[('verified', '已核验'), ('provisional', '待核验'), ('failed', '核验不通过')], max_length=12)),
                ('fault', models.CharField(blank=True, choices=[('', '—'), ('unknown', '证照库里没有这份证照'), ('others', '证照库里这个编号不是申请人的证照'), ('not_valid', '证照已经失效'), ('ends', '证照在法定办结日之前到期'), ('unanswered', '证照库一直没有给出可以采信的答复')], default='', max_length=12)),
                ('verified_at', models.DateTimeField(blank=True, help_text='When it was last found to hold.', null=True)),
                ('tries', models.PositiveSmallIntegerField(default=0, help_text='Without an answer, since the last one.')),
                ('ask_at', models.DateTimeField(blank=True, help_text='Not to be asked about before.', null=True)),
                ('differs', models.JSONField(blank=True, help_text='A later answer that says something else.', null=True)),
                ('differs_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'ordering': ('consented_at', 'id'),
                'indexes': [models.Index(fields=['licence', '-consented_at'], name='grant_of_licence'), models.Index(condition=models.Q(('ended_round', None), ('licence', None), models.Q(('status', 'failed'), _negated=True)), fields=['ask_at'], name='grant_to_ask')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('ended_round', None)), fields=('case', 'material'), name='one_live_grant_per_material'), models.CheckConstraint(condition=models.Q(('ended_round', None), ('ended_round__gte', models.F('round')), _connector='OR'), name='grant_ends_after_it_begins'), models.CheckConstraint(condition=models.Q(models.Q(('status', 'failed'), models.Q(('fault', ''), _negated=True)), models.Q(models.Q(('status', 'failed'), _negated=True), ('fault', '')), _connector='OR'), name='failed_grant_says_why'), models.CheckConstraint(condition=models.Q(models.Q(('status', 'verified'), _negated=True), ('verified_at__isnull', False), _connector='OR'), name='verified_grant_says_when'), models.CheckConstraint(condition=models.Q(('licence', None), models.Q(('status', 'provisional'), _negated=True), _connector='OR'), name='own_licence_needs_no_registry'), models.CheckConstraint(condition=models.Q(models.Q(('differs', None), ('differs_at', None)), models.Q(('differs__isnull', False), ('differs_at__isnull', False)), _connector='OR'), name='other_answer_says_when')],
            },
        ),
        migrations.CreateModel(
            name='Concern',
            fields=[
                ('case', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='concern', serialize=False, to='cases.case')),
                ('licence', models.ForeignKey(help_text='The edition it was begun on.', on_delete=django.db.models.deletion.PROTECT, related_name='concerns', to='licences.licence')),
                ('act', models.CharField(max_length=8)),
                ('chosen_at', models.DateTimeField()),
                ('ends_on', models.DateField(blank=True, help_text='Of a renewal that silence grants: the last day of the licence.', null=True)),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('ends_on__isnull', False)), fields=['ends_on'], name='concern_ends')],
            },
        ),
        migrations.CreateModel(
            name='Revocation',
            fields=[
                ('id', models.UUIDField(default=zerotrip.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('reasons', models.TextField()),
                ('status', models.CharField(choices=[('open', '待确认'), ('confirmed', '已确认'), ('down', '未同意')], default='open', max_length=10)),
                ('proposed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('proposed_at', models.DateTimeField()),
                ('settled_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('settled_at', models.DateTimeField(blank=True, null=True)),
                ('opinion', models.TextField(blank=True)),
                ('licence', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='revocations', to='licences.licence')),
                ('ground', models.CharField(choices=[('annul', '撤销'), ('withdraw', '撤回'), ('penalty', '吊销')], max_length=8)),
                ('fraud', models.BooleanField(db_default=False, default=False, help_text='Got by deceit, bribery or other improper means (art. 79).')),
            ],
            options={
                'abstract': False,
                'constraints': [models.CheckConstraint(condition=models.Q(('reasons', ''), _negated=True), name='revocation_gives_its_reasons'), models.CheckConstraint(condition=models.Q(models.Q(('settled_at', None), ('settled_by', None), ('status', 'open')), models.Q(models.Q(('status', 'open'), _negated=True), ('settled_at__isnull', False), ('settled_by__isnull', False)), _connector='OR'), name='revocation_settled_says_when_and_by_whom'), models.CheckConstraint(condition=models.Q(('settled_by', None), models.Q(('settled_by', models.F('proposed_by')), _negated=True), _connector='OR'), name='revocation_takes_two_hands'), models.CheckConstraint(condition=models.Q(models.Q(('status', 'down'), _negated=True), models.Q(('opinion', ''), _negated=True), _connector='OR'), name='revocation_turned_down_says_why'), models.CheckConstraint(condition=models.Q(('fraud', False), ('ground', 'annul'), _connector='OR'), name='what_was_got_by_fraud_is_annulled'), models.UniqueConstraint(condition=models.Q(('status', 'open')), fields=('licence',), name='one_open_revocation_of_a_licence'), models.UniqueConstraint(condition=models.Q(('status', 'confirmed')), fields=('licence',), name='a_licence_is_revoked_once')],
            },
        ),
        migrations.CreateModel(
            name='Shipment',
            fields=[
                ('ledger_length', models.PositiveIntegerField(default=0, editable=False)),
                ('ledger_head', models.BinaryField(default=bytes, max_length=32)),
                ('id', models.UUIDField(default=zerotrip.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('case', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='shipment', to='cases.case')),
                ('department', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='parties.party')),
                ('area_path', models.CharField(max_length=120)),
                ('way', models.CharField(choices=[('post', '邮寄到家'), ('counter', '窗口自取')], max_length=10)),
                ('status', models.CharField(choices=[('waiting', '待寄送'), ('labelled', '已打面单'), ('handed_over', '已交寄'), ('in_transit', '运输中'), ('delivered', '已送达'), ('undelivered', '未能送达'), ('cancelled', '不再寄送')], default='waiting', max_length=12)),
                ('opened_at', models.DateTimeField()),
                ('last_event_at', models.DateTimeField(blank=True, help_text='When what was last told of the present label happened.', null=True)),
                ('reason', models.CharField(blank=True, help_text='Why it could not be delivered.', max_length=200)),
                ('delivered_at', models.DateTimeField(blank=True, null=True)),
                ('signed_by', models.CharField(blank=True, help_text='Who took it. Wiped with the address.', max_length=60)),
                ('handed_out_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('status__in', ('delivered', 'cancelled')), _negated=True), fields=['department', 'way', 'status', 'opened_at'], name='shipment_to_do'), models.Index(fields=['department', '-opened_at'], name='shipment_of_department')],
                'constraints': [models.CheckConstraint(condition=models.Q(('way__in', ('post', 'counter'))), name='shipment_is_of_paper'), models.CheckConstraint(condition=models.Q(('way', 'post'), ('status__in', ('waiting', 'delivered', 'cancelled')), _connector='OR'), name='what_waits_at_the_counter_does_not_travel'), models.CheckConstraint(condition=models.Q(models.Q(('delivered_at__isnull', False), ('status', 'delivered')), models.Q(models.Q(('status', 'delivered'), _negated=True), ('delivered_at', None), ('signed_by', '')), _connector='OR'), name='delivered_shipment_says_when'), models.CheckConstraint(condition=models.Q(models.Q(('handed_out_by__isnull', False), ('status', 'delivered'), ('way', 'counter')), models.Q(models.Q(models.Q(('way', 'counter'), _negated=True), models.Q(('status', 'delivered'), _negated=True), _connector='OR'), ('handed_out_by', None)), _connector='OR'), name='counter_says_who_handed_out'), models.CheckConstraint(condition=models.Q(models.Q(('status', 'undelivered'), models.Q(('reason', ''), _negated=True)), models.Q(models.Q(('status', 'undelivered'), _negated=True), ('reason', '')), _connector='OR'), name='undelivered_shipment_says_why')],
            },
        ),
        migrations.CreateModel(
            name='Label',
            fields=[
                ('id', models.UUIDField(default=zerotrip.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('shipment', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='labels', to='licences.shipment')),
                ('courier', models.CharField(max_length=30)),
                ('tracking', models.CharField(max_length=40)),
                ('made_at', models.DateTimeField()),
                ('made_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('batch', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='labels', to='licences.batch')),
                ('handed_over_at', models.DateTimeField(blank=True, null=True)),
                ('handed_over_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('ended_at', models.DateTimeField(blank=True, help_text='When it stopped to count.', null=True)),
                ('asked_at', models.DateTimeField(blank=True, help_text='When the courier was last asked.', null=True)),
            ],
            options={
                'ordering': ('made_at', 'id'),
                'constraints': [models.UniqueConstraint(fields=('courier', 'tracking'), name='tracking_number_once_per_courier'), models.UniqueConstraint(condition=models.Q(('ended_at', None)), fields=('shipment',), name='one_label_counts_per_shipment'), models.CheckConstraint(condition=models.Q(models.Q(('handed_over_at', None), ('handed_over_by', None)), models.Q(('batch__isnull', False), ('handed_over_at__isnull', False), ('handed_over_by__isnull', False)), _connector='OR'), name='handed_over_label_says_when_by_whom_in_which_batch'), models.CheckConstraint(condition=models.Q(('ended_at', None), ('ended_at__gte', models.F('made_at')), _connector='OR'), name='label_ends_after_it_was_made')],
            },
        ),
        migrations.CreateModel(
            name='Event',
            fields=[
                ('id', models.UUIDField(default=zerotrip.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('label', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='events', to='licences.label')),
                ('courier', models.CharField(max_length=30)),
                ('key', models.CharField(help_text="The courier's own number of the event.", max_length=80)),
                ('kind', models.CharField(choices=[('accepted', '快递已收件'), ('in_transit', '运输中'), ('out_for_delivery', '正在派送'), ('delivered', '已签收'), ('undelivered', '未能送达')], max_length=20)),
                ('at', models.DateTimeField()),
                ('place', models.CharField(blank=True, max_length=80)),
                ('note', models.CharField(blank=True, max_length=200)),
                ('signed_by', models.CharField(blank=True, max_length=60)),
                ('source', models.CharField(choices=[('webhook', '快递推送'), ('polling', '向快递查询'), ('hand', '工作人员登记')], max_length=10)),
                ('received_at', models.DateTimeField()),
            ],
            options={
                'ordering': ('at', 'received_at', 'id'),
                'indexes': [models.Index(fields=['label', 'at'], name='event_of_label')],
                'constraints': [models.UniqueConstraint(fields=('courier', 'key'), name='event_once_per_courier')],
            },
        ),
        migrations.CreateModel(
            name='Slip',
            fields=[
                ('id', models.UUIDField(default=zerotrip.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('reasons', models.TextField()),
                ('status', models.CharField(choices=[('open', '待确认'), ('confirmed', '已确认'), ('down', '未同意')], default='open', max_length=10)),
                ('proposed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('proposed_at', models.DateTimeField()),
                ('settled_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('settled_at', models.DateTimeField(blank=True, null=True)),
                ('opinion', models.TextField(blank=True)),
                ('case', models.ForeignKey(help_text='What it was decided in.', on_delete=django.db.models.deletion.PROTECT, related_name='slips', to='cases.case')),
                ('licence', models.ForeignKey(blank=True, help_text='The edition it stands in.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='slips', to='licences.licence')),
                ('changes', models.JSONField(help_text='[{place, label, before, after}]; a place is fact:<name> or a text.')),
                ('made', models.OneToOneField(blank=True, help_text='The edition printed.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='corrects', to='licences.licence')),
            ],
            options={
                'abstract': False,
                'constraints': [models.CheckConstraint(condition=models.Q(('reasons', ''), _negated=True), name='slip_gives_its_reasons'), models.CheckConstraint(condition=models.Q(models.Q(('settled_at', None), ('settled_by', None), ('status', 'open')), models.Q(models.Q(('status', 'open'), _negated=True), ('settled_at__isnull', False), ('settled_by__isnull', False)), _connector='OR'), name='slip_settled_says_when_and_by_whom'), models.CheckConstraint(condition=models.Q(('settled_by', None), models.Q(('settled_by', models.F('proposed_by')), _negated=True), _connector='OR'), name='slip_takes_two_hands'), models.CheckConstraint(condition=models.Q(models.Q(('status', 'down'), _negated=True), models.Q(('opinion', ''), _negated=True), _connector='OR'), name='slip_turned_down_says_why'), models.UniqueConstraint(condition=models.Q(('status', 'open')), fields=('case',), name='one_open_slip_of_a_case'), models.CheckConstraint(condition=models.Q(('changes', []), _negated=True), name='slip_changes_something')],
            },
        ),
        migrations.RunSQL(GUARDS, UNDO),
    ])]
