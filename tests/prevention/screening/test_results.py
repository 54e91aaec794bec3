"""What a laboratory says is kept once, the latest counts, and what follows from it is told within the same step."""

from __future__ import annotations

import io
import threading
from datetime import timedelta

import pytest
from django.db import connections, transaction
from django.utils import translation
from procrastinate.contrib.django.models import ProcrastinateJob

from tests import world
from tests.prevention.emergency import declared
from tests.prevention.handing_in import GRID
from tests.prevention.screening.sampling import people, point, put
from zerotrip.channels import notices
from zerotrip.channels.models import Notice
from zerotrip.errors import NotFound, Refused, Stale
from zerotrip.ids import new_id
from zerotrip.prevention.models import Finding, Measure, Result, ResultFile, Retest, Sample, Tube
from zerotrip.prevention.screening.results import actions
from zerotrip.prevention.screening.results.reading import Said
from zerotrip.prevention.tasks import follow_tubes, take_results

pytestmark = pytest.mark.django_db

NOW = world.MORNING
LATER = NOW + timedelta(hours=6)
LAB = "demo-lab-1"
HEADING = "采样管号,检测结果,报告时间"


@pytest.fixture
def told():
    """The jobs of the steps so far are done: whoever is in tubes is named, notices are written."""

    def done() -> None:
        for job in ProcrastinateJob.objects.filter(task_name=follow_tubes.name, status="todo").order_by("pk"):
            follow_tubes(**job.args)
        world.tell_queued()

    return done


def said(code: str, outcome: str = Finding.NEGATIVE, *, minutes: int = 0) -> Said:
    return Said(code, outcome, NOW + timedelta(hours=5, minutes=minutes))


def heard(*results: Said, at=LATER) -> ResultFile:
    return actions.hear(results, b"{}", laboratory=LAB, file_id=new_id(), at=at)


def file_of(*lines: str, encoding: str = "utf-8", end: str = "\n") -> io.BytesIO:
    return io.BytesIO(("\n".join([HEADING, *lines]) + end).encode(encoding))


def taken(district, file: io.BytesIO, *, expected: int | None = None, at=LATER) -> ResultFile:
    row = actions.hand_in(
        file,
        laboratory=LAB,
        area_path=GRID[:27],
        name="结果.csv",
        language="zh-hans",
        by=district.leader,
        at=at,
        file_id=new_id(),
        said=expected,
    )
    actions.take_over(row.pk, at=at)
    row.refresh_from_db()
    return row


def test_a_negative_tube_says_so_and_nobody_is_told(district, place):
    put("JN0001", people(10), at_point=place, by=district.leader)
    row = heard(said("JN0001"))
    assert Tube.objects.get().outcome == Finding.NEGATIVE
    assert row.found == {"new": 1, "again": 0, "corrected": 0, "unknown": 0, "positive": 0}
    assert not Retest.objects.exists()


def test_a_positive_pool_names_everybody_in_it_to_their_grid_and_changes_no_sample(district, place, told):
    crowd = people(11)
    put("JN0001", crowd, at_point=place, by=district.leader)
    heard(said("JN0001", Finding.POSITIVE))
    assert set(Retest.objects.values_list("person", flat=True)) == {one.pk for one in crowd}
    assert set(Retest.objects.values_list("area_path", flat=True)) == {GRID}
    assert Sample.objects.filter(counts=True).count() == 10
    told()
    notice = Notice.objects.get(user=district.leader.user_id, template="tube_positive")
    assert notice.context["count"] == 11


@pytest.mark.parametrize("outcome", [Finding.POSITIVE, Finding.UNCLEAR, Finding.INVALID])
def test_whatever_is_not_negative_is_told_in_both_languages(district, place, told, outcome):
    put("JN0001", people(3), at_point=place, by=district.leader)
    heard(said("JN0001", outcome))
    told()
    notice = Notice.objects.get(user=district.leader.user_id)
    for language in ("zh-hans", "en"):
        with translation.override(language):
            text = notices.text(notice.template, notice.context)
            assert "JN0001" in text
            assert "3" in text
            assert "%(" not in text + notices.title(notice.template, notice.context)


def test_the_same_message_and_the_same_results_again_change_nothing(district, place, told):
    put("JN0001", people(3), at_point=place, by=district.leader)
    heard(said("JN0001", Finding.POSITIVE))
    row = heard(said("JN0001", Finding.POSITIVE))
    told()
    assert row.found["again"] == 1
    assert (Result.objects.count(), Retest.objects.count()) == (1, 3)
    assert Notice.objects.filter(user=district.leader.user_id, template="tube_positive").count() == 1
    assert not Notice.objects.filter(user=district.fire.user_id).exists()
    again = actions.hear([said("JN0001")], b"{}", laboratory=LAB, file_id=row.pk, at=LATER)
    assert again.found == row.found


def test_a_message_under_a_number_that_was_used_for_another_is_refused(district, place):
    row = heard(said("JN0001"))
    with pytest.raises(Stale):
        actions.hear([said("JN0002")], b"other", laboratory=LAB, file_id=row.pk, at=LATER)
    assert set(Result.objects.values_list("tube", flat=True)) == {"JN0001"}


def test_a_correction_keeps_the_old_and_sets_the_members_free(district, place):
    put("JN0001", people(3), at_point=place, by=district.leader)
    heard(said("JN0001", Finding.POSITIVE))
    row = heard(said("JN0001", Finding.NEGATIVE, minutes=30))
    assert row.found["corrected"] == 1
    assert Result.objects.count() == 2
    assert Tube.objects.get().outcome == Finding.NEGATIVE
    assert not Retest.objects.open().exists()
    assert set(Retest.objects.values_list("outcome", flat=True)) == {""}


def test_a_pool_that_is_positive_after_all_names_its_members_again(district, place, told):
    crowd = people(3)
    put("JN0001", crowd, at_point=place, by=district.leader)
    heard(said("JN0001", Finding.POSITIVE))
    heard(said("JN0001", Finding.NEGATIVE, minutes=30))
    heard(said("JN0001", Finding.POSITIVE, minutes=60))
    heard(said("JN0001", Finding.POSITIVE, minutes=60))
    told()
    assert set(Retest.objects.open().values_list("person", flat=True)) == {one.pk for one in crowd}
    assert Retest.objects.count() == 6, "those of the first time are kept, ended by the correction"
    assert Notice.objects.filter(user=district.leader.user_id, template="tube_positive").count() == 2


def test_an_older_result_that_comes_late_does_not_count(district, place):
    put("JN0001", people(3), at_point=place, by=district.leader)
    heard(said("JN0001", Finding.NEGATIVE, minutes=30))
    heard(said("JN0001", Finding.POSITIVE))
    assert Tube.objects.get().outcome == Finding.NEGATIVE
    assert not Retest.objects.open().exists()


def test_a_result_that_comes_before_the_phone_waits_for_it(district, place, told):
    row = heard(said("JN0001", Finding.POSITIVE))
    assert row.found["unknown"] == 1
    put("JN0001", people(4), at_point=place, by=district.leader, at=LATER)
    told()
    assert Tube.objects.get().outcome == Finding.POSITIVE
    assert Retest.objects.count() == 4


def test_whoever_comes_late_into_a_positive_tube_is_named_too(district, place, told):
    crowd = people(4)
    put("JN0001", crowd[:2], at_point=place, by=district.leader)
    heard(said("JN0001", Finding.POSITIVE))
    put("JN0001", crowd[2:], at_point=place, by=district.leader, at=LATER)
    told()
    assert Retest.objects.count() == 4


def test_a_single_test_settles_what_was_open_because_of_the_pool(district, place):
    crowd = people(3)
    put("JN0001", crowd, at_point=place, by=district.leader)
    heard(said("JN0001", Finding.POSITIVE))
    put("JN0002", crowd[:1], at_point=place, by=district.leader, at=LATER, capacity=1)
    put("JN0003", crowd[1:2], at_point=place, by=district.leader, at=LATER, capacity=1)
    after = LATER + timedelta(hours=1)
    heard(Said("JN0002", Finding.NEGATIVE, LATER), Said("JN0003", Finding.POSITIVE, LATER), at=after)
    found = dict(Retest.objects.filter(tube="JN0001").values_list("person", "outcome"))
    assert found == {crowd[0].pk: "negative", crowd[1].pk: "positive", crowd[2].pk: ""}
    assert Retest.objects.open().filter(tube="JN0001").get().person_id == crowd[2].pk


def test_whoever_was_tested_singly_before_the_pool_is_known_is_not_named(district, place):
    crowd = people(2)
    put("JN0001", crowd, at_point=place, by=district.leader)
    put("JN0002", crowd[:1], at_point=place, by=district.leader, at=LATER, capacity=1)
    heard(Said("JN0002", Finding.NEGATIVE, LATER))
    heard(said("JN0001", Finding.POSITIVE))
    assert Retest.objects.open().get().person_id == crowd[1].pk


def test_a_pool_and_a_single_test_that_became_known_at_once_are_settled_later(district, place):
    crowd = people(1)
    put("JN0001", crowd, at_point=place, by=district.leader)
    put("JN0002", crowd, at_point=place, by=district.leader, at=LATER, capacity=1)
    heard(said("JN0001", Finding.POSITIVE))
    Tube.objects.filter(pk="JN0002").update(outcome=Finding.NEGATIVE, outcome_at=LATER)  # neither saw the other
    assert Retest.objects.open().exists()
    actions.bring_together(at=LATER)
    assert Retest.objects.get().outcome == Finding.NEGATIVE


def test_a_single_test_whose_result_came_before_the_phone_settles_too(district, place, told):
    crowd = people(1)
    put("JN0001", crowd, at_point=place, by=district.leader)
    heard(said("JN0001", Finding.POSITIVE), Said("JN0002", Finding.NEGATIVE, LATER))
    put("JN0002", crowd, at_point=place, by=district.leader, at=LATER, capacity=1)
    told()
    assert not Retest.objects.open().exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("heals", ["sweep", "sent again"])
def test_a_tube_and_its_result_that_are_written_at_once_find_each_other(district, heals):
    declared(district, Measure.SCREENING)
    crowd, found = people(3), said("JN0001", Finding.POSITIVE)
    laboratory = threading.Thread(target=lambda: (heard(found), connections.close_all()))
    with transaction.atomic():
        put("JN0001", crowd, at_point=point(), by=district.leader)
        laboratory.start()
        laboratory.join(timeout=20)
    assert (Result.objects.count(), Tube.objects.get().outcome) == (1, "")
    if heals == "sweep":
        assert actions.bring_together(at=LATER) == 1
        assert actions.bring_together(at=LATER) == 0
    else:
        assert heard(found).found["again"] == 1
    assert Tube.objects.get().outcome == Finding.POSITIVE
    assert Retest.objects.open().count() == 3


def test_a_small_file_does_not_wait_for_a_large_one(district, place):
    told = {"laboratory": LAB, "area_path": GRID[:27], "name": "结果.csv", "language": "zh-hans"}
    for _file in range(2):
        actions.hand_in(
            file_of("JN0001,阴性,2026-03-03 13:00"), **told, by=district.leader, at=LATER, file_id=new_id()
        )
    jobs = ProcrastinateJob.objects.filter(task_name=take_results.name)
    assert len({job.lock for job in jobs}) == 2


def test_a_positive_is_named_before_the_rest_of_its_file_is_read(district, place, monkeypatch):
    put("JN0000", people(3), at_point=place, by=district.leader)
    monkeypatch.setattr(actions, "BATCH", 2)
    named, record = [], actions.record

    def watched(*args, **kwargs):
        named.append(Retest.objects.count())
        return record(*args, **kwargs)

    monkeypatch.setattr(actions, "record", watched)
    taken(district, file_of(*(f"JN000{number},阳性,2026-03-03 13:00" for number in range(4))))
    assert named == [0, 3]


def test_a_single_test_made_before_the_pool_settles_nothing(district, place):
    (one,) = people(1)
    put("JN0002", [one], at_point=place, by=district.leader, at=NOW - timedelta(hours=2), capacity=1)
    put("JN0001", [one], at_point=place, by=district.leader)
    heard(said("JN0001", Finding.POSITIVE))
    heard(said("JN0002", Finding.NEGATIVE))
    assert Retest.objects.open().exists()


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16"])
def test_a_file_is_read_in_whatever_it_was_written(district, place, encoding):
    put("JN0001", people(3), at_point=place, by=district.leader)
    row = taken(district, file_of("JN0001,阴性,2026-03-03 13:00", encoding=encoding))
    assert (row.status, row.found["new"], row.faults) == ("done", 1, [])
    assert Tube.objects.get().outcome == Finding.NEGATIVE


def test_rows_that_say_nothing_are_named_and_hold_up_nobody(district, place):
    put("JN0001", people(3), at_point=place, by=district.leader)
    row = taken(
        district,
        file_of(
            "JN0001,阴性,2026-03-03 13:00",
            "JN0002,大概阴性,2026-03-03 13:00",
            "甲,阴性,2026-03-03 13:00",
            "JN0004,阴性,",
            "JN0005,阴性,2026-03-09 13:00",
        ),
    )
    assert [number for number, _because in row.faults] == [3, 4, 5, 6]
    assert (row.found["new"], row.found["faults"]) == (1, 4)


def test_a_file_cut_in_half_says_so_and_the_whole_one_doubles_nothing(district, place):
    whole = file_of(*(f"JN{number:04},阴性,2026-03-03 13:00:00" for number in range(100))).getvalue()
    half = taken(district, io.BytesIO(whole[: len(whole) // 2]), expected=100)
    assert half.found["faults"] >= 1
    assert any("没有传完" in because for _number, because in half.faults)
    kept = Result.objects.count()
    assert 40 <= kept <= 50
    row = taken(district, io.BytesIO(whole), expected=100)
    assert row.faults == []
    assert Result.objects.count() == 100
    assert row.found["again"] == kept


def test_a_file_killed_half_way_is_gone_through_again(district, place, monkeypatch):
    monkeypatch.setattr(actions, "BATCH", 10)
    record, calls = actions.record, []

    def killed(*args, **kwargs):
        calls.append(1)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return record(*args, **kwargs)

    row = actions.hand_in(
        file_of(*(f"JN{number:04},阴性,2026-03-03 13:00" for number in range(50))),
        laboratory=LAB,
        area_path=GRID[:27],
        name="结果.csv",
        language="zh-hans",
        by=district.leader,
        at=LATER,
        file_id=new_id(),
    )
    monkeypatch.setattr(actions, "record", killed)
    with pytest.raises(KeyboardInterrupt):
        actions.take_over(row.pk, at=LATER)
    assert Result.objects.count() == 20
    actions.take_over(row.pk, at=LATER)
    row.refresh_from_db()
    assert (row.status, Result.objects.count(), row.found["again"]) == ("done", 50, 20)


def test_a_file_nobody_removed_goes_some_days_later(district, place):
    row = taken(district, file_of("JN0001,阴性,2026-03-03 13:00"))
    left = actions.place_of(row.pk)
    left.write_text("left by somebody who was killed", encoding="utf-8")
    assert actions.sweep(at=LATER + timedelta(days=1)) == 0
    assert actions.sweep(at=LATER + timedelta(days=4)) == 1
    assert not left.exists()


def test_only_laboratories_of_the_district_are_heard_and_only_while_screening_is_in_force(district):
    with pytest.raises(Refused):
        heard(said("JN0001"))
    with pytest.raises(NotFound):
        actions.hear([said("JN0001")], b"", laboratory="nobody", file_id=new_id(), at=LATER)
