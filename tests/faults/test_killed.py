"""A decision that issues a licence, killed wherever it can be: one licence, one number, one notice, or none.

Web process, worker and database are real processes that end by SIGKILL: the web process before each of its
exchanges with the database and at each line that writes; the worker likewise, within the job and between jobs;
the database before and after a commit. Whoever comes next presses the same button again, or is the next
worker, and finds a clear way on.
"""

from __future__ import annotations

import re
import time
from threading import Event, Thread
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from config.database import Server
    from tests.faults.conftest import Nursery

pytestmark = pytest.mark.django_db  # the tables of a district are copied from it
STRIDE = 29
"""A worker talks much to the database: it is killed at every 29th exchange, and that is another one each time."""
UNTOUCHED = {"status": "deciding", "result": "", "decisions": 0, "licences": 0, "jobs": 0, "open": ["decision"]}


@pytest.fixture
def at(nursery) -> Iterator[psycopg.Connection]:
    """A connection of one's own, to look without asking a child."""
    with psycopg.connect(nursery.server.url(), autocommit=True) as connection:
        yield connection


def status(at: psycopg.Connection, case: str) -> str:
    (found,) = at.execute("SELECT status FROM cases_case WHERE id = %s", [case]).fetchone()
    return found


def untouched(nursery: Nursery, case: str) -> None:
    (found,) = nursery.do("look", cases=[case])
    assert {name: found[name] for name in UNTOUCHED} == UNTOUCHED
    assert found["steps"] == ["open", "submit", "accept"]
    assert found["whole"]


def delivered(nursery: Nursery, cases: Iterable[str]) -> None:
    """The worker has come to its end: each case once, whatever was killed before."""
    nursery.do("do_jobs")
    assert nursery.do("left_to_do") == {}
    for found in nursery.do("look", cases=list(cases)):
        assert found == {
            "status": "closed",
            "result": "granted",
            "whole": True,
            "steps": ["open", "submit", "accept", "grant", "issue", "deliver"],
            "decisions": 1,
            "licences": 1,
            "jobs": 1,
            "open": [],
            "running": [],
            "told": ["accepted", "delivered", "granted", "submitted"],
            "sent": 8,
        }
    numbers = nursery.do("numbers")
    given = [int(re.search(r"(\d+) 号", number)[1]) for number in numbers["given"]]
    assert given == list(range(1, len(given) + 1)), "no number twice, none left out"
    assert numbers["last"] == [len(given)]
    kept = nursery.do("sweep_files")
    assert kept == {"licences": len(given), "stored": len(given), "strange": 0, "incoming": 0}


def strikes(counted: dict[str, Any]) -> list[dict[str, int]]:
    """Every place to kill a process that did this much when it was left alone."""
    lines = [{"line": number} for number in range(1, len(counted["lines"]) + 1)]
    return [*lines, *({"exchange": number} for number in range(1, counted["exchanges"] + 1))]


def measured(nursery: Nursery, do: str, fresh: str, **given: Any) -> dict[str, Any]:
    """How many lines and exchanges it takes."""

    def asked(**how: Any) -> dict[str, Any]:
        case = nursery.do(fresh)
        got = nursery.ask(do, given={name: case.get(name, value) for name, value in given.items()}, **how)
        assert "error" not in got, got
        return got

    return {**asked(), "lines": asked(lines=True)["lines"]}


def test_the_web_process_killed_at_every_line_of_the_decision(nursery, session, at):
    counted = measured(nursery, "press", "to_decide", work="", session=session, key="k")
    assert len(counted["lines"]) > 100
    assert counted["exchanges"] > 5
    case, decided = nursery.do("to_decide"), []
    for strike in strikes(counted):
        given = {"work": case["work"], "session": session, "key": case["case"]}
        assert nursery.ask("press", given=given, **strike)["killed"], strike
        if status(at, case["case"]) == "deciding":
            continue
        decided.append(case)
        case = nursery.do("to_decide")
    untouched(nursery, case["case"])
    assert 0 < len(decided) < len(counted["lines"])
    for pressed in (*decided, case):  # the page is sent again: what was done is not done twice
        assert nursery.do("press", work=pressed["work"], session=session, key=pressed["case"]) == 302
    delivered(nursery, [pressed["case"] for pressed in (*decided, case)])


def test_the_worker_killed_at_every_line_of_issuing_and_delivering(nursery, session, at):
    counted = measured(nursery, "make", "granted", case="")
    assert len(counted["lines"]) > 100
    assert counted["exchanges"] > 20
    case, seen = nursery.do("granted"), {}
    for strike in strikes(counted):
        given = {"case": case["case"], "specimen": "line" in strike}
        assert nursery.ask("make", given=given, **strike)["killed"], strike
        if (now := status(at, case["case"])) == "granted":
            continue
        seen.setdefault(now, []).append(case["case"])
        case = nursery.do("granted")
    (found,) = nursery.do("look", cases=[case["case"]])
    assert (found["licences"], found["steps"][-1], found["whole"]) == (0, "grant", True)
    assert set(seen) == {"issued", "closed"}, "killed between the licence and its delivery, and after both"
    delivered(nursery, [case["case"], *seen["issued"], *seen["closed"]])


def test_a_worker_killed_within_and_between_jobs_is_followed_by_one_that_ends_them(nursery, session):
    nursery.do("do_jobs")
    counted, cases, in_hand = measured(nursery, "do_jobs", "granted"), [], 0
    for last in range(1, counted["exchanges"] * 3 // 4, STRIDE):
        cases.append(nursery.do("granted")["case"])
        assert nursery.ask("do_jobs", exchange=last)["killed"], last
        in_hand += "doing" in nursery.do("left_to_do")
    assert len(cases) > 5
    assert in_hand > 0, "some died with a job in hand"
    delivered(nursery, cases)


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_the_database_killed_around_the_commit_of_a_decision(nursery, session, after):
    for _again in range(3):  # something on the way may be known by the second time: then the strike falls beside
        counted = measured(nursery, "press", "to_decide", work="", session=session, key="k")
        case = nursery.do("to_decide")
        given = {"work": case["work"], "session": session, "key": "k"}
        got = nursery.ask("press", given=given, server=1, commit=len(counted["commits"]), after=after)
        if not nursery.server.answers():
            break
    assert not got["killed"]
    nursery.server.start()
    (found,) = nursery.do("look", cases=[case["case"]])
    assert (found["status"], found["decisions"]) == (("granted", 1) if after else ("deciding", 0))
    assert nursery.do("press", **given) == 302, "whoever saw an error presses again"
    delivered(nursery, [case["case"]])


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_the_database_killed_around_the_commit_of_a_licence(nursery, session, after):
    counted = measured(nursery, "make", "granted", case="")
    for number in range(len(counted["commits"])):
        case = nursery.do("granted")["case"]
        nursery.ask("make", given={"case": case}, server=1, commit=number + 1, after=after)
        nursery.server.start()
        (found,) = nursery.do("look", cases=[case])
        committed = number + after
        assert found["steps"][4:] == ["issue", "deliver"][:committed]
        assert found["licences"] == min(committed, 1)
        delivered(nursery, [case])


def test_a_worker_whose_database_goes_away_and_comes_back_leaves_nothing_undone(nursery, session):
    nursery.do("do_jobs")
    counted, cases = measured(nursery, "do_jobs", "granted"), []
    for last in (counted["exchanges"] // 3, counted["exchanges"] * 2 // 3):
        cases.append(nursery.do("granted")["case"])
        ended, revived = Event(), []
        revival = Thread(target=revive, args=(nursery.server, ended, revived))
        revival.start()
        nursery.ask("do_jobs", server=last)
        ended.set()
        revival.join()
        assert revived, "the server was killed while the worker worked"
    delivered(nursery, cases)


def revive(server: Server, ended: Event, revived: list[bool]) -> None:
    """Wait until the server has gone, and start it again."""
    while not ended.is_set() and server.answers():
        time.sleep(0.05)
    if not server.answers():
        server.start()
        revived.append(True)
