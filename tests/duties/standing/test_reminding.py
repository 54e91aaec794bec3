"""Whoever still owes something is told before it is too late, once for each reminder."""

from __future__ import annotations

import shutil
from datetime import timedelta

import pytest

from tests import world
from tests.duties.standing.roster import MIDNIGHT, declared, firm, opened, reported, spec
from tests.prevention.test_population import STREET, enrolled, site, somebody
from zerotrip.catalogue import packs
from zerotrip.channels.models import Notice
from zerotrip.duties.standing.counting import recount
from zerotrip.duties.standing.reminding import remind
from zerotrip.parties.models import Membership, Role

pytestmark = pytest.mark.django_db

END = MIDNIGHT + timedelta(days=1)


def test_the_silent_are_told_once_at_each_reminder(district):
    (duty,) = declared(spec(remind=[240, 60]))
    one, two = firm(1), firm(2)
    world.agent(world.person("甲"), one)
    world.agent(world.person("乙"), two)
    window = opened(duty)
    reported(duty, two.pk, MIDNIGHT + timedelta(hours=8))
    recount(window, duty, [two.pk])
    assert remind(at=END - timedelta(minutes=241)) == 0
    assert remind(at=END - timedelta(minutes=240)) == 1
    assert remind(at=END - timedelta(minutes=239)) == 0
    assert remind(at=END - timedelta(minutes=60)) == 1
    assert remind(at=END - timedelta(minutes=59)) == 0
    world.tell_queued()
    assert Notice.objects.filter(template="standing_reminder").count() == 2
    assert {notice.user.person.name for notice in Notice.objects.filter(template="standing_reminder")} == {"甲"}


def test_reminders_missed_while_nothing_ran_are_given_once():
    (duty,) = declared(spec(remind=[240, 60]))
    firm(1)
    opened(duty)
    assert remind(at=END - timedelta(minutes=1)) == 1
    assert remind(at=END - timedelta(minutes=1)) == 0
    assert remind(at=END) == 0


GRID = STREET + "370199001001/370199001001001/"


@pytest.fixture
def near(district):
    """Somebody who works in a grid alone."""
    user = world.staff("网格员", "subdistrict-office", Role.HELPER, area_path=STREET)
    Membership.objects.filter(person=user.person).update(area_path=GRID)
    return user


def told() -> dict[str, int]:
    """Which of the staff were told, and of how many."""
    world.tell_queued()
    rows = Notice.objects.filter(template="staff_standing_reminder")
    return {notice.user.person.name: notice.context["count"] for notice in rows}


def test_of_people_those_are_told_who_work_nearest(near):
    (duty,) = declared(spec(who="person", remind=[60]))
    for number in (1, 2):
        enrolled(somebody("甲", phone=f"1390000000{number}"))
    opened(duty)
    assert remind(at=END - timedelta(minutes=60)) == 1
    assert told() == {"网格员": 2}
    assert Notice.objects.get().link == f"/desk/prevention/duties/{duty.windows.get().pk}/"


def test_where_nobody_works_in_the_grid_those_of_the_next_larger_area_are_told(near, district):
    (duty,) = declared(spec(who="person", remind=[60]))
    here, there = enrolled(somebody("甲")), enrolled(somebody("乙", phone="13900000002"))
    there.area_path = STREET + "370199001001/370199001001002/"
    there.save(update_fields=["area_path"])
    assert here.area_path == GRID
    opened(duty)
    remind(at=END - timedelta(minutes=60))
    found = told()
    assert found.pop("网格员") == 1
    assert set(found.values()) == {1}


def test_the_office_is_told_of_sites_nobody_owns_and_the_owner_of_the_others(near, district):
    (duty,) = declared(spec(who="site", remind=[60]))
    site(owner=district.firm), site(name="虚构二号宿舍")
    opened(duty)
    assert remind(at=END - timedelta(minutes=60)) == 2
    assert told() == {"网格员": 1}
    assert Notice.objects.filter(template="standing_reminder").exists()


@pytest.mark.parametrize("said", [{"remind_whom": "office"}, {"visited": True}])
def test_the_office_is_told_in_place_of_the_firm_where_the_duty_says_so(near, said):
    (duty,) = declared(spec(remind=[60], **said))
    firm(1, GRID)
    opened(duty)
    assert remind(at=END - timedelta(minutes=60)) == 1
    assert told() == {"网格员": 1}
    assert not Notice.objects.filter(template="standing_reminder").exists()


@pytest.mark.parametrize(
    ("said", "place"),
    [
        ("who: person\nsections: []\nphotos: 1\nremind_whom: office", ""),
        ("who: person\nphotos: 1\nremind: [60]\nremind_whom: owner", ""),
        ("who: enterprise\nphotos: 1\nvisited: true\nremind: [60]\nremind_whom: owner", ""),
        ("who: person\nact: receipt\nby_hand: true\nremind: [60]\nremind_whom: office", "remind_whom"),
    ],
)
def test_to_say_whom_where_it_has_no_effect_is_a_fault(tmp_path, said, place):
    folder = shutil.copytree(world.pack_of(world.SERVICES), tmp_path / "pack")
    (folder / "duties").mkdir(exist_ok=True)
    (folder / "duties" / "one.yaml").write_text(f"id: one\nname: {{zh: 查}}\n{said}\n", encoding="utf-8")
    found = [fault for fault in packs.check(folder) if fault.file == "duties/one.yaml" and not fault.warning]
    assert [fault.path for fault in found] == [place]
