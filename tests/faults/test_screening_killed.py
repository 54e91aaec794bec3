"""Sampling, results and what is owed, killed before each exchange with the database: nothing lost, nothing doubled.

Whoever comes next sends the same records again, reads the same file again, or is the next turn of the clock.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import uuid4

import psycopg
import pytest

from tests.faults.phoning import Phone, WebServer

if TYPE_CHECKING:
    from tests.faults.conftest import Nursery

pytestmark = pytest.mark.django_db  # the tables of a district are copied from it
ROWS = 40


@pytest.fixture(scope="module")
def screening(nursery: Nursery, session: str) -> dict[str, Any]:
    """A point, twelve people, and who samples them; what is owed is not written yet."""
    return nursery.do("screened")


def killed_in(nursery: Nursery, do: str, given: dict[str, Any] | None = None, **when: Any) -> None:
    """Do something while the database is taken away at one of its commits, and start that again."""
    nursery.ask(do, given=given or {}, server=1, **when)
    assert not nursery.server.answers(), f"{do} has no such commit"
    nursery.server.start()


def exchanges(nursery: Nursery, do: str, **given: Any) -> int:
    """How many it takes when it is left alone."""
    got = nursery.ask(do, given=given)
    assert "error" not in got, got
    return got["exchanges"]


def test_what_is_owed_is_written_once_wherever_the_turn_was_killed(nursery, screening):
    whole = nursery.do("open_windows")
    assert whole["windows"] >= 1
    assert whole["dues"] >= 12
    nursery.do("close_windows")
    many = exchanges(nursery, "open_windows")
    for last in range(1, many + 1):
        nursery.do("close_windows")
        nursery.ask("open_windows", exchange=last)
        assert nursery.do("open_windows") == whole, last


def test_a_round_is_written_once_wherever_the_worker_was_killed(nursery, screening):
    nursery.do("close_windows")
    window, last, killed = nursery.do("open_round"), 1, 0
    while nursery.ask("write_round", given={"window": window}, exchange=last)["killed"]:
        last, killed = last + 2, killed + 1
    assert killed > 5
    whole = nursery.do("write_round", window=window)
    assert whole["left"] == 0
    assert whole["dues"] >= 12
    nursery.do("close_windows")
    again = nursery.do("open_round")
    assert nursery.do("write_round", window=again) == whole
    nursery.do("close_windows")


def test_what_is_owed_is_written_once_though_the_database_was_killed(nursery, screening):
    nursery.do("close_windows")
    whole = nursery.do("open_windows")
    for after in (False, True):
        nursery.do("close_windows")
        killed_in(nursery, "open_windows", commit=2, after=after)
        assert nursery.do("open_windows") == whole
        nursery.do("close_windows")
        window = nursery.do("open_round")
        killed_in(nursery, "write_round", {"window": window}, commit=2, after=after)
        assert nursery.do("write_round", window=window) == {"dues": whole["dues"] // whole["windows"], "left": 0}
    nursery.do("close_windows")


def test_a_tube_is_taken_in_once_wherever_the_server_was_killed(nursery, session, screening):
    nursery.do("open_windows")
    given = {"session": session, "leader": screening["leader"], "point": screening["point"]}
    given["people"] = screening["people"][:10]
    many, killed = exchanges(nursery, "fill", tube="F00000", **given), 0
    for last in range(1, many + 1):
        tube = f"F{last:05}"
        killed += bool(nursery.ask("fill", given={**given, "tube": tube}, exchange=last)["killed"])
        assert set(nursery.do("fill", tube=tube, **given)) == {"accepted"}
        found = nursery.do("look_at_tube", tube=tube)
        assert (found["taken"], found["people"], found["sealed"]) == (10, 10, True), last
    assert killed > 5
    assert set(found["counted"]) == {1}, "however often one was sampled that day, it is one day"


def test_a_tube_is_taken_in_once_though_the_database_was_killed(nursery, session, screening):
    given = {"session": session, "leader": screening["leader"], "point": screening["point"]}
    given["people"] = screening["people"][:10]
    for after in (False, True):
        tube = f"D{int(after):05}"
        nursery.ask("fill", given={**given, "tube": tube}, server=1, commit=1, after=after)
        nursery.server.start()
        assert set(nursery.do("fill", tube=tube, **given)) == {"accepted"}
        assert nursery.do("look_at_tube", tube=tube)["people"] == 10


def test_an_outbox_is_handed_in_whole_though_the_server_is_killed_again_and_again(nursery, session, screening):
    """Real processes: a phone with six tubes, and a server killed once so many of a batch of four are in."""
    tubes = [f"P{serial:05}" for serial in range(6)]
    records = [
        one
        for tube in tubes
        for one in nursery.do("written_down", tube=tube, point=screening["point"], people=screening["people"][:10])
    ]
    server = WebServer(nursery.environment)
    phone = Phone(server, session=session, account=screening["leader"], records=records)
    with psycopg.connect(nursery.server.url(), autocommit=True) as at:

        def there() -> int:
            return at.execute("SELECT count(*) FROM prevention_tube WHERE code LIKE 'P%'").fetchone()[0]

        try:
            for many in (1, 3):
                server.start()
                assert not phone.hand_in(killed_once=lambda: there() >= many)  # noqa: B023  called in here
                assert many <= there() < 5, "killed in the middle of a batch"
            server.start()
            while phone.outbox:
                assert phone.hand_in()
        finally:
            server.kill()
    assert set(phone.states) <= {"accepted", "already"}
    for tube in tubes:
        found = nursery.do("look_at_tube", tube=tube)
        assert (found["taken"], found["people"], found["sealed"]) == (10, 10, True), tube


def test_a_file_of_results_is_kept_once_wherever_the_worker_was_killed(nursery, session, screening):
    given = {"session": session, "leader": screening["leader"], "point": screening["point"]}
    assert set(nursery.do("fill", tube="R00000", people=screening["people"][:10], **given)) == {"accepted"}
    file = nursery.do("result_file", rows=ROWS)
    last, killed = 1, 0
    while nursery.ask("take_results", given={"file": file}, exchange=last)["killed"]:
        last, killed = last + 2, killed + 1
    assert killed > 8
    assert nursery.do("take_results", file=file) == {"status": "done", "results": ROWS, "retests": 10}


def test_a_file_of_results_is_kept_once_though_the_database_was_killed(nursery, screening):
    before = nursery.do("take_results", file=nursery.do("result_file", rows=1))["results"]
    for serial, (commit, after) in enumerate([(1, False), (2, False), (2, True), (3, True)]):
        file = nursery.do("result_file", rows=ROWS, first=1000 * (serial + 1))
        killed_in(nursery, "take_results", {"file": file}, commit=commit, after=after)
        found = nursery.do("take_results", file=file)
        assert (found["status"], found["results"]) == ("done", before + ROWS * (serial + 1)), (commit, after)


def test_a_file_of_results_is_handed_in_once_wherever_the_server_was_killed(nursery, session, screening):
    def handed_in(**when: Any) -> None:
        given = {"session": session, "key": str(uuid4())}
        if "commit" in when:
            killed_in(nursery, "hand_in_results", given, **when)
        elif when:
            nursery.ask("hand_in_results", given=given, **when)
        assert nursery.do("hand_in_results", **given) == 302, when
        assert nursery.do("look_at_handed_in", key=given["key"]) == {"files": 1, "jobs": 1, "lies": True}, when
        assert nursery.do("take_results", file=given["key"])["status"] == "done"

    handed_in()
    many = exchanges(nursery, "hand_in_results", session=session, key=str(uuid4()))
    assert many > 8
    for last in range(1, many + 1):
        handed_in(exchange=last)
    for after in (False, True):
        handed_in(commit=1, after=after)
