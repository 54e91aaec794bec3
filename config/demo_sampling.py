"""The demo's sampling: 8,000 person-tests since the event began, boxes, results, and one pool that was positive.

Written in bulk, as a few statements; everybody in them is made up.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from uuid import NAMESPACE_URL, UUID, uuid5

from config.demo_prevention import BEGAN, DISTRICT, PARK

if TYPE_CHECKING:
    from zerotrip.parties.models import User

PARK_STAFF = 1400
"""People of the park besides those on the other rosters, so that five days make some 8,000 person-tests."""
LABORATORY = "demo-lab-1"

_STAFF = """
INSERT INTO prevention_person (id, name, name_key, document_kind, number_shown, phone, birth_year, created_at)
SELECT (lpad(to_hex((extract(epoch FROM %(at)s::timestamptz) * 1000)::bigint), 12, '0') || '7000'
  || '8' || lpad(to_hex(n), 15, '0'))::uuid, '园工' || n, '园工' || n, '', '', '1380002' || lpad(n::text, 4, '0'),
  1970 + n %% 35, %(at)s FROM generate_series(1, %(many)s) n
"""
_ENROL = """
INSERT INTO prevention_enrolment (person_id, kind, area_path, household, employer_id, during)
SELECT p.id, 'worker', %(path)s, '', f.id, daterange(%(first)s, NULL)
FROM (SELECT id, row_number() OVER (ORDER BY name_key) AS n FROM prevention_person WHERE name_key LIKE '园工%%') p
JOIN (SELECT id, row_number() OVER (ORDER BY uscc) - 1 AS place, count(*) OVER () AS firms FROM parties_party
  WHERE kind = 'enterprise' AND ended_at IS NULL) f ON f.place = p.n %% f.firms
"""
_SAMPLES = """
WITH due AS (
  SELECT DISTINCT ON (e.person_id) e.person_id FROM prevention_enrolment e WHERE e.during @> %(day)s::date
    AND hashtext(e.person_id::text || %(day)s::text) %% 37 <> 0 ORDER BY e.person_id
), numbered AS (
  SELECT person_id, row_number() OVER (ORDER BY person_id) - 1 AS n FROM due
), placed AS (
  SELECT person_id, n, n / 10 AS tube, %(from)s::timestamptz + make_interval(secs => n * %(apart)s) AS at
  FROM numbered WHERE %(from)s::timestamptz + make_interval(secs => n * %(apart)s) <= %(now)s
), points AS (
  SELECT id, area_path, row_number() OVER (ORDER BY name) - 1 AS place, count(*) OVER () AS points
  FROM prevention_site WHERE kind_id = 'sampling-point' AND closed_on IS NULL
), tubes AS (
  INSERT INTO prevention_tube (code, day, capacity, taken, over, point_id, area_path, begun_at, begun_by_id,
    sealed_at, outcome)
  SELECT 'JN' || to_char(%(day)s::date, 'MMDD') || lpad(t.tube::text, 4, '0'), %(day)s, 10, t.people, 0, p.id,
    p.area_path, t.first, %(by)s, t.last, ''
  FROM (SELECT tube, count(*) AS people, min(at) AS first, max(at) AS last FROM placed GROUP BY tube) t
  JOIN points p ON p.place = t.tube %% p.points
)
INSERT INTO prevention_sample (day, tube_id, person_id, at, counts, received_at, by_id)
SELECT %(day)s, 'JN' || to_char(%(day)s::date, 'MMDD') || lpad(tube::text, 4, '0'), person_id, at, true, at, %(by)s
FROM placed
"""


def load(*, at: datetime) -> None:
    """Sample everybody each day since the event began; today half of them so far."""
    from django.db import connection

    from zerotrip.parties.models import User
    from zerotrip.parties.queries import area_path_of
    from zerotrip.prevention.models import Event, Site
    from zerotrip.workdays.calendar import CHINA

    leader = User.objects.filter(email="leader@demo.test").first()
    path = area_path_of(DISTRICT)
    points = Site.objects.filter(kind="sampling-point", closed_on=None)
    if leader is None or not points or not Event.objects.filter(area_path=path).exists():  # another pack was loaded
        return
    today = at.astimezone(CHINA).date()
    first = today - timedelta(days=BEGAN)
    began = datetime.combine(first, time(), CHINA)
    with connection.cursor() as cursor:
        cursor.execute("SELECT prevention_make_sample_day(%s::date + n) FROM generate_series(0, 8) AS n", [first])
        cursor.execute(_STAFF, {"at": began, "many": PARK_STAFF})
        cursor.execute(_ENROL, {"path": area_path_of(PARK), "first": first})
    for back in range(BEGAN, 0, -1):
        _day(today - timedelta(days=back), leader, at=at)
    _sampled(today, leader, at=at)
    _positive(today - timedelta(days=1), at=at)


def _key(name: str) -> UUID:
    return uuid5(NAMESPACE_URL, f"zerotrip:demo:sampling:{name}")


def _day(day: date, leader: User, *, at: datetime) -> None:
    """A day: who was sampled, a box of each point, and what the laboratory said in the evening."""
    morning = _sampled(day, leader, at=at)
    _boxes(day, leader, at=morning + timedelta(hours=9))
    _said(day, at=min(at, morning + timedelta(hours=13)))


def _sampled(day: date, leader: User, *, at: datetime) -> datetime:
    """Who was sampled on a day, as far as it has come; when it began."""
    from django.db import connection

    from zerotrip.workdays.calendar import CHINA

    morning = datetime.combine(day, time(8), CHINA)
    told: dict[str, Any] = {"day": day, "from": morning, "apart": 15, "by": leader.pk, "now": at}
    with connection.cursor() as cursor:
        cursor.execute(_SAMPLES, told)
    return morning


def _boxes(day: date, leader: User, *, at: datetime) -> None:
    from zerotrip.prevention.models import Box, Site, Tube

    for place, site in enumerate(Site.objects.filter(kind="sampling-point", closed_on=None).order_by("name")):
        tubes = Tube.objects.filter(point=site, day=day)
        told: dict[str, Any] = {
            "point": site,
            "area_path": site.area_path,
            "counted": tubes.count(),
            "packed_at": at,
            "packed_by": leader,
            "laboratory": LABORATORY,
            "carrier": "虚构转运员",
            "handed_at": at + timedelta(minutes=10),
            "handed_by": leader,
            "received_at": at + timedelta(hours=1),
            "received_by": "虚构收样员",
        }
        box = Box.objects.create(pk=_key(f"box {day} {place}"), code=f"BOX-{place + 1:02}", **told)
        tubes.update(box=box)


def _said(day: date, *, at: datetime) -> None:
    from zerotrip.prevention.models import Finding, Tube
    from zerotrip.prevention.screening.results.actions import hear
    from zerotrip.prevention.screening.results.reading import Said

    codes = Tube.objects.filter(day=day).order_by("pk").values_list("pk", flat=True)
    negative = [Said(code, Finding.NEGATIVE, at) for code in codes]
    hear(negative, b"", laboratory=LABORATORY, file_id=_key(f"results {day}"), at=at)


def _positive(day: date, *, at: datetime) -> None:
    """A pool that was corrected to positive: everybody in it is named, some are tested singly already."""
    from zerotrip.parties.access import actor_for
    from zerotrip.parties.models import User
    from zerotrip.prevention.models import Finding, Sample, Tube
    from zerotrip.prevention.screening.results.actions import hear
    from zerotrip.prevention.screening.results.reading import Said
    from zerotrip.prevention.screening.taking import Taken, take

    tube = Tube.objects.filter(day=day).order_by("pk").first()
    leader = actor_for(User.objects.get(email="leader@demo.test"), at=at)
    if tube is None:
        return
    found = Said(tube.pk, Finding.POSITIVE, at - timedelta(hours=2))
    hear([found], b"", laboratory=LABORATORY, file_id=_key("positive"), at=at - timedelta(hours=2))
    members = Sample.objects.filter(day=day, tube=tube).order_by("at").values_list("person_id", flat=True)[:3]
    moment = at - timedelta(hours=1)
    for place, person in enumerate(members):
        told: dict[str, Any] = {"capacity": 1, "point": tube.point_id, "by": leader, "at": moment}
        take(f"JNS{place + 1:05}", [Taken(person, moment)], sealed_at=moment, **told)
    negative = [Said(f"JNS{place + 1:05}", Finding.NEGATIVE, at) for place in range(2)]
    hear(negative, b"", laboratory=LABORATORY, file_id=_key("single"), at=at)
