"""A sealed area: who may seal it, no place twice at a time, and runs that are owed while and where it is sealed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core import signing
from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from procrastinate.contrib.django.models import ProcrastinateJob

from tests import world
from tests.duties.standing.roster import declared, spec
from tests.prevention import emergency
from tests.prevention.sealed.shut import GRID, MEALS, NOON, meals, point, sealed, told
from tests.prevention.test_population import enrolled, site, somebody
from zerotrip.duties.models import Due, Report, Window, WrongCodes
from zerotrip.duties.standing import receipts, reporting
from zerotrip.duties.standing.turning import turn
from zerotrip.errors import Invalid, NotAllowed, NotFound, Refused
from zerotrip.files.attaching import receive
from zerotrip.ids import new_id
from zerotrip.ledger.queries import history
from zerotrip.prevention.models import DoorRequest, SealedArea, SealedPlace
from zerotrip.prevention.sealed import actions, queries, stepping
from zerotrip.prevention.sealed.codes import code_of, door_of, door_token
from zerotrip.prevention.sealed.doors import Door, Where, doors

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


@pytest.fixture
def event(district):
    return emergency.declared(district)


def owed(at) -> set:
    """The points at which something is owed in the windows under way."""
    windows = Window.objects.around(at)
    return set(Due.objects.filter(window__in=windows, released_at=None).values_list("subject", flat=True))


def test_nothing_is_owed_until_an_area_is_sealed_and_nothing_once_it_is_lifted(district, event):
    meals()
    serving, other = point(), point("虚构别处收发点")
    turn(at=NOON)
    assert owed(NOON) == set()
    area = sealed(district.clerk, serving)
    assert owed(NOON) == {serving.pk}
    assert other.pk not in owed(NOON)
    actions.lift(area.pk, reason="转为低风险", by=district.clerk, at=NOON + HOUR / 2)
    assert owed(NOON + HOUR / 2) == {serving.pk}, "until the worker comes"
    stepping.bring_in_step(area.pk, at=NOON + HOUR / 2)
    assert owed(NOON + HOUR / 2) == set()
    turn(at=NOON + 5 * HOUR)
    assert not Window.objects.around(NOON + 5 * HOUR).exists()


def test_runs_end_with_the_day_it_was_sealed_until_and_go_on_when_it_is_prolonged(district, event):
    meals()
    area = sealed(district.clerk, point(), ends_at=NOON + 3 * HOUR)
    turn(at=NOON + 5 * HOUR)
    assert not Window.objects.around(NOON + 5 * HOUR).exists()
    with pytest.raises(Refused):
        actions.prolong(area.pk, until=NOON + 9 * HOUR, reason="再观察", by=district.clerk, at=NOON + 5 * HOUR)
    actions.prolong(area.pk, until=NOON + 9 * HOUR, reason="再观察", by=district.clerk, at=NOON + HOUR)
    turn(at=NOON + 5 * HOUR)
    assert len(owed(NOON + 5 * HOUR)) == 1
    assert [entry.reason for entry in history(area.pk).filter(action="prolong")] == ["再观察"]


def test_a_level_without_runs_owes_none(district, event):
    meals()
    sealed(district.clerk, level="watched")
    turn(at=NOON)
    assert owed(NOON) == set()


def test_no_place_is_sealed_twice_at_a_time(district, event):
    serving = point()
    first = sealed(district.clerk, serving, doors=["9-901", "9-902"])
    with pytest.raises(Invalid) as refused:
        sealed(district.clerk, serving, doors=["9-902"], starts_at=NOON + timedelta(days=2))
    assert "已经封控" in str(refused.value.problems["area"])
    sealed(district.clerk, serving, doors=["9-903"])
    sealed(
        district.clerk,
        serving,
        doors=["9-901"],
        starts_at=NOON + timedelta(days=7),
        ends_at=NOON + timedelta(days=9),
    )
    with pytest.raises(Invalid):
        actions.prolong(
            first.pk, until=NOON + timedelta(days=8), reason="再观察", by=district.clerk, at=NOON + HOUR
        )
    place = SealedPlace.objects.filter(sealed=first).first()
    with pytest.raises(IntegrityError), transaction.atomic():
        SealedPlace.objects.create(
            sealed=first, key=place.key, area_path=place.area_path, during=DateTimeTZRange(NOON, NOON + HOUR)
        )


def test_what_lies_within_something_sealed_is_not_sealed_again_at_that_level(district, event):
    serving = point()
    whole = sealed(district.clerk, serving, ends_at=NOON + timedelta(days=3))
    with pytest.raises(Invalid) as refused:
        sealed(district.clerk, serving, doors=["9-901"])
    assert "虚构小区" in refused.value.problems["area"][0]
    with pytest.raises(Invalid):
        sealed(district.clerk, serving, area=GRID[:9] + "000")
    sealed(district.clerk, serving, doors=["9-902"], level="controlled")
    later = sealed(district.clerk, serving, doors=["9-901"], starts_at=NOON + timedelta(days=4))
    with pytest.raises(Invalid) as refused:
        actions.prolong(
            whole.pk, until=NOON + timedelta(days=5), reason="再观察", by=district.clerk, at=NOON + HOUR
        )
    assert later.name in refused.value.problems["until"][0]
    whole.refresh_from_db()
    assert whole.ends_at == NOON + timedelta(days=3)


def test_a_building_of_a_sealed_park_is_not_sealed_again(district, event):
    serving = point()
    park = site("carrier", name="虚构园区")
    house = site("building", name="虚构一座", within=park)
    sealed(district.clerk, serving, sites=[park.pk])
    with pytest.raises(Invalid):
        sealed(district.clerk, serving, sites=[house.pk])


def test_what_was_decided_is_behind_until_the_worker_came_and_taken_up_after_it_failed(district, event):
    meals()
    area = actions.seal(told(point()), area=GRID, key=new_id(), by=district.clerk, at=NOON)
    jobs = ProcrastinateJob.objects.filter(task_name="prevention.bring_in_step", args__sealed=str(area.pk))
    assert (area.is_in_step, jobs.count()) == (False, 1)
    for _minute in range(2):
        stepping.take_up()
    assert jobs.count() == 2, "one more, once"
    stepping.bring_in_step(area.pk, at=NOON)
    area.refresh_from_db()
    assert area.is_in_step
    stepping.take_up()
    assert jobs.count() == 2
    actions.prolong(area.pk, until=NOON + timedelta(days=8), reason="再观察", by=district.clerk, at=NOON + HOUR)
    area.refresh_from_db()
    assert not area.is_in_step


def test_sealing_twice_with_one_key_is_once(district, event):
    key, serving = new_id(), point()
    for _again in range(2):
        actions.seal(told(serving), area=GRID, key=key, by=district.clerk, at=NOON)
    assert SealedArea.objects.count() == 1


def test_what_is_wrong_is_said_at_its_place(district, event):
    with pytest.raises(Invalid) as refused:
        sealed(district.clerk, name="", level="nothing", ends_at=NOON - HOUR, carrier="91370100000000000X")
    assert {"name", "level", "ends_at", "carrier"} <= set(refused.value.problems)
    with pytest.raises(Invalid) as refused:
        sealed(district.clerk)
    assert set(refused.value.problems) == {"points"}


def test_only_staff_of_the_area_seal_it_while_supplies_are_in_force(district):
    with pytest.raises(Refused):
        sealed(district.clerk, point())
    emergency.declared(district)
    with pytest.raises(Invalid):
        sealed(district.applicant, point("虚构二号收发点"))
    with pytest.raises(NotAllowed):
        sealed(district.supervisor, point("虚构三号收发点"))


def test_a_stop_is_confirmed_by_the_code_of_the_run_or_a_signed_paper(district, event):
    duty = meals()
    serving = point()
    area = sealed(district.clerk, serving)
    done = {"subject": serving.pk, "owner": None, "area_path": serving.area_path, "at": NOON}
    said = {"answers": {"handed": "虚构司机", "received": "虚构楼长"}}
    lunch = Window.objects.around(NOON).get()
    supper = Window(requirement=duty, starts=lunch.starts + 6 * HOUR)
    for wrong in ("", "000000", code_of(serving.code, supper), code_of(point("虚构别处").code, lunch)):
        with pytest.raises(Invalid) as refused:
            reporting.report(
                duty, reporting.Done(**done, **said, code=wrong), key=new_id(), by=district.clerk, at=NOON
            )
        assert set(refused.value.problems) == {"code"}
        assert ("接收码不对" in str(refused.value.problems["code"])) is bool(wrong)
    code = code_of(serving.code, lunch)
    reporting.report(duty, reporting.Done(**done, **said, code=code), key=new_id(), by=district.clerk, at=NOON)
    (run,) = queries.runs(area, at=NOON)
    assert (run.owed, run.done, run.missed) == (1, 1, ())
    assert run.stops[0].report.answers == said["answers"]


def test_after_a_few_wrong_codes_none_is_looked_at_for_a_while(district, event):
    duty, serving = meals(), point()
    sealed(district.clerk, serving)
    said = {"handed": "虚构司机", "received": "虚构楼长"}
    done = {"subject": serving.pk, "owner": None, "area_path": serving.area_path, "at": NOON, "answers": said}
    good = code_of(serving.code, Window.objects.around(NOON).get())

    def tried(code: str, at, **more) -> str:
        """What is wrong with it; empty: it was taken."""
        try:
            reporting.report(
                duty, reporting.Done(**{**done, **more}, code=code), key=new_id(), by=district.clerk, at=at
            )
        except Invalid as refused:
            receipts.count_wrong(refused, at=at)
            return refused.problems["code"][0]
        return ""

    minute = timedelta(minutes=1)
    for _try in range(receipts.MOST_WRONG):
        assert "接收码" in tried("000000", NOON)
        tried("", NOON)
    assert "次数太多" in tried(good, NOON)
    assert "次数太多" in tried(good, NOON + 14 * minute)
    paper = receive(world.pdf("虚构签收单"), name="paper.pdf", at=NOON)
    assert tried("", NOON, files=[paper]) == "", "a signed paper is taken all the same"
    assert tried("000000", NOON + 15 * minute)
    assert tried(good, NOON + 15 * minute) == ""
    assert not WrongCodes.objects.exists()


def test_stops_nobody_served_in_time_are_missed_by_name(district, event):
    meals()
    serving = point()
    area = sealed(district.clerk, serving)
    (run,) = queries.runs(area, at=NOON + 3 * HOUR)
    assert [stop.site for stop in run.missed] == [serving]
    assert Report.objects.count() == 0


def test_what_a_door_asks_for_is_on_the_next_sheet_until_it_was_brought(district, event):
    area = sealed(district.clerk, point())
    asking = actions.Asking("9-901", "medicine", "降压药一盒", 2)
    key = new_id()
    for _again in range(2):
        asked = actions.ask_from_door(area.pk, asking, key=key, at=NOON)
    actions.ask(area.pk, actions.Asking("9-902", "meal", "清真餐"), key=new_id(), by=district.clerk, at=NOON)
    assert [row.door for row in queries.asked(area, "medicine-run")] == ["9-901"]
    assert [row.door for row in queries.asked(area, "meal-run")] == ["9-902"]
    with pytest.raises(NotFound):
        actions.settle(asked.pk, by=district.applicant, at=NOON)
    actions.settle(asked.pk, by=district.clerk, at=NOON)
    assert queries.asked(area, "medicine-run") == []
    actions.lift(area.pk, reason="解封", by=district.clerk, at=NOON + HOUR)
    with pytest.raises(Refused):
        actions.ask_from_door(area.pk, asking, key=new_id(), at=NOON + HOUR)


def test_the_link_of_a_door_is_good_for_that_door_alone(district, event):
    area = sealed(district.clerk, point())
    for where in (Where(area.area_path), Where(area.area_path, new_id()), Where(area.area_path + "1/")):
        assert door_of(door_token(area, Door(where, "9-901"))) == (area, Door(where, "9-901"))
    before = signing.dumps([str(area.pk), "9-901"], salt="zerotrip.sealed.door", compress=True)
    assert door_of(before) == (area, Door(Where(area.area_path), "9-901")), "those on doors since before"
    token = door_token(area, Door(Where(area.area_path), "9-901"))
    with pytest.raises(NotFound):
        door_of(token[:-1] + ("A" if token[-1] != "A" else "B"))


def test_doors_of_one_name_are_told_apart_by_grid_and_building(district, event):
    north, south = (site(name=name) for name in ("虚构一号楼", "虚构二号楼"))
    for place in (north, south):
        enrolled(somebody(f"虚构{place.name}"), "lodger", site=place, household="1-101")
    enrolled(somebody("虚构居民"), household="1-101")
    area = sealed(district.clerk, point())
    found = doors(area, on=NOON.date())
    assert {(door.where.site, door.name) for door in found} == {
        (None, "1-101"),
        (north.pk, "1-101"),
        (south.pk, "1-101"),
    }
    assert queries.behind(area, NOON).households == len(found)
    for door in found:
        asking = actions.Asking(door.name, "meal", "一份餐", where=door.where)
        actions.ask_from_door(area.pk, asking, key=new_id(), at=NOON)
    assert len({row.where for row in queries.asked(area)}) == 3
    with pytest.raises(Invalid) as refused:
        actions.ask(area.pk, actions.Asking("1-101", "meal", "一份餐"), key=new_id(), by=district.clerk, at=NOON)
    assert set(refused.value.problems) == {"where"}
    asking = actions.Asking("1-101", "goods", "一桶水", where=Where(south.area_path, south.pk))
    assert actions.ask(area.pk, asking, key=new_id(), by=district.clerk, at=NOON).site_id == south.pk


def test_of_a_building_that_is_sealed_only_its_own_doors_ask(district, event):
    north, south = (site(name=name) for name in ("虚构一号楼", "虚构二号楼"))
    for place in (north, south):
        enrolled(somebody(f"虚构{place.name}"), "lodger", site=place, household="1-101")
    enrolled(somebody("虚构居民"), household="1-101")
    area = sealed(district.clerk, point(), sites=[north.pk])
    assert doors(area, on=NOON.date()) == [Door(Where(north.area_path, north.pk), "1-101")]
    asking = actions.Asking("1-101", "meal", "一份餐")
    asked = actions.ask(area.pk, asking, key=new_id(), by=district.clerk, at=NOON)
    assert asked.site_id == north.pk, "there is but one"


def test_requests_and_doors_go_with_the_event_and_that_it_was_sealed_stays(district, event):
    from zerotrip.prevention.events import purging

    area = sealed(district.clerk, point(), doors=["9-901"])
    actions.ask_from_door(area.pk, actions.Asking("9-901", "meal", "一份餐"), key=new_id(), at=NOON)
    type(event).objects.filter(pk=event.pk).update(ends_on=NOON.date(), keep_days=0)
    purging.purge(event.pk, at=NOON + timedelta(days=2))
    assert not DoorRequest.objects.exists()
    assert not SealedPlace.objects.exists()
    assert SealedArea.objects.get().basis == area.basis


def test_a_duty_with_a_receipt_is_one_of_sites(district):
    with pytest.raises(ValueError, match="receipt"):
        spec("meal-run", **{**MEALS, "who": "enterprise", "where": None})
    assert declared(spec("meal-run", **MEALS))
