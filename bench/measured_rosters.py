"""Figures of rosters: a file of very many people looked through and taken over, and again."""

from __future__ import annotations

import csv
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from django.db import connection
from django.utils import timezone
from stdnum.cn import ric

from bench.figures import Figure, figure
from tests import world
from zerotrip.catalogue.actions import load_pack
from zerotrip.ids import new_id
from zerotrip.parties.access import SYSTEM, Actor
from zerotrip.parties.models import Role
from zerotrip.prevention.events import actions as events
from zerotrip.prevention.models import Enrolment, Measure, Person, RosterFile
from zerotrip.prevention.rosters import actions
from zerotrip.prevention.rosters.actions.files import Asked
from zerotrip.workdays.calendar import CHINA

GRIDS = ("370199001001001", "370199001001002", "370199001002001", "370199002001001", "370199002002001")
HEADING = ("姓名", "身份证号", "手机号", "网格", "住址")
NAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"


def measure(*, people: int) -> Iterator[Figure]:
    """A CSV of so many residents, three to a door; every twentieth has no number, name and phone alone."""
    at = timezone.now()
    load_pack(world.WHOLE, by=SYSTEM, at=at)
    clerk = _event(at)
    with TemporaryDirectory() as folder:
        place = Path(folder, "roster.csv")
        _write(place, people)
        sizes = {"people": people, "bytes": place.stat().st_size}
        for name in ("first", "again"):
            file, seconds = _imported(place, clerk, at=at + timedelta(seconds=1))
            for step, spent in seconds.items():
                yield figure("roster", [spent], "s", sizes={"step": step, "time": name, **sizes})
            whole = sum(seconds.values())
            yield figure("roster_whole", [whole], "s", sizes={"time": name, **sizes}, per_second=people / whole)
            if (Person.objects.count(), Enrolment.objects.count(), file.status) != (people, people, "done"):
                raise AssertionError(f"{Person.objects.count()} people, {file.status}: {file.because}")
    yield figure("roster_floor", [_floor()], "s", sizes=sizes)


def _event(at: object) -> Actor:
    leader = world.acting(world.staff("leader-of-rosters", "approval-bureau", Role.LEADER), at)
    today = at.astimezone(CHINA).date()
    told = events.Declared("虚构防控", "虚构通知〔2026〕1号", (Measure.SCREENING,), today, None, 30)
    office = leader.seats[0].department_id
    events.declare(told, area="370199000000", department=office, key=new_id(), by=leader, at=at)
    return leader


def _write(place: Path, people: int) -> None:
    with place.open("w", encoding="gb18030", newline="") as file:
        lines = csv.writer(file)
        lines.writerow(HEADING)
        for serial in range(people):
            year, month, day = serial // 1000 % 80 + 10, serial // 80_000 % 12 + 1, serial // 960_000 % 28 + 1
            body = f"37019919{year:02}{month:02}{day:02}{serial % 1000:03}"
            number = "" if serial % 20 == 0 else body + ric.calc_check_digit(body + "0")
            name = NAMES[serial % 20] + NAMES[serial // 20 % 20] + NAMES[serial // 400 % 20]
            door = f"{serial // 3000}-{serial // 3 % 1000}"
            lines.writerow((name, number, f"139{serial:08}", GRIDS[serial // 3 % 5], door))


def _imported(place: Path, clerk: Actor, *, at: object) -> tuple[RosterFile, dict[str, float]]:
    asked = Asked("resident", "/370100000000/370199000000/", at.astimezone(CHINA).date())
    key, seconds, begun = new_id(), {}, time.perf_counter()
    with place.open("rb") as file:
        actions.hand_in(file, asked, name=place.name, language="zh-hans", by=clerk, at=at, file_id=key)
    for name, step in (
        ("look through", lambda: actions.look_through(key, at=at)),
        ("confirm", lambda: actions.confirm(key, by=clerk, at=at)),
        ("take over", lambda: actions.take_over(key, at=at)),
    ):
        step()
        seconds[name], begun = time.perf_counter() - begun, time.perf_counter()
    return RosterFile.objects.get(pk=key), seconds


def _floor() -> float:
    """The very same people and enrolments, sent to bare copies of the tables by COPY: indexes, and nothing else."""
    tables = [(model, model._meta.db_table) for model in (Person, Enrolment)]
    spent = 0.0
    with connection.cursor() as cursor:
        for _model, table in tables:
            cursor.execute(f"CREATE TABLE bare_{table} (LIKE {table} INCLUDING ALL)")
            with cursor.copy(f"COPY {table} TO STDOUT") as found:
                rows = [bytes(row) for row in found]
            begun = time.perf_counter()
            with cursor.copy(f"COPY bare_{table} FROM STDIN") as told:
                for row in rows:
                    told.write(row)
            spent += time.perf_counter() - begun
            cursor.execute(f"DROP TABLE bare_{table}")
    return spent
