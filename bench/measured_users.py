"""Figures of many people reading at once: signed in, over sockets, each page with its answer time."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator, Sequence
from typing import Any

from django.db import connection, connections
from django.test import Client

from bench.clicking import Reader, clicked
from bench.figures import Figure, figure, timed
from bench.measured_http import served
from bench.measured_pages import Reading
from bench.patterns import Office
from tests import world
from zerotrip.cases.models import Case
from zerotrip.parties.models import Role, User

THINK = (4.0, 8.0)
"""Seconds between an answer and the next click of the same person: six on average."""
OPEN_ZAAK_MS = 320
"""Open Zaak 1.30's published median for listing one million cases with 16 users, on a Kubernetes cluster."""
SHARES = {"clerk": 5, "reviewer": 2, "leader": 2, "supervisor": 1}
"""Of ten readers."""
SLOWEST = 0.95


def measure(office: Office, reading: Reading, *, seconds: float) -> Iterator[Figure]:
    """Fifty people with time to think, fifty without; then sixteen that list cases, as Open Zaak was measured."""
    fifty = readers(office, reading, 50)
    listing = [Reader(reader.session, (("cases", "/desk/cases/"),)) for reader in readers(office, reading, 16)]
    sizes = {"cases": Case.objects.count()}
    connections.close_all()
    with served() as port:
        clicked(port, fifty, seconds=min(10, seconds), think=(0.1, 0.5))  # everything remembered once
        for load, people, think in (
            ("50 users, 6 s to think", fifty, THINK),
            ("50 users, none to think", fifty, None),
            ("16 users list cases, none to think", listing, None),
        ):
            begun = time.perf_counter()
            found = clicked(port, people, seconds=seconds, think=think)
            took = time.perf_counter() - begun
            total = sum(map(len, found.values()))
            every = [ms for times in found.values() for ms in times]
            peer = {"open_zaak_median_ms": OPEN_ZAAK_MS} if people is listing else {}
            yield _told(every, load, "all", sizes, pages_a_second=round(total / took, 1), **peer)
            if people is fifty:
                for name, times in sorted(found.items()):
                    yield _told(times, load, name, sizes)
    yield _floor(office, sizes)


def _told(times: Sequence[float], load: str, page: str, sizes: dict[str, int], **more: Any) -> Figure:
    ordered = sorted(times)
    p95 = round(ordered[min(len(ordered) - 1, int(len(ordered) * SLOWEST))], 3)
    return figure("users", times, "ms", sizes={"load": load, "page": page, **sizes}, p95=p95, **more)


def readers(office: Office, reading: Reading, count: int) -> list[Reader]:
    """So many people of the desk: other accounts as far as there are, each with cases of their own to open."""
    people: list[Reader] = []
    kinds = [kind for kind, share in SHARES.items() for _ in range(share)]
    for place in range(count):
        kind = kinds[place % len(kinds)]
        user = _somebody(office, reading, kind, place // len(kinds))
        addresses = dict(reading.of(kind, place))
        session = world.sign_in(Client(), user).cookies["sessionid"].value
        people.append(Reader(session, tuple(addresses.items())))
    return people


def _somebody(office: Office, reading: Reading, kind: str, place: int) -> User:
    if kind == "supervisor" and office.supervisor is not None:
        return office.supervisor
    department = reading.reviewing_department if kind == "reviewer" else reading.department
    people = office.staff[department, Role(kind).value]
    return people[place % len(people)]


def _floor(office: Office, sizes: dict[str, int]) -> Figure:
    """The list of cases as one statement, with nothing around it: what PostgreSQL alone takes."""
    statement = (
        "SELECT c.number, c.subject, c.status, c.priority, c.submitted_at, p.name FROM cases_case c"
        " JOIN parties_party p ON p.id = c.applicant_id WHERE c.submitted_at IS NOT NULL AND c.area_path LIKE %s"
        " ORDER BY CASE WHEN c.closed_at IS NULL AND c.priority = 0 THEN 0 ELSE 1 END, c.submitted_at DESC,"
        " c.id DESC LIMIT 30"
    )

    def ask() -> None:
        with connection.cursor() as cursor:
            cursor.execute(statement, [f"{world.DISTRICT}%"])
            cursor.fetchall()

    times = timed(200, ask, warm=20)
    return figure("list_floor", times, "ms", sizes=sizes, p95=round(statistics.quantiles(times, n=20)[-1], 3))
