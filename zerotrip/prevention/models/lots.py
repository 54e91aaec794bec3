"""One ledger of goods, for cold chain and supplies: lots, where they lie, and every movement.

A movement takes a quantity from one lot at one holder, or from outside, and gives it to another, or to outside.
What lies where is kept beside it, and the database lets nothing go below zero.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Upper
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from zerotrip.files.models import Attached
from zerotrip.ids import new_id
from zerotrip.ledger.models import Chained
from zerotrip.pairs import Pairs
from zerotrip.parties.models import Party, User
from zerotrip.prevention.models.sites import Site
from zerotrip.questions.words import Words

if TYPE_CHECKING:
    from datetime import date, datetime

    from zerotrip.parties.access import Actor

DIGITS, DECIMALS = 14, 3
"""Of quantities: up to 99,999,999,999.999 of a unit."""


class Paper(models.TextChoices):
    """A certificate a lot may need."""

    CUSTOMS = "customs", _("海关检验检疫证明")
    DISINFECTION = "disinfection", _("消毒证明")
    TEST = "test", _("货物核酸检测报告")
    QUARANTINE = "quarantine", _("集中监管仓出库证明")
    OTHER = "other", _("其他证明")


class Purpose(models.TextChoices):
    """What goods are for."""

    COLD_CHAIN = "cold_chain", _("冷链食品")
    PROTECTIVE = "protective", _("防护物资")
    MEAL = "meal", _("餐食")
    LIVING = "living", _("生活物资")


class ItemQuerySet(models.QuerySet["Item"]):
    """Items, chainable. Declared by a pack and public."""

    def offered(self) -> ItemQuerySet:
        """Those of which new lots can come."""
        return self.filter(offered=True)

    def visible_to(self, actor: Actor) -> ItemQuerySet:
        """Everybody sees what items there are."""
        return self.all()


class Item(models.Model):
    """What a lot is of, as the pack declares it."""

    slug = models.SlugField(max_length=60, primary_key=True)
    pack = models.SlugField(max_length=60, db_index=False)
    place = models.PositiveSmallIntegerField(help_text="In lists.")
    name = models.JSONField(help_text="In both languages.")
    unit = models.JSONField(help_text="In both languages.")
    purpose = models.CharField(max_length=10, choices=Purpose)
    decimals = models.PositiveSmallIntegerField(default=0, help_text="Of a quantity.")
    papers = ArrayField(models.CharField(max_length=12, choices=Paper), default=list)
    transit_hours = models.PositiveSmallIntegerField(help_text="Between leaving and arriving, without a word.")
    definition = models.JSONField(help_text="As declared.")
    offered = models.BooleanField(default=True)
    loaded_at = models.DateTimeField()

    objects = ItemQuerySet.as_manager()

    class Meta:
        ordering = ("place", "slug")
        constraints = [
            models.CheckConstraint(condition=Q(decimals__lte=DECIMALS), name="item_has_few_decimals"),
        ]

    def __str__(self) -> str:
        return str(Words.model_validate(self.name))

    @property
    def measured_in(self) -> str:
        """Its unit, in the reader's language."""
        return str(Words.model_validate(self.unit))

    @property
    def is_cold(self) -> bool:
        """Whether it is of the cold chain; else it is a supply."""
        return self.purpose == Purpose.COLD_CHAIN


class HolderQuerySet(models.QuerySet["Holder"]):
    """Holders, chainable."""

    def visible_to(self, actor: Actor) -> HolderQuerySet:
        """Staff see those of their area, firms their own."""
        seen = Q(party__in=actor.represents)
        for seat in actor.seats:
            seen |= Q(area_path__startswith=seat.area_path)
        return self.filter(seen)


class Holder(models.Model):
    """Where goods lie: a store of an enterprise, a site, or a place typed by name (a warehouse of the street)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    party = models.ForeignKey(Party, models.PROTECT, null=True, blank=True, related_name="+")
    site = models.OneToOneField(
        Site, models.PROTECT, null=True, blank=True, related_name="+", help_text="A site has one store of its own."
    )
    name = models.CharField(max_length=80)
    area_path = models.CharField(max_length=120)
    made_at = models.DateTimeField()

    objects = HolderQuerySet.as_manager()

    class Meta:
        ordering = ("name", "id")
        constraints = [
            models.UniqueConstraint(
                fields=["party", "name"],
                condition=Q(party__isnull=False, site=None),
                name="one_store_of_a_name_per_party",
            ),
            models.UniqueConstraint(
                fields=["area_path", "name"],
                condition=Q(party=None, site=None),
                name="one_place_of_a_name_per_area",
            ),
            models.CheckConstraint(condition=~Q(name="") & ~Q(area_path=""), name="holder_has_name_and_area"),
        ]
        indexes = [
            models.Index(fields=["area_path"], name="holder_area_prefix", opclasses=["text_pattern_ops"]),
            GinIndex(Pairs(Upper("name")), name="holder_name_pairs"),
        ]

    def __str__(self) -> str:
        return self.name


class RecallQuerySet(models.QuerySet["Recall"]):
    """Recalls, chainable."""

    def in_force(self) -> RecallQuerySet:
        """Those that were not lifted."""
        return self.filter(lifted_at=None)

    def visible_to(self, actor: Actor) -> RecallQuerySet:
        """Those of a lot one may see."""
        held = Lot.objects.filter(recall=OuterRef("pk"))
        return self.filter(Exists(held.visible_to(actor)))


class Recall(Chained):
    """A lot, and everything made of it, is held where it lies; its holders answer under an order."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    reason = models.CharField(max_length=400)
    area_path = models.CharField(max_length=120)
    order = models.UUIDField(null=True, blank=True, help_text="The order its holders answer under.")
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    lifted_at = models.DateTimeField(null=True, blank=True)
    lifted_because = models.CharField(max_length=400, blank=True)

    objects = RecallQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="recall_says_why"),
            models.CheckConstraint(
                condition=Q(lifted_at=None, lifted_because="") | Q(lifted_at__isnull=False) & ~Q(lifted_because=""),
                name="lifted_recall_says_why",
            ),
        ]

    def __str__(self) -> str:
        return self.reason


class LotQuerySet(models.QuerySet["Lot"]):
    """Lots, chainable."""

    def visible_to(self, actor: Actor) -> LotQuerySet:
        """Those that lie or lay at a holder one may see."""
        here = Balance.objects.filter(lot=OuterRef("pk"), holder__in=Holder.objects.visible_to(actor))
        return self.filter(Exists(here))

    def held(self) -> LotQuerySet:
        """Those a recall holds."""
        return self.filter(recall__isnull=False)


class Lot(Chained):
    """Goods of one item that belong together: of one consignment and production, or of what was joined."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    number = models.CharField(max_length=20, unique=True)
    item = models.ForeignKey(Item, models.PROTECT, related_name="lots")
    country = models.CharField(max_length=60, blank=True, help_text="Of origin.")
    port = models.CharField(max_length=60, blank=True, help_text="Of entry.")
    consignment = models.CharField(max_length=40, blank=True, help_text="Number of the customs declaration.")
    marks = models.CharField(max_length=80, blank=True, help_text="Batch marks of the maker.")
    produced_on = models.DateField(null=True, blank=True)
    expires_on = models.DateField(null=True, blank=True)
    documented = models.DecimalField(
        max_digits=DIGITS,
        decimal_places=DECIMALS,
        null=True,
        blank=True,
        help_text="The quantity its papers name; None: what was received.",
    )
    arrived_at = models.DateTimeField()
    recall = models.ForeignKey(Recall, models.PROTECT, null=True, blank=True, related_name="lots")
    by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    at = models.DateTimeField()

    objects = LotQuerySet.as_manager()

    class Meta:
        ordering = ("-arrived_at", "number")
        constraints = [
            models.CheckConstraint(
                condition=Q(documented=None) | Q(documented__gt=0), name="documented_quantity_is_one"
            ),
            models.CheckConstraint(
                condition=Q(produced_on=None) | Q(expires_on=None) | Q(expires_on__gte=F("produced_on")),
                name="lot_expires_after_it_was_made",
            ),
        ]
        indexes = [
            models.Index(fields=["consignment"], name="lot_of_consignment", condition=~Q(consignment="")),
            models.Index(fields=["-arrived_at"], name="lot_latest"),
        ]

    def __str__(self) -> str:
        return self.number


class BalanceQuerySet(models.QuerySet["Balance"]):
    """Balances, chainable."""

    def visible_to(self, actor: Actor) -> BalanceQuerySet:
        """Those at holders one may see."""
        return self.filter(holder__in=Holder.objects.visible_to(actor))


class Balance(models.Model):
    """What of a lot lies at a holder now: the sum of its movements there."""

    lot = models.ForeignKey(Lot, models.PROTECT, related_name="balances", db_index=False)
    holder = models.ForeignKey(Holder, models.PROTECT, related_name="balances")
    quantity = models.DecimalField(max_digits=DIGITS, decimal_places=DECIMALS, default=0)

    objects = BalanceQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["lot", "holder"], name="one_balance_per_lot_and_holder"),
            models.CheckConstraint(condition=Q(quantity__gte=0), name="nothing_lies_below_zero"),
        ]

    def __str__(self) -> str:
        return f"{self.lot_id} {self.holder_id} {self.quantity}"


class MovementKind(models.TextChoices):
    """What happened to goods."""

    RECEIVE = "receive", _("入库")
    MOVE = "move", _("转运")
    SPLIT = "split", _("拆分")
    JOIN = "join", _("合并")
    SELL = "sell", _("销售")
    USE = "use", pgettext_lazy("货物", "使用")
    DESTROY = "destroy", _("销毁")
    RETURN = "return", _("退货")
    COUNT = "count", _("盘点差异")


class Door(models.TextChoices):
    """Which way a movement came in."""

    PORTAL = "portal", _("企业自己登记")
    DESK = "desk", _("工作人员登记")
    SHEET = "sheet", _("Excel 导入")
    API = "api", _("平台接口")


class SupplyRequestQuerySet(models.QuerySet["SupplyRequest"]):
    """Requests, chainable."""

    def visible_to(self, actor: Actor) -> SupplyRequestQuerySet:
        """Those of holders one may see."""
        return self.filter(holder__in=Holder.objects.visible_to(actor))

    def open(self) -> SupplyRequestQuerySet:
        """Those that still wait for something."""
        return self.filter(closed_at=None)


class SupplyRequest(Chained):
    """Somebody asks for goods to be brought to where they are. What was brought are the movements under it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    holder = models.ForeignKey(Holder, models.PROTECT, related_name="requests")
    item = models.ForeignKey(Item, models.PROTECT, related_name="+")
    quantity = models.DecimalField(max_digits=DIGITS, decimal_places=DECIMALS)
    needed_by = models.DateField()
    note = models.CharField(max_length=200, blank=True)
    by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_because = models.CharField(max_length=200, blank=True, help_text="Why no more of it comes.")

    objects = SupplyRequestQuerySet.as_manager()

    class Meta:
        ordering = ("needed_by", "at", "id")
        constraints = [
            models.CheckConstraint(condition=Q(quantity__gt=0), name="request_asks_for_something"),
            models.CheckConstraint(
                condition=Q(closed_because="") | Q(closed_at__isnull=False), name="closed_request_says_when"
            ),
        ]
        indexes = [
            models.Index(fields=["needed_by"], name="supply_request_open", condition=Q(closed_at=None)),
        ]

    def __str__(self) -> str:
        return f"{self.item_id} {self.quantity}"


class MovementQuerySet(models.QuerySet["Movement"]):
    """Movements, chainable."""

    def visible_to(self, actor: Actor) -> MovementQuerySet:
        """Those from or to a holder one may see."""
        holders = Holder.objects.visible_to(actor)
        return self.filter(Q(source_holder__in=holders) | Q(target_holder__in=holders))


_BOTH = Q(source__isnull=False, target__isnull=False)
_OUT = Q(source__isnull=False, target=None)
_IN = Q(source=None, target__isnull=False)
_SAME_LOT = Q(source=F("target")) & ~Q(source_holder=F("target_holder"))
_SAME_PLACE = Q(source_holder=F("target_holder")) & ~Q(source=F("target"))


class Movement(models.Model):
    """One quantity from one place to another. Append-only: only the people in it go, with the event.

    What comes from outside has no source, what leaves the ledger no target. Its key is made by whoever records it.
    """

    id = models.UUIDField(primary_key=True)
    step = models.UUIDField(help_text="What was recorded at once: a split has a movement for each part.")
    kind = models.CharField(max_length=8, choices=MovementKind)
    source = models.ForeignKey(Lot, models.PROTECT, null=True, related_name="+", db_index=False)
    source_holder = models.ForeignKey(Holder, models.PROTECT, null=True, related_name="+", db_index=False)
    target = models.ForeignKey(Lot, models.PROTECT, null=True, related_name="+", db_index=False)
    target_holder = models.ForeignKey(Holder, models.PROTECT, null=True, related_name="+", db_index=False)
    quantity = models.DecimalField(max_digits=DIGITS, decimal_places=DECIMALS)
    at = models.DateTimeField(help_text="When it happened; of goods on their way, when they left.")
    area_path = models.CharField(max_length=120, help_text="Where it left, or arrived from outside.")
    outside = models.CharField(
        max_length=120, blank=True, help_text="Supplier, buyer, receiver outside the ledger."
    )
    outside_person = models.BooleanField(default=False, help_text="Whether that is a person.")
    handler = models.CharField(max_length=60, blank=True)
    handler_phone = models.CharField(max_length=20, blank=True)
    plate = models.CharField(max_length=16, blank=True)
    handled = models.BooleanField(help_text="Whether a handler was named, also when the name is gone.")
    reason = models.CharField(max_length=200, blank=True)
    request = models.ForeignKey(SupplyRequest, models.PROTECT, null=True, blank=True, related_name="movements")
    door = models.CharField(max_length=8, choices=Door)
    by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    recorded_at = models.DateTimeField()

    objects = MovementQuerySet.as_manager()

    class Meta:
        ordering = ("at", "recorded_at", "id")
        constraints = [
            models.CheckConstraint(condition=Q(quantity__gt=0), name="movement_moves_something"),
            models.CheckConstraint(
                condition=Q(source=None, source_holder=None) | Q(source__isnull=False, source_holder__isnull=False),
                name="movement_leaves_a_lot_at_a_holder",
            ),
            models.CheckConstraint(
                condition=Q(target=None, target_holder=None) | Q(target__isnull=False, target_holder__isnull=False),
                name="movement_reaches_a_lot_at_a_holder",
            ),
            models.CheckConstraint(
                condition=(
                    Q(kind="receive") & _IN
                    | Q(kind="move") & _BOTH & _SAME_LOT
                    | Q(kind__in=("split", "join")) & _BOTH & _SAME_PLACE
                    | Q(kind__in=("sell", "return")) & (_OUT | _BOTH & _SAME_LOT)
                    | Q(kind__in=("use", "destroy")) & _OUT
                    | Q(kind="count") & (_OUT | _IN)
                ),
                name="movement_goes_as_its_kind_does",
            ),
            models.CheckConstraint(
                condition=~Q(kind__in=("destroy", "return", "count")) | ~Q(reason=""),
                name="movement_that_needs_a_reason_has_one",
            ),
        ]
        indexes = [
            models.Index(fields=["source", "source_holder", "at"], name="movement_from"),
            models.Index(fields=["target", "target_holder", "at"], name="movement_to"),
            models.Index(fields=["step"], name="movement_step"),
            models.Index(
                fields=["target"], name="movement_from_nowhere", condition=Q(kind="count", source__isnull=True)
            ),
            models.Index(fields=["source_holder", "-at"], name="movement_from_holder"),
            models.Index(fields=["target_holder", "-at"], name="movement_to_holder"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.quantity}"

    @property
    def is_between(self) -> bool:
        """Whether somebody else has to say that it arrived."""
        return self.target_holder_id is not None and self.source_holder_id not in (None, self.target_holder_id)


class ArrivalQuerySet(models.QuerySet["Arrival"]):
    """Arrivals, chainable."""

    def visible_to(self, actor: Actor) -> ArrivalQuerySet:
        """Those of movements one may see."""
        return self.filter(movement__in=Movement.objects.visible_to(actor))


class Arrival(models.Model):
    """The receiver says that goods arrived, when, and how much of them."""

    movement = models.OneToOneField(Movement, models.PROTECT, primary_key=True, related_name="arrival")
    quantity = models.DecimalField(max_digits=DIGITS, decimal_places=DECIMALS)
    arrived_at = models.DateTimeField()
    note = models.CharField(max_length=200, blank=True)
    by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    at = models.DateTimeField()

    objects = ArrivalQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(quantity__gte=0), name="arrived_quantity_is_none_or_more")
        ]

    def __str__(self) -> str:
        return f"{self.movement_id} {self.quantity}"


class LotFileQuerySet(models.QuerySet["LotFile"]):
    """Certificates and pictures of lots, chainable."""

    def visible_to(self, actor: Actor) -> LotFileQuerySet:
        """Who sees the lot sees its papers."""
        return self.filter(lot__in=Lot.objects.visible_to(actor))


class LotFile(Attached):
    """A certificate of a lot, or the picture of its outer packaging being disinfected. Append-only."""

    lot = models.ForeignKey(Lot, models.PROTECT, related_name="files")
    step = models.UUIDField(help_text="What was handed in at once.")
    kind = models.CharField(max_length=12, choices=Paper)
    is_log = models.BooleanField(default=False, help_text="Disinfection that was done here, not a certificate.")
    number = models.CharField(max_length=60, blank=True)
    lab = models.CharField(max_length=80, blank=True, help_text="Who issued it.")
    issued_on = models.DateField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True, help_text="When it was disinfected.")
    who = models.CharField(max_length=60, blank=True, help_text="Who disinfected it.")
    holder = models.ForeignKey(Holder, models.PROTECT, null=True, blank=True, related_name="+")
    by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    at = models.DateTimeField()

    objects = LotFileQuerySet.as_manager()

    class Meta:
        ordering = ("at", "place", "id")
        constraints = [
            models.CheckConstraint(
                condition=Q(is_log=False, issued_on__isnull=False, done_at=None, holder=None, who="")
                & ~Q(number="")
                | Q(is_log=True, kind=Paper.DISINFECTION, done_at__isnull=False, holder__isnull=False),
                name="certificate_has_a_number_and_disinfection_a_time",
            ),
        ]


class LevelQuerySet(models.QuerySet["Level"]):
    """Levels, chainable."""

    def visible_to(self, actor: Actor) -> LevelQuerySet:
        """Those of holders one may see."""
        return self.filter(holder__in=Holder.objects.visible_to(actor))


class Level(models.Model):
    """Below how much of an item a store is to be filled up."""

    holder = models.ForeignKey(Holder, models.PROTECT, related_name="levels", db_index=False)
    item = models.ForeignKey(Item, models.PROTECT, related_name="+")
    least = models.DecimalField(max_digits=DIGITS, decimal_places=DECIMALS)

    objects = LevelQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["holder", "item"], name="one_level_per_store_and_item"),
            models.CheckConstraint(condition=Q(least__gt=0), name="level_is_above_zero"),
        ]

    def __str__(self) -> str:
        return f"{self.holder_id} {self.item_id} {self.least}"


class GoodsSheetState(models.TextChoices):
    """Where a workbook of movements is."""

    QUEUED = "queued", _("排队中")
    CHECKED = "checked", _("已核对，等您确认")
    WAITING = "waiting", _("已确认，排队中")
    DONE = "done", _("已完成")
    FAILED = "failed", _("没有成功")


class GoodsSheetQuerySet(models.QuerySet["GoodsSheet"]):
    """Workbooks, chainable."""

    def visible_to(self, actor: Actor) -> GoodsSheetQuerySet:
        """One's own."""
        return self.filter(account=actor.user_id) if actor.user_id else self.none()

    def over(self, at: datetime) -> GoodsSheetQuerySet:
        """Those whose files are to go."""
        return self.filter(expires_at__lte=at, purged=False)


class GoodsSheet(Chained):
    """A workbook of receipts and sales: handed in, looked through row by row, taken in as a whole."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    account = models.ForeignKey(User, models.PROTECT, related_name="+")
    name = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    language = models.CharField(max_length=10)
    state = models.CharField(max_length=8, choices=GoodsSheetState, default=GoodsSheetState.QUEUED)
    because = models.CharField(max_length=400, blank=True)
    rows = models.PositiveIntegerField(default=0)
    faults = models.PositiveIntegerField(default=0)
    shown = models.JSONField(default=list, help_text="The first rows with a fault: row, column, value, what.")
    sample = models.JSONField(default=list, help_text="The first rows as they were understood.")
    asked_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField()
    purged = models.BooleanField(default=False)

    objects = GoodsSheetQuerySet.as_manager()

    class Meta:
        ordering = ("-asked_at",)
        indexes = [models.Index(fields=["expires_at"], name="goods_sheet_to_purge", condition=Q(purged=False))]

    def __str__(self) -> str:
        return self.name


def expired(lot: Lot, on: date) -> bool:
    """Whether the last day of a lot is over."""
    return lot.expires_on is not None and lot.expires_on < on
