"""A tube that says nothing of those in it leaves them missing, by name, until somebody finds something in it."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.db import connection, connections, transaction
from psycopg import sql

from tests import world
from tests.duties.standing import roster
from tests.prevention.screening.sampling import people, put
from zerotrip.duties.models import Due
from zerotrip.duties.standing import closing
from zerotrip.duties.standing.counting import counts_of, recount
from zerotrip.duties.standing.materialising import open_window
from zerotrip.duties.standing.schedule import Span
from zerotrip.errors import Refused
from zerotrip.ids import new_id
from zerotrip.parties.access import SYSTEM
from zerotrip.prevention.models import Finding, Mishap, Tube
from zerotrip.prevention.screening import boxes
from zerotrip.prevention.screening.results import actions
from zerotrip.prevention.screening.results.reading import Said

pytestmark = pytest.mark.django_db

NOW = world.MORNING
LATER = NOW + timedelta(hours=1)
AFTER = NOW + timedelta(hours=6)
CODE = "JN0001"


@pytest.fixture
def window(district, place):
    """Four people who owe a test, three of them in one sealed tube."""
    crowd = people(4)
    (duty,) = roster.declared(roster.spec("test", who="person", act="sample", by_hand=True))
    span = Span(NOW - timedelta(hours=1), NOW + timedelta(days=1))
    row = open_window(duty, span, area_path=world.DISTRICT, at=NOW - timedelta(hours=1))
    put(CODE, crowd[:3], at_point=place, by=district.leader, sealed=True)
    return row


def done(window) -> int:
    return Due.objects.filter(window=window).exclude(kept_at=None).count()


def fourth(window):
    """Who was not sampled yet."""
    return Due.objects.get(window=window, kept_at=None).subject


def heard(outcome: str, code: str = CODE, *, minutes: int = 0) -> None:
    said = [Said(code, outcome, LATER + timedelta(minutes=minutes))]
    actions.hear(said, new_id().bytes, laboratory="demo-lab-1", file_id=new_id(), at=AFTER)


def packed(district, place, code: str = "XIANG-1", tubes=(CODE,)):
    told = {"point": place.pk, "by": district.leader, "at": LATER}
    box = boxes.pack(new_id(), code, tubes, counted=len(tubes), **told)
    return boxes.hand_over(box.pk, laboratory="demo-lab-1", carrier="虚构", by=district.leader, at=LATER)


def received(box, *there: str, **damaged: str):
    return boxes.receive(box.pk, there, receiver="虚构收样员", damaged=damaged, by=SYSTEM, at=AFTER)


def test_whoever_is_in_an_invalid_tube_is_missing_until_it_is_corrected(window):
    assert done(window) == 3
    heard(Finding.INVALID)
    assert done(window) == 0
    heard(Finding.NEGATIVE, minutes=5)
    assert done(window) == 3
    heard(Finding.INVALID, minutes=10)
    assert done(window) == 0


def test_whoever_comes_into_a_tube_that_is_known_as_invalid_is_missing(district, place, window):
    heard(Finding.INVALID, "JN0009")
    put("JN0009", [fourth(window)], at_point=place, by=district.leader, at=AFTER)
    assert done(window) == 3


@pytest.mark.parametrize(
    ("kind", "still"), [("leaked", 0), ("empty", 0), ("unlabelled", 3), ("swabs", 3), ("none", 3)]
)
def test_a_tube_of_which_nothing_can_be_tested_does_not_count(district, place, window, kind, still):
    received(packed(district, place), CODE, **({CODE: kind} if kind != "none" else {}))
    assert done(window) == still


def test_a_round_is_not_closed_over_a_lost_tube(district, place, window):
    received(packed(district, place))
    assert done(window) == 0
    with pytest.raises(Refused, match="4"):
        closing.close(window.pk, by=district.leader, at=AFTER)


@pytest.mark.parametrize(("usable", "counts"), [(True, 3), (False, 0)])
def test_whoever_settles_a_mishap_says_whether_the_tube_is_good(district, place, window, usable, counts):
    received(packed(district, place))
    boxes.settle(Mishap.objects.get().pk, "已处理", usable=usable, by=district.leader, at=AFTER)
    assert done(window) == counts


@pytest.mark.parametrize("outcome", [Finding.NEGATIVE, Finding.POSITIVE, Finding.UNCLEAR])
def test_what_is_found_in_a_tube_that_leaked_counts(district, place, window, outcome):
    received(packed(district, place), CODE, **{CODE: "leaked"})
    heard(outcome)
    assert done(window) == 3


def test_a_tube_that_was_missing_is_packed_again_and_counts_once_it_comes(district, place, window):
    first = packed(district, place)
    received(first)
    assert Tube.objects.get(pk=CODE).box is None
    second = packed(district, place, "XIANG-2")
    assert done(window) == 0, "it is on its way"
    received(second, CODE)
    mishap = Mishap.objects.get()
    assert (mishap.box_id, mishap.kind, mishap.settled) == (first.pk, "missing", "随 XIANG-2 箱送到")
    assert done(window) == 3


def test_the_count_of_everybody_is_the_count_of_a_few(district, place, window):
    received(packed(district, place))
    assert recount(window, window.requirement) == 0
    heard(Finding.NEGATIVE)
    assert recount(window, window.requirement) == 0
    assert done(window) == 3


@pytest.mark.parametrize("how", ["leaked", "invalid"])
def test_a_window_that_is_opened_late_does_not_count_a_void_tube(district, place, window, how):
    if how == "leaked":
        received(packed(district, place), CODE, **{CODE: "leaked"})
    else:
        heard(Finding.INVALID)
    (duty,) = roster.declared(roster.spec("late", who="person", act="sample", by_hand=True))
    span = Span(NOW - timedelta(hours=1), NOW + timedelta(days=1))
    late = open_window(duty, span, area_path=world.DISTRICT, at=AFTER)
    assert Due.objects.filter(window=late, done=0, kept_at=None).count() == 4


def test_what_was_kept_of_a_void_tube_is_put_right_for_everybody(window):
    missing = fourth(window)
    heard(Finding.INVALID)
    wrong = Due.objects.filter(window=window).exclude(subject=missing)
    assert wrong.update(done=1, kept_at=NOW) == 3
    assert recount(window, window.requirement) == 3
    assert done(window) == 0


def test_everybody_is_counted_from_the_index_of_people_alone(window):
    query = counts_of(window, window.requirement)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_bitmapscan = off")
        cursor.execute(sql.SQL("EXPLAIN {}").format(query))
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "Index Only Scan" in plan


def in_the_meantime(do) -> threading.Thread:
    """Somebody else does something on a connection of their own."""

    def run() -> None:
        try:
            do()
        finally:
            connections.close_all()

    hand = threading.Thread(target=run)
    hand.start()
    return hand


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("phone_first", [True, False])
def test_whoever_gets_into_a_tube_while_it_is_found_leaked_is_missing(district, place, window, phone_first):
    box, late = packed(district, place), fourth(window)

    def phone() -> None:
        put(CODE, [late], at_point=place, by=district.leader, at=NOW + timedelta(minutes=1))

    def laboratory() -> None:
        received(box, CODE, **{CODE: "leaked"})

    first, second = (phone, laboratory) if phone_first else (laboratory, phone)
    with transaction.atomic():
        first()
        hand = in_the_meantime(second)
        hand.join(timeout=2)
        assert hand.is_alive(), "it waits at the tube"
    hand.join()
    assert Tube.objects.get().taken == 4
    assert done(window) == 0
