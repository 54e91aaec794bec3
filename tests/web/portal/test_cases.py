"""An applicant's case through its pages: begun, filled in, attached, handed in, corrected, followed, taken back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from tests import world
from tests.files import samples
from tests.web.browsing import Browser, chinese_words, cost, steps, stored, submitted, token, without_chinese
from zerotrip.cases import actions
from zerotrip.cases.models import Case, Material, Submission
from zerotrip.cases.states import Result, Status
from zerotrip.catalogue.models import Service
from zerotrip.catalogue.queries import form_of
from zerotrip.files.models import Blob
from zerotrip.ledger import actions as ledger
from zerotrip.ledger.models import Entry
from zerotrip.parties.access import SYSTEM
from zerotrip.parties.models import Party, User
from zerotrip.web.portal.cases.forms import asked_sections

NUMBER, MASKED = "11010519491231002X", "1101**********002X"
PDF = "application/pdf"


@pytest.fixture
def applicant(district) -> Browser:
    return Browser(district.applicant)


def now():
    return timezone.now()


def draft(district, service: str = "investment-filing", **changes) -> Case:
    return world.draft(service, district.firm, district.applicant, now(), **changes)


def empty(district, service: str = "investment-filing") -> Case:
    return actions.open_case(
        service=Service.objects.get(pk=service), applicant=district.firm, by=district.applicant, at=now()
    )


def open_round(case: Case) -> Submission:
    return Submission.objects.get(case=case, submitted_at=None)


def order(page) -> list[str]:
    """The case numbers in the order of the list."""
    return [link.split("/")[2] for link in page.links if link.startswith("/cases/SF-")]


def upload(content: bytes, name: str, declared: str = PDF) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, content_type=declared)


def corrected(district, service: str = "investment-filing", **items: str) -> Case:
    """A case in which these places are to be corrected."""
    _case, work = submitted(service, district.firm, district.applicant)
    places = {name.replace("__", ":"): message for name, message in items.items()}
    return actions.request_correction(work, items=places, by=district.clerk, at=now())


# Who sees it


def test_a_colleague_sees_and_does_what_the_applicant_does(district):
    case, _work = submitted("pesticide-change", district.firm, district.applicant)
    colleague = Browser(world.agent(world.person("同事"), district.firm))
    assert order(colleague.open("/cases/")) == [case.number]
    page = colleague.open(f"/cases/{case.number}/")
    file = Material.objects.filter(submission__case=case).first()
    assert f"/files/{file.pk}/" in page.links
    colleague.open(f"/files/{file.pk}/")
    colleague.open(f"/cases/{case.number}/withdraw/").form().press("确认撤回").follow()
    assert steps(case) == ["open", "submit", "withdraw"]


PAGES = ["", "form/unit/", "materials/", "check/", "submitted/", "correct/", "withdraw/"]


def test_nobody_else_learns_that_the_case_is_there(district):
    case = draft(district)
    for actor in (district.stranger, district.clerk, district.supervisor, world.person("前经办人")):
        browser = Browser(actor)
        for part in PAGES:
            page = browser.open(f"/cases/{case.number}/{part}", status=404)
            nowhere = browser.open(f"/cases/SF-2026-999999/{part}", status=404)
            assert page.text == nowhere.text
            reading = part in ("", "submitted/")
            browser.send(f"/cases/{case.number}/{part}", token(page), status=405 if reading else 404)
    for part in PAGES:
        sent_to = Browser().open(f"/cases/{case.number}/{part}", status=302).location
        assert sent_to.startswith("/sign-in/?next="), part
    assert steps(case) == ["open"]


# The list


def test_what_waits_for_me_comes_first_then_the_latest(district, applicant):
    first, work = submitted("investment-filing", district.firm, district.applicant, at=now() - timedelta(days=2))
    second, third = draft(district), draft(district)
    assert order(applicant.open("/cases/")) == [third.number, second.number, first.number]
    actions.request_correction(work, items={"project_name": "请核对"}, by=district.clerk, at=now())
    page = applicant.open("/cases/")
    assert order(page)[0] == first.number
    assert "去补正" in page.text


def test_the_list_comes_in_pages(district, applicant):
    for _number in range(21):
        empty(district)
    first = applicant.open("/cases/")
    assert len(order(first)) == 20
    assert "?page=2" in first.links
    last = applicant.open("/cases/?page=2")
    assert len(order(last)) == 1
    assert not set(order(first)) & set(order(last))


def test_an_empty_list_leads_to_what_can_be_done(district):
    page = Browser(district.stranger).open("/cases/")
    assert "您还没有办件" in page.text
    assert "/services/" in page.links


# Beginning


def test_one_press_begins_one_draft_for_the_chosen_applicant(district, applicant):
    form = applicant.open("/services/investment-filing/apply/").form()
    first = form.press("开始填写", applicant=str(district.firm.pk))
    assert form.press("开始填写", applicant=str(district.firm.pk)).location == first.location
    (case,) = Case.objects.all()
    assert (case.applicant, case.status) == (district.firm, Status.DRAFT)
    assert "草稿" in first.follow().text


def test_coming_back_and_choosing_another_applicant_begins_another_draft(district):
    user = User.objects.get(pk=district.applicant.user_id)
    other = world.enterprise("济南虚构水务有限公司", serial=901)
    browser = Browser(world.agent(user, other))
    form = browser.open("/services/investment-filing/apply/").form()
    form.press(applicant=str(district.firm.pk))
    form.press(applicant=str(other.pk)).follow()
    assert {case.applicant for case in Case.objects.all()} == {district.firm, other}


def test_without_a_choice_or_with_somebody_elses_firm_nothing_begins(district):
    user = User.objects.get(pk=district.applicant.user_id)
    world.agent(user, world.enterprise("济南虚构水务有限公司", serial=901))
    foreign = world.enterprise("济南虚构别家有限公司", serial=902)
    form = Browser(user).open("/services/investment-filing/apply/").form()
    for chosen in ({}, {"applicant": str(foreign.pk)}, {"applicant": "x"}):
        page = form.press(status=422, **chosen)
        assert page.marked[".problem"] == ["请选择以谁的名义申请。"]
    assert not Case.objects.exists()


def test_who_has_no_enterprise_is_led_to_register_one(district):
    page = Browser(district.stranger).open("/services/investment-filing/apply/")
    assert "这件事要以企业名义办" in page.text
    assert "/me/" in "".join(page.links)


def test_a_service_that_is_not_offered_cannot_be_begun(district, applicant):
    applicant.open("/services/no-such-service/apply/", status=404)


# Filling in


def typed(section, answers) -> dict:
    """The answers to a section as its controls send them."""
    sent: dict = {}

    def put(name, value):
        if isinstance(value, dict):
            for part, text in value.items():
                put(f"{name}-{part}", text)
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            for number, row in enumerate(value):
                put(f"{name}-{number}", row)
        else:
            sent[name] = {True: "yes", False: "no"}[value] if isinstance(value, bool) else value

    for item in section.fields:
        if item.id in answers:
            put(item.id, answers[item.id])
    return sent


@pytest.mark.parametrize("service", ["construction-permit", "investment-filing", "pesticide-change"])
def test_a_form_filled_in_page_by_page_is_complete(district, applicant, service):
    case = empty(district, service)
    answers = world.plain(world.sample(service))
    form = form_of(case.version_id)
    place = f"/cases/{case.number}/form/{form.sections[0].id}/"
    visited = []
    while "/form/" in place:
        page = applicant.open(place)
        section = next(part for part in form.sections if f"/form/{part.id}/" in place)
        sent = {**token(page), "edit": page.form().values["edit"][0], **typed(section, answers)}
        place = applicant.send(place, sent).location
        visited.append(section.id)
    assert visited == [part.id for part in asked_sections(form, answers)]
    assert place == f"/cases/{case.number}/{'materials' if case.version.spec.materials else 'check'}/"
    problems = form.check(open_round(case).answers, today=timezone.localdate()).problems
    assert problems == {}


def test_what_is_missing_is_named_at_its_place_with_a_link_that_leads_there(district, applicant):
    case = empty(district)
    url = f"/cases/{case.number}/form/contact/"
    page = applicant.open(url).form().press("保存并继续", contact_name="", contact_phone="12345", status=422)
    targets = [link.removeprefix("#") for link in page.links if link.startswith("#") and link != "#main"]
    assert targets == ["contact_name", "contact_phone"]
    assert set(targets) <= page.ids
    assert {"contact_name-problem", "contact_phone-problem"} <= page.ids
    assert page.form().values["contact_phone"] == ["12345"], "what was typed stays"
    assert open_round(case).answers["contact_phone"] == "12345"
    assert applicant.open(url).form().press("先存着", contact_name="").location == f"/cases/{case.number}/"


def test_a_wrong_row_is_named_in_its_row(district, applicant):
    case = draft(district)
    form = applicant.open(f"/cases/{case.number}/form/project/").form()
    page = form.press("保存并继续", status=422, **{"equipment-1-quantity": "很多"})
    assert "equipment-1-quantity-problem" in page.ids
    assert "#equipment-1-quantity" in page.links


def test_rows_are_added_and_removed_by_their_buttons(district, applicant):
    case = draft(district)
    url = f"/cases/{case.number}/form/project/"
    page = applicant.open(url).form().press("再加一行", status=200)
    assert "equipment-2-name" in page.form().values
    page = page.form().press("删除这一行", status=200)
    assert page.form().values["equipment-0-name"] == ["动平衡机"]


def test_typing_saves_by_itself_and_the_next_save_is_no_conflict(district, applicant):
    case = empty(district)
    url = f"/cases/{case.number}/form/contact/"
    form = applicant.open(url).form()
    before = open_round(case).edit
    saved = form.press(contact_name="高行健", status=200, htmx=True)
    assert "已保存 今天" in saved.text
    assert int(saved.form().values["edit"][0]) == before + 1
    # Sent before the answer to the first came back:
    form.press(contact_name="高行健", contact_phone="13800000002", status=200, htmx=True)
    assert open_round(case).answers["contact_phone"] == "13800000002"
    form.press("保存并继续", contact_name="高行健", contact_phone="13800000002")


def test_two_windows_tell_each_other_and_nothing_typed_is_lost(district, applicant):
    case = empty(district)
    url = f"/cases/{case.number}/form/contact/"
    one, two = applicant.open(url).form(), applicant.open(url).form()
    one.press(contact_name="先到", status=200, htmx=True)
    for htmx in (True, False):
        page = two.press(contact_name="后到", status=409, htmx=htmx)
        assert page.marked[".summary"] == [
            "没有保存 这份草稿已在另一个窗口修改过。您刚才填写的内容还在页面上，请核对后再保存。"
        ]
        assert page.form().values["contact_name"] == ["后到"]
    assert open_round(case).answers["contact_name"] == "先到"
    page.form().press("先存着")
    assert open_round(case).answers["contact_name"] == "后到", "after looking, the one who saves wins"


def test_a_page_that_does_not_say_which_save_it_saw_overwrites_nothing(district, applicant):
    case = draft(district)
    form = applicant.open(f"/cases/{case.number}/form/contact/").form()
    for edit in ("", "-1", "x", "9" * 30, "１"):
        form.press(contact_name="别的", edit=edit, window="", status=409)
        assert open_round(case).answers["contact_name"] == "高行健", edit


def test_a_key_of_something_else_begins_nothing_and_says_so(district, applicant):
    page = applicant.open("/services/investment-filing/apply/")
    sent = {**token(page), "applicant": str(district.firm.pk), "case": str(district.firm.pk)}
    with_journal(district.firm)
    told = applicant.send("/services/investment-filing/apply/", sent, status=409)
    assert "这一页已经用过" in told.text
    assert not Case.objects.exists()


def with_journal(firm: Party) -> None:
    """Something was written about it before."""
    ledger.append(firm, "register", by=SYSTEM, at=now())


def test_what_no_page_sends_breaks_nothing(district, applicant):
    case = empty(district)
    url = f"/cases/{case.number}/form/contact/"
    page = applicant.open(url)
    sent = {**token(page), "contact_name": "林\x00", "window": "\x00", "edit": "0", "other": "x", "total": "9"}
    applicant.send(url, {**sent, "edit": str(open_round(case).edit)}, status=422)
    assert "\x00" not in str(open_round(case).answers)
    assert "other" not in open_round(case).answers
    applicant.open(f"/cases/{case.number}/form/nowhere/", status=404)
    applicant.open("/cases/%00/", status=404)


def test_an_identity_number_goes_in_once_and_comes_back_masked(district, applicant):
    case = draft(district, "pesticide-change")
    url = f"/cases/{case.number}/form/change/"
    page = applicant.open(url)
    assert page.form().values["representative_number"] == [MASKED]
    kept = open_round(case).answers["representative_number"]
    page.form().press("保存并继续")
    assert open_round(case).answers["representative_number"] == kept, "sent back as its mask it is the same number"
    for address in (url, f"/cases/{case.number}/check/", f"/cases/{case.number}/"):
        assert NUMBER not in applicant.open(address).html
    wrong = applicant.open(url).form().press("保存并继续", representative_number="110105194912310021", status=422)
    assert "representative_number-problem" in wrong.ids


# Files


REFUSED = {
    "a drawing with a script": (b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', 415),
    "an archive": (samples.zip_bomb(), 415),
    "half a file": (samples.pdf()[:60], 415),
    "nothing": (b"", 415),
    "a PDF that acts": (samples.pdf(catalog="/OpenAction << /S /JavaScript /JS (app.alert(1)) >>"), 422),
    "too much": (b"%PDF-1.7\n" + b"0" * 300_000, 413),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_a_refused_file_is_named_at_its_place_and_leaves_no_trace(district, applicant, settings, kind):
    (content, status), name = REFUSED[kind], "合同.pdf"
    settings.FILE_LIMIT = 200_000
    case = empty(district, "pesticide-change")
    form = applicant.open(f"/cases/{case.number}/materials/").form()
    page = form.press("上传所选文件", change_proof=[upload(content, name)], status=status)
    (problem,) = page.marked[".problem"]
    assert problem.startswith(f"错误：{name}：")
    places = [page.html.index(text) for text in ('id="material-change_proof"', '"problem"', "licence_copy")]
    assert places == sorted(places)
    assert not Blob.objects.exists()
    assert not Material.objects.exists()
    assert stored(settings.FILES) == []


def test_refusals_of_several_kinds_are_one_page(district, applicant, settings):
    settings.FILE_LIMIT = 200_000
    case = empty(district, "pesticide-change")
    form = applicant.open(f"/cases/{case.number}/materials/").form()
    page = form.press(
        change_proof=[upload(b"<svg/>", "a.pdf"), upload(samples.pdf(), "b.pdf")],
        licence_copy=[upload(b"%PDF-" + b"0" * 300_000, "c.pdf")],
        status=422,
    )
    assert [text.split("：")[1] for text in page.marked[".problem"]] == ["a.pdf", "c.pdf"]
    assert [material.name for material in Material.objects.all()] == ["b.pdf"], "what is good is kept"
    assert len(stored(settings.FILES)) == Blob.objects.count() == 1


def test_a_request_too_large_to_read_is_refused_unread(district, applicant, settings):
    settings.REQUEST_LIMIT = 100_000
    case = empty(district, "pesticide-change")
    form = applicant.open(f"/cases/{case.number}/materials/").form()
    page = form.press(change_proof=[upload(b"%PDF-" + b"0" * 200_000, "a.pdf")], status=413)
    assert "一次传来的内容太多" in page.text
    assert stored(settings.FILES) == []


def test_a_file_for_no_material_of_the_service_is_refused(district, applicant, settings):
    case = empty(district, "pesticide-change")
    url = f"/cases/{case.number}/materials/"
    sent = {**token(applicant.open(url)), "drawings": upload(samples.pdf(), "a.pdf")}
    applicant.send(url, sent, status=404)
    assert not Blob.objects.exists()
    assert stored(settings.FILES) == []


def test_a_file_is_kept_once_shown_with_its_name_and_can_be_taken_out(district, applicant, settings):
    case = empty(district, "pesticide-change")
    url = f"/cases/{case.number}/materials/"
    for _again in range(2):
        applicant.open(url).form().press(change_proof=[upload(samples.image("JPEG"), "..\\执照<b>.pdf")])
    (material,) = Material.objects.all()
    assert material.name == "执照<b>.pdf.jpg"
    page = applicant.open(url)
    assert "执照&lt;b&gt;.pdf.jpg" in page.html
    shown = applicant.open(f"/files/{material.pk}/").response
    assert shown["Content-Type"] == "image/jpeg"
    assert "sandbox" in shown["Content-Security-Policy"]
    assert shown["X-Content-Type-Options"] == "nosniff"
    removing = page.form(f"/materials/{material.pk}/remove/")
    other = Browser(district.stranger)
    other.send(removing.action, token(other.open("/cases/")), status=404)
    assert removing.press("删除").location == url
    assert not Material.objects.exists()


# Handing in


def test_everything_missing_is_named_at_once_with_links_that_lead_there(district, applicant):
    case = draft(district, "pesticide-change", licence_number="", name_after="")
    Material.objects.filter(key="licence_copy").delete()
    page = applicant.open(f"/cases/{case.number}/check/").form().press("提交", status=422)
    links = [link for link in page.links if "#" in link and not link.startswith("#")]
    assert len(links) == 3
    assert page.marked["h2"][0] == "还有 3 处要改"
    for link in links:
        assert link.partition("#")[2] in applicant.open(link).ids, link
    assert steps(case) == ["open"]


def test_handing_in_gives_the_number_and_the_same_press_again_is_the_same(district, applicant):
    case = draft(district)
    form = applicant.open(f"/cases/{case.number}/check/").form()
    other = applicant.open(f"/cases/{case.number}/check/").form()
    receipt = form.press("提交").follow()
    assert receipt.marked[".number"] == [case.number]
    assert "最迟" in receipt.text
    form.press("提交").follow()
    page = other.press("提交", status=409)
    assert page.marked[".page-error"][0].startswith("409 情况已有变化 办件现在是“待受理”，不能“申报”。")
    assert steps(case) == ["open", "submit"]


def test_nothing_can_be_changed_once_it_is_handed_in(district, applicant):
    case, _work = submitted("pesticide-change", district.firm, district.applicant)
    material = Material.objects.first()
    sent = token(applicant.open(f"/cases/{case.number}/"))
    for part in ("form/change/", "materials/", "check/", "correct/"):
        page = applicant.open(f"/cases/{case.number}/{part}", status=409)
        assert len(page.marked[".page-error"]) == 1
        applicant.send(f"/cases/{case.number}/{part}", {**sent, "name_after": "改"}, status=409)
    applicant.send(f"/materials/{material.pk}/remove/", sent, status=409)
    assert Material.objects.filter(pk=material.pk).exists()
    assert steps(case) == ["open", "submit"]


# Correcting


def test_only_what_was_named_is_asked_and_only_that_changes(district, applicant):
    case = corrected(district, project_name="请写明规模")
    assert "请写明规模" in applicant.open(f"/cases/{case.number}/").text
    url = f"/cases/{case.number}/correct/"
    page = applicant.open(url)
    assert set(page.form().values) == {"csrfmiddlewaretoken", "edit", "key", "project_name"}
    assert page.marked[".asked"] == ["要补正：请写明规模"]
    sent = {name: values[0] for name, values in page.form().values.items()}
    applicant.send(url, {**sent, "project_name": "新名称", "content": "偷偷改", "own_funds": "1"})
    answers = open_round(case).answers
    assert answers["project_name"] == "新名称"
    assert answers["content"] != "偷偷改"
    assert answers["own_funds"] != "1"
    material = {**sent, "edit": str(open_round(case).edit), "supporting": upload(samples.pdf(), "a.pdf")}
    page = applicant.send(url, material, status=409)
    assert "这件材料不在补正范围内，不能修改。" in page.text
    assert not Material.objects.exists()


def test_what_was_typed_stays_when_a_file_is_removed(district, applicant):
    case = corrected(
        district, "pesticide-change", material__licence_copy="看不清，请重拍", contact_name="与营业执照不一致"
    )
    url = f"/cases/{case.number}/correct/"
    applicant.open(url).form().press("删除", contact_name="新联系人")
    assert open_round(case).answers["contact_name"] == "新联系人"
    assert applicant.open(url).form().values["contact_name"] == ["新联系人"]


def test_what_was_named_and_not_changed_is_asked_again_unless_it_is_right(district, applicant):
    case = corrected(district, "investment-filing", project_name="名称不符", content="请核对")
    url = f"/cases/{case.number}/correct/"
    refused = applicant.open(url).form().press("重新提交", content="改过的内容", status=422)
    assert [line for line in refused.marked[".problem"] if "您还没有改：名称不符" in line]
    assert "您还没有改：请核对" not in refused.text
    assert Case.objects.get(pk=case.pk).status == Status.CORRECTING
    refused.form().press("重新提交", keep="project_name").follow()
    assert Case.objects.get(pk=case.pk).status == Status.SUBMITTED
    assert Entry.objects.get(subject=case.pk, action="correct").details["kept"] == ["project_name"]


def test_a_named_material_can_be_replaced_and_no_other(district, applicant):
    case = corrected(district, "pesticide-change", material__licence_copy="看不清，请重拍")
    url = f"/cases/{case.number}/correct/"
    page = applicant.open(url)
    old = Material.objects.get(submission=open_round(case), key="licence_copy")
    other = Material.objects.get(submission=open_round(case), key="change_proof")
    page.form().press("删除")
    assert not Material.objects.filter(pk=old.pk).exists()
    refused = applicant.send(f"/materials/{other.pk}/remove/", token(page), status=409)
    assert "不在补正范围内" in refused.text
    missing = applicant.open(url).form().press("重新提交", status=422)
    assert "material-licence_copy" in missing.ids
    assert "#material-licence_copy" in missing.links
    form = missing.form()
    assert form.press("先保存", licence_copy=[upload(b"<svg/>", "a.svg")], status=415).marked[".problem"]
    form.press("重新提交", licence_copy=[upload(samples.image(), "清楚.png")]).follow()
    names = [file.name for file in Material.objects.filter(submission__round=2).order_by("key")]
    assert "清楚.png" in names
    assert Material.objects.filter(pk=old.pk).count() == 0
    assert Material.objects.filter(submission__round=1).count() == 3, "what was handed in first stays as it was"
    assert steps(case)[-1] == "correct"


def test_a_correction_handed_in_twice_by_one_press_is_one_and_an_older_page_says_why_not(district, applicant):
    case = corrected(district, project_name="请写明规模")
    url = f"/cases/{case.number}/correct/"
    form, older = applicant.open(url).form(), applicant.open(url).form()
    form.press("重新提交", project_name="新名称").follow()
    form.press("重新提交", project_name="新名称").follow()
    older.press("重新提交", project_name="旧窗口", status=409)
    older.press("先保存", project_name="旧窗口", status=409)
    assert steps(case) == ["open", "submit", "request_correction", "correct"]
    assert Submission.objects.get(case=case, round=2).answers["project_name"] == "新名称"


def test_two_windows_correcting_lose_nothing(district, applicant):
    case = corrected(district, project_name="请写明规模")
    url = f"/cases/{case.number}/correct/"
    one, two = applicant.open(url).form(), applicant.open(url).form()
    one.press("先保存", project_name="先到")
    page = two.press("重新提交", project_name="后到", status=409)
    assert "另一个窗口" in page.marked[".summary"][0]
    assert page.form().values["project_name"] == ["后到"]
    assert open_round(case).answers["project_name"] == "先到"
    page.form().press("重新提交")
    assert Submission.objects.get(case=case, round=2).answers["project_name"] == "后到"


def test_a_wrong_correction_is_named_at_its_place_and_kept(district, applicant):
    case = corrected(district, contact_phone="号码打不通")
    page = applicant.open(f"/cases/{case.number}/correct/").form()
    page = page.press("重新提交", contact_phone="12", status=422)
    assert "contact_phone-problem" in page.ids
    assert "#contact_phone" in page.links
    assert page.form().values["contact_phone"] == ["12"]
    assert steps(case)[-1] == "request_correction"


# Taking back


def test_taking_back_ends_it_once_with_its_reason(district, applicant):
    case, _work = submitted("investment-filing", district.firm, district.applicant)
    url = f"/cases/{case.number}/withdraw/"
    form, other = applicant.open(url).form(), applicant.open(url).form()
    page = form.press("确认撤回", reason="资料要重做\x00").follow()
    assert "已撤回" in page.text
    form.press("确认撤回")
    other.press("确认撤回", status=409)
    case.refresh_from_db()
    assert (case.status, case.result) == (Status.CLOSED, Result.WITHDRAWN)
    assert steps(case) == ["open", "submit", "withdraw"]
    applicant.open(url, status=409)
    assert f"/cases/{case.number}/withdraw/" not in applicant.open(f"/cases/{case.number}/").links


def test_a_draft_given_up_still_has_its_page(district, applicant):
    case = draft(district)
    applicant.open(f"/cases/{case.number}/withdraw/").form().press("确认撤回").follow()
    assert "这个办件已经结束" in applicant.open(f"/cases/{case.number}/").text
    applicant.open(f"/cases/{case.number}/submitted/", status=302)


def test_no_taking_back_after_the_decision(district, applicant):
    case, work = submitted("investment-filing", district.firm, district.applicant)
    form = applicant.open(f"/cases/{case.number}/withdraw/").form()
    actions.accept(work, by=district.clerk, at=now())
    (decision,) = world.open_work(case)
    actions.grant(decision, by=district.leader, at=now())
    assert "制证中" in form.press("确认撤回", status=409).text
    applicant.open(f"/cases/{case.number}/withdraw/", status=409)


# In English


@pytest.mark.parametrize("service", ["construction-permit", "investment-filing", "pesticide-change"])
def test_an_applicants_pages_read_english_throughout(district, service):
    Party.objects.filter(kind__in=("enterprise", "person")).update(name="Example Works")
    district.firm.refresh_from_db()
    by = world.acting(User.objects.get(pk=district.applicant.user_id))
    browser = Browser(by, language="en")
    pages = [browser.open("/"), browser.open("/cases/"), browser.open(f"/services/{service}/apply/")]
    form = pages[-1].form()
    chosen = (
        {"licence": f"paper:{district.firm.pk}"}
        if "licence" in form.values
        else {"applicant": str(district.firm.pk)}
    )
    case = form.press(status=302, **chosen).location.split("/")[2]
    url = f"/cases/{case}/"
    case = Case.objects.get(number=case)
    pages += [browser.open(url), browser.open(f"{url}check/").form().press(status=422)]
    pages += [browser.open(f"{url}materials/"), browser.open(f"{url}withdraw/")]
    form = form_of(case.version_id)
    for part in form.sections:
        page = browser.open(f"{url}form/{part.id}/")
        known = part.id in ("contact", "foreign-investment")  # filled in from the account, or not asked
        pages += [page, page.form().press("Save and continue", status=302 if known else 422)]
    answers = without_chinese(world.plain(world.sample(service)))
    actions.save_draft(case, answers, edit=open_round(case).edit, by=by, at=now())
    pages += [browser.open(f"{url}form/{part.id}/") for part in form.sections]
    if case.version.spec.materials[0].required is True:
        sent = browser.open(f"{url}materials/").form()
        material = case.version.spec.materials[0].id
        pages += [sent.press(status=415, **{material: [upload(b"<svg/>", "a.svg")]})]
    for material in case.version.spec.materials:
        actions.attach(case, material.id, world.pdf(material.id), name="paper.pdf", by=by, at=now())
    pages += [browser.open(url), browser.open(f"{url}check/"), browser.open(f"{url}check/").form().press().follow()]
    pages += [browser.open(url), browser.open("/cases/"), browser.open("/")]
    (work,) = world.open_work(case)
    place = form.sections[0].fields[0].id
    actions.request_correction(work, items={place: "Look again"}, by=district.clerk, at=now())
    pages += [browser.open(url), browser.open(f"{url}correct/"), browser.open("/cases/")]
    pages.append(browser.open(f"{url}correct/").form().press("again", status=422))
    pages[-1].form().press("again", keep=place)
    actions.decline(work, reasons="Not ours", by=district.clerk, at=now())
    pages += [browser.open(url), browser.open("/notices/"), browser.open(f"{url}withdraw/", status=409)]
    numbers = {"“农药经许（鲁）37019900001”."}  # what is printed on a licence has no English
    assert {page.url: found for page in pages if (found := set(chinese_words(page)) - numbers)} == {}


# What a page costs


def test_lists_and_guides_cost_the_same_however_much_there_is(district, applicant):
    most = {"/": 10, "/cases/": 10, "/services/construction-permit/": 11}  # with what offices ask, and events
    empty(district)
    few = {url: cost(applicant, url) for url in most}
    for _number in range(4):
        submitted("investment-filing", district.firm, district.applicant)
    assert {url: cost(applicant, url) for url in most} == few
    assert {url: few[url] for url in most if few[url] > most[url]} == {}


def test_the_case_page_costs_the_same_with_all_that_can_hang_on_it(district, applicant):
    case, intake = submitted("investment-filing", district.firm, district.applicant)
    url = f"/cases/{case.number}/"
    assert cost(applicant, url) <= 10
    actions.request_correction(intake, items={"project_name": "请核对"}, by=district.clerk, at=now())
    actions.correct(case, by=district.applicant, at=now(), keep=world.asked(case))
    actions.accept(intake, by=district.clerk, at=now())
    assert cost(applicant, url) <= 10
    (decision,) = world.open_work(case)
    actions.grant(decision, by=district.leader, at=now())
    actions.issue(Case.objects.get(pk=case.pk), by=SYSTEM, at=now())
    assert cost(applicant, url) <= 11, "the licence as well"


def test_the_check_page_lists_what_is_missing_before_anybody_presses(district, applicant):
    service = Service.objects.get(pk="investment-filing")
    case = actions.open_case(service=service, applicant=district.firm, by=district.applicant, at=now())
    page = applicant.open(f"/cases/{case.number}/check/")
    assert "处，补齐后再提交" in page.text
    assert "请填写“项目名称”。" in page.text
    assert "请勾选“真实性声明”。" in page.text
    whole = world.draft("investment-filing", district.firm, district.applicant, at=now())
    assert "补齐后再提交" not in applicant.open(f"/cases/{whole.number}/check/").text
