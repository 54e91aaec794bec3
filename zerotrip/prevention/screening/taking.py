"""People are put into tubes, and taken out again: however often, in whatever order the records arrive.

What is kept of somebody in a tube is the latest moment they were put in and the latest they were taken out. Both
only grow, so that two phones that filled one tube without a network, a replay, and a phone whose records come a day
late end at the same rows. Who is beyond the capacity is worked out anew each time, in the order people were put in:
they stay on record with the tube, since their swab is in it, and do not count as tested.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import transaction
from django.db.models import CharField, Exists, ExpressionWrapper, F, OuterRef
from django.utils.translation import gettext as _
from psycopg import sql

from zerotrip.compiled import Compiled, prepared
from zerotrip.duties.standing.reporting import count_act
from zerotrip.duties.standing.sources import AtOnce
from zerotrip.errors import Invalid, NotFound, Refused
from zerotrip.prevention.events.rules import require_in_force
from zerotrip.prevention.models import SIZES, Event, Finding, Measure, Sample, Site, Tube
from zerotrip.prevention.screening.rules import POINT, code_of, may_sample, point_for
from zerotrip.prevention.screening.voiding import ACT, COUNTED, VOID
from zerotrip.workdays.calendar import CHINA

if TYPE_CHECKING:
    from zerotrip.duties.standing.schedule import Span
    from zerotrip.parties.access import Actor

AHEAD = timedelta(minutes=2)
"""How far ahead of ours a clock may be before what it says cannot be."""
BEHIND = timedelta(days=3)
"""How long a phone may have been away from the network, or paper waited to be typed in."""


@dataclass(frozen=True, slots=True)
class Taken:
    """Somebody was put into a tube at a moment; or taken out again, with ``out``."""

    person: UUID
    at: datetime
    out: bool = False


@dataclass(frozen=True, slots=True)
class Filled:
    """A tube after somebody filled it."""

    code: str
    capacity: int
    taken: int
    over: frozenset[UUID]
    """Who is in it beyond its capacity: they have to be sampled again, into another tube."""
    unknown: frozenset[UUID]
    """Whom nobody knows: they are not in it."""
    out: frozenset[UUID]
    """Of those put in now: who was taken out at that moment or later, and so is not in it."""
    outcome: str


_TUBE = """
INSERT INTO prevention_tube AS t (code, day, capacity, taken, over, point_id, area_path, begun_at, begun_by_id,
    sealed_at, outcome, outcome_at)
SELECT %(code)s::varchar, %(day)s, %(capacity)s, 0, 0, %(point)s, %(area)s, %(begun)s, %(by)s,
    %(sealed)s::timestamptz,
    coalesce(r.outcome, ''), r.issued_at
FROM (SELECT 1) one LEFT JOIN LATERAL (
    SELECT outcome, issued_at FROM prevention_result WHERE tube = %(code)s::varchar
    ORDER BY issued_at DESC, id DESC LIMIT 1
) r ON TRUE
ON CONFLICT (code) DO UPDATE SET begun_at = least(t.begun_at, excluded.begun_at),
    sealed_at = greatest(t.sealed_at, excluded.sealed_at)
RETURNING day, capacity, point_id, outcome, taken, prevention_make_sample_day(day)::text
"""
"""The tube, locked; made by whoever is first, with the partition of its day. A result that came before is kept."""

_TAKE = """
INSERT INTO prevention_sample AS s (day, tube_id, person_id, at, void_at, counts, received_at, by_id)
SELECT %(day)s, %(code)s::varchar, p.id, max(t.at) FILTER (WHERE NOT t.out), max(t.at) FILTER (WHERE t.out),
    coalesce(max(t.at) FILTER (WHERE NOT t.out) > coalesce(max(t.at) FILTER (WHERE t.out), '-infinity'), false),
    %(now)s, %(by)s
FROM unnest(%(people)s::uuid[], %(moments)s::timestamptz[], %(outs)s::boolean[]) AS t(person, at, out)
JOIN prevention_person p ON p.id = t.person
GROUP BY p.id ORDER BY p.id
ON CONFLICT (day, tube_id, person_id) DO UPDATE
SET at = greatest(s.at, excluded.at), void_at = greatest(s.void_at, excluded.void_at),
    counts = coalesce(greatest(s.at, excluded.at)
        > coalesce(greatest(s.void_at, excluded.void_at), '-infinity'), false)
RETURNING person_id, counts
"""

_RANK = """
WITH inside AS (
    SELECT person_id, row_number() OVER (ORDER BY at, person_id) AS place FROM prevention_sample
    WHERE day = %(day)s AND tube_id = %(code)s AND at IS NOT NULL AND (void_at IS NULL OR at > void_at)
), counted AS (
    UPDATE prevention_sample s SET counts = i.place IS NOT NULL AND i.place <= %(capacity)s
    FROM prevention_sample o LEFT JOIN inside i USING (person_id)
    WHERE s.day = %(day)s AND s.tube_id = %(code)s AND o.day = s.day AND o.tube_id = s.tube_id
        AND o.person_id = s.person_id
        AND s.counts IS DISTINCT FROM (i.place IS NOT NULL AND i.place <= %(capacity)s)
    RETURNING s.person_id
), told AS (
    UPDATE prevention_tube SET taken = least(n, %(capacity)s), over = greatest(0, n - %(capacity)s)
    FROM (SELECT count(*) AS n FROM inside) c WHERE code = %(code)s
    RETURNING taken
)
SELECT (SELECT taken FROM told), (SELECT array_agg(person_id) FROM inside WHERE place > %(capacity)s),
    (SELECT array_agg(person_id) FROM counted)
"""
"""Who of those in the tube counts: as many as it holds, in the order they were put in."""


def fill(
    code: str,
    taken: Sequence[Taken],
    *,
    capacity: int,
    point: UUID,
    by: Actor,
    at: datetime,
    sealed_at: datetime | None = None,
) -> Filled:
    """Put people into a tube, or take them out; seal it. The same again, in any order, changes nothing.

    Within the caller's transaction. Raises NotFound and NotAllowed for the point, Refused where screening is not in
    force, Invalid by field: a code that is none, a size nobody validated, a moment that cannot be, a tube of
    another size or point.
    """
    plain = code_of(code)
    moments = [*(one.at for one in taken), *([sealed_at] if sealed_at else [])]
    begun = min((*moments, at))
    day = begun.astimezone(CHINA).date()
    area_path, in_force = _where(point, by=by, on=day)
    _require_sound(plain, capacity, moments, at=at)
    if not in_force:
        require_in_force(Measure.SCREENING, area_path, on=day)
    return _filled(
        plain,
        taken,
        capacity=capacity,
        point=point,
        area_path=area_path,
        begun=begun,
        sealed_at=sealed_at,
        account=by.account,
        at=at,
    )


@transaction.atomic
def take(code: str, taken: Sequence[Taken], **said: Any) -> Filled:
    """Do what ``fill`` does, in a transaction of its own."""
    return fill(code, taken, **said)


def _where(point: UUID, *, by: Actor, on: date) -> tuple[str, bool]:
    """The area of a point at which the actor may sample, and whether screening is in force there. Raises as
    ``point_for``."""
    for area_path, in_force in _POINT.rows(point=point, on=on):
        if may_sample(by, area_path):
            return area_path, in_force
    return point_for(by, point).area_path, False


def _point(point: UUID, on: date) -> Any:
    in_force = Event.objects.in_force(on).filter(measures__contains=[Measure.SCREENING])
    here = ExpressionWrapper(OuterRef("area_path"), CharField())
    around = in_force.annotate(here=here).filter(here__startswith=F("area_path"))
    return Site.objects.filter(pk=point, kind=POINT).values_list("area_path", Exists(around))


_POINT = Compiled(_point, point=UUID, on=date)
"""The area of a point, and whether some event asks for screening there: asked with each tube."""


def _require_sound(code: str, capacity: int, moments: Sequence[datetime], *, at: datetime) -> None:
    problems: dict[str, list[str]] = {}
    if not code:
        problems["tube"] = [_("管码应为 4 到 32 位字母、数字或短横线，请重新扫码或对照管身输入。")]
    if capacity not in SIZES:
        problems["capacity"] = [_("请选择 1、5、10 或 20 人管。")]
    if any(not at - BEHIND <= moment <= at + AHEAD for moment in moments):
        problems["at"] = [_("时间要在最近 %(days)s 天之内，不能晚于现在。") % {"days": BEHIND.days}]
    if problems:
        raise Invalid(_("还没有记录。"), problems)


def _filled(
    code: str,
    taken: Sequence[Taken],
    *,
    capacity: int,
    point: UUID,
    area_path: str,
    begun: datetime,
    sealed_at: datetime | None,
    account: UUID,
    at: datetime,
) -> Filled:
    values: dict[str, Any] = {
        "code": code,
        "day": begun.astimezone(CHINA).date(),
        "capacity": capacity,
        "point": point,
        "area": area_path,
        "begun": begun,
        "sealed": sealed_at,
        "by": account,
        "now": at,
        "people": [one.person for one in taken],
        "moments": [one.at for one in taken],
        "outs": [one.out for one in taken],
    }
    with prepared() as cursor:
        cursor.execute(_TUBE, values)
        day, size, where, outcome, inside, _made = cursor.fetchone()
        _require_same(code, size=size, capacity=capacity, where=where, point=point)
        _require_near(code, day, taken)
        if not taken:
            return Filled(code, size, inside, frozenset(), frozenset(), frozenset(), outcome)
        cursor.execute(_TAKE, values | {"day": day})
        stands = dict(cursor.fetchall())
        cursor.execute(_RANK, values | {"day": day})
        inside, over, changed = cursor.fetchone()
    concerned = sorted(stands.keys() | set(changed or ()))
    count_act(ACT, concerned, first=min(values["moments"]), last=max(values["moments"]))
    if stands and outcome and (outcome != Finding.NEGATIVE or capacity == 1):
        _follow(code)
    put = frozenset(one.person for one in taken if not one.out)
    unknown = frozenset(one.person for one in taken) - stands.keys()
    out = frozenset(person for person in put & stands.keys() if not stands[person])
    return Filled(code, size, inside, frozenset(over or ()), unknown, out, outcome)


def _require_same(code: str, *, size: int, capacity: int, where: UUID, point: UUID) -> None:
    """What is known of a tube is what was said first; what does not agree is a code that was misread."""
    if where != point:
        other = Site.objects.filter(pk=where).values_list("name", flat=True).first()
        raise Invalid(
            _("还没有记录。"),
            {"tube": [_("管码 %(code)s 已在“%(point)s”使用，请核对管码。") % {"code": code, "point": other}]},
        )
    if size != capacity:
        raise Invalid(
            _("还没有记录。"),
            {"capacity": [_("管码 %(code)s 登记的是 %(size)s 人管。") % {"code": code, "size": size}]},
        )


def _require_near(code: str, day: date, taken: Sequence[Taken]) -> None:
    """A tube is used once: whoever is put into it days later is in another one, whose code was misread."""
    if any(abs((one.at.astimezone(CHINA).date() - day).days) > BEHIND.days for one in taken):
        told = {"code": code, "day": day.strftime("%Y-%m-%d")}
        raise Invalid(_("还没有记录。"), {"tube": [_("管码 %(code)s 在 %(day)s 已经用过，请核对管码。") % told]})


def _follow(code: str) -> None:
    """A tube of which something is known got more people: they are named too, or what was open is settled."""
    from zerotrip.prevention.tasks import follow_tubes

    follow_tubes.defer(tubes=[code])


def samples(_requirement: object, _window: object, span: Span) -> sql.Composable:
    """What counts towards a duty of screening: every sample that counts, of a tube that says something of it."""
    return sql.SQL(
        "SELECT p.person_id AS subject, p.at FROM prevention_sample p WHERE {near} AND {counted}"
    ).format(near=_near(span), counted=sql.SQL(COUNTED))


def _all_samples(_requirement: object, _window: object, _span: Span) -> sql.Composable:
    """Those of void tubes, too. Nothing is asked but what the index of people holds: days that are far from the
    span are left out by what each of them says of its moments.
    """
    return sql.SQL("SELECT p.person_id AS subject, p.at FROM prevention_sample p WHERE p.counts")


def _in_void_tubes(_requirement: object, _window: object, span: Span) -> sql.Composable:
    return sql.SQL(
        "SELECT p.person_id AS subject FROM prevention_tube v"
        " JOIN prevention_sample p ON p.day = v.day AND p.tube_id = v.code"
        " WHERE p.counts AND {near} AND v.code IN ({void})"
    ).format(near=_near(span), void=sql.SQL(VOID))


def _near(span: Span) -> sql.Composable:
    """A tube is filled near the day it is of."""
    first, last = (moment.astimezone(CHINA).date() for moment in (span.starts - BEHIND, span.ends + BEHIND))
    return sql.SQL("p.day BETWEEN {} AND {}").format(sql.Literal(first), sql.Literal(last))


SAMPLES = AtOnce(_all_samples, _in_void_tubes)
"""What counts towards a duty of screening, of everybody at once."""


def begin(code: str, *, capacity: int, point: UUID, by: Actor, at: datetime) -> Tube:
    """Begin a tube, with nobody in it yet; one that was begun here is gone on with. Raises what ``take`` does."""
    take(code, [], capacity=capacity, point=point, by=by, at=at)
    return Tube.objects.get(pk=code_of(code))


@transaction.atomic
def put_in(code: str, person: UUID, *, by: Actor, at: datetime) -> bool:
    """Put somebody who stands there into a tube that is in hand; False: they are in it already.

    Raises NotFound, NotAllowed, Refused for a tube that is sealed or full: then it is not too late for another one.
    """
    tube = _in_hand(code, by)
    held = Sample.objects.filter(day=tube.day, tube=tube, person=person).first()
    if held is not None and not held.is_out:
        return False
    if tube.is_full:
        raise Refused(_("这支管已满 %(size)d 人，请封管后换一支。") % {"size": tube.capacity})
    told = take(code, [Taken(person, at)], capacity=tube.capacity, point=tube.point_id, by=by, at=at)
    if told.unknown:
        raise NotFound(_("没有找到这个人，请重新查找。"))
    return True


@transaction.atomic
def take_out(code: str, person: UUID, *, by: Actor, at: datetime) -> None:
    """Take somebody out of a tube in hand who was put in by mistake. Raises NotFound, NotAllowed, Refused."""
    tube = _in_hand(code, by)
    take(code, [Taken(person, at, out=True)], capacity=tube.capacity, point=tube.point_id, by=by, at=at)


@transaction.atomic
def seal(code: str, *, by: Actor, at: datetime) -> Tube:
    """Seal a tube; sealed, it stays so. Raises NotFound, NotAllowed, Refused for one with nobody in it."""
    tube = _held(code, by)
    if tube.sealed_at is not None:
        return tube
    if not tube.taken:
        raise Refused(_("管里还没有人，不能封管。"))
    take(code, [], capacity=tube.capacity, point=tube.point_id, by=by, at=at, sealed_at=at)
    tube.sealed_at = at
    return tube


def _held(code: str, by: Actor) -> Tube:
    tube = Tube.objects.visible_to(by).select_for_update(of=("self",)).filter(pk=code_of(code)).first()
    if tube is None:
        raise NotFound(_("没有这支管，请先扫管码开管。"))
    point_for(by, tube.point_id)
    return tube


def _in_hand(code: str, by: Actor) -> Tube:
    tube = _held(code, by)
    if tube.sealed_at is not None:
        raise Refused(_("这支管已经封管，请换一支。"))
    return tube
