"""Reads over resources and introductions."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db.models import Count, Q, Sum
from django.utils.translation import gettext as _

from zerotrip.errors import NotFound
from zerotrip.pairs import contains_by_index
from zerotrip.parties.paths import code_of
from zerotrip.parties.queries import area_names
from zerotrip.questions import kinds as values
from zerotrip.relief.models import (
    Introduction,
    Meeting,
    Reservation,
    ReservationStatus,
    Resource,
    ResourceKind,
    Side,
)
from zerotrip.relief.models.resources import seen_by_seat

if TYPE_CHECKING:
    from zerotrip.cases.models import Case
    from zerotrip.parties.access import Actor
    from zerotrip.parties.models import Party
    from zerotrip.relief.matching.kinds import Kind
    from zerotrip.relief.matching.spec import HelpSpec
    from zerotrip.relief.matching.spec import Side as SideName
    from zerotrip.relief.models.resources import ResourceQuerySet


def kinds(*, withdrawn: bool = False) -> dict[str, Kind]:
    """The kinds on offer, by name, in the order of lists; with ``withdrawn``, those that were too. One query."""
    rows = ResourceKind.objects.all() if withdrawn else ResourceKind.objects.offered()
    return {row.slug: row.kind for row in rows}


def kind_of(slug: str, *, withdrawn: bool = False) -> Kind:
    """A kind by name. Raises NotFound for one there is not, or that is no longer on offer."""
    rows = ResourceKind.objects.all() if withdrawn else ResourceKind.objects.offered()
    found = rows.filter(slug=slug).first()
    if found is None:
        raise NotFound(_("没有这个供需种类，或已停止。"))
    return found.kind


@dataclass(frozen=True)
class Face:
    """An entry as somebody is shown it."""

    resource: Resource
    kind: Kind
    area: str
    """Down to the community in full; of others' entries before both agree, as well: the street is not in it."""
    facts: list[tuple[str, str]]
    """Labels and values; sensitive ones only where they may be shown."""
    contact: bool
    """Whether whose it is and how to reach them may be shown."""

    @property
    def side(self) -> SideName:
        """Which side it stands on."""
        return self.resource.stands

    @property
    def left(self) -> str:
        """How much can be had, where it goes in parts: ``40 人``."""
        quantity = self.kind.spec.quantity
        if quantity is None:
            return ""
        left = self.resource.quantity - self.resource.reserved - self.resource.used
        return f"{plain(left)} {quantity.unit}"


def face(resource: Resource, kind: Kind, areas: dict[str, str], *, contact: bool) -> Face:
    """An entry as it is shown with, or without, whose it is. ``areas`` has the name of its area."""
    code = code_of(resource.area_path)
    side: SideName = resource.stands
    facts = [
        (str(field.spec.label), text)
        for name, field in kind.forms[side].fields.items()
        if (contact or not field.spec.sensitive)
        and (text := values.display(field.spec, resource.answers.get(name), area_name=lambda c: areas.get(c, c)))
    ]
    return Face(resource, kind, areas.get(code, code), facts, contact)


def faces(rows: Iterable[Resource], known: dict[str, Kind], *, contact: bool) -> list[Face]:
    """Entries as they are shown, with one query for the names of their areas."""
    rows = list(rows)
    areas = area_names({code_of(row.area_path) for row in rows} | _addresses(rows))
    return [face(row, known[row.kind], areas, contact=contact) for row in rows if row.kind in known]


def _addresses(rows: Iterable[Resource]) -> set[str]:
    """The areas named in answers that are addresses."""
    return {
        value["area"]
        for row in rows
        for value in row.answers.values()
        if isinstance(value, dict) and isinstance(value.get("area"), str)
    }


def plain(number: Decimal) -> str:
    """A quantity without zeros nobody typed."""
    text = f"{number:,.2f}"
    return text.rstrip("0").rstrip(".")


def shelf(*, kind: str, area_path: str = "", text: str = "") -> ResourceQuerySet:
    """The offers of a kind everybody may look through, the latest first."""
    rows = Resource.objects.available().filter(kind=kind, side=Side.OFFER)
    if area_path:
        rows = rows.filter(area_path__startswith=area_path)
    if text:
        rows = rows.filter(contains_by_index("title", text))
    return rows.order_by("-entered_at", "-id")


def stock(known: Collection[str]) -> dict[str, int]:
    """How many offers can be had, by kind."""
    rows = Resource.objects.available().filter(side=Side.OFFER, kind__in=known)
    return dict(rows.order_by().values_list("kind").annotate(count=Count("pk")))


def own(actor: Actor) -> ResourceQuerySet:
    """One's entries: those under way first, then the latest."""
    return Resource.objects.own(actor).select_related("party").order_by("ended_at", "-entered_at", "-id")


def helping(subject: str) -> list[tuple[Kind, HelpSpec]]:
    """The kinds on offer that help a need of this subject, each with how. One query."""
    return [(kind, help) for kind in kinds().values() for help in kind.spec.helps if help.need == subject]


def entered_for(need: Case, actor: Actor) -> list[Resource]:
    """What was entered to help a need, as far as ``actor`` may see it, the latest first."""
    return list(Resource.objects.visible_to(actor).filter(need=need).order_by("-entered_at", "-id"))


def met_for(need: Case, actor: Actor) -> list[Introduction]:
    """The introductions of what was entered to help a need: under way first, then by how close they are."""
    rows = Introduction.objects.visible_to(actor).filter(Q(offer__need=need) | Q(want__need=need))
    order = list(Meeting)
    found = rows.select_related("offer__party", "want__party")
    return sorted(found, key=lambda row: (order.index(Meeting(row.status)) > 2, -row.score, row.pk))


IN_A_BLOCK = 8


def block_of(party: Party, actor: Actor, at: datetime) -> dict[str, Any] | None:
    """What an enterprise offers and wants, on its record, as far as ``actor`` may see it in full."""
    seen = Resource.objects.visible_to(actor).filter(party=party).order_by("ended_at", "-entered_at", "-id")
    found = list(seen[: IN_A_BLOCK + 1])
    named = {slug: kind.spec.name for slug, kind in kinds(withdrawn=True).items()} if found else {}
    rows = [(row, named.get(row.kind, row.kind)) for row in found[:IN_A_BLOCK]]
    return {"rows": rows, "more": len(found) > IN_A_BLOCK, "own": party.pk in actor.acts_for} if found else None


def meetings(resource: Resource, actor: Actor) -> list[Introduction]:
    """The introductions of an entry: those where something can be done first, then by how close they are."""
    mine = {resource.stands: resource}
    rows = Introduction.objects.visible_to(actor).filter(**mine).select_related("offer__party", "want__party")
    order = list(Meeting)
    return sorted(rows, key=lambda row: (order.index(Meeting(row.status)) > 2, -row.score, row.pk))


def waiting(actor: Actor) -> list[Introduction]:
    """The introductions that wait for one's own answer, the closest first."""
    own_offer = Q(offer_party__in=actor.acts_for, offer_agreed_at=None)
    own_want = Q(want_party__in=actor.acts_for, want_agreed_at=None)
    rows = Introduction.objects.filter(own_offer | own_want, status=Meeting.PROPOSED)
    return list(rows.select_related("offer", "want").order_by("-score", "-proposed_at", "-id")[:50])


def held(introduction: Introduction) -> Reservation | None:
    """What is set aside for an introduction now."""
    return introduction.reservations.filter(status=ReservationStatus.HELD).first()


def entered(
    actor: Actor, *, kind: str = "", side: str = "", status: str = "", area_path: str = "", text: str = ""
) -> ResourceQuerySet:
    """The entries of one's area for the desk, the latest first."""
    rows = Resource.objects.filter(seen_by_seat(actor, "area_path")).select_related("party")
    given = {"kind": kind, "side": side, "status": status}
    rows = rows.filter(**{name: value for name, value in given.items() if value})
    if area_path:
        rows = rows.filter(area_path__startswith=area_path)
    if text:
        rows = rows.filter(contains_by_index("title", text))
    return rows.order_by("-entered_at", "-id")


def across(resource: Resource, actor: Actor, *, text: str = "") -> list[Resource]:
    """Entries a member of staff may bring together with one by hand, the latest first: of its kind, across."""
    side = Side.WANT if resource.side == Side.OFFER else Side.OFFER
    met = {resource.stands: resource}
    column = "want_id" if resource.side == Side.OFFER else "offer_id"
    rows = Resource.objects.available().filter(kind=resource.kind, side=side).exclude(party=resource.party_id)
    rows = rows.exclude(pk__in=Introduction.objects.filter(**met).values(column))
    if text:
        rows = rows.filter(contains_by_index("title", text))
    return list(rows.order_by("-entered_at", "-id")[:20])


@dataclass(frozen=True)
class Sums:
    """What a kind adds up to in a period, in one's area."""

    kind: Kind
    offers: int
    """Offers that can be had now."""
    wants: int
    """Wants under way now."""
    proposed: int
    introduced: int
    placed: int
    """Introductions that succeeded whose offer lies in the area, and what that amounts to."""
    placed_amount: Decimal
    met: int
    """The same for those whose want lies there."""
    met_amount: Decimal
    failed: int

    @property
    def any(self) -> bool:
        """Whether there is anything to show."""
        return any((self.offers, self.wants, self.proposed, self.placed, self.met, self.failed))


def board(actor: Actor, *, since: datetime, until: datetime, area_path: str = "") -> list[Sums]:
    """What offers and wants of one's area came to in a period, by kind; each side counts where it lies."""
    offered, wanted = _within(actor, "offer_area", area_path), _within(actor, "want_area", area_path)
    both = offered | wanted
    now = _now(actor, area_path)
    ended = Q(ended_at__gte=since, ended_at__lt=until)
    won = ended & Q(status=Meeting.SUCCEEDED)
    counted = {
        row["kind"]: row
        for row in Introduction.objects.order_by()
        .values("kind")
        .annotate(
            proposed=Count("pk", filter=both & Q(proposed_at__gte=since, proposed_at__lt=until)),
            introduced=Count("pk", filter=both & Q(introduced_at__gte=since, introduced_at__lt=until)),
            placed=Count("pk", filter=offered & won),
            placed_amount=Sum("amount", filter=offered & won),
            met=Count("pk", filter=wanted & won),
            met_amount=Sum("amount", filter=wanted & won),
            failed=Count("pk", filter=both & ended & Q(status=Meeting.FAILED)),
        )
    }
    return [_sums(kind, dict(counted.get(slug, {})), now) for slug, kind in kinds(withdrawn=True).items()]


def _sums(kind: Kind, row: dict[str, Any], now: dict[tuple[str, str], int]) -> Sums:
    return Sums(
        kind=kind,
        offers=now.get((kind.id, "offer"), 0),
        wants=now.get((kind.id, "want"), 0),
        proposed=row.get("proposed", 0),
        introduced=row.get("introduced", 0),
        placed=row.get("placed", 0),
        placed_amount=row.get("placed_amount") or Decimal(0),
        met=row.get("met", 0),
        met_amount=row.get("met_amount") or Decimal(0),
        failed=row.get("failed", 0),
    )


def _within(actor: Actor, column: str, area_path: str) -> Q:
    seen = seen_by_seat(actor, column)
    return seen & Q(**{f"{column}__startswith": area_path}) if area_path else seen


def _now(actor: Actor, area_path: str) -> dict[tuple[str, str], int]:
    rows = Resource.objects.available().filter(_within(actor, "area_path", area_path)).order_by()
    return {(kind, side): n for kind, side, n in rows.values_list("kind", "side").annotate(n=Count("pk"))}


def concluded(actor: Actor, *, since: datetime, until: datetime, area_path: str = "", kind: str = "") -> Any:
    """The introductions behind the board that ended in a period: succeeded or failed, the latest first."""
    seen = _within(actor, "offer_area", area_path) | _within(actor, "want_area", area_path)
    rows = Introduction.objects.filter(
        seen, status__in=(Meeting.SUCCEEDED, Meeting.FAILED), ended_at__gte=since, ended_at__lt=until
    )
    rows = rows.filter(kind=kind) if kind else rows
    return rows.select_related("offer__party", "want__party").order_by("-ended_at", "-id")
