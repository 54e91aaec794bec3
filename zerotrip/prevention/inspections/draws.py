"""Every write to draws: the lists are frozen first, the outcome comes when the public value is there."""

from __future__ import annotations

import json
import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from zerotrip.errors import Invalid, NotAllowed, NotFound, Refused, Stale
from zerotrip.ledger import actions as ledger
from zerotrip.parties import seals
from zerotrip.parties.models import HANDS, Membership, MembershipKind, User
from zerotrip.parties.queries import area_path_of, colleagues
from zerotrip.prevention.events.rules import require_in_force
from zerotrip.prevention.inspections import drawing
from zerotrip.prevention.inspections.rules import may_draw
from zerotrip.prevention.inspections.spec import rules
from zerotrip.prevention.models import Draw, Inspection, Measure, Risk, Site
from zerotrip.prevention.rosters.identity import mask_name
from zerotrip.workdays.calendar import CHINA

if TYPE_CHECKING:
    from zerotrip.parties.access import Actor

EACH = 2
"""Inspectors to a site."""
MOST = 20_000
"""Sites in one draw."""
LONGEST_WAIT = timedelta(days=60)
"""For the public value."""
HOUSEHOLD = "household"
"""Homes are not inspected."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What is to be drawn, as it is typed in."""

    name: str
    area: str
    """Code of the area."""
    source: str
    """The public value that is waited for: which, of when, published where."""
    count: int | None
    known_at: datetime | None = None
    """When it becomes known."""
    kinds: Collection[str] = ()
    """Kinds of site; empty: all."""
    risks: Collection[str] = ()
    """Empty: all."""
    away: Collection[UUID] = ()
    """Accounts of inspectors who do not take part."""
    away_why: str = ""


@dataclass(frozen=True, slots=True)
class Candidates:
    """Who and what is drawn from, and who does not take part, with the reason."""

    sites: Sequence[Site]
    inspectors: Mapping[UUID, str]
    recused: Sequence[tuple[Site, UUID, str]]
    away: Mapping[UUID, str] = field(default_factory=dict)


def candidates(terms: Terms, *, office: UUID, on: datetime) -> Candidates:
    """The sites and inspectors of some terms: whoever inspected a site last, acts for its owner or does not work
    there is recused; whoever works at none of them is not drawn from.
    """
    path = area_path_of(terms.area) or "-"
    rows = Site.objects.open_on(on.astimezone(CHINA).date()).filter(area_path__startswith=path)
    rows = rows.exclude(kind=HOUSEHOLD)
    if terms.kinds:
        rows = rows.filter(kind__in=terms.kinds)
    if terms.risks:
        rows = rows.filter(risk__in=terms.risks)
    sites = list(rows.order_by("pk")[: MOST + 1])
    seats = [one for one in colleagues({office}, at=on) if one.role in HANDS]
    people = {one.person.account.pk: one.person for one in seats}
    areas: dict[UUID, set[str]] = {pk: set() for pk in people}
    for one in seats:
        areas[one.person.account.pk].add(one.area_path)
    inspectors = {
        pk: person.name
        for pk, person in people.items()
        if pk not in terms.away and (not sites or any(_works_at(site, areas[pk]) for site in sites))
    }
    recused = [
        *_last(sites, inspectors),
        *_connected(sites, people, inspectors, at=on),
        *_elsewhere(sites, {pk: areas[pk] for pk in inspectors}, path),
    ]
    return Candidates(sites, inspectors, recused, {pk: people[pk].name for pk in terms.away if pk in people})


def _last(sites: Sequence[Site], inspectors: Mapping[UUID, str]) -> list[tuple[Site, UUID, str]]:
    """Whoever was there the last time."""
    by_key = {site.pk: site for site in sites}
    rows = Inspection.objects.done().filter(site__in=by_key).order_by("site", "-countersigned_at", "pk")
    return [
        (by_key[row.site_id], who, "上次检查过")
        for row in rows.distinct("site")
        for who in (row.first_id, row.second_id)
        if who in inspectors
    ]


def _connected(
    sites: Sequence[Site], people: Mapping[UUID, object], inspectors: Mapping[UUID, str], *, at: datetime
) -> list[tuple[Site, UUID, str]]:
    """Whoever acts for the owner of a site."""
    owners = {site.owner_id for site in sites if site.owner_id}
    rows = Membership.objects.in_force(at).filter(
        organisation__in=owners, person__account__in=list(inspectors), kind=MembershipKind.AGENT
    )
    ties = set(rows.values_list("organisation", "person__account"))
    return [(site, who, "代表场所单位办事") for site in sites for firm, who in ties if site.owner_id == firm]


def _elsewhere(
    sites: Sequence[Site], areas: Mapping[UUID, Collection[str]], path: str
) -> list[tuple[Site, UUID, str]]:
    """Whoever does not work where a site is: they could neither see nor sign its inspection."""
    partly = {who: own for who, own in areas.items() if not any(path.startswith(each) for each in own)}
    return [
        (site, who, "不负责这个区域") for site in sites for who, own in partly.items() if not _works_at(site, own)
    ]


def _works_at(site: Site, areas: Collection[str]) -> bool:
    return any(site.area_path.startswith(each) for each in areas)


@transaction.atomic
def freeze(
    terms: Terms,
    *,
    office: UUID,
    key: UUID,
    by: Actor,
    at: datetime,
    reason: str = "",
    replaces: UUID | None = None,
) -> Draw:
    """Freeze the lists and commit to a secret; both are journalled before the public value can be known.

    To draw once more after a draw of the same day, that draw is named with the reason. Twice by one key is once.
    Raises NotAllowed, Refused while one waits or where no event asks for it, Invalid by field.
    """
    found = Draw.objects.filter(pk=key).first()
    if found is not None:
        return found
    path = area_path_of(terms.area)
    if not path or not may_draw(by, office, path):
        raise NotAllowed(_("由部门负责人在本部门的区域里抽取。"))
    require_in_force(Measure.VENUES, path, on=at.astimezone(CHINA).date())
    before = _before(office, path, replaces, at=at)
    drawn_from = candidates(terms, office=office, on=at)
    _require_right(terms, drawn_from, before, reason, at=at)
    row = _committed(terms, drawn_from, office=office, path=path, key=key, by=by, at=at)
    row.replaces, row.reason = before, " ".join(reason.split()) if before else ""
    away = {str(pk): " ".join(terms.away_why.split()) for pk in drawn_from.away}
    told = {"lists": row.lists_hash, "secret": row.secret_hash, "source": row.source, "away": away}
    told |= {"known_at": row.known_at.isoformat()}
    ledger.append(row, "freeze", by=by, at=at, reason=row.reason, details=told)
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        raise Refused(_("还有一次抽取没有出结果，请先完成它。")) from error
    return row


def _committed(
    terms: Terms, drawn_from: Candidates, *, office: UUID, path: str, key: UUID, by: Actor, at: datetime
) -> Draw:
    """A draw with its lists frozen and its secret made, not saved yet."""
    known_at, secret = terms.known_at or at, secrets.token_hex(32)
    text = _frozen(terms, drawn_from, known_at)
    return Draw(
        pk=key,
        name=" ".join(terms.name.split()),
        office_id=office,
        area_path=path,
        lists=text,
        lists_hash=drawing.digest(text),
        source=" ".join(terms.source.split()),
        known_at=known_at,
        secret_sealed=seals.seal(secret),
        secret_hash=drawing.digest(secret),
        frozen_at=at,
        frozen_by_id=by.account,
    )


def _frozen(terms: Terms, drawn_from: Candidates, known_at: datetime) -> str:
    """What is drawn from, in its one form."""
    chances = rules().chances
    return drawing.frozen(
        drawing.Lists(
            sites=[(str(one.pk), chances.get(Risk(one.risk), 1), one.name) for one in drawn_from.sites],
            inspectors=[(str(pk), mask_name(name)) for pk, name in drawn_from.inspectors.items()],
            recused=[(str(site.pk), str(who), why) for site, who, why in drawn_from.recused],
            count=terms.count or 0,
            each=EACH,
            source=terms.source,
            known=known_at.astimezone(CHINA).isoformat(timespec="minutes"),
        )
    )


def _before(office: UUID, path: str, replaces: UUID | None, *, at: datetime) -> Draw | None:
    """The draw of the same office, area and day, if there is one: to draw once more is to replace it."""
    begin = at.astimezone(CHINA).replace(hour=0, minute=0, second=0, microsecond=0)
    rows = Draw.objects.filter(office=office, area_path=path, replaced_by=None)
    if replaces is not None:
        return rows.filter(pk=replaces).first()
    return rows.filter(frozen_at__gte=begin, drawn_at__isnull=False).first()


def _require_right(terms: Terms, drawn_from: Candidates, before: Draw | None, reason: str, *, at: datetime) -> None:
    problems: dict[str, list[str]] = {}
    if not 1 < len(" ".join(terms.name.split())) <= 80:
        problems["name"] = [_("请填写名称，2 到 80 个字。")]
    if not 3 < len(" ".join(terms.source.split())) <= 200:
        problems["source"] = [_("请写明等哪个公开的数：什么数、哪一天的、在哪里公布。")]
    if terms.known_at is None or not at < terms.known_at <= at + LONGEST_WAIT:
        problems["known_at"] = [
            _("请填写这个数的公布时间：要晚于现在，最晚 %(days)s 天以后。") % {"days": LONGEST_WAIT.days}
        ]
    if not drawn_from.sites or len(drawn_from.sites) > MOST:
        problems["kinds"] = [_("这些条件下没有场所，或者超过 %(most)s 个。") % {"most": MOST}]
    if terms.count is None or not 1 <= terms.count <= max(len(drawn_from.sites), 1):
        problems["count"] = [_("请填写抽几个场所，不超过 %(most)s 个。") % {"most": len(drawn_from.sites)}]
    if len(drawn_from.inspectors) < EACH:
        problems["away"] = [_("参加抽取的检查人至少两名。")]
    elif drawn_from.away and not terms.away_why.strip():
        problems["away_why"] = [_("请写明为什么不参加。")]
    if before is not None and not 0 < len(reason.strip()) <= 400:
        problems["reason"] = [_("今天已经抽过“%(name)s”。要重抽，请写明原因，会记入日志。") % {"name": before.name}]
    if problems:
        raise Invalid(_("还不能抽取。"), problems)


@transaction.atomic
def draw(draw_id: UUID, *, value: str, by: Actor, at: datetime) -> Draw:
    """The public value is there: the outcome follows, once and for all.

    Raises NotFound, NotAllowed, Stale, Invalid; Refused where the frozen lists are not what they were.
    """
    row = Draw.objects.visible_to(by).select_for_update(of=("self",)).filter(pk=draw_id).first()
    if row is None:
        raise NotFound(_("没有这次抽取。"))
    if not may_draw(by, row.office_id, row.area_path):
        raise NotAllowed(_("由部门负责人在本部门的区域里抽取。"))
    if row.drawn_at is not None:
        raise Stale(_("已经出了结果，不能改。"))
    if at < row.known_at:
        raise Refused(_("这个数到公布的时刻才能填，现在还不能抽取。"))
    value = " ".join(value.split())
    if not 0 < len(value) <= 200:
        raise Invalid(_("还不能抽取。"), {"value": [_("请照公布的样子填写这个数。")]})
    if drawing.digest(row.lists) != row.lists_hash:
        raise Refused(_("冻结的名单和当时的校验码不符，不能抽取。请联系系统管理员。"))
    row.value, row.secret, row.drawn_at = value, seals.unseal(row.secret_sealed), at
    row.outcome = [[site, who] for site, who in drawing.draw(row.lists, row.secret, value)]
    told = {"value": value, "lists": row.lists_hash, "seed": drawing.seed_of(row.lists, row.secret, value)}
    ledger.append(row, "draw", by=by, at=at, details=told | {"outcome": row.outcome})
    row.save()
    return row


def again(row: Draw) -> list[list[object]]:
    """The outcome of a draw, worked out again from what was laid open."""
    return [[site, who] for site, who in drawing.draw(row.lists, row.secret, row.value)]


@lru_cache(maxsize=8)
def file_of(draw_id: UUID, drawn_at: datetime | None) -> bytes:
    """All there is to work a draw out again, as JSON; before it is drawn, what was committed to.

    Put together once: what is frozen never changes, and what is drawn is drawn once.
    """
    row = Draw.objects.get(pk=draw_id)
    held = {
        "name": row.name,
        "lists": row.lists,
        "lists_hash": row.lists_hash,
        "secret_hash": row.secret_hash,
        "source": row.source,
        "known_at": row.known_at.isoformat(),
        "frozen_at": row.frozen_at.isoformat(),
        "drawn_at": row.drawn_at.isoformat() if row.drawn_at else None,
        "secret": row.secret,
        "value": row.value,
        "outcome": row.outcome,
    }
    return json.dumps(held, ensure_ascii=False, indent=1).encode()


@dataclass(frozen=True, slots=True)
class Told:
    """What a page says of the lists of a draw."""

    sites: int
    inspectors: int
    names: Mapping[str, str]
    """Of those drawn, by key, inspectors masked."""


@lru_cache(maxsize=64)
def told_of(draw_id: UUID, drawn_at: datetime | None) -> Told:
    """The lists of a draw as they are told to anybody, read once."""
    row = Draw.objects.only("lists", "outcome").get(pk=draw_id)
    drawn = {str(key) for site, people in row.outcome or () for key in (site, *people)}
    names = {key: name for key, name in drawing.names(row.lists).items() if key in drawn}
    return Told(row.lists.count("\nsite "), row.lists.count("\ninspector "), names)


def fell_to(draw_id: UUID, site: UUID, *, by: Actor) -> tuple[Draw, tuple[UUID, ...]]:
    """A draw, and the inspectors to whom a site of its outcome fell: fewer than two where so many were recused.

    Raises NotFound, Refused where the draw has no outcome yet or the site is not in it.
    """
    row = Draw.objects.visible_to(by).defer("lists").filter(pk=draw_id).first()
    if row is None:
        raise NotFound(_("没有这次抽取。"))
    if row.outcome is None:
        raise Refused(_("这次抽取还没有出结果。"))
    people = next((who for key, who in row.outcome if key == str(site)), None)
    if people is None:
        raise Refused(_("这次抽取没有抽中这个场所。不按抽取检查，请从场所的页面开始。"))
    return row, tuple(UUID(who) for who in people)


@dataclass(frozen=True, slots=True)
class Looked:
    """The inspection of a site that was drawn."""

    inspection: Inspection
    by_others: bool
    """Whether it is not by those the draw fell to."""

    @property
    def is_done(self) -> bool:
        """Whether both have signed."""
        return self.inspection.countersigned_at is not None

    @property
    def names(self) -> list[str]:
        """Who inspects it."""
        return [self.inspection.first.person.name, self.inspection.second.person.name]


def looked_at(row: Draw) -> dict[str, Looked]:
    """The inspection of each drawn site that has one, by the key of the site: the first that both signed, else the
    first that began. One query."""
    drawn = {str(site): {UUID(str(who)) for who in people} for site, people in row.outcome or ()}
    rows = row.inspections.select_related("first__person", "second__person").order_by("started_at", "pk")
    found: dict[str, Looked] = {}
    for one in sorted(rows, key=lambda one: one.countersigned_at is None):
        people = drawn.get(str(one.site_id))
        if people is not None:
            found.setdefault(str(one.site_id), Looked(one, not {one.first_id, one.second_id} >= people))
    return found


def inspected_in(row: Draw) -> Collection[UUID]:
    """The sites of a draw that were inspected, signed by both."""
    return set(row.inspections.done().values_list("site", flat=True))


def is_laid_open(row: Draw, *, at: datetime) -> bool:
    """Whether anybody may work a draw out: every site was inspected, or long enough has passed."""
    if row.drawn_at is None or row.outcome is None:
        return False
    if row.drawn_at + timedelta(days=rules().publish_after_days) <= at:
        return True
    return {UUID(str(site)) for site, _people in row.outcome} <= set(inspected_in(row))


def inspectors_of(row: Draw) -> Mapping[str, str]:
    """The names of those drawn, by key, as their colleagues know them."""
    drawn = {UUID(str(who)) for _site, people in row.outcome or () for who in people}
    rows = User.objects.filter(pk__in=drawn).values_list("pk", "person__name")
    return {str(key): name for key, name in rows}
