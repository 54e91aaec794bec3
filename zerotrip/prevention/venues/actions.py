"""Every write at the doors of sites: somebody enters, somebody is checked. Rows are added and never changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from zerotrip.errors import NotFound, Refused
from zerotrip.ids import new_id
from zerotrip.prevention.events.rules import require_in_force
from zerotrip.prevention.gates.actions import moment_of
from zerotrip.prevention.models import (
    HealthColour,
    Measure,
    Outcome,
    Site,
    ToldBy,
    TurnedAway,
    VenueScan,
)
from zerotrip.prevention.venues.people import digest_of
from zerotrip.prevention.venues.rules import judged, require_check
from zerotrip.prevention.venues.spec import VenuesSpec, rules
from zerotrip.workdays.calendar import CHINA

if TYPE_CHECKING:
    from zerotrip.parties.access import Actor

MOST = 500
"""Checks of one batch."""
FRESH = timedelta(minutes=10)
"""For how long a page with an id is the same visit."""


@dataclass(frozen=True, slots=True)
class Checked:
    """Somebody a door keeper looked at. The number is digested and kept nowhere."""

    id: UUID
    """Made by the device."""
    colour: str
    """What the service told, or the keeper saw; ``none`` where nothing was shown."""
    temperature: Decimal | None
    mask: bool
    number: str = ""
    """Identity number, telephone or document; empty: nobody said."""
    person: bytes | None = None
    """The digest the health-code service's answer gave; goes before ``number``."""
    told_by: str = ToldBy.EYE
    report: bool = False
    """A test report was shown that is fresh enough."""
    at: datetime | None = None
    """By the clock of the device; None: now."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of one check: the row as it is kept, or what was wrong by field."""

    id: UUID
    outcome: str = ""
    reasons: tuple[str, ...] = ()
    problems: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @property
    def let_in(self) -> bool:
        """Whether they come in."""
        return bool(self.outcome) and self.outcome != Outcome.AWAY


@transaction.atomic
def check(
    checks: Sequence[Checked], *, site: UUID, by: Actor, at: datetime, device_now: datetime | None = None
) -> list[Answer]:
    """Keep what a door keeper saw, each with what the door does by the district's rules, in the order given.

    The ids are made by the device: what is known already is answered as it was kept, whatever is sent now. One that
    is faulty is answered with what is wrong and stops none of the others. ``device_now`` is the device's clock as
    it sends, by which its times are put right. Raises NotFound, NotAllowed, Refused for more than ``MOST``.
    """
    if len(checks) > MOST:
        raise Refused(_("一次最多 %(most)s 条，请分几次上传。") % {"most": MOST})
    door = Site.objects.filter(pk=site).first()
    if door is None:
        raise NotFound(_("没有这个场所。"))
    require_check(by, door, at=min((moment_of(one.at, device_now, at) for one in checks), default=at))
    kept = VenueScan.objects.in_bulk([one.id for one in checks])
    wrong: dict[UUID, dict[str, list[str]]] = {}
    rows: dict[UUID, VenueScan] = {}
    in_force: dict[date, str] = {}
    spec = rules()
    for one in checks:
        if one.id in kept or one.id in rows:
            continue
        came = moment_of(one.at, device_now, at)
        problems = _wrong_in(one) or _out_of_force(door, came, in_force)
        if problems:
            wrong[one.id] = problems
        else:
            rows[one.id] = _row(one, door, spec, came=came, by=by, at=at)
    if rows:
        VenueScan.objects.bulk_create(rows.values(), ignore_conflicts=True)
        # Sent twice at once, the other may have been first.
        kept |= VenueScan.objects.in_bulk(list(rows))
    return [
        Answer(one.id, kept[one.id].outcome, tuple(kept[one.id].reasons))
        if one.id in kept
        else Answer(one.id, problems=wrong[one.id])
        for one in checks
    ]


def _row(one: Checked, door: Site, spec: VenuesSpec, *, came: datetime, by: Actor, at: datetime) -> VenueScan:
    verdict = judged(
        spec,
        colour=one.colour,
        told_by=one.told_by,
        temperature=one.temperature,
        mask=one.mask,
        report=one.report,
    )
    return VenueScan(
        pk=one.id,
        site=door,
        area_path=door.area_path,
        person=one.person or digest_of(one.number),
        outcome=verdict.outcome,
        reasons=list(verdict.reasons),
        colour=one.colour,
        told_by=one.told_by,
        temperature=one.temperature,
        mask=one.mask,
        at=came,
        received_at=at,
        by_id=by.account,
    )


def _wrong_in(one: Checked) -> dict[str, list[str]]:
    problems: dict[str, list[str]] = {}
    if one.person is None and one.number.strip() and digest_of(one.number) is None:
        problems["number"] = [_("请填写身份证号、手机号或其他证件号。")]
    if one.temperature is not None and not 30 <= one.temperature <= 45:
        problems["temperature"] = [_("请填写体温，如 36.5。")]
    if one.colour not in HealthColour.values:
        problems["colour"] = [_("请选择健康码。")]
    if one.told_by not in (ToldBy.SERVICE, ToldBy.EYE, ToldBy.DOWN):
        problems["colour"] = [_("请说明健康码是怎么看的。")]
    return problems


def _out_of_force(door: Site, came: datetime, known: dict[date, str]) -> dict[str, list[str]]:
    """That no event asked for checks there on the day; asked once a day."""
    day = came.astimezone(CHINA).date()
    if day not in known:
        try:
            require_in_force(Measure.VENUES, door.area_path, on=day)
        except Refused as refused:
            known[day] = refused.message
        else:
            known[day] = ""
    return {"at": [known[day]]} if known[day] else {}


_DOOR = """
SELECT s.*, EXISTS (
    SELECT FROM prevention_event e
    WHERE e.starts_on <= %(day)s AND (e.ends_on IS NULL OR e.ends_on >= %(day)s)
        AND %(measure)s = ANY (e.measures) AND starts_with(s.area_path, e.area_path)
) AS takes_scans
FROM prevention_site s
WHERE s.code = %(code)s AND s.opened_on <= %(day)s AND (s.closed_on IS NULL OR s.closed_on > %(day)s)
"""
"""Written out: a queue scans, and to compile it took as long as the rest of a scan."""


def door_of(code: str, *, on: date) -> tuple[Site, bool]:
    """The site of a venue code, and whether its door takes scans on a day. One query. Raises NotFound."""
    asked = {"code": code.upper()[:16], "day": on, "measure": Measure.VENUES.value}
    door = next(iter(Site.objects.raw(_DOOR, asked)), None)
    if door is None:
        raise NotFound(_("没有这个场所码，或者场所已经关闭。请看看海报上的字母和数字。"))
    return door, bool(getattr(door, "takes_scans", False))


def enter(code: str, *, scan: UUID, person: bytes | None, at: datetime) -> tuple[Site, datetime]:
    """Somebody scanned the poster and says that they come in; which site, and when.

    The id was made with the page: sent twice it is once, while the page is ``FRESH``; a page left open for longer
    is another visit. Two queries, in no transaction of their own. Raises NotFound for a code of no site, Refused
    where no event asks for it.
    """
    door, takes_scans = door_of(code, on=at.astimezone(CHINA).date())
    if not takes_scans:
        raise Refused(_("这里现在不用扫码登记。"))
    row = VenueScan(
        pk=scan if abs(at - made_at(scan)) <= FRESH else new_id(),
        site=door,
        area_path=door.area_path,
        person=person,
        outcome=Outcome.ENTERED,
        colour=HealthColour.NONE,
        told_by=ToldBy.NOBODY,
        at=at,
        received_at=at,
    )
    VenueScan.objects.bulk_create([row], ignore_conflicts=True)
    return door, at


def made_at(key: UUID) -> datetime:
    """When an id was made (UUIDv7), by the clock of whoever made it."""
    return datetime.fromtimestamp((key.int >> 80) / 1000, tz=CHINA)


def words_of(reasons: Sequence[str]) -> list[str]:
    """Why, in the reader's words."""
    return [str(TurnedAway(reason).label) for reason in reasons]
