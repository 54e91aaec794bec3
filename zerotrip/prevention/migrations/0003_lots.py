"""One ledger of goods. A movement is never changed or deleted; only the people named in it can go."""

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.functions.text
import zerotrip.ids
import zerotrip.pairs
from django.conf import settings
from django.db import migrations, models


GUARDS = """
CREATE FUNCTION prevention_movement_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        -- Only the people in it may go, and nothing else: what is left must be what was there.
        IF NEW.handler = '' AND NEW.handler_phone = '' AND NEW.plate = ''
           AND (NEW.outside = OLD.outside OR (OLD.outside_person AND NEW.outside = '')) THEN
            OLD.handler := ''; OLD.handler_phone := ''; OLD.plate := ''; OLD.outside := NEW.outside;
            IF NEW IS NOT DISTINCT FROM OLD THEN RETURN NEW; END IF;
        END IF;
    END IF;
    RAISE EXCEPTION 'movements are append-only' USING ERRCODE = 'insufficient_privilege';
END
$$;
CREATE TRIGGER prevention_movement_stays BEFORE UPDATE OR DELETE ON prevention_movement
    FOR EACH ROW EXECUTE FUNCTION prevention_movement_stays();
"""

UNDO = """
DROP TRIGGER prevention_movement_stays ON prevention_movement;
DROP FUNCTION prevention_movement_stays();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('files', '0001_initial'),
        ('parties', '0001_squashed_0012_named_helpers'),
        ('prevention', '0002_rosters'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Holder',
            fields=[
                ('id', models.UUIDField(default=zerotrip.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=80)),
                ('area_path', models.CharField(max_length=120)),
                ('made_at', models.DateTimeField()),
                ('party', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='parties.party')),
                ('site', models.OneToOneField(blank=True, help_text='A site has one store of its own.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='prevention.site')),
            ],
            options={
                'ordering': ('name', 'id'),
                'indexes': [models.Index(fields=['area_path'], name='holder_area_prefix', opclasses=['text_pattern_ops']), django.contrib.postgres.indexes.GinIndex(zerotrip.pairs.Pairs(django.db.models.functions.text.Upper('name')), name='holder_name_pairs')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('party__isnull', False), ('site', None)), fields=('party', 'name'), name='one_store_of_a_name_per_party'), models.UniqueConstraint(condition=models.Q(('party', None), ('site', None)), fields=('area_path', 'name'), name='one_place_of_a_name_per_area'), models.CheckConstraint(condition=models.Q(models.Q(('name', ''), _negated=True), models.Q(('area_path', ''), _negated=True)), name='holder_has_name_and_area')],
            },
        ),
        migrations.CreateModel(
            name='Item',
            fields=[
                ('slug', models.SlugField(max_length=60, primary_key=True, serialize=False)),
                ('pack', models.SlugField(db_index=False, max_length=60)),
                ('place', models.PositiveSmallIntegerField(help_text='In lists.')),
                ('name', models.JSONField(help_text='In both languages.')),
                ('unit', models.JSONField(help_text='In both languages.')),
                ('purpose', models.CharField(choices=[('cold_chain', '冷链食品'), ('protective', '防护物资'), ('meal', '餐食'), ('living', '生活物资')], max_length=10)),
                ('decimals', models.PositiveSmallIntegerField(default=0, help_text='Of a quantity.')),
                ('papers', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('customs', '海关检验检疫证明'), ('disinfection', '消毒证明'), ('test', '货物核酸检测报告'), ('quarantine', '集中监管仓出库证明'), ('other', '其他证明')], max_length=12), default=list, size=None)),
                ('transit_hours', models.PositiveSmallIntegerField(help_text='Between leaving and arriving, without a word.')),
                ('definition', models.JSONField(help_text='As declared.')),
                ('offered', models.BooleanField(default=True)),
                ('loaded_at', models.DateTimeField()),
            ],
            options={
                'ordering': ('place', 'slug'),
                'constraints': [models.CheckConstraint(condition=models.Q(('decimals__lte', 3)), name='item_has_few_decimals')],
            },
        ),
        migrations.CreateModel(
            name='Level',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('least', models.DecimalField(decimal_places=3, max_digits=14)),
                ('holder', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='levels', to='prevention.holder')),
                ('item', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='prevention.item')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('holder', 'item'), name='one_level_per_store_and_item'), models.CheckConstraint(condition=models.Q(('least__gt', 0)), name='level_is_above_zero')],
            },
        ),
        migrations.CreateModel(
            name='Lot',
            fields=[
                ('ledger_length', models.PositiveIntegerField(default=0, editable=False)),
                ('ledger_head', models.BinaryField(default=bytes, max_length=32)),
                ('id', models.UUIDField(default=zerotrip.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('number', models.CharField(max_length=20, unique=True)),
                ('country', models.CharField(blank=True, help_text='Of origin.', max_length=60)),
                ('port', models.CharField(blank=True, help_text='Of entry.', max_length=60)),
                ('consignment', models.CharField(blank=True, help_text='Number of the customs declaration.', max_length=40)),
                ('marks', models.CharField(blank=True, help_text='Batch marks of the maker.', max_length=80)),
                ('produced_on', models.DateField(blank=True, null=True)),
                ('expires_on', models.DateField(blank=True, null=True)),
                ('documented', models.DecimalField(blank=True, decimal_places=3, help_text='The quantity its papers name; None: what was received.', max_digits=14, null=True)),
                ('arrived_at', models.DateTimeField()),
                ('at', models.DateTimeField()),
                ('by', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('item', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='lots', to='prevention.item')),
            ],
            options={
                'ordering': ('-arrived_at', 'number'),
                'indexes': [models.Index(condition=models.Q(('consignment', ''), _negated=True), fields=['consignment'], name='lot_of_consignment'), models.Index(fields=['-arrived_at'], name='lot_latest')],
                'constraints': [models.CheckConstraint(condition=models.Q(('documented', None), ('documented__gt', 0), _connector='OR'), name='documented_quantity_is_one'), models.CheckConstraint(condition=models.Q(('produced_on', None), ('expires_on', None), ('expires_on__gte', models.F('produced_on')), _connector='OR'), name='lot_expires_after_it_was_made')],
            },
        ),
        migrations.CreateModel(
            name='Balance',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('quantity', models.DecimalField(decimal_places=3, default=0, max_digits=14)),
                ('holder', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='balances', to='prevention.holder')),
                ('lot', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='balances', to='prevention.lot')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('lot', 'holder'), name='one_balance_per_lot_and_holder'), models.CheckConstraint(condition=models.Q(('quantity__gte', 0)), name='nothing_lies_below_zero')],
            },
        ),
        migrations.CreateModel(
            name='LotFile',
            fields=[
                ('id', models.UUIDField(default=zerotrip.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=200)),
                ('place', models.PositiveSmallIntegerField(default=0, help_text='Its place among those that came with it.')),
                ('step', models.UUIDField(help_text='What was handed in at once.')),
                ('kind', models.CharField(choices=[('customs', '海关检验检疫证明'), ('disinfection', '消毒证明'), ('test', '货物核酸检测报告'), ('quarantine', '集中监管仓出库证明'), ('other', '其他证明')], max_length=12)),
                ('is_log', models.BooleanField(default=False, help_text='Disinfection that was done here, not a certificate.')),
                ('number', models.CharField(blank=True, max_length=60)),
                ('lab', models.CharField(blank=True, help_text='Who issued it.', max_length=80)),
                ('issued_on', models.DateField(blank=True, null=True)),
                ('done_at', models.DateTimeField(blank=True, help_text='When it was disinfected.', null=True)),
                ('who', models.CharField(blank=True, help_text='Who disinfected it.', max_length=60)),
                ('at', models.DateTimeField()),
                ('blob', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='files.blob')),
                ('by', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('holder', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='prevention.holder')),
                ('lot', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='files', to='prevention.lot')),
            ],
            options={
                'ordering': ('at', 'place', 'id'),
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('done_at', None), ('holder', None), ('is_log', False), ('issued_on__isnull', False), ('who', ''), models.Q(('number', ''), _negated=True)), models.Q(('done_at__isnull', False), ('holder__isnull', False), ('is_log', True), ('kind', 'disinfection')), _connector='OR'), name='certificate_has_a_number_and_disinfection_a_time')],
            },
        ),
        migrations.CreateModel(
            name='Recall',
            fields=[
                ('ledger_length', models.PositiveIntegerField(default=0, editable=False)),
                ('ledger_head', models.BinaryField(default=bytes, max_length=32)),
                ('id', models.UUIDField(default=zerotrip.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('reason', models.CharField(max_length=400)),
                ('area_path', models.CharField(max_length=120)),
                ('order', models.UUIDField(blank=True, help_text='The order its holders answer under.', null=True)),
                ('at', models.DateTimeField()),
                ('lifted_at', models.DateTimeField(blank=True, null=True)),
                ('lifted_because', models.CharField(blank=True, max_length=400)),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='recall_says_why'), models.CheckConstraint(condition=models.Q(models.Q(('lifted_at', None), ('lifted_because', '')), models.Q(('lifted_at__isnull', False), models.Q(('lifted_because', ''), _negated=True)), _connector='OR'), name='lifted_recall_says_why')],
            },
        ),
        migrations.AddField(
            model_name='lot',
            name='recall',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='lots', to='prevention.recall'),
        ),
        migrations.CreateModel(
            name='SupplyRequest',
            fields=[
                ('ledger_length', models.PositiveIntegerField(default=0, editable=False)),
                ('ledger_head', models.BinaryField(default=bytes, max_length=32)),
                ('id', models.UUIDField(default=zerotrip.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('quantity', models.DecimalField(decimal_places=3, max_digits=14)),
                ('needed_by', models.DateField()),
                ('note', models.CharField(blank=True, max_length=200)),
                ('at', models.DateTimeField()),
                ('closed_at', models.DateTimeField(blank=True, null=True)),
                ('closed_because', models.CharField(blank=True, help_text='Why no more of it comes.', max_length=200)),
                ('by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('holder', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='requests', to='prevention.holder')),
                ('item', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='prevention.item')),
            ],
            options={
                'ordering': ('needed_by', 'at', 'id'),
                'indexes': [models.Index(condition=models.Q(('closed_at', None)), fields=['needed_by'], name='supply_request_open')],
                'constraints': [models.CheckConstraint(condition=models.Q(('quantity__gt', 0)), name='request_asks_for_something'), models.CheckConstraint(condition=models.Q(('closed_because', ''), ('closed_at__isnull', False), _connector='OR'), name='closed_request_says_when')],
            },
        ),
        migrations.CreateModel(
            name='Movement',
            fields=[
                ('id', models.UUIDField(primary_key=True, serialize=False)),
                ('step', models.UUIDField(help_text='What was recorded at once: a split has a movement for each part.')),
                ('kind', models.CharField(choices=[('receive', '入库'), ('move', '转运'), ('split', '拆分'), ('join', '合并'), ('sell', '销售'), ('use', '使用'), ('destroy', '销毁'), ('return', '退货'), ('count', '盘点差异')], max_length=8)),
                ('quantity', models.DecimalField(decimal_places=3, max_digits=14)),
                ('at', models.DateTimeField(help_text='When it happened; of goods on their way, when they left.')),
                ('area_path', models.CharField(help_text='Where it left, or arrived from outside.', max_length=120)),
                ('outside', models.CharField(blank=True, help_text='Supplier, buyer, receiver outside the ledger.', max_length=120)),
                ('outside_person', models.BooleanField(default=False, help_text='Whether that is a person.')),
                ('handler', models.CharField(blank=True, max_length=60)),
                ('handler_phone', models.CharField(blank=True, max_length=20)),
                ('plate', models.CharField(blank=True, max_length=16)),
                ('handled', models.BooleanField(help_text='Whether a handler was named, also when the name is gone.')),
                ('reason', models.CharField(blank=True, max_length=200)),
                ('door', models.CharField(choices=[('portal', '企业自己登记'), ('desk', '工作人员登记'), ('sheet', 'Excel 导入'), ('api', '平台接口')], max_length=8)),
                ('recorded_at', models.DateTimeField()),
                ('by', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('source_holder', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='prevention.holder')),
                ('target_holder', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='prevention.holder')),
                ('source', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='prevention.lot')),
                ('target', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='prevention.lot')),
                ('request', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='movements', to='prevention.supplyrequest')),
            ],
            options={
                'ordering': ('at', 'recorded_at', 'id'),
                'indexes': [models.Index(fields=['source', 'source_holder', 'at'], name='movement_from'), models.Index(fields=['target', 'target_holder', 'at'], name='movement_to'), models.Index(fields=['step'], name='movement_step'), models.Index(fields=['source_holder', '-at'], name='movement_from_holder'), models.Index(fields=['target_holder', '-at'], name='movement_to_holder')],
                'constraints': [models.CheckConstraint(condition=models.Q(('quantity__gt', 0)), name='movement_moves_something'), models.CheckConstraint(condition=models.Q(models.Q(('source', None), ('source_holder', None)), models.Q(('source__isnull', False), ('source_holder__isnull', False)), _connector='OR'), name='movement_leaves_a_lot_at_a_holder'), models.CheckConstraint(condition=models.Q(models.Q(('target', None), ('target_holder', None)), models.Q(('target__isnull', False), ('target_holder__isnull', False)), _connector='OR'), name='movement_reaches_a_lot_at_a_holder'), models.CheckConstraint(condition=models.Q(models.Q(('kind', 'receive'), ('source', None), ('target__isnull', False)), models.Q(('kind', 'move'), ('source__isnull', False), ('target__isnull', False), ('source', models.F('target')), models.Q(('source_holder', models.F('target_holder')), _negated=True)), models.Q(('kind__in', ('split', 'join')), ('source__isnull', False), ('target__isnull', False), ('source_holder', models.F('target_holder')), models.Q(('source', models.F('target')), _negated=True)), models.Q(('kind__in', ('sell', 'return')), models.Q(models.Q(('source__isnull', False), ('target', None)), models.Q(('source__isnull', False), ('target__isnull', False), ('source', models.F('target')), models.Q(('source_holder', models.F('target_holder')), _negated=True)), _connector='OR')), models.Q(('kind__in', ('use', 'destroy')), ('source__isnull', False), ('target', None)), models.Q(('kind', 'count'), models.Q(models.Q(('source__isnull', False), ('target', None)), models.Q(('source', None), ('target__isnull', False)), _connector='OR')), _connector='OR'), name='movement_goes_as_its_kind_does'), models.CheckConstraint(condition=models.Q(models.Q(('kind__in', ('destroy', 'return', 'count')), _negated=True), models.Q(('reason', ''), _negated=True), _connector='OR'), name='movement_that_needs_a_reason_has_one')],
            },
        ),
        migrations.CreateModel(
            name='Arrival',
            fields=[
                ('movement', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='arrival', serialize=False, to='prevention.movement')),
                ('quantity', models.DecimalField(decimal_places=3, max_digits=14)),
                ('arrived_at', models.DateTimeField()),
                ('note', models.CharField(blank=True, max_length=200)),
                ('at', models.DateTimeField()),
                ('by', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('quantity__gte', 0)), name='arrived_quantity_is_none_or_more')],
            },
        ),
        migrations.CreateModel(
            name='GoodsSheet',
            fields=[
                ('ledger_length', models.PositiveIntegerField(default=0, editable=False)),
                ('ledger_head', models.BinaryField(default=bytes, max_length=32)),
                ('id', models.UUIDField(default=zerotrip.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=200)),
                ('sha256', models.CharField(max_length=64)),
                ('language', models.CharField(max_length=10)),
                ('state', models.CharField(choices=[('queued', '排队中'), ('checked', '已核对，等您确认'), ('waiting', '已确认，排队中'), ('done', '已完成'), ('failed', '没有成功')], default='queued', max_length=8)),
                ('because', models.CharField(blank=True, max_length=400)),
                ('rows', models.PositiveIntegerField(default=0)),
                ('faults', models.PositiveIntegerField(default=0)),
                ('shown', models.JSONField(default=list, help_text='The first rows with a fault: row, column, value, what.')),
                ('sample', models.JSONField(default=list, help_text='The first rows as they were understood.')),
                ('asked_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('expires_at', models.DateTimeField()),
                ('purged', models.BooleanField(default=False)),
                ('account', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ('-asked_at',),
                'indexes': [models.Index(condition=models.Q(('purged', False)), fields=['expires_at'], name='goods_sheet_to_purge')],
            },
        ),
        migrations.RunSQL(GUARDS, UNDO),
    ]
