"""Figures of sampling: tubes of ten through HTTP with the board open, files of results, and bare rows beside."""

from __future__ import annotations

import http.client
import json
import secrets
import statistics
import threading
import time
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID, uuid4

from django.db import connection
from django.test import Client
from django.utils import timezone

from bench.figures import Figure, figure
from bench.measured_http import served
from tests import world
from tests.duties.standing import roster
from tests.prevention.screening import sampling
from zerotrip.catalogue.actions import load_pack
from zerotrip.duties.models import Due, Window
from zerotrip.duties.standing.turning import turn
from zerotrip.ids import new_id
from zerotrip.parties.access import SYSTEM, Actor
from zerotrip.parties.models import Role, User
from zerotrip.prevention.events import actions as events
from zerotrip.prevention.models import Measure, Result, Sample, Site, Tube
from zerotrip.prevention.screening.results import actions as results
from zerotrip.workdays.calendar import CHINA

CHENGDU = 12_000_000 / 86_400
"""Samples a second: 12 million on 2022-09-02, Chengdu's published day (redian.news/news/54006), spread over it."""
TIMES = 10
"""How many times that rate several phones together are to keep up."""
TEN = 10
"""People to a tube."""
BOARD = ("/desk/prevention/screening/", "/desk/prevention/picture/")
"""What somebody watches meanwhile."""


def measure(*, people: int, seconds: float, rows: int) -> Iterator[Figure]:
    """Tubes one after the other, then as fast as several phones can; then a file of results."""
    at = timezone.now()
    load_pack(world.WHOLE, by=SYSTEM, at=at)
    leader = _event(at)
    crowd = _people(people)
    site = sampling.point(area=world.DISTRICT)
    daily = {"who": "person", "act": "sample", "measure": "screening"}
    roster.declared(
        roster.spec("daily", **daily), roster.spec("weekly", days=7, records=4, spacing={"hours": 24}, **daily)
    )
    turn(at=timezone.now())
    windows = Window.objects.filter(subject="person").count()
    sizes = {"people": people, "windows": windows, "dues": Due.objects.count()}
    with served() as port:
        for clients in (1, 8):
            yield _sampled(port, leader, site, crowd, clients=clients, seconds=seconds, sizes=sizes)
    yield from _floors(sizes)
    yield from _results(rows, leader)


def _event(at: datetime) -> Actor:
    leader = world.acting(world.staff("leader-of-samplers", "approval-bureau", Role.LEADER), at)
    today = at.astimezone(CHINA).date()
    told = events.Declared("虚构防控", "虚构通知〔2026〕1号", (Measure.SCREENING,), today, None, 30)
    office = leader.seats[0].department_id
    events.declare(told, area="370199000000", department=office, key=new_id(), by=leader, at=at)
    return leader


def _people(count: int) -> list[UUID]:
    """So many builders of a grid, who owe a test."""
    path = f"{world.DISTRICT}370199001000/370199001001/370199001001001/"
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO prevention_person (id, name, name_key, document_kind, number_shown, phone, created_at)
            SELECT md5('p' || n)::uuid, 'p' || n, 'p' || n, '', '', '139' || lpad(n::text, 8, '0'), now()
            FROM generate_series(1, %s) n""",
            [count],
        )
        cursor.execute(
            """INSERT INTO prevention_enrolment (person_id, kind, area_path, household, during)
            SELECT id, 'resident', %s, '', daterange((now() - interval '9 days')::date, NULL)
            FROM prevention_person""",
            [path],
        )
        cursor.execute("ANALYZE prevention_person, prevention_enrolment")
        cursor.execute("SELECT id FROM prevention_person ORDER BY name_key")
        return [pk for (pk,) in cursor.fetchall()]


class _Phone:
    """A phone of a sampler: signed in, sends tubes of ten as one request each."""

    def __init__(self, user: User, site: Site, port: int) -> None:
        session = world.sign_in(Client(), user).cookies["sessionid"].value
        token = secrets.token_hex(16)
        self._connection = http.client.HTTPConnection("127.0.0.1", port)
        self._headers = {
            "Cookie": f"sessionid={session}; csrftoken={token}",
            "X-CSRFToken": token,
            "Content-Type": "application/json",
        }
        self._account, self._site, self._phone = str(user.pk), str(site.pk), None

    def get(self, address: str) -> None:
        self._connection.request("GET", address, headers=self._headers)
        answer = self._connection.getresponse()
        answer.read()
        if answer.status != 200:
            raise AssertionError(f"{address}: {answer.status}")

    def fill(self, tube: str, people: Sequence[UUID]) -> None:
        """Ten samples and the seal, as an outbox sends them. Raises AssertionError where one is not taken in."""
        told = {"point": self._site, "tube": tube, "capacity": TEN}
        records = [self._record("sample", {**told, "person": str(person)}) for person in people]
        sent = {
            "phone": self._phone,
            "account": self._account,
            "sent": self._reading(),
            "records": [*records, self._record("seal", told)],
        }
        self._connection.request("POST", "/field/sync/", json.dumps(sent), self._headers)
        answer = self._connection.getresponse()
        body = json.loads(answer.read())
        if answer.status != 200 or {one["state"] for one in body["verdicts"]} != {"accepted"}:
            raise AssertionError(f"{answer.status}: {body}")
        self._phone = body["phone"]

    def _record(self, kind: str, payload: dict[str, Any]) -> dict[str, Any]:
        made = self._reading()
        drawn = uuid4().int & ((1 << 76) - 1) & ~(3 << 62)
        key = UUID(int=(int(made["at"]) << 80) | (7 << 76) | (2 << 62) | drawn)
        return {"id": str(key), "kind": kind, "made": made, "off": 0, "payload": payload, "photos": []}

    def _reading(self) -> dict[str, Any]:
        return {"at": int(time.time() * 1000), "ticks": 0, "page": "bench"}


def _sampled(
    port: int,
    leader: Actor,
    site: Site,
    crowd: Sequence[UUID],
    *,
    clients: int,
    seconds: float,
    sizes: dict[str, Any],
) -> Figure:
    """Tubes as fast as so many phones send them, with the board open; nothing lost, nothing doubled."""
    user = User.objects.get(pk=leader.user_id)
    phones = [_Phone(user, site, port) for _number in range(clients)]
    watching = _Phone(user, site, port)
    until = time.monotonic() + seconds
    took: list[list[float]] = [[] for _phone in phones]
    broken: list[BaseException] = []
    before = Sample.objects.filter(counts=True).count()

    def work(number: int) -> None:
        turn_of = 0
        try:
            while time.monotonic() < until:
                start = (turn_of * clients + number) * TEN % (len(crowd) - TEN)
                begun = time.perf_counter()
                phones[number].fill(f"B{clients}-{number}-{turn_of}", crowd[start : start + TEN])
                took[number].append((time.perf_counter() - begun) * 1000)
                turn_of += 1
        except BaseException as error:
            broken.append(error)

    def watch() -> None:
        while time.monotonic() < until:
            for address in BOARD:
                watching.get(address)
            time.sleep(2)

    hands = [threading.Thread(target=work, args=(number,)) for number in range(clients)]
    hands.append(threading.Thread(target=watch))
    begun = time.monotonic()
    for hand in hands:
        hand.start()
    for hand in hands:
        hand.join()
    spent = time.monotonic() - begun
    if broken:
        raise broken[0]
    found = [each for one in took for each in one]
    sent = len(found) * TEN
    kept = Sample.objects.filter(counts=True).count() - before
    if kept != sent:
        raise AssertionError(f"{sent} sent, {kept} kept")
    rate, aim = sent / spent, CHENGDU if clients == 1 else TIMES * CHENGDU
    return figure(
        "tube_of_ten_http",
        found,
        "ms",
        sizes={**sizes, "clients": clients},
        p95=round(statistics.quantiles(found, n=20)[18], 1),
        samples_per_second=round(rate),
        times_chengdu=round(rate / CHENGDU, 2),
        aim_samples_per_second=round(aim),
        met=rate >= aim,
    )


def _floors(sizes: dict[str, Any]) -> Iterator[Figure]:
    """The very same rows in bare copies of the tables: by COPY, and one INSERT each."""
    with connection.cursor() as cursor:
        for name in ("prevention_tube", "prevention_sample"):
            cursor.execute(f"CREATE TABLE bare_{name} (LIKE {name} INCLUDING ALL)")
        cursor.execute("SELECT * FROM prevention_sample LIMIT 20000")
        rows = cursor.fetchall()
        begun = time.perf_counter()
        with cursor.copy("COPY bare_prevention_sample FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        spent = time.perf_counter() - begun
        yield figure("samples_copy", [len(rows) / spent], "samples/s", sizes=sizes)
        cursor.execute("TRUNCATE bare_prevention_sample")
        text = f"INSERT INTO bare_prevention_sample VALUES ({', '.join(['%s'] * len(rows[0]))})"
        few = rows[:2000]
        begun = time.perf_counter()
        for row in few:
            cursor.execute(text, row)
        spent = time.perf_counter() - begun
        yield figure("samples_insert", [len(few) / spent], "samples/s", sizes=sizes)


def _results(rows: int, leader: Actor) -> Iterator[Figure]:
    """A file of so many results, each of a tube that is there; the same file again; the rows by COPY."""
    at = timezone.now()
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO prevention_tube (code, day, capacity, taken, over, point_id, area_path, begun_at,
                begun_by_id, outcome)
            SELECT 'R' || lpad(n::text, 8, '0'), %(day)s, 10, 0, 0, s.id, s.area_path, %(at)s, %(by)s, ''
            FROM generate_series(1, %(rows)s) n, (SELECT id, area_path FROM prevention_site LIMIT 1) s""",
            {"day": at.date(), "at": at - timedelta(hours=8), "by": leader.user_id, "rows": rows},
        )
        cursor.execute("ANALYZE prevention_tube")
    with TemporaryDirectory() as folder:
        place = Path(folder, "results.csv")
        stamp = at.astimezone(CHINA).strftime("%Y-%m-%d %H:%M:%S")
        lines = (f"R{number:08},阴性,{stamp}\n" for number in range(1, rows + 1))
        with place.open("w", encoding="gb18030") as file:
            file.write("管码,结果,报告时间\n")
            file.writelines(lines)
        for time_of in ("first", "again"):
            key, begun = new_id(), time.perf_counter()
            with place.open("rb") as handed:
                results.hand_in(
                    handed,
                    laboratory="demo-lab-1",
                    area_path=world.DISTRICT,
                    name=place.name,
                    language="zh-hans",
                    by=leader,
                    at=timezone.now(),
                    file_id=key,
                )
            done = results.take_over(key, at=timezone.now())
            spent = time.perf_counter() - begun
            if done is None or done.status != "done" or done.total != rows:
                raise AssertionError(done and done.because)
            sizes = {"rows": rows, "bytes": place.stat().st_size, "time": time_of}
            yield figure("result_file", [spent], "s", sizes=sizes, per_second=round(rows / spent))
    if Tube.objects.filter(outcome="negative").count() != rows or Result.objects.count() != rows:
        raise AssertionError("results were lost")
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE bare_result (LIKE prevention_result INCLUDING ALL)")
        cursor.execute("SELECT * FROM prevention_result")
        kept = cursor.fetchall()
        begun = time.perf_counter()
        with cursor.copy("COPY bare_result FROM STDIN") as copy:
            for row in kept:
                copy.write_row(row)
        yield figure("result_file_copy", [time.perf_counter() - begun], "s", sizes={"rows": rows})
