"""Figures of pages in a district with many cases: server time and queries."""

from __future__ import annotations

import gc
import time
from collections.abc import Iterator
from typing import Any

from django.db import connection
from django.test import Client
from django.utils import timezone

from bench.figures import Figure, figure, timed
from bench.flow import District
from bench.population import grow
from tests import world
from zerotrip.cases.models import Case
from zerotrip.licences.models import Licence
from zerotrip.parties.models import User

AIM_QUERIES, AIM_MS = 12, 50


def measure(district: District, *, cases: int, repeats: int) -> Iterator[Figure]:
    """Each page as its reader opens it, through all middleware, without the network."""
    begun = time.perf_counter()
    patterns = grow(district, cases, timezone.now())
    yield figure("population", [time.perf_counter() - begun], "s", sizes={"cases": Case.objects.count()})
    gc.collect()
    for reader, (client, addresses) in _readers(district, patterns).items():
        for name, address in addresses.items():
            answered = _checked(client, address)
            times = timed(repeats, lambda client=client, address=address: client.get(address))
            yield figure(
                "page",
                times,
                "ms",
                sizes={"page": name, "reader": reader},
                **answered,
                aim=AIM_MS,
                aim_queries=AIM_QUERIES,
            )


def _readers(district: District, patterns: dict[str, Case]) -> dict[str, tuple[Client, dict[str, str]]]:
    closed, reviewing = patterns["closed"].number, patterns["reviewing"].number
    token = Licence.objects.get(case=patterns["closed"]).token
    reviewer = User.objects.get(pk=district.reviewers["housing-review"].user_id)
    leader = User.objects.get(pk=district.leader.user_id)
    return {
        "visitor": (
            _browser(None),
            {
                "home": "/",
                "search": "/services/?q=开工要办什么证",
                "guide": "/services/construction-permit/",
                "verification": f"/v/{token}",
            },
        ),
        "applicant": (
            _browser(district.user),
            {
                "my cases": "/cases/",
                "case closed": f"/cases/{closed}/",
                "case in review": f"/cases/{reviewing}/",
                "my licences": "/licences/",
                "notices": "/notices/",
            },
        ),
        "clerk": (
            _browser(district.clerk_user),
            {
                "worklist": "/desk/",
                "worklist, page 50": "/desk/?page=50",
                "waiting for applicants": "/desk/?kind=waiting",
                "done": "/desk/done/",
                "cases": "/desk/cases/",
                "cases, search": "/desk/cases/?q=0042号",
                "cases, by number": f"/desk/cases/?q={closed}",
                "case": f"/desk/cases/{reviewing}/",
                "licences": "/desk/licences/",
            },
        ),
        "reviewer": (_browser(reviewer), {"worklist": "/desk/", "case": f"/desk/cases/{reviewing}/"}),
        "leader": (_browser(leader), {"worklist": "/desk/"}),
    }


def _browser(user: User | None) -> Client:
    client = Client(HTTP_HOST="localhost")
    return client if user is None else world.sign_in(client, user)


def _checked(client: Client, address: str) -> dict[str, Any]:
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
