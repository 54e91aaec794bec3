"""Every write to sealed areas. One action is one step: lock, check, change, journal, in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import connection, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models import Q
from django.utils import formats, timezone
from django.utils.translation import gettext as _

from zerotrip.errors import Invalid, NotFound
from zerotrip.ledger import actions as ledger
from zerotrip.parties.models import Party, PartyKind
from zerotrip.parties.paths import around
from zerotrip.parties.queries import area_path_of
from zerotrip.prevention.events.rules import require_in_force
from zerotrip.prevention.models import DoorRequest, Measure, SealedArea, SealedPlace, Site, Wanted
from zerotrip.prevention.models.sealed import LONGEST_DOOR
from zerotrip.prevention.sealed import doors, spec, stepping
from zerotrip.prevention.sealed.doors import Where
from zerotrip.prevention.sealed.rules import may_serve, require_seal, require_sealed
from zerotrip.workdays.calendar import CHINA

if TYPE_CHECKING:
    from zerotrip.parties.access import Actor

MOST_DOORS = 2000
EARLIEST = timedelta(days=7)
"""Before now, at which an area may have been sealed: what was done on paper first is entered later."""


@dataclass(frozen=True, slots=True)
class Described:
    """A sealed area as it is typed in. Without sites and doors all of the area is sealed."""

    name: str
    level: str
    basis: str
    decided_by: str
    starts_at: datetime | None
    ends_at: datetime | None
    sites: Sequence[UUID] = ()
    doors: Sequence[str] = ()
    points: Sequence[UUID] = ()
    carrier: str = ""
    """USCC of the enterprise that makes the runs."""
    transfer: UUID | None = None


@transaction.atomic
def seal(told: Described, *, area: str, key: UUID, by: Actor, at: datetime) -> SealedArea:
    """Seal an area: from its beginning its runs are owed. Twice is once.

    Raises NotAllowed, Refused while no event asks for supplies there, Invalid with everything wrong by field, also
    where something of it is sealed at the time.
    """
    found = SealedArea.objects.visible_to(by).filter(pk=key).first()
    if found is not None:
        return found
    path = area_path_of(area)
    problems = _wrong_in(told, at=at)
    if not any(path.startswith(seat.area_path) for seat in by.seats) or not path:
        raise Invalid(_("还不能封控。"), {**problems, "area": [_("请选择您辖区内的区域。")]})
    require_seal(by, path)
    level = spec.rules().level(told.level)
    points = _sites(told.points, path, by, at, kind="collection-point")
    sites = _sites(told.sites, path, by, at)
    transfer = _sites([told.transfer], "", by, at) if told.transfer else []
    if len(points) != len(set(told.points)) or (level is not None and level.runs and not points):
        problems["points"] = [_("请至少选择这个区域里的一个收发点。")]
    if len(sites) != len(set(told.sites)):
        problems["sites"] = [_("请选择这个区域里的场所。")]
    if told.transfer and not transfer:
        problems["transfer"] = [_("请从列表中选择临时转运点。")]
    carrier = _carrier(told.carrier, problems)
    if problems or told.starts_at is None or told.ends_at is None or level is None:
        raise Invalid(_("还不能封控。"), problems)
    require_in_force(Measure.SUPPLIES, path, on=at.astimezone(CHINA).date())
    sealed = SealedArea(
        pk=key,
        name=_plain(told.name),
        level=level.id,
        has_runs=level.runs,
        area_path=path,
        basis=_plain(told.basis),
        decided_by=_plain(told.decided_by),
        during=DateTimeTZRange(told.starts_at, told.ends_at),
        carrier=carrier,
        transfer=transfer[0] if transfer else None,
        opened_by_id=by.account,
        opened_at=at,
    )
    places = _places(path, sites, _doors(told))
    _require_apart(sealed, places, "area")
    details = {
        "level": level.id,
        "from": _iso(told.starts_at),
        "to": _iso(told.ends_at),
        "doors": len(_doors(told)),
    }
    ledger.append(sealed, "seal", by=by, at=at, details=details)
    sealed.save(force_insert=True)
    sealed.points.set(points)
    _put_places(sealed, places)
    stepping.enqueue(sealed)
    return sealed


@transaction.atomic
def prolong(sealed_id: UUID, *, until: datetime | None, reason: str, by: Actor, at: datetime) -> SealedArea:
    """Keep an area sealed for longer. Raises NotFound, NotAllowed, Refused once it is open, Invalid by field."""
    sealed = _held(sealed_id, by)
    require_sealed(sealed, at)
    problems = _reasoned(reason)
    latest = max(at, sealed.ends_at) + timedelta(days=spec.rules().most_days)
    if until is None or not sealed.ends_at < until <= latest:
        problems["until"] = [
            _("请填写新的结束时间：晚于现在定的，最多再延 %(days)s 天。") % {"days": spec.rules().most_days}
        ]
    if problems or until is None:
        raise Invalid(_("还不能延长。"), problems)
    sealed.during = DateTimeTZRange(sealed.starts_at, until)
    _require_apart(sealed, list(sealed.places.select_related("site")), "until")
    ledger.append(sealed, "prolong", by=by, at=at, reason=_plain(reason), details={"to": _iso(until)})
    _move_end(sealed, until)
    stepping.enqueue(sealed)
    return sealed


@transaction.atomic
def lift(sealed_id: UUID, *, reason: str, by: Actor, at: datetime) -> SealedArea:
    """Open an area again before its day: nothing is owed there from now on. Before it began, it never does.

    Raises NotFound, NotAllowed, Refused once it is open, Invalid at ``reason``.
    """
    sealed = _held(sealed_id, by)
    require_sealed(sealed, at)
    if problems := _reasoned(reason):
        raise Invalid(_("还不能解封。"), problems)
    sealed.lifted_at = at
    ledger.append(sealed, "lift", by=by, at=at, reason=_plain(reason))
    _move_end(sealed, max(at, sealed.starts_at + timedelta(microseconds=1)))
    stepping.enqueue(sealed)
    return sealed


@dataclass(frozen=True, slots=True)
class Asking:
    """What a household asks for, as it is typed in."""

    door: str
    kind: str
    what: str
    persons: int | None = None
    phone: str = ""
    where: Where | None = None
    """The grid or building the door is in; None: there is but one."""


@transaction.atomic
def ask(sealed_id: UUID, asking: Asking, *, key: UUID, by: Actor, at: datetime) -> DoorRequest:
    """Note what a door asks for, by whoever has a seat there. Twice is once.

    Raises NotFound, Refused, Invalid by field, also where doors of several grids or buildings are behind the seal
    and it is not said in which.
    """
    sealed = SealedArea.objects.visible_to(by).filter(pk=sealed_id).first()
    if sealed is None or not may_serve(by, sealed.area_path):
        raise NotFound(_("没有这个封控区。"))
    among = doors.wheres(sealed, on=at.astimezone(CHINA).date())
    return _asked(sealed, asking, among, key=key, account=by.account, at=at)


@transaction.atomic
def ask_from_door(sealed_id: UUID, asking: Asking, *, key: UUID, at: datetime) -> DoorRequest:
    """Note what a household asks for over the link of its door. Twice is once. Raises as ``ask`` does."""
    sealed = SealedArea.objects.filter(pk=sealed_id).first()
    if sealed is None:
        raise NotFound(_("没有这个封控区。"))
    among = [asking.where] if asking.where else []
    return _asked(sealed, asking, among, key=key, account=None, at=at)


@transaction.atomic
def settle(request_id: UUID, *, by: Actor, at: datetime) -> DoorRequest:
    """What a door asked for was brought. Twice is once. Raises NotFound."""
    found = (
        DoorRequest.objects.select_for_update(of=("self",)).filter(pk=request_id).select_related("sealed").first()
    )
    if found is None or not _serves(found.sealed, by):
        raise NotFound(_("没有这条需求。"))
    if found.settled_at is None:
        found.settled_at, found.settled_by_id = at, by.account
        found.save(update_fields=["settled_at", "settled_by"])
    return found


def _serves(sealed: SealedArea, by: Actor) -> bool:
    return may_serve(by, sealed.area_path) or (sealed.carrier_id is not None and sealed.carrier_id in by.represents)


def _asked(
    sealed: SealedArea, asking: Asking, among: Sequence[Where], *, key: UUID, account: UUID | None, at: datetime
) -> DoorRequest:
    found = DoorRequest.objects.filter(pk=key, sealed=sealed).first()
    if found is not None:
        return found
    require_sealed(sealed, at)
    door, what = _plain(asking.door), _plain(asking.what)
    problems: dict[str, list[str]] = {}
    where = asking.where if asking.where in among else None
    if where is None and len(among) > 1:
        problems["where"] = [_("请选择是哪个网格或哪栋楼。")]
    where = where or (among[0] if among else Where(sealed.area_path))
    if not 0 < len(door) <= LONGEST_DOOR:
        problems["door"] = [_("请填写门牌，最多 %(most)s 个字。") % {"most": LONGEST_DOOR}]
    if asking.kind not in Wanted.values:
        problems["kind"] = [_("请选择要什么。")]
    if not 1 < len(what) <= 200:
        problems["what"] = [_("请写明要什么，2 到 200 个字。")]
    if asking.persons is not None and not 0 < asking.persons <= 50:
        problems["persons"] = [_("请填写 1 到 50 人。")]
    if len(asking.phone) > 20:
        problems["phone"] = [_("最多 %(most)d 个字。") % {"most": 20}]
    if problems:
        raise Invalid(_("还没有记下。"), problems)
    return DoorRequest.objects.create(
        pk=key,
        sealed=sealed,
        area_path=where.area_path,
        site_id=where.site,
        door=door,
        kind=asking.kind,
        what=what,
        persons=asking.persons,
        phone=_plain(asking.phone),
        by_id=account,
        at=at,
    )


def _held(sealed_id: UUID, by: Actor) -> SealedArea:
    sealed = SealedArea.objects.visible_to(by).select_for_update(of=("self",)).filter(pk=sealed_id).first()
    if sealed is None:
        raise NotFound(_("没有这个封控区。"))
    require_seal(by, sealed.area_path)
    return sealed


def _move_end(sealed: SealedArea, until: datetime) -> None:
    sealed.during = DateTimeTZRange(sealed.starts_at, until)
    SealedPlace.objects.filter(sealed=sealed).update(during=sealed.during)
    sealed.save(update_fields=["during", "lifted_at", "ledger_length", "ledger_head"])


def _places(path: str, sites: Sequence[Site], named: Sequence[str]) -> list[SealedPlace]:
    """What is sealed of an area: the sites and doors; without any, all of it."""
    places = [SealedPlace(key=f"site:{site.pk}", site=site) for site in sites]
    places += [SealedPlace(key=f"door:{path}{door}", door=door) for door in named]
    return places or [SealedPlace(key=f"area:{path}")]


def _put_places(sealed: SealedArea, places: Sequence[SealedPlace]) -> None:
    for place in places:
        place.sealed, place.area_path, place.during = sealed, sealed.area_path, sealed.during
    SealedPlace.objects.bulk_create(places)


def _require_apart(sealed: SealedArea, places: Sequence[SealedPlace], field: str) -> None:
    """Raise Invalid where one of the places is sealed meanwhile, by itself or within something that is.

    Within an area of another level a building may be sealed by itself: that is what levels are for.
    """
    with connection.cursor() as cursor:  # two who seal at once see each other
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('sealed'))")
    path = sealed.area_path
    sites = [place.site for place in places if place.site is not None]
    touching = Q(key__in=[f"area:{each}" for each in around(path)])
    touching |= Q(site__in=[site.within_id for site in sites if site.within_id]) | Q(site__within__in=sites)
    if not sites and not any(place.door for place in places):
        touching |= Q(area_path__startswith=path)
    same = Q(key__in=[place.key for place in places]) | touching & Q(sealed__level=sealed.level)
    rows = SealedPlace.objects.filter(same, during__overlap=sealed.during).exclude(sealed=sealed.pk)
    other = rows.select_related("sealed").order_by("during", "pk").first()
    if other is not None:
        raise _overlapping(other.sealed, field)


def _overlapping(other: SealedArea, field: str) -> Invalid:
    shown = {
        "name": other.name,
        "from": _shown(other.starts_at),
        "to": _shown(other.ends_at),
    }
    text = _("和“%(name)s”重叠，那里 %(from)s 到 %(to)s 已经封控。请先解封那里，或者改时间、改范围。") % shown
    return Invalid(_("其中有地方在这段时间里已经封控。"), {field: [text]})


def _shown(at: datetime) -> str:
    return formats.date_format(timezone.localtime(at), "SHORT_DATETIME_FORMAT")


def _sites(keys: Sequence[UUID], path: str, by: Actor, at: datetime, *, kind: str = "") -> list[Site]:
    rows = Site.objects.visible_to(by).open_on(at.astimezone(CHINA).date()).filter(pk__in=keys)
    rows = rows.filter(area_path__startswith=path)
    return list(rows.filter(kind=kind) if kind else rows)


def _carrier(uscc: str, problems: dict[str, list[str]]) -> Party | None:
    if not uscc.strip():
        return None
    firms = Party.objects.live().filter(kind=PartyKind.ENTERPRISE)
    found = firms.filter(uscc=uscc.strip().upper()).first()
    if found is None:
        problems["carrier"] = [_("没有这个统一社会信用代码的企业，请先登记企业。")]
    return found


def _doors(told: Described) -> list[str]:
    return list(dict.fromkeys(door for line in told.doors if (door := _plain(line))))


def _wrong_in(told: Described, *, at: datetime) -> dict[str, list[str]]:
    problems: dict[str, list[str]] = {}
    if not 1 < len(_plain(told.name)) <= 80:
        problems["name"] = [_("请填写名称，2 到 80 个字。")]
    if not 1 < len(_plain(told.basis)) <= 200:
        problems["basis"] = [_("请填写依据，如通知的名称和文号，最多 200 个字。")]
    if not 1 < len(_plain(told.decided_by)) <= 80:
        problems["decided_by"] = [_("请填写由谁决定，2 到 80 个字。")]
    if spec.rules().level(told.level) is None:
        problems["level"] = [_("请选择级别。")]
    most = spec.rules().most_days
    if told.starts_at is None or told.starts_at < at - EARLIEST:
        problems["starts_at"] = [_("请填写开始时间，最早是 %(days)s 天前。") % {"days": EARLIEST.days}]
    elif told.ends_at is None or not max(told.starts_at, at) < told.ends_at <= told.starts_at + timedelta(
        days=most
    ):
        problems["ends_at"] = [
            _("请填写结束时间：晚于开始和现在，最多 %(days)s 天；到时可以延长。") % {"days": most}
        ]
    named = _doors(told)
    if len(named) > MOST_DOORS or any(len(door) > LONGEST_DOOR for door in named):
        problems["doors"] = [_("门牌一行一个，每个最多 %(most)s 个字。") % {"most": LONGEST_DOOR}]
    return problems


def _reasoned(reason: str) -> dict[str, list[str]]:
    return {} if 1 < len(_plain(reason)) <= 200 else {"reason": [_("请写明为什么，2 到 200 个字。")]}


def _plain(text: str) -> str:
    return " ".join(text.split())


def _iso(at: datetime) -> str:
    return at.astimezone(CHINA).isoformat(timespec="minutes")
