"""Task forces at the desk: who belongs to them, said by whoever leads over their area; the history stays."""

from __future__ import annotations

import pytest
from django.utils import timezone

from tests import world
from tests.helped import help_of, raised, rule_to
from tests.web.browsing import Browser
from zerotrip.channels.models import Notice
from zerotrip.errors import Invalid, NotAllowed, Refused
from zerotrip.ledger.queries import history
from zerotrip.parties.access import SYSTEM
from zerotrip.parties.actions import declare_team
from zerotrip.parties.models import Membership, Party, Role
from zerotrip.relief.models import RoutingRule
from zerotrip.relief.teams.actions import join, leave


@pytest.fixture
def team(helped) -> Party:
    return declare_team(
        code="testing-team",
        name="上门采样专班",
        name_en="On-site team",
        area="370199000000",
        by=SYSTEM,
        at=world.MORNING,
    )


def url(team: Party) -> str:
    return f"/desk/needs/teams/{team.pk}/"


def test_a_leader_lets_somebody_join_and_leave_and_the_history_stays(helped, team):
    lead = Browser(helped.lead)
    assert "没有人" in lead.open("/desk/needs/teams/").text
    lead.open(url(team)).form("").press("加入", person=str(helped.helper.pk), role="helper", area="")
    page = lead.open(url(team))
    assert "帮办员" in page.text
    assert "1 人" in lead.open("/desk/needs/teams/").text
    seat = Membership.objects.get(organisation=team)
    page.form(f"/desk/needs/teams/members/{seat.pk}/end/").press("退出专班")
    page = lead.open(url(team))
    assert "以前的成员" in page.text
    assert "帮办员" in page.text
    assert [entry.action for entry in history(team.pk)][-2:] == ["joined", "left"]
    world.tell_queued()
    told = Notice.objects.filter(user=helped.helper.pk, template__startswith="staff_team")
    assert set(told.values_list("template", flat=True)) == {"staff_team_joined", "staff_team_left"}


def test_others_read_who_belongs_to_it_and_change_nothing(helped, team):
    other = Browser(helped.helper)
    page = other.open(url(team))
    assert "由管辖其范围的部门负责人或专班负责人安排" in page.text
    with pytest.raises(NotAllowed):
        join(team.pk, account=helped.helper.pk, role="helper", by=world.acting(helped.helper), at=timezone.now())
    seat = join(team.pk, account=helped.helper.pk, role="helper", by=world.acting(helped.lead), at=world.MORNING)
    with pytest.raises(NotAllowed):
        leave(seat.pk, by=world.acting(helped.helper), at=timezone.now())


def test_whoever_leads_the_team_says_who_belongs_to_it(helped, team):
    lead, at = world.acting(helped.lead), timezone.now()
    join(team.pk, account=helped.second.pk, role="leader", by=lead, at=world.MORNING)
    join(team.pk, account=helped.helper.pk, role="helper", by=world.acting(helped.second, at), at=at)
    assert Membership.objects.in_force(at).filter(organisation=team).count() == 2


def test_only_staff_join_once_in_a_role_they_can_have_there_inside_its_area(helped, team):
    told = {"by": world.acting(helped.lead), "at": timezone.now()}
    for wrong in (
        {"account": helped.applicant.user_id, "role": "helper"},
        {"account": None, "role": "helper"},
        {"account": helped.helper.pk, "role": "administrator"},
        {"account": helped.helper.pk, "role": "helper", "area": "370100000000"},
    ):
        with pytest.raises(Invalid):
            join(team.pk, **wrong, **told)
    join(team.pk, account=helped.helper.pk, role="helper", area="370199002000", **told)
    with pytest.raises(Refused):
        join(team.pk, account=helped.helper.pk, role="helper", **told)
    page = Browser(helped.lead).open(url(team)).form("").press("加入", status=422, role="leader")
    assert page.form("").values["role"] == ["leader"]
    assert "请选择一位工作人员。" in page.marked[".problem"]


def test_a_rule_that_waited_for_somebody_is_followed_at_once_and_stops_with_the_last(helped, team):
    rule = rule_to(helped, office=team.pk)
    assert rule.stopped == "empty"
    seat = join(team.pk, account=helped.helper.pk, role="helper", by=world.acting(helped.lead), at=world.MORNING)
    assert RoutingRule.objects.get().stopped == ""
    work = help_of(raised(helped))
    assert (work.department_id, work.role) == (team.pk, Role.HELPER)
    leave(seat.pk, by=world.acting(helped.lead), at=timezone.now())
    assert RoutingRule.objects.get().stopped == "empty"
