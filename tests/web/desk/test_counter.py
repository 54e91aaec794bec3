"""The counter: an application taken in for somebody, handed over, confirmed, and its receipt."""

from __future__ import annotations

import io
from datetime import timedelta
from uuid import uuid4

import pypdfium2
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from tests import world
from tests.licences.test_lifecycle import done, granted
from tests.web.browsing import Browser, Form, Page, chinese_words, cost, token
from zerotrip.cases import actions
from zerotrip.cases.models import Case, Consultation, Door, Rating
from zerotrip.channels.models import Message
from zerotrip.licences.models import Concern, Licence
from zerotrip.licences.slips import rate_url, status_url
from zerotrip.parties.models import Mandate, Role, User
from zerotrip.web.desk.calls import PAGE_SIZE

FILING = "investment-filing"


def file(name: str = "scan.pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, world.pdf(name).getvalue(), "application/pdf")


def text_of(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(io.BytesIO(pdf))
    return "".join(page.get_textpage().get_text_bounded() for page in document)


@pytest.fixture
def clerk(district) -> Browser:
    return Browser(district.clerk)


def having(page: Page, control: str) -> Form:
    """The one form with this control."""
    (found,) = [form for form in page.forms if control in form.values]
    return found


def take_in(clerk: Browser, district, **typed) -> Case:
    page = clerk.open(f"/desk/counter/new/{FILING}/")
    told = {
        "name": "林知远",
        "phone": User.objects.get(pk=district.applicant.user_id).phone,
        "kind": "enterprise",
        "firm": district.firm.name,
        "uscc": district.firm.uscc,
        **typed,
    }
    having(page, "firm").press(**told)
    return Case.objects.get()


def fill(clerk: Browser, case: Case) -> None:
    by = world.acting(User.objects.get(email="clerk@example.test"), timezone.now())
    actions.save_draft(case, world.plain(world.sample(FILING)), edit=0, by=by, at=timezone.now())


def told_code() -> str:
    return Message.objects.order_by("queued_at", "pk").last().body[:6]


class TestIntake:
    def test_the_service_is_found_by_the_callers_words(self, clerk):
        page = clerk.open("/desk/counter/?q=企业投资项目备案")
        assert f"/desk/counter/new/{FILING}/" in page.links

    def test_nothing_keyed_in_yet_says_so(self, clerk):
        assert "还没有" in clerk.open("/desk/counter/").text

    def test_a_walk_in_gets_the_pages_of_the_portal_with_whose_they_are(self, clerk, district):
        case = take_in(clerk, district)
        assert case.door == Door.DESK
        page = clerk.open(f"/cases/{case.number}/")
        assert f"您在为“{district.firm.name}”填写" in page.text
        assert f"/cases/{case.number}/" in clerk.open("/desk/counter/").links

    def test_what_is_wrong_is_said_at_its_place_and_nothing_is_kept(self, clerk, district):
        page = clerk.open(f"/desk/counter/new/{FILING}/")
        answer = having(page, "firm").press(
            status=422, name="林知远", phone="12", kind="enterprise", firm="某公司", uscc="1"
        )
        assert "11 位手机号" in answer.text
        assert having(answer, "firm").values["name"] == ["林知远"]
        assert not Case.objects.exists()

    def test_a_stranger_to_the_firm_needs_its_authority(self, clerk, district):
        page = clerk.open(f"/desk/counter/new/{FILING}/")
        told = {"name": "新来人", "phone": "13700000011", "kind": "enterprise"}
        firm = {"firm": district.firm.name, "uscc": district.firm.uscc}
        refused = having(page, "firm").press(status=422, **told, **firm)
        assert "授权委托书" in refused.text
        assert not User.objects.filter(phone="13700000011").exists()
        having(refused, "firm").press(**told, **firm, authority=file("authority.pdf"))
        assert Case.objects.get().applicant == district.firm

    def test_the_english_pages_are_english(self, district):
        reader = Browser(district.clerk, language="en")
        for url in ("/desk/counter/", f"/desk/counter/new/{FILING}/", "/desk/calls/"):
            assert [w for w in chinese_words(reader.open(url)) if w not in district.clerk.name] == []

    def test_reviewers_take_nothing_in(self, district):
        reviewer = Browser(district.housing)
        reviewer.open("/desk/counter/", status=403)
        assert "/desk/counter/" not in reviewer.open("/desk/").links

    def test_the_page_costs_the_same_for_one_case_and_for_many(self, clerk, district):
        case = take_in(clerk, district)
        one = cost(clerk, "/desk/counter/")
        for _more in range(3):
            having(clerk.open(f"/desk/counter/new/{FILING}/"), "firm").press(
                name="林知远",
                phone=User.objects.get(pk=district.applicant.user_id).phone,
                kind="enterprise",
                firm=district.firm.name,
                uscc=district.firm.uscc,
            )
        assert case.number in clerk.open("/desk/counter/").text
        assert cost(clerk, "/desk/counter/") == one


class TestAboutALicence:
    """A change, renewal, reissue or cancellation taken in at the counter."""

    CHANGE = "pesticide-change"

    @pytest.fixture
    def held(self, district) -> Licence:
        at = timezone.now() - timedelta(days=3)
        case = world.draft(self.CHANGE, district.firm, district.applicant, at)
        done(granted(actions.submit(case, by=district.applicant, at=at), district, when=at), when=at)
        return Licence.objects.get(case=case)

    def which(self, clerk: Browser, district, **typed) -> Page:
        page = clerk.open(f"/desk/counter/new/{self.CHANGE}/")
        told = {
            "name": "林知远",
            "phone": User.objects.get(pk=district.applicant.user_id).phone,
            "firm": district.firm.name,
            "uscc": district.firm.uscc,
            **typed,
        }
        return having(page, "firm").press(**told).follow()

    def test_the_clerk_chooses_which_licence_and_the_draft_knows_it(self, clerk, district, held):
        page = self.which(clerk, district)
        assert held.number in page.text
        assert "至 " in page.text
        draft = page.form().press("开始录入", licence=str(held.pk)).follow()
        assert held.number in draft.text
        concern = Concern.objects.get()
        assert (concern.licence, concern.case.door) == (held, Door.DESK)
        assert clerk.open(page.url, status=302).location == f"/cases/{concern.case.number}/"

    def test_a_callers_case_came_by_phone(self, clerk, district, held):
        self.which(clerk, district, given="phone").form().press("开始录入", licence=str(held.pk))
        assert Concern.objects.get().case.door == Door.PHONE

    def test_nothing_chosen_is_said_at_its_place_and_begins_nothing(self, clerk, district, held):
        page = self.which(clerk, district).form().press("开始录入", without=("licence",), status=422)
        assert "请选择要办理的证照" in page.text
        assert Case.objects.count() == 1

    def test_another_firms_licence_cannot_be_chosen(self, clerk, district, held):
        other = world.enterprise("济南另一家公司", 901)
        user = world.agent(world.person("外人"), other)
        page = self.which(clerk, district, name="外人", phone=user.phone, firm=other.name, uscc=other.uscc)
        assert held.number not in page.text
        page.form().press("开始录入", licence=str(held.pk), status=422)
        assert not Concern.objects.exists()

    def test_only_the_clerk_who_asked_sees_the_licences(self, clerk, district, held):
        url = self.which(clerk, district).url
        Browser(world.staff("other", "approval-bureau", Role.CLERK)).open(url, status=404)

    def test_the_page_is_in_english_too(self, district, held):
        page = self.which(Browser(district.clerk, language="en"), district)
        assert "Which licence is it about?" in page.text
        assert "核对" not in page.text


class TestConfirming:
    def test_from_the_counter_to_the_receipt_by_a_code(self, clerk, district):
        case = take_in(clerk, district)
        fill(clerk, case)
        check = clerk.open(f"/cases/{case.number}/check/")
        refused = having(check, "key").press(status=422)
        assert "申请人确认" in refused.text
        asked = having(check, "to").press()
        code = clerk.open(asked.location)
        having(code, "code").press(code="000000" if told_code() != "000000" else "1", status=422)
        having(code, "code").press(code=told_code())
        having(clerk.open(f"/cases/{case.number}/check/"), "key").press()
        receipt = clerk.client.get(f"/cases/{case.number}/receipt/")
        assert receipt["Content-Type"] == "application/pdf"
        printed = text_of(receipt.content)
        assert case.number in printed
        assert "窗口收件" in printed
        assert case.submissions.get().door == Door.DESK

    def test_the_roll_of_a_receipt_printer_is_80_mm_wide(self, district):
        now = timezone.now()
        case = actions.submit(
            world.draft(FILING, district.firm, district.applicant, now), by=district.applicant, at=now
        )
        content = Browser(district.applicant).client.get(f"/cases/{case.number}/receipt/?paper=80mm").content
        width, _height = pypdfium2.PdfDocument(io.BytesIO(content))[0].get_size()
        assert round(width / 72 * 25.4) == 80

    def test_the_application_is_printed_and_the_signed_page_kept(self, clerk, district):
        case = take_in(clerk, district)
        fill(clerk, case)
        printed = text_of(clerk.client.get(f"/desk/counter/{case.number}/application/").content)
        assert case.number in printed
        assert "签字" in printed
        having(clerk.open(f"/cases/{case.number}/check/"), "paper").press(paper=file("signed.pdf"))
        having(clerk.open(f"/cases/{case.number}/check/"), "key").press()
        assert Case.objects.get().status == "submitted"

    def test_a_signed_page_that_is_no_page_is_refused_at_its_place(self, clerk, district):
        case = take_in(clerk, district)
        fill(clerk, case)
        hostile = SimpleUploadedFile("signed.pdf", b"MZ not a page", "application/pdf")
        having(clerk.open(f"/cases/{case.number}/check/"), "paper").press(paper=hostile, status=422)


class TestHandingOver:
    def test_an_online_draft_is_gone_on_with_at_the_counter(self, clerk, district):
        now = timezone.now()
        case = world.draft(FILING, district.firm, district.applicant, now)
        clerk.open(f"/cases/{case.number}/", status=404)
        phone = User.objects.get(pk=district.applicant.user_id).phone
        page = clerk.open("/desk/counter/")
        refused = having(page, "number").press(number=case.number, phone="13999999999", status=404)
        assert "手机号与办件不符" in refused.text
        asked = having(page, "number").press(number=case.number.lower(), phone=phone)
        having(clerk.open(asked.location), "code").press(code=told_code())
        assert "您在为" in clerk.open(f"/cases/{case.number}/").text

    def test_a_counter_draft_is_gone_on_with_online(self, clerk, district):
        case = take_in(clerk, district)
        fill(clerk, case)
        mine = Browser(district.applicant)
        assert case.number in mine.open("/cases/").text
        having(mine.open(f"/cases/{case.number}/check/"), "key").press()
        assert case.submissions.get().door == Door.PORTAL

    def test_a_correction_is_answered_at_the_counter_and_confirmed_there(self, clerk, district):
        now = timezone.now()
        case = world.draft(FILING, district.firm, district.applicant, now)
        actions.submit(case, by=district.applicant, at=now)
        other = world.acting(world.staff("other", "approval-bureau", Role.CLERK), now)
        items = {"project_name": "请写明规模"}
        actions.request_correction(world.open_work(case)[0], items=items, by=other, at=now)
        phone = User.objects.get(pk=district.applicant.user_id).phone
        asked = having(clerk.open("/desk/counter/"), "number").press(number=case.number, phone=phone)
        having(clerk.open(asked.location), "code").press(code=told_code())
        page = clerk.open(f"/cases/{case.number}/correct/")
        refused = having(page, "edit").press("重新提交", project_name="改过的名字", status=422)
        code = having(refused, "to").press().follow()
        back = having(code, "code").press(code=told_code()).follow()
        assert "改过的名字" in back.html
        having(back, "edit").press("重新提交")
        assert case.submissions.latest("round").door == Door.DESK


class TestAMandateThatEnds:
    def test_the_next_save_says_so_and_what_was_typed_stays_on_the_page(self, clerk, district):
        case = take_in(clerk, district)
        fill(clerk, case)
        section = clerk.open(f"/cases/{case.number}/form/project/")
        Mandate.objects.update(revoked_at=timezone.now(), revoked_by=district.applicant.user_id)
        answer = having(section, "edit").press(project_name="打了一半的名字", status=409)
        assert "授权已于" in answer.text
        assert having(answer, "edit").values["project_name"] == ["打了一半的名字"]
        kept = case.submissions.get().answers
        assert kept["project_name"] == world.plain(world.sample(FILING))["project_name"]
        assert kept["legal_representative"] not in answer.html

    def test_a_correction_gives_back_what_was_typed(self, clerk, district):
        case = take_in(clerk, district)
        Mandate.objects.update(revoked_at=timezone.now(), revoked_by=district.applicant.user_id)
        answer = clerk.send(
            f"/cases/{case.number}/correct/", {"project_name": "改了一半", **csrf(clerk)}, status=409
        )
        assert "改了一半" in answer.text
        assert "授权已于" in answer.text


def csrf(browser: Browser) -> dict[str, str]:
    return {
        "csrfmiddlewaretoken": having(browser.open("/desk/counter/"), "number").values["csrfmiddlewaretoken"][0]
    }


class TestTheStatusPage:
    @pytest.fixture
    def case(self, district) -> Case:
        now = timezone.now()
        return actions.submit(
            world.draft(FILING, district.firm, district.applicant, now), by=district.applicant, at=now
        )

    def address(self, case: Case) -> str:
        return "/s/" + status_url(case).partition("/s/")[2]

    def test_the_last_digits_of_the_phone_show_the_status_and_nothing_personal(self, case, district):
        phone = User.objects.get(pk=district.applicant.user_id).phone
        page = Browser().open(self.address(case))
        assert "待受理" not in page.text
        shown = having(page, "digits").press(digits=phone[-4:], status=200)
        assert "待受理" in shown.text
        for personal in (district.firm.name, "林知远", phone, case.subject):
            assert personal not in shown.text

    def test_other_digits_show_nothing(self, case):
        refused = having(Browser().open(self.address(case)), "digits").press(digits="0000", status=422)
        assert "待受理" not in refused.text

    def test_tried_too_often_it_answers_nothing(self, case, settings):
        settings.ACCOUNT_RATE_LIMITS = {**settings.ACCOUNT_RATE_LIMITS, "case_status": "2/h/key"}
        page = Browser().open(self.address(case))
        for _try in range(2):
            having(page, "digits").press(digits="0000", status=422)
        having(page, "digits").press(digits="0000", status=429)

    def test_a_guessed_address_leads_nowhere(self, case):
        Browser().open(f"/s/{case.number}/AAAAAAAAAAAA/", status=404)

    def test_the_applicant_signed_in_sees_the_whole_case(self, case, district):
        answer = Browser(district.applicant).open(self.address(case), status=302)
        assert answer.location == f"/cases/{case.number}/"

    @pytest.fixture
    def closed(self, district) -> Case:
        at = timezone.now()
        case = world.draft(FILING, district.firm, district.applicant, at)
        done(granted(actions.submit(case, by=district.applicant, at=at), district, when=at), when=at)
        return Case.objects.get(pk=case.pk)

    def test_a_closed_case_is_rated_from_here_once(self, closed, district):
        phone = User.objects.get(pk=district.applicant.user_id).phone
        asked = Browser().open(self.address(closed))
        assert "/rate/" not in asked.html
        shown = having(asked, "digits").press(digits=phone[-4:], status=200)
        (link,) = [link for link in shown.links if link.startswith("/rate/")]
        form = having(Browser().open(link), "grade")
        form.press("提交评价", grade="5")
        assert Rating.objects.get().door == "link"
        form.press("提交评价", grade="1", key=str(uuid4()), status=409)
        again = having(Browser().open(self.address(closed)), "digits").press(digits=phone[-4:], status=200)
        assert "看评价或补充" in again.text

    def test_an_open_case_is_not_rated(self, case, district):
        phone = User.objects.get(pk=district.applicant.user_id).phone
        page = having(Browser().open(self.address(case) + "?rate"), "digits").press(digits=phone[-4:], status=200)
        assert "办结后才能评价" in page.text
        assert "/rate/" not in page.html

    def test_the_receipt_alone_neither_rates_nor_tells_that_somebody_did(self, closed, district):
        printed = Browser(district.applicant).client.get(f"/cases/{closed.number}/receipt/").content
        assert "请您评价" in text_of(printed)
        address = "/s/" + rate_url(closed).partition("/s/")[2]
        page = Browser().open(address)
        assert "/rate/" not in page.html
        having(page, "digits").press(digits="0000", status=422)
        phone = User.objects.get(pk=district.applicant.user_id).phone
        assert having(page, "digits").press(digits=phone[-4:]).location.startswith("/rate/")

    def test_the_receipt_of_an_open_case_has_no_code_to_rate_by(self, case, district):
        printed = Browser(district.applicant).client.get(f"/cases/{case.number}/receipt/").content
        assert "请您评价" not in text_of(printed)

    def test_the_english_page_is_english(self, closed, district):
        phone = User.objects.get(pk=district.applicant.user_id).phone
        page = Browser(language="en").open(self.address(closed) + "?rate")
        assert chinese_words(page) == []
        shown = having(Browser(language="en").open(self.address(closed)), "digits")
        assert chinese_words(shown.press(digits=phone[-4:], status=200)) == []


class TestCalls:
    def test_a_call_is_recorded_and_the_guide_sent_in_one_press(self, clerk):
        page = clerk.open("/desk/calls/")
        told = {"question": "改名要什么材料？", **token(page)}
        assert (
            "农药经营许可证变更" in clerk.send("/desk/calls/", {**told, "q": "农药", "find": "1"}, status=200).text
        )
        picked = clerk.send("/desk/calls/", {**told, "pick": "pesticide-change"}, status=200)
        form = having(picked, "question")
        assert form.values["question"] == ["改名要什么材料？"]
        assert form.values["service"] == ["pesticide-change"]
        form.press("登记并发送指南", phone="13700000006")
        listed = clerk.open("/desk/calls/")
        assert "指南已发" in listed.text
        assert "137****0006" in listed.text
        assert "13700000006" not in listed.html
        assert "/services/pesticide-change/" in Message.objects.get().body

    def test_recorded_without_a_service_it_can_only_be_kept(self, clerk):
        having(clerk.open("/desk/calls/"), "question").press("只登记", question="几点下班？")
        assert Consultation.objects.get().guide_sent_at is None

    def test_what_is_missing_is_said_and_what_was_typed_stays(self, clerk):
        answer = having(clerk.open("/desk/calls/"), "question").press(
            "只登记", question="改名", phone="12", status=422
        )
        assert having(answer, "question").values["question"] == ["改名"]
        assert "11 位手机号" in answer.text

    def test_an_empty_list_says_what_to_do(self, clerk):
        assert "还没有咨询记录" in clerk.open("/desk/calls/").text

    def test_the_list_is_narrowed_to_a_service_and_to_days(self, clerk, district):
        rang(district, "改名要什么？", "pesticide-change", world.MORNING)
        rang(district, "备案要什么？", FILING, world.MORNING + timedelta(days=1))
        only = clerk.open("/desk/calls/?about=pesticide-change")
        assert "改名要什么？" in only.text
        assert "备案要什么？" not in only.text
        day = clerk.open("/desk/calls/?since=2026-03-04&until=2026-03-04")
        assert "备案要什么？" in day.text
        assert "改名要什么？" not in day.text
        assert "没有符合条件的咨询" in clerk.open("/desk/calls/?about=pesticide-change&since=2026-03-04").text

    def test_a_day_that_is_none_narrows_nothing(self, clerk, district):
        rang(district, "改名要什么？", "pesticide-change", world.MORNING)
        assert "改名要什么？" in clerk.open("/desk/calls/?since=2026-02-30&until=morgen&about=").text

    def test_the_next_page_asks_for_the_same(self, clerk, district):
        for minute in range(PAGE_SIZE + 1):
            rang(district, f"第 {minute} 问", FILING, world.MORNING + timedelta(minutes=minute))
        rang(district, "别的事项", "pesticide-change", world.MORNING)
        (following,) = [
            link for link in clerk.open(f"/desk/calls/?about={FILING}&since=2026-03-03").links if "page=2" in link
        ]
        page = clerk.open(f"/desk/calls/{following}" if following.startswith("?") else following)
        assert "第 0 问" in page.text
        assert "别的事项" not in page.text

    def test_the_list_costs_the_same_for_one_call_and_for_many(self, clerk, district):
        rang(district, "改名要什么？", "pesticide-change", world.MORNING)
        one = cost(clerk, "/desk/calls/")
        for minute in range(4):
            rang(district, "备案要什么？", FILING, world.MORNING + timedelta(minutes=minute))
        assert cost(clerk, "/desk/calls/") == one


def rang(district, question: str, service: str, at) -> Consultation:
    return actions.record_consultation(
        question=question, minutes=3, service=service, key=uuid4(), by=district.clerk, at=at
    )


class TestMandatesOnline:
    def test_a_mandate_is_given_seen_by_both_and_taken_back(self, district):
        helper = world.person("代办员")
        mine = Browser(district.applicant)
        form = having(mine.open("/me/mandates/"), "address")
        form.press(
            principal=str(district.firm.pk),
            address=helper.phone,
            service=[FILING],
            deed=["fill", "submit"],
            until=(timezone.localdate() + timedelta(days=2)).isoformat(),
        )
        theirs = Browser(helper)
        assert district.firm.name in theirs.open("/me/mandates/").text
        assert district.firm.name in theirs.open(f"/services/{FILING}/apply/").text
        ended = next(f for f in mine.open("/me/mandates/").forms if f.action.endswith("/end/"))
        ended.press()
        assert district.firm.name not in theirs.open(f"/services/{FILING}/apply/").text

    def test_a_mandate_does_not_end_with_the_days_there_are(self, district):
        helper, page = world.person("代办员"), Browser(district.applicant).open("/me/mandates/")
        told = having(page, "address").press(
            principal=str(district.firm.pk), address=helper.phone, service=[FILING], until="9999-12-31", status=422
        )
        assert "请填写日期" in told.text
        assert not Mandate.objects.exists()

    def test_somebody_elses_firm_is_not_given_away(self, district):
        helper, page = world.person("代办员"), Browser(district.stranger).open("/me/mandates/")
        having(page, "address").press(
            principal=str(district.firm.pk), address=helper.phone, service=[FILING], until="2099-01-01", status=422
        )
        assert not Mandate.objects.exists()
