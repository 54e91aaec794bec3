"""The demo's days so far: what was owed since the event began, most of it done, and 1,700 vehicles a day.

Written in bulk, as a few statements: the figures are those of the story, everybody in them is made up.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from config.demo_prevention import BEGAN, DISTRICT

if TYPE_CHECKING:
    from zerotrip.duties.models import Due, Report, Window

VEHICLES = 1700
"""A day, at the gates of the park."""
HOURS = (0, 6, 10.5, 12, 16.5)
"""Of a day, at which windows open."""
ANSWERS: dict[str, dict[str, Any]] = {
    "enterprise-daily-check": {"present": "12", "abnormal": False},
    "disinfection": {"where": ["door", "toilet"], "agent": "含氯消毒剂 500 毫克/升（虚构）"},
    "ventilation": {"minutes": "30"},
    "door-check": {"guarded": True, "let_in": "120", "turned_away": "1"},
    "meal-run": {"handed": "虚构司机", "received": "虚构楼长", "portions": "60", "missing": "0"},
    "medicine-run": {"handed": "虚构司机", "received": "虚构楼长", "doors": "3"},
    "waste-run": {
        **{"handed": "虚构楼长", "received": "虚构司机", "bags": "18"},
        **{"carrier": "虚构清运公司", "to": "虚构转运站", "disinfected": True},
    },
}
_PASSAGES = """
INSERT INTO prevention_passage (id, gate_id, area_path, plate, plate_odd, driver, phone, origin, goods, goods_note,
  to_name, temperature, colour, disinfected, entered_at, left_at, refused, device_at, received_at, entered_by_id,
  left_by_id)
SELECT (lpad(to_hex((extract(epoch FROM v.at) * 1000)::bigint), 12, '0') || '7' || lpad(to_hex(v.n %% 4096), 3, '0')
  || '8' || lpad(to_hex(v.n), 15, '0'))::uuid,
  v.gate, v.area_path, '鲁' || substr('ABCDE', 1 + v.n %% 5, 1) || lpad((v.n * 7919 %% 100000)::text, 5, '0'),
  false, '虚构司机' || 1 + v.n %% 400, '1380000' || lpad((v.n %% 400)::text, 4, '0'),
  (ARRAY['虚构东市', '虚构西市', '虚构南县'])[1 + v.n %% 3],
  (ARRAY['building', 'food', 'parcels', 'production', 'none'])[1 + v.n %% 5], '',
  (ARRAY['示范材料公司', '示范食品公司', '示范快运公司'])[1 + v.n %% 3],
  36.2 + (v.n %% 8) * 0.1, 'green', v.n %% 5 = 2, v.at,
  CASE WHEN v.n %% 340 = 0 OR v.at > %(now)s - interval '40 minutes' THEN NULL
    ELSE v.at + make_interval(mins => 10 + v.n %% 30) END,
  CASE WHEN v.n %% 340 = 0 THEN '没有登记来处，劝返（虚构）' ELSE '' END, v.at, v.at, %(by)s,
  CASE WHEN v.n %% 340 = 0 OR v.at > %(now)s - interval '40 minutes' THEN NULL ELSE %(by)s END::uuid
FROM (SELECT n, g.id AS gate, g.area_path, %(now)s - make_interval(secs => n * 86400.0 / %(day)s) AS at
  FROM generate_series(1, %(many)s) AS n
  JOIN (SELECT id, area_path, row_number() OVER (ORDER BY name) - 1 AS place, count(*) OVER () AS gates
    FROM prevention_site WHERE kind_id = 'gate' AND closed_on IS NULL) g ON g.place = n %% g.gates) v
"""


def load(*, at: datetime) -> None:
    """Open what was owed since the event began, report most of it, and let the vehicles through."""
    from zerotrip.parties.models import User
    from zerotrip.parties.queries import area_path_of
    from zerotrip.prevention.models import Event, Site

    leader = User.objects.filter(email="leader@demo.test").first()
    path = area_path_of(DISTRICT)
    if leader is None or not Event.objects.filter(area_path=path).exists():  # another pack was loaded
        return
    _duties(at=at)
    if Site.objects.filter(kind="gate", closed_on=None).exists():
        _vehicles(leader, at=at)


def _duties(*, at: datetime) -> None:
    from zerotrip.duties.models import Report, Window
    from zerotrip.duties.standing.counting import recount
    from zerotrip.duties.standing.turning import turn
    from zerotrip.workdays.calendar import CHINA

    today = at.astimezone(CHINA).date()
    for back in range(BEGAN, -1, -1):
        midnight = datetime.combine(today - timedelta(days=back), time(), CHINA)
        for hours in HOURS:
            if (moment := midnight + timedelta(hours=hours, minutes=1)) <= at:
                turn(at=moment)
    windows = list(Window.objects.select_related("requirement").exclude(subject="person"))
    Report.objects.bulk_create([row for window in windows for row in _reports(window, at=at)], batch_size=2000)
    for window in windows:
        recount(window, window.requirement)


def _reports(window: Window, *, at: datetime) -> list[Report]:
    """Of most of those who owe something in a window, at a moment within it that is past."""
    from zerotrip.duties.models import Due

    until = min(window.ends, at) - window.starts
    dues = list(Due.objects.filter(day=window.day, window=window.pk, released_at=None))
    lacking = 40 if window.ends <= at else 3
    """One in so many has not reported; of what is under way, one in three."""
    return [
        _report(window, due, window.starts + until * (1 + place % 89) / 90)
        for place, due in enumerate(dues)
        if (due.subject.int >> 64) % lacking != window.pk % lacking
    ]


def _report(window: Window, due: Due, at: datetime) -> Report:
    from zerotrip.duties import editions
    from zerotrip.duties.models import Report
    from zerotrip.duties.standing.sources import duty_of
    from zerotrip.ids import new_id

    return Report(
        id=new_id(),
        duty=duty_of(window.requirement),
        subject=due.subject,
        owner=due.subject if window.subject == "enterprise" else due.place,
        area_path=due.area_path,
        at=at,
        received_at=at,
        answers=ANSWERS.get(editions.name_of(window.requirement), {}),
    )


def _vehicles(leader: Any, *, at: datetime) -> None:
    from django.db import connection

    from zerotrip.workdays.calendar import CHINA

    today = at.astimezone(CHINA).date()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT prevention_make_passage_day(%s::date - n) FROM generate_series(0, %s) AS n", [today, BEGAN]
        )
        held = {"now": at, "by": leader.pk, "day": VEHICLES, "many": VEHICLES * BEGAN}
        cursor.execute(_PASSAGES, held)
