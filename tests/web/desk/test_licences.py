"""A licence at the desk: its editions, what two hands do about it, slips of the pen put right from the case."""

from __future__ import annotations

import pytest

from tests import world
from tests.web.browsing import Browser, cost
from tests.world import MORNING
from zerotrip.cases import actions as cases
from zerotrip.licences import actions
from zerotrip.licences.models import Licence
from zerotrip.parties.access import SYSTEM
from zerotrip.parties.models import Role


@pytest.fixture
def licence(district) -> Licence:
    case = world.draft("investment-filing", district.firm, district.applicant)
    cases.submit(case, by=district.applicant, at=MORNING)
    cases.accept(world.open_work(case)[0], by=district.clerk, at=MORNING)
    case = cases.grant(world.open_work(case)[0], by=district.leader, at=MORNING, reasons="符合产业政策")
    cases.deliver(cases.issue(case, by=SYSTEM, at=MORNING), by=SYSTEM, at=MORNING)
    return Licence.objects.get(case=case)


@pytest.fixture
def address(licence) -> str:
    return f"/desk/licences/{licence.pk}/"


def test_one_proposes_another_confirms_and_the_page_tells_each_what_is_theirs(district, licence, address):
    clerk, leader = Browser(district.clerk), Browser(district.leader)
    page = clerk.open(address)
    assert "暂停证照…" not in page.text, "that is the leader's"
    clerk.open(address).form("/propose/").press("提出", ground="annul", reasons="项目材料不实。")
    page = clerk.open(address)
    assert "拟撤销，等负责人确认" in page.text
    assert "提出的人不能自己确认" in page.text
    page = leader.open(address)
    assert "项目材料不实。" in page.text
    page.form("/confirm/").press("确认撤销")
    assert "已撤销" in leader.open(address).text
    licence.refresh_from_db()
    assert licence.status == "revoked"
    mine = Browser(district.applicant).open(f"/cases/{licence.case.number}/")
    assert "撤销、撤回或者吊销决定书" in mine.text
    letter = mine.browser.open(f"/cases/{licence.case.number}/letters/revocation/")
    assert letter.response.content.startswith(b"%PDF")


def test_what_is_missing_is_named_and_what_was_typed_stays(district, licence, address):
    page = (
        Browser(district.clerk)
        .open(address)
        .form("/propose/")
        .press("提出", ground="", reasons="写了理由", status=422)
    )
    assert "请选择撤销、撤回还是吊销。" in page.text
    assert "写了理由" in page.html


def test_turned_down_with_a_word_it_stays(district, licence, address):
    Browser(district.clerk).open(address).form("/propose/").press("提出", ground="penalty", reasons="违规")
    leader = Browser(district.leader)
    page = leader.open(address).form("/turn-down/").press("不同意", opinion=" ", status=422)
    assert "请写明为什么不同意" in page.text
    leader.open(address).form("/turn-down/").press("不同意", opinion="证据不足")
    assert "证据不足" in leader.open(address).text
    licence.refresh_from_db()
    assert licence.status == "valid"


def test_a_leader_suspends_and_lets_it_hold_again(district, licence, address):
    leader = Browser(district.leader)
    leader.open(address).form("/suspend/").press("暂停", reason="检查")
    leader.open(address).form("/resume/").press("恢复", reason="合格")
    page = leader.open(address)
    assert "检查" in page.text
    assert "合格" in page.text


def test_the_same_form_sent_three_times_says_three_times_that_it_is_recorded(district, licence, address):
    leader = Browser(district.leader)
    for step, button in (("suspend", "暂停"), ("resume", "恢复")):
        form = leader.open(address).form(f"/{step}/")
        for _press in range(3):
            assert "已记录" in form.press(button, reason="检查").follow().text
    licence.refresh_from_db()
    assert licence.status == "valid"


def test_a_slip_of_the_pen_goes_from_one_hand_to_another_to_the_holder(district, licence):
    number = licence.case.number
    clerk, leader = Browser(district.clerk), Browser(district.leader)
    page = clerk.open(f"/desk/cases/{number}/slip/")
    assert licence.facts["project_name"] in page.text
    page = page.form().press("提出更正", reasons="录入错误", status=422)
    assert "请写明要更正的内容和理由" in page.text
    page.form().press("提出更正", **{"text-fact:project_name": "改正后的名称"})
    assert "确认更正" not in clerk.open(f"/desk/cases/{number}/").text
    page = leader.open(f"/desk/cases/{number}/")
    assert page.marked["del"] == [licence.facts["project_name"]]
    assert "改正后的名称" in page.text
    page.form("/slip/confirm/").press("确认更正")
    made = Licence.objects.get(case__number=number)
    assert (made.edition, made.facts["project_name"]) == (2, "改正后的名称")
    page = leader.open(f"/desk/licences/{made.pk}/")
    assert "第 2 版" in page.text
    assert "更正换发" in page.text
    assert "更正通知书" in Browser(district.applicant).open(f"/cases/{number}/").text
    old = Browser(None).open(f"/v/{licence.token}")
    assert "已被新版本取代" in old.text


def test_a_correction_is_turned_down_on_the_case(district, licence):
    number = licence.case.number
    actions.propose_slip(licence.case, texts={"reasons": "改"}, reasons="笔误", by=district.clerk, at=MORNING)
    leader = Browser(district.leader)
    leader.open(f"/desk/cases/{number}/").form("/slip/turn-down/").press("不同意", opinion="没有错")
    assert "没有错" in leader.open(f"/desk/cases/{number}/").text
    assert "没有错" not in Browser(district.applicant).open(f"/cases/{number}/").text


def test_the_holders_own_staff_does_not_see_it_at_the_desk(district, licence, address):
    both = world.agent(world.staff("both", "approval-bureau", Role.LEADER), district.firm)
    Browser(both).open(address, status=404)


def test_the_page_costs_as_much_with_many_editions(district, licence):
    def page() -> int:
        return cost(Browser(district.leader), f"/desk/licences/{Licence.objects.get(case=licence.case).pk}/")

    first = page()
    for name in ("一", "二", "三"):
        slip = actions.propose_slip(
            licence.case, texts={"fact:project_name": name}, reasons="笔误", by=district.clerk, at=MORNING
        )
        actions.confirm_slip(slip, by=district.leader, at=MORNING)
    assert page() <= first + 2
