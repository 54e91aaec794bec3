"""Figures of pages in a district with many cases: server time and queries."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from unittest.mock import patch
from urllib.parse import quote

from django.db import connection
from django.db.models import Count
from django.test import Client

from bench.figures import Figure, figure, timed
from bench.loading import TRADES
from bench.patterns import Office
from tests import world
from zerotrip.cases.models import Assignment, Case
from zerotrip.licences.models import Licence
from zerotrip.parties.models import Role, User
from zerotrip.web.desk import lists

AIM_QUERIES, AIM_MS = 12, 50
ROWS = (10, 100)
"""Rows a page at which queries are counted: the same, or a page asks for each row."""


def measure(office: Office, *, repeats: int) -> Iterator[Figure]:
    """Each page as its reader opens it, through all middleware, without the network."""
    gc.collect()
    sizes = {"cases": Case.objects.count()}
    for reader, (client, addresses) in readers(office, Reading.now()).items():
        for name, address in addresses.items():
            few, many = (checked(client, address, rows=rows) for rows in ROWS)
            times = timed(repeats, lambda client=client, address=address: client.get(address))
            yield figure(
                "page",
                times,
                "ms",
                sizes={"page": name, "reader": reader, **sizes},
                p95=round(sorted(times)[int(len(times) * 0.95)], 3),
                **checked(client, address),
                queries_at_10_rows=few["queries"],
                queries_at_100_rows=many["queries"],
                aim=AIM_MS,
                aim_queries=AIM_QUERIES,
            )


@dataclass(frozen=True)
class Reading:
    """What there is to read: cases to open, words to look for."""

    closed: Case
    reviewing: list[Case]
    token: str
    reviewing_department: Any
    smallest_department: Any

    @classmethod
    def now(cls) -> Reading:
        """What lies there at present, lately handed in."""
        licence = Licence.objects.order_by("-issued_at").select_related("case")[0]
        reviews = Assignment.objects.filter(kind="review", status="open").values("department")
        most, *_others, least = reviews.annotate(count=Count("pk")).order_by("-count")
        of_theirs = Assignment.objects.filter(kind="review", status="open", department=most["department"])
        reviewing = Case.objects.filter(pk__in=of_theirs.values("case")).select_related("version")
        latest = list(reviewing.order_by("-submitted_at")[:50])
        return cls(licence.case, latest, licence.token, most["department"], least["department"])

    @property
    def department(self) -> Any:
        """The department of most cases."""
        return self.reviewing[0].department_id

    def of(self, kind: str, place: int) -> dict[str, str]:
        """The pages one of the staff turns to, by name; each reader opens cases of their own."""
        case = self.reviewing[place % len(self.reviewing)]
        service = case.version.service_id
        desk = {
            "worklist": "/desk/",
            "worklist, page 30": "/desk/?page=30",
            "worklist of the department": "/desk/?who=all",
            "worklist, overdue": "/desk/?light=red",
            "worklist, one service": f"/desk/?service={service}",
            "waiting for applicants": "/desk/?kind=waiting",
            "done": "/desk/done/",
            "cases": "/desk/cases/",
            "cases, page 30": "/desk/cases/?page=30",
            "cases, by part of the subject": f"/desk/cases/?q={quote(case.subject[:4])}",
            "cases, by a word many have": f"/desk/cases/?q={quote(TRADES[1][:2])}",
            "cases, by a trade": f"/desk/cases/?q={quote(TRADES[1])}",
            "cases, by number": f"/desk/cases/?q={case.number}",
            "cases, by status": "/desk/cases/?status=reviewing",
            "cases, by service and status": f"/desk/cases/?service={service}&status=deciding",
            "cases, by street": "/desk/cases/?area=370199002000",
            "cases, green channel": "/desk/cases/?green=1",
            "case": f"/desk/cases/{case.number}/",
            "licences": "/desk/licences/",
        }
        boards = {
            "board": "/desk/boards/",
            "board, ranking": "/desk/boards/ranking/",
            "board, slow steps": "/desk/boards/steps/",
        }
        return desk | boards if kind in ("leader", "supervisor") else desk


def readers(office: Office, reading: Reading) -> dict[str, tuple[Client, dict[str, str]]]:
    """Who reads, in which browser, and the pages they open, by name."""
    owner = User.objects.get(pk=reading.closed.opened_by_id)
    people = {
        "clerk": office.staff[reading.department, Role.CLERK.value][1],
        "reviewer": office.staff[reading.reviewing_department, Role.REVIEWER.value][1],
        "leader": office.staff[reading.department, Role.LEADER.value][1],
        "supervisor": office.supervisor,
    }
    beside = office.staff[reading.smallest_department, Role.REVIEWER.value][1]
    few = {name: reading.of("reviewer", 0)[name] for name in ("worklist", "cases", "cases, by a word many have")}
    visitor = {
        "home": "/",
        "search": "/services/?q=开工要办什么证",
        "guide": "/services/construction-permit/",
        "verification": f"/v/{reading.token}",
    }
    applicant = {
        "my cases": "/cases/",
        "case": f"/cases/{reading.closed.number}/",
        "my licences": "/licences/",
        "notices": "/notices/",
    }
    found = {"visitor": (_browser(None), visitor), "applicant": (_browser(owner), applicant)}
    found["reviewer of a small department"] = _browser(beside), few
    return found | {name: (_browser(user), reading.of(name, 0)) for name, user in people.items()}


def _browser(user: User | None) -> Client:
    client = Client(HTTP_HOST="localhost")
    return client if user is None else world.sign_in(client, user)


def checked(client: Client, address: str, *, rows: int | None = None) -> dict[str, Any]:
    """Queries and size of a page that answers as it should, with so many rows a page."""
    sent = 0

    def count(execute: Any, sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        nonlocal sent
        sent += 1
        return execute(sql, params, many, context)

    with patch.object(lists, "PAGE_SIZE", rows or lists.PAGE_SIZE):
        client.get(address)
        with connection.execute_wrapper(count):
            answer = client.get(address)
    if answer.status_code != 200:
        raise AssertionError(f"{address} answers {answer.status_code}")
    return {"queries": sent, "bytes": len(answer.content)}
