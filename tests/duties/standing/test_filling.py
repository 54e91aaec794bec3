"""A window over very many is written part by part, and is whole once, wherever a worker was killed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from tests.duties.standing.roster import MIDNIGHT, declared, firm, opened, reported, spec
from tests.world import DISTRICT
from zerotrip.duties.models import Due, Filling, Window
from zerotrip.duties.standing import filling, turning
from zerotrip.duties.standing.materialising import reconcile
from zerotrip.duties.standing.schedule import Span

pytestmark = pytest.mark.django_db

NOON = MIDNIGHT + timedelta(hours=12)
DAY = Span(MIDNIGHT, MIDNIGHT + timedelta(days=1))


@pytest.fixture(autouse=True)
def small_parts(monkeypatch):
    monkeypatch.setattr(filling, "PART", 2)


def begun(duty, **more) -> Window:
    return filling.begin_window(duty, DAY, **{"area_path": DISTRICT, "at": MIDNIGHT} | more)


def rows_of(window: Window) -> list[tuple]:
    return sorted(Due.objects.filter(window=window).values_list("subject", "area_path", "since", "done", "kept_at"))


def test_nobody_owes_before_the_worker_comes_who_is_asked_once():
    (duty,) = declared(spec())
    firm(1)
    window = begun(duty)
    assert begun(duty) == window
    assert not Due.objects.exists()
    assert ProcrastinateJob.objects.filter(task_name="duties.fill", args__window=window.pk).count() == 1


@pytest.mark.parametrize("count", [0, 1, 2, 5, 6])
def test_part_by_part_it_is_what_one_statement_writes(count):
    one, other = declared(spec("one"), spec("other"))
    for number in range(count):
        firm(number)
    window, whole = begun(one), opened(other)
    filling.go_on(window.pk, at=NOON)
    assert rows_of(window) == rows_of(whole)
    assert len(rows_of(window)) == count
    assert not Filling.objects.exists()


@pytest.mark.parametrize("steps", range(5))
def test_whoever_comes_after_a_killed_worker_goes_on_where_that_one_was(steps):
    (duty,) = declared(spec())
    for number in range(5):
        firm(number)
    window = begun(duty)
    for _step in range(steps):
        filling._next(window.pk, at=NOON)
    left = Filling.objects.get()
    assert left.done == max(0, steps - 1)
    assert Due.objects.count() == min(5, 2 * left.done)
    filling.go_on(window.pk, at=NOON)
    filling.go_on(window.pk, at=NOON)
    assert len(rows_of(window)) == 5


def test_what_was_done_before_it_is_whole_counts():
    (duty,) = declared(spec())
    early = firm(1)
    reported(duty, early.pk, NOON)
    window = begun(duty)
    filling.go_on(window.pk, at=NOON)
    assert Due.objects.get(subject=early.pk).kept_at == NOON


def test_until_it_is_whole_it_is_not_made_to_agree_with_the_rosters():
    (duty,) = declared(spec())
    firm(1)
    window = begun(duty)
    assert reconcile(window.pk, at=NOON) is None
    assert turning.agree(at=NOON) == 0
    filling.go_on(window.pk, at=NOON)
    firm(2)
    assert turning.agree(at=NOON) == 1
    assert len(rows_of(window)) == 2


def test_what_failed_for_good_is_taken_up_again_once():
    (duty,) = declared(spec())
    window = begun(duty)
    ProcrastinateJob.objects.all()._raw_delete("default")
    filling.take_up()
    filling.take_up()
    assert ProcrastinateJob.objects.filter(task_name="duties.fill", args__window=window.pk).count() == 1
    filling.go_on(window.pk, at=NOON)
    ProcrastinateJob.objects.all()._raw_delete("default")
    filling.take_up()
    assert not ProcrastinateJob.objects.exists()
