"""The case at the desk: who sees it, each step through its form, and what a wrong or a second press gets."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import uuid4

import pytest
from django.utils import timezone

from tests import world
from tests.web.browsing import Browser, chinese_words, cost, steps, submitted, token, without_chinese
from zerotrip.cases import actions
from zerotrip.cases.models import Assignment, Case, Correction, Material, Submission, Verdict
from zerotrip.cases.states import Result, Status
from zerotrip.ledger.models import Entry
from zerotrip.parties.access import SYSTEM
from zerotrip.parties.models import Party, Role, User

NUMBER = "11010519491231002X"
"""The identity number in the sample, a published example."""
MASKED = "1101**********002X"


@dataclass
class Under:
    """A case as the desk meets it."""

    case: Case
    work: Assignment

    @property
    def url(self) -> str:
        return f"/desk/cases/{self.case.number}/"

    def step(self, name: str) -> str:
        return f"/desk/work/{self.work.pk}/{name}/"


def now():
    return timezone.now()


def filing(district, **changes) -> Under:
    return Under(*submitted("investment-filing", district.firm, district.applicant, **changes))


def accepted(district, service: str = "investment-filing") -> list[Under]:
    """An accepted case, once for each piece of work that then lies open."""
    case, intake = submitted(service, district.firm, district.applicant)
    case = actions.accept(intake, by=district.clerk, at=now())
    return [Under(case, work) for work in world.open_work(case)]


def review_of(district, actor) -> Under:
    """The review of a construction permit that is this person's."""
    return next(under for under in accepted(district, "construction-permit") if under.work in worklist_of(actor))


def worklist_of(actor) -> list[Assignment]:
    return list(Assignment.objects.for_hands_of(actor))


# Who sees it


def test_only_those_with_a_stage_or_the_oversight_see_the_page(district):
    under = filing(district)
    for actor in (district.clerk, district.leader, district.supervisor):
        assert under.case.number in Browser(actor).open(under.url).text
    for actor in (district.housing, district.fire, district.agriculture):
        Browser(actor).open(under.url, status=404)
    for actor in (district.applicant, district.stranger):
        assert under.case.subject not in Browser(actor).open(under.url, status=403).text
    assert Browser().open(under.url, status=302).location.startswith("/sign-in/")


def test_a_department_sees_the_case_from_its_stage_on_and_afterwards(district):
    case, intake = submitted("construction-permit", district.firm, district.applicant)
    housing, agriculture = Browser(district.housing), Browser(district.agriculture)
    url = f"/desk/cases/{case.number}/"
    housing.open(url, status=404)
    actions.accept(intake, by=district.clerk, at=now())
    housing.open(url)
    (work,) = [work for work in worklist_of(district.housing) if work.case_id == case.pk]
    actions.review(work, verdict=Verdict.PASS, by=district.housing, at=now())
    assert "通过本环节" not in housing.open(url).text
    agriculture.open(url, status=404)


@pytest.mark.parametrize(("subdistrict", "status"), [("370199002000", 200), ("370199003000", 404)])
def test_a_seat_reaches_as_far_as_its_area(district, subdistrict, status):
    under = filing(district)  # in 370199002000
    user = world.staff("local", "approval-bureau", Role.CLERK)
    user.person.memberships.update(area_path=f"{world.DISTRICT}{subdistrict}/")
    local = Browser(user)
    local.open(under.url, status=status)
    own = token(local.open("/desk/"))
    local.send(under.step("accept"), own, status=302 if status == 200 else 404)
    assert len(steps(under.case)) == (3 if status == 200 else 2)


def test_files_go_where_the_case_goes_and_those_of_an_open_round_nowhere(district):
    case, intake = submitted("pesticide-change", district.firm, district.applicant)
    material = Material.objects.filter(submission__case=case).first()
    url = f"/files/{material.pk}/"
    for actor in (district.applicant, district.clerk, district.supervisor):
        assert Browser(actor).open(url).response["Content-Type"] == "application/pdf"
        assert Browser(actor).open(f"{url}pages/1/").response["Content-Type"].startswith("image/")
    for actor in (district.stranger, district.housing, district.agriculture):
        Browser(actor).open(url, status=404)
        Browser(actor).open(f"{url}pages/1/", status=404)
    actions.request_correction(intake, items={"material:change_proof": "请重传"}, by=district.clerk, at=now())
    fresh = actions.attach(case, "change_proof", world.pdf("fresh"), name="新.pdf", by=district.applicant, at=now())
    Browser(district.clerk).open(f"/files/{fresh.pk}/", status=404)
    Browser(district.applicant).open(f"/files/{fresh.pk}/")
    assert "新.pdf" not in Browser(district.clerk).open(f"/desk/cases/{case.number}/").text
    actions.correct(case, by=district.applicant, at=now())
    Browser(district.clerk).open(f"/files/{fresh.pk}/")


# Each step through its form


def test_accepting_starts_the_limit_and_says_so(district):
    under = filing(district)
    clerk = Browser(district.clerk)
    page = clerk.open(under.url).form(under.step("accept")).press("予以受理").follow()
    assert f"{under.case.number}：受理，已记录。" in page.text
    assert "承诺办结" in page.text
    assert "予以受理" not in page.text
    assert steps(under.case) == ["open", "submit", "accept"]


def test_declining_ends_the_case_with_its_reasons(district):
    under = filing(district)
    page = Browser(district.clerk).open(under.url).form(under.step("decline"))
    page.press("不予受理", reasons="  本事项由市级办理。\n请向市级申请。 ").follow()
    under.case.refresh_from_db()
    assert (under.case.status, under.case.result) == (Status.CLOSED, Result.DECLINED)
    assert under.case.decision.reasons == "本事项由市级办理。\n请向市级申请。"
    told = Browser(district.applicant).open(f"/cases/{under.case.number}/")
    assert "本事项由市级办理。" in told.text
    assert "行政复议" in told.text


def test_a_review_is_passed_with_or_without_an_opinion(district):
    under = review_of(district, district.fire)
    form = Browser(district.fire).open(under.url).form(under.step("pass"))
    form.press("通过本环节", opinion="消防车道符合要求")
    under.work.refresh_from_db()
    assert (under.work.verdict, under.work.opinion) == (Verdict.PASS, "消防车道符合要求")
    assert "消防车道符合要求" in Browser(district.leader).open(under.url).text
    assert "消防车道符合要求" not in Browser(district.applicant).open(f"/cases/{under.case.number}/").text


def test_a_review_is_failed_by_the_button_beside_it(district):
    under = review_of(district, district.housing)
    form = Browser(district.housing).open(under.url).form(under.step("pass"))
    form.press("不通过", opinion="缺少合同主要条款").follow()
    under.work.refresh_from_db()
    assert under.work.verdict == Verdict.FAIL


def test_granting_and_refusing(district):
    (granted,), (refused,) = accepted(district), accepted(district)
    leader = Browser(district.leader)
    leader.open(granted.url).form(granted.step("grant")).press("准予").follow()
    leader.open(refused.url).form(refused.step("refuse")).press("不予备案", reasons="属于禁止投资的项目")
    granted.case.refresh_from_db()
    refused.case.refresh_from_db()
    assert granted.case.status == Status.GRANTED
    assert (refused.case.status, refused.case.result) == (Status.CLOSED, Result.REFUSED)
    told = Browser(district.applicant).open(f"/cases/{refused.case.number}/")
    assert "属于禁止投资的项目" in told.text


def test_nobody_is_offered_a_step_that_is_not_theirs(district):
    under = filing(district)
    for actor in (district.leader, district.supervisor):
        page = Browser(actor).open(under.url)
        assert not [form.action for form in page.forms if "/desk/work/" in form.action]
        Browser(actor).send(under.step("accept"), token(page), status=403)
    assert steps(under.case) == ["open", "submit"]


def test_an_address_of_no_step_or_of_another_stage_does_nothing(district):
    under = filing(district)
    clerk = Browser(district.clerk)
    sent = token(clerk.open(under.url))
    clerk.send(under.step("no-such-step"), sent, status=404)
    assert "这一环节不能这样做" in clerk.send(under.step("grant"), sent, status=409).text
    clerk.send(f"/desk/work/{uuid4()}/accept/", sent, status=404)
    assert clerk.send(under.step("accept"), {}, status=403), "without the token of the page"
    assert steps(under.case) == ["open", "submit"]


# What is missing


@pytest.mark.parametrize("reasons", ["", "   ", "\n\t\n"])
def test_declining_without_reasons_says_so_at_the_reasons(district, reasons):
    under = filing(district)
    page = Browser(district.clerk).open(under.url).form(under.step("decline"))
    page = page.press("不予受理", reasons=reasons, status=422)
    assert page.marked[".summary"][0] == "请写明理由。"
    assert page.marked[".problem"] == ["请写明理由和依据，申请人会看到。"]
    assert "decline-reasons-problem" in page.ids
    assert '<details class="act" open>' in page.html
    again = page.form(under.step("decline"))
    again.press("不予受理", reasons="不属于本机关职权")
    assert steps(under.case) == ["open", "submit", "decline"]


def test_failing_a_review_without_an_opinion_says_so_at_the_opinion(district):
    under = review_of(district, district.housing)
    page = Browser(district.housing).open(under.url).form(under.step("pass")).press("不通过", status=422)
    assert page.marked[".problem"] == ["请写明不通过的理由和依据。"]
    assert f"opinion-{under.work.pk}-problem" in page.ids
    under.work.refresh_from_db()
    assert under.work.verdict == Verdict.NONE


def test_refusing_without_reasons_says_so_at_the_reasons(district):
    (under,) = accepted(district)
    page = Browser(district.leader).open(under.url).form(under.step("refuse")).press("不予备案", status=422)
    assert page.marked[".problem"] == ["请写明理由和依据，申请人会看到。"]
    assert "refuse-reasons-problem" in page.ids


def test_a_null_character_is_no_fault_of_ours(district):
    under = filing(district)
    clerk = Browser(district.clerk)
    clerk.open(under.url).form(under.step("decline")).press("不予受理", reasons="不属于\x00职权")
    under.case.refresh_from_db()
    assert under.case.decision.reasons == "不属于\ufffd职权"
    clerk.open("/desk/cases/%00/", status=404)


# Pressed twice


def test_the_same_press_again_is_the_same_step(district):
    under = filing(district)
    form = Browser(district.clerk).open(under.url).form(under.step("accept"))
    assert form.press().location == form.press().location == under.url
    assert steps(under.case) == ["open", "submit", "accept"]
    assert Assignment.objects.filter(case=under.case).count() == 2


def test_a_press_on_an_older_page_says_that_it_is_done(district):
    under = filing(district)
    first, second = Browser(district.clerk), Browser(world.staff("second", "approval-bureau", Role.CLERK))
    older = second.open(under.url)
    first.open(under.url).form(under.step("accept")).press()
    page = older.form(under.step("decline")).press(reasons="不属于本机关职权", status=409)
    assert page.marked[".page-error"] == [
        "409 情况已有变化 这一环节已经办理完毕，请刷新后查看最新情况。"
        " 您刚才填写的内容 不属于本机关职权 回到工作台我的办件"
    ]
    under.case.refresh_from_db()
    assert under.case.status == Status.DECIDING
    assert steps(under.case) == ["open", "submit", "accept"]


def test_a_key_of_somebody_else_replays_nothing(district):
    under = filing(district)
    form = Browser(district.clerk).open(under.url).form(under.step("accept"))
    form.press()
    other = Browser(world.staff("second", "approval-bureau", Role.CLERK))
    sent = {**token(other.open(under.url)), "key": form.values["key"][0]}
    other.send(under.step("accept"), sent, status=409)


def test_a_step_after_the_applicant_withdrew_says_so(district):
    under = filing(district)
    form = Browser(district.clerk).open(under.url).form(under.step("accept"))
    actions.withdraw(under.case, by=district.applicant, at=now())
    assert "已撤回" in form.press(status=409).text


# Corrections


def test_naming_what_is_wrong_unlocks_it_and_the_second_notice_is_refused(district):
    under = filing(district)
    clerk = Browser(district.clerk)
    page = clerk.open(under.step("correction"))
    older = clerk.open(under.step("correction"))
    done = page.form().press(
        "发出一次性告知", **{"message-project_name": "请写明规模", "message-material:supporting": "请附平面图"}
    )
    assert "已一次性告知 2 处，等申请人补正。" in done.follow().text
    correction = Correction.objects.get(case=under.case)
    assert correction.places == {"project_name": "请写明规模", "material:supporting": "请附平面图"}
    page.form().press(**{"message-project_name": "请写明规模"})  # the same press
    refused = older.form().press(**{"message-content": "另外还有"}, status=409)
    assert "待补正" in refused.marked[".page-error"][0]
    assert Correction.objects.filter(case=under.case).count() == 1
    assert clerk.open(under.step("correction"), status=302).location == under.url


def test_every_field_and_material_can_be_named(district):
    case, work = submitted("pesticide-change", district.firm, district.applicant)
    form = Browser(district.clerk).open(f"/desk/work/{work.pk}/correction/").form()
    offered = {name.removeprefix("message-") for name in form.values if name.startswith("message-")}
    assert {"licence_number", "premises", "changes", "representative_number", "conditions_met"} <= offered
    assert {"material:change_proof", "material:licence_copy", "material:identity_proof"} <= offered
    assert "address_after" not in offered, "a question that was not asked"
    case.refresh_from_db()
    assert case.status == Status.SUBMITTED


def test_a_notice_that_names_nothing_is_refused_and_keeps_its_note(district):
    under = filing(district)
    page = Browser(district.clerk).open(under.step("correction")).form().press(note="请尽快", status=422)
    assert page.marked[".summary"] == ["请至少指出一处需要补正的内容。"]
    assert page.form().values["note"] == ["请尽快"]


def test_a_place_that_is_not_there_is_refused_and_what_was_typed_is_kept(district):
    under = filing(district)
    clerk = Browser(district.clerk)
    page = clerk.open(under.step("correction"))
    sent = {**token(page), "key": "k", "message-project_name": "请写明规模", "message-nonsense": "x"}
    page = clerk.send(under.step("correction"), sent, status=422)
    assert page.form().values["message-project_name"] == ["请写明规模"]
    assert not Correction.objects.exists()


def test_staff_see_old_beside_new_and_only_where_it_changed(district):
    under = filing(district, project_name="旧名称扩建项目")
    items = {"project_name": "名称不符", "content": "请核对"}
    actions.request_correction(under.work, items=items, by=district.clerk, at=now())
    submission = Submission.objects.get(case=under.case, submitted_at=None)
    given = {"project_name": "新名称扩建项目"}
    actions.save_draft(under.case, given, edit=submission.edit, by=district.applicant, at=now(), keep=True)
    clerk = Browser(district.clerk)
    waiting = clerk.open(under.url)
    assert "新名称扩建项目" not in waiting.text, "what is not handed in yet is nobody's business"
    assert "名称不符" in waiting.text
    actions.correct(under.case, by=district.applicant, at=now(), keep=world.asked(under.case))
    page = clerk.open(under.url)
    assert page.marked["del"] == ["旧名称扩建项目"]
    assert page.marked["ins"] == ["新名称扩建项目"]
    assert "第 2 次提交，标出了改动" in page.text
    applicant = Browser(district.applicant).open(f"/cases/{under.case.number}/")
    assert "del" not in applicant.marked


def test_staff_see_which_files_are_new_and_which_they_replaced(district):
    case, work = submitted("construction-permit", district.firm, district.applicant)
    actions.request_correction(work, items={"material:contract": "缺少盖章页"}, by=district.clerk, at=now())
    old = Material.objects.get(submission__case=case, submission__submitted_at=None, key="contract")
    actions.detach(old, by=district.applicant, at=now())
    actions.attach(case, "contract", world.pdf("stamped"), name="盖章合同.pdf", by=district.applicant, at=now())
    actions.correct(case, by=district.applicant, at=now())
    page = Browser(district.clerk).open(f"/desk/cases/{case.number}/")
    assert page.text.count("新文件") == page.text.count("上一次提交的") == 1
    assert "盖章合同.pdf" in page.text
    assert old.name in page.text


def test_what_is_too_long_is_said_and_kept(district):
    under, long = filing(district), "长" * 4001
    page = Browser(district.clerk).open(under.url).form(under.step("decline")).press(reasons=long, status=422)
    assert "请不要超过 4000 字，现在有 4001 字。" in page.text
    assert long in page.html
    assert Case.objects.get(pk=under.case.pk).status == Status.SUBMITTED


def test_letters_are_offered_with_what_they_are_about(district):
    under = filing(district)
    clerk = Browser(district.clerk)
    actions.request_correction(under.work, items={"project_name": "请核对"}, by=district.clerk, at=now())
    for reader, url in ((clerk, under.url), (Browser(district.applicant), f"/cases/{under.case.number}/")):
        page = reader.open(url)
        assert "补正告知书" in page.text
        assert "项目名称 请核对" in page.text
    letter = clerk.open(f"/cases/{under.case.number}/letters/correction-1/")
    assert letter.html.startswith("%PDF")


def test_work_that_waits_for_the_applicant_offers_no_step(district):
    under = filing(district)
    actions.request_correction(under.work, items={"project_name": "请核对"}, by=district.clerk, at=now())
    clerk = Browser(district.clerk)
    page = clerk.open(under.url)
    assert not [form.action for form in page.forms if form.action.endswith("accept/")]
    assert "待补正" in clerk.send(under.step("accept"), token(page), status=409).text


# What is nobody's to read


def test_an_identity_number_is_masked_wherever_it_could_show(district):
    case, intake = submitted("pesticide-change", district.firm, district.applicant)
    actions.request_correction(
        intake, items={"representative_number": "请核对", "name_after": "请核对"}, by=district.clerk, at=now()
    )
    applicant, clerk = Browser(district.applicant), Browser(district.clerk)
    pages = [
        applicant.open(f"/cases/{case.number}/"),
        applicant.open(f"/cases/{case.number}/correct/"),
        clerk.open(f"/desk/cases/{case.number}/"),
        Browser(district.supervisor).open(f"/desk/cases/{case.number}/"),
    ]
    submission = Submission.objects.get(case=case, submitted_at=None)
    actions.save_draft(
        case, {"name_after": "新名称"}, edit=submission.edit, by=district.applicant, at=now(), keep=True
    )
    actions.correct(case, by=district.applicant, at=now(), keep=world.asked(case))
    pages += [
        clerk.open(f"/desk/cases/{case.number}/"),
        clerk.open(f"/desk/work/{intake.pk}/correction/"),
    ]
    for page in pages:
        assert MASKED in page.html, page.url
        assert NUMBER not in page.html, page.url
    kept = f"{list(Submission.objects.values_list('answers', flat=True))}"
    kept += f"{list(Entry.objects.values_list('details', 'reason'))}{list(Case.objects.values())}"
    assert "sealed" in kept
    assert NUMBER not in kept


# In English


def english(district):
    """A case in which nobody typed a Chinese word, among people with English names."""
    Party.objects.filter(kind__in=("enterprise", "person")).update(name="Example Works")
    applicant = world.acting(User.objects.get(pk=district.applicant.user_id))
    answers = without_chinese(world.plain(world.sample("construction-permit")))
    district.firm.refresh_from_db()
    case, work = submitted("construction-permit", district.firm, applicant, **answers)
    Material.objects.update(name="paper.pdf")
    return Under(case, work)


def test_the_desk_reads_english_throughout(district):
    under = english(district)
    clerk = Browser(district.clerk, language="en")
    correction = clerk.open(under.step("correction"))
    pages = [
        clerk.open("/desk/"),
        clerk.open("/desk/?kind=waiting"),
        clerk.open("/desk/done/"),
        clerk.open("/desk/cases/"),
        clerk.open("/desk/cases/?q=nothing"),
        clerk.open("/desk/licences/"),
        clerk.open(under.url),
        clerk.open(under.url).form(under.step("decline")).press(status=422),
        correction,
        correction.form().press(status=422),
        clerk.open(under.url).form(under.step("accept")).press().follow(),
        clerk.open("/desk/done/"),
    ]
    for work in world.open_work(under.case):
        actor = next(a for a in (district.housing, district.fire, district.defence) if work in worklist_of(a))
        browser = Browser(actor, language="en")
        form = browser.open(under.url).form(f"{work.pk}/pass/")
        pages += [browser.open("/desk/"), form.press("Do not pass", status=422)]
        pages += [form.press(opinion="fine").follow()]
    leader = Browser(district.leader, language="en")
    page = leader.open(under.url)
    pages += [page, page.form("refuse/").press(status=422), page.form("refuse/").press(reasons="Why not").follow()]
    for page in pages:
        assert chinese_words(page) == [], page.url


# What a page costs


def test_the_case_page_costs_the_same_with_all_that_can_hang_on_it(district):
    case, intake = submitted("construction-permit", district.firm, district.applicant)
    clerk = Browser(district.clerk)
    url = f"/desk/cases/{case.number}/"
    assert cost(clerk, url) <= 12
    actions.request_correction(intake, items={"project_name": "请核对"}, by=district.clerk, at=now())
    actions.correct(case, by=district.applicant, at=now(), keep=world.asked(case))
    actions.accept(intake, by=district.clerk, at=now())
    assert cost(clerk, url) <= 12
    for actor in (district.housing, district.fire, district.defence):
        (work,) = worklist_of(actor)
        actions.review(work, verdict=Verdict.PASS, by=actor, at=now())
    (decision,) = world.open_work(case)
    actions.grant(decision, by=district.leader, at=now())
    actions.issue(Case.objects.get(pk=case.pk), by=SYSTEM, at=now())
    assert cost(clerk, url) <= 13, "the licence as well"
