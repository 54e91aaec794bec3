"""What stays late goes to whoever the district names, so many working days past the end, and once."""

from __future__ import annotations

from datetime import timedelta

import pytest
import yaml

from tests import world
from tests.world import MORNING
from zerotrip.cases import actions
from zerotrip.cases.actions.sweeping import sweep
from zerotrip.cases.models import Case, Clock
from zerotrip.catalogue import packs
from zerotrip.catalogue.models import Pack
from zerotrip.channels.models import Notice
from zerotrip.ledger.queries import first_break, history
from zerotrip.parties.models import Role

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def case(district) -> Case:
    """A filing on its way, where the bureau escalates to the head of housing after two working days."""
    pack = Pack.objects.get()
    for department in pack.district["departments"]:
        if department["code"] == "approval-bureau":
            department["escalate"] = {"after": 2, "to": "housing", "role": "head"}
    pack.save(update_fields=["district"])
    case = world.draft("investment-filing", district.firm, district.applicant)
    actions.submit(case, by=district.applicant, at=MORNING)
    return actions.accept(world.open_work(case)[0], by=district.clerk, at=MORNING)


def told(user) -> list[str]:
    world.tell_queued()
    return [notice.template for notice in Notice.objects.filter(user=user.pk)]


def test_two_working_days_past_the_end_the_named_seat_is_told_once(district, case):
    above, own = world.staff("above", "housing", Role.HEAD), world.staff("own", "approval-bureau", Role.HEAD)
    sweep(at=case.due_at + timedelta(minutes=1))
    assert (told(above), told(own)) == ([], ["staff_late", "staff_late"])
    clock = Clock.objects.get(case=case, name="promised")
    assert clock.escalate_at > case.due_at + DAY
    assert sweep(at=clock.escalate_at - timedelta(minutes=1))["escalations"] == 0
    assert sweep(at=clock.escalate_at)["escalations"] == 1
    assert sweep(at=clock.escalate_at + timedelta(hours=1))["escalations"] == 0
    assert told(above) == ["staff_escalated"]
    case.refresh_from_db()
    (entry,) = [entry for entry in history(case.pk) if entry.action == "escalated"]
    assert entry.details["role"] == "head"
    assert first_break(case) is None


def test_what_is_decided_meanwhile_goes_nowhere(district, case):
    above = world.staff("above", "housing", Role.HEAD)
    late = case.due_at + timedelta(minutes=1)
    sweep(at=late)
    actions.grant(world.open_work(case)[0], by=district.leader, at=late)
    assert sweep(at=late + 5 * DAY)["escalations"] == 0
    assert told(above) == []


def test_without_a_rule_nobody_above_is_told(district):
    case = world.draft("investment-filing", district.firm, district.applicant)
    actions.submit(case, by=district.applicant, at=MORNING)
    case = actions.accept(world.open_work(case)[0], by=district.clerk, at=MORNING)
    sweep(at=case.due_at + timedelta(minutes=1))
    assert not Clock.objects.filter(escalate_at__isnull=False).exists()


def test_a_department_nobody_declares_is_named_with_its_line(tmp_path):
    import shutil

    folder = tmp_path / "pack"
    shutil.copytree(world.PACK, folder)
    declared = yaml.safe_load((folder / "district.yaml").read_text(encoding="utf-8"))
    declared["departments"][0]["escalate"] = {"after": 1, "to": "nobody-here"}
    (folder / "district.yaml").write_text(packs.writing.dump(declared), encoding="utf-8")
    faults = [fault for fault in packs.check(folder) if not fault.warning]
    assert [fault.path for fault in faults] == ["departments.0.escalate.to"]
