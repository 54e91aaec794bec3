"""Figures of pages in a district with many cases: server time and queries."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from typing import Any

from django.db import connection
from django.test import Client

from bench.figures import Figure, figure, timed
from bench.patterns import Office
from tests import world
from zerotrip.cases.models import Case
from zerotrip.licences.models import Licence
from zerotrip.parties.models import Role, User

AIM_QUERIES, AIM_MS = 12, 50


def measure(office: Office, *, repeats: int) -> Iterator[Figure]:
    """Each page as its reader opens it, through all middleware, without the network."""
    gc.collect()
    sizes = {"cases": Case.objects.count()}
    for reader, (client, addresses) in readers(office).items():
        for name, address in addresses.items():
            answered = checked(client, address)
            times = timed(repeats, lambda client=client, address=address: client.get(address))
            yield figure(
                "page",
                times,
                "ms",
                sizes={"page": name, "reader": reader, **sizes},
                **answered,
                aim=AIM_MS,
                aim_queries=AIM_QUERIES,
            )


def readers(office: Office) -> dict[str, tuple[Client, dict[str, str]]]:
    """Who reads, in which browser, and the pages they open, by name."""
    latest = Case.objects.order_by("-submitted_at")
    licence = Licence.objects.order_by("-issued_at").select_related("case")[0]
    closed, reviewing = licence.case, latest.filter(status="reviewing")[0]
    owner = User.objects.get(pk=closed.opened_by_id)
    words = closed.subject[:4]
    desk = {
        "worklist": "/desk/",
        "worklist, page 30": "/desk/?page=30",
        "worklist of the department": "/desk/?who=all",
        "worklist, overdue": "/desk/?light=red",
        "worklist, one service": f"/desk/?service={reviewing.version.service_id}",
        "waiting for applicants": "/desk/?kind=waiting",
        "done": "/desk/done/",
        "cases": "/desk/cases/",
        "cases, page 30": "/desk/cases/?page=30",
        "cases, by part of the subject": f"/desk/cases/?q={words}",
        "cases, by number": f"/desk/cases/?q={closed.number}",
        "cases, by status": "/desk/cases/?status=reviewing",
        "cases, by service and status": f"/desk/cases/?service={reviewing.version.service_id}&status=deciding",
        "cases, by street": "/desk/cases/?area=370199002000",
        "cases, green channel": "/desk/cases/?green=1",
        "case": f"/desk/cases/{reviewing.number}/",
        "licences": "/desk/licences/",
    }
    reviewer = next(iter(reviewing.assignments.filter(kind="review")))
    people = {
        "clerk": office.staff[closed.department_id, Role.CLERK.value][1],
        "reviewer": office.staff[reviewer.department_id, Role.REVIEWER.value][1],
        "leader": office.staff[closed.department_id, Role.LEADER.value][1],
        "supervisor": office.supervisor,
    }
    visitor = {
        "home": "/",
        "search": "/services/?q=开工要办什么证",
        "guide": "/services/construction-permit/",
        "verification": f"/v/{licence.token}",
    }
    applicant = {
        "my cases": "/cases/",
        "case": f"/cases/{closed.number}/",
        "my licences": "/licences/",
        "notices": "/notices/",
    }
    found = {"visitor": (_browser(None), visitor), "applicant": (_browser(owner), applicant)}
    return found | {name: (_browser(user), desk) for name, user in people.items()}


def _browser(user: User | None) -> Client:
    client = Client(HTTP_HOST="localhost")
    return client if user is None else world.sign_in(client, user)


def checked(client: Client, address: str) -> dict[str, Any]:
    """Queries and size of a page that answers as it should."""
    client.get(address)
    sent = 0

    def count(execute: Any, sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        nonlocal sent
        sent += 1
        return execute(sql, params, many, context)

    with connection.execute_wrapper(count):
        answer = client.get(address)
    if answer.status_code != 200:
        raise AssertionError(f"{address} answers {answer.status_code}")
    return {"queries": sent, "bytes": len(answer.content)}
