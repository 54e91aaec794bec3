"""A mandate for more than one case, recorded at the counter: in force by its principal's yes, over by its day."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.utils import timezone

from tests import world
from tests.web.browsing import Browser, Page, chinese_words, cost, token
from tests.web.desk.test_counter import having, told_code
from zerotrip.cases import actions
from zerotrip.cases.models import Case
from zerotrip.ledger.queries import history
from zerotrip.parties import mandates
from zerotrip.parties.models import Mandate, MandateKind, Role, User

FILING = "investment-filing"
PHONE = "13700000021"


def signed(name: str = "mandate.pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, world.pdf(name).getvalue(), "application/pdf")


@pytest.fixture
def clerk(district) -> Browser:
    return Browser(district.clerk)


def record(clerk: Browser, district, *, status: int = 302, **typed) -> Page:
    told = {
        "kind": "enterprise",
        "firm": district.firm.name,
        "uscc": district.firm.uscc,
        "agent_name": "代办员",
        "agent_phone": PHONE,
        "service": [FILING],
        "deed": ["fill", "submit", "correct"],
        "until": (timezone.localdate() + timedelta(days=90)).isoformat(),
        "evidence": signed(),
        **typed,
    }
    return having(clerk.open("/desk/counter/mandates/new/"), "evidence").press(status=status, **told)


def agent() -> User:
    return User.objects.get(phone=PHONE)


def powers() -> tuple:
    return world.acting(agent(), timezone.now()).powers


def confirmed(clerk: Browser, district) -> Mandate:
    shown = record(clerk, district).follow()
    having(having(shown, "to").press("发送确认码").follow(), "code").press(code=told_code())
    return Mandate.objects.get(kind=MandateKind.DELEGATED)


class TestRecording:
    def test_it_gives_nothing_before_the_principal_says_yes(self, clerk, district):
        shown = record(clerk, district).follow()
        assert "等委托人确认" in shown.text
        mandate = Mandate.objects.get()
        assert (mandate.awaits, mandate.evidence is not None) == (True, True)
        assert powers() == ()
        assert district.firm.name not in Browser(agent()).open(f"/services/{FILING}/apply/").text

    def test_by_a_code_to_the_principal_it_is_in_force(self, clerk, district):
        mandate = confirmed(clerk, district)
        assert (mandate.confirmed_by_id, mandate.recorded_by_id) == (
            district.applicant.user_id,
            district.clerk.user_id,
        )
        shown = clerk.open(f"/desk/counter/mandates/{mandate.pk}/").text
        assert "手机验证码" in shown
        assert "有效" in shown
        assert district.firm.name in Browser(agent()).open(f"/services/{FILING}/apply/").text
        assert [e.action for e in history(district.firm.pk)][-2:] == ["mandate", "mandate_confirmed"]

    def test_the_principal_may_confirm_online(self, clerk, district):
        record(clerk, district)
        mine = Browser(district.applicant)
        (form,) = [f for f in mine.open("/me/mandates/").forms if f.action.endswith("/confirm/")]
        form.press()
        assert powers()[0].services == {FILING}
        assert "本人网上确认" in clerk.open(f"/desk/counter/mandates/{Mandate.objects.get().pk}/").text

    def test_a_person_is_a_principal_too(self, clerk, district):
        told = {"kind": "person", "principal_name": "周明", "principal_phone": "13700000022"}
        record(clerk, district, **told)
        assert Mandate.objects.get().principal.name == "周明"

    def test_what_is_wrong_is_said_at_its_place_and_nothing_is_kept(self, clerk, district):
        answer = record(clerk, district, status=422, agent_phone="12")
        assert "11 位手机号" in answer.text
        assert having(answer, "evidence").values["firm"] == [district.firm.name]
        for wrong, words in (
            ({"evidence": []}, "请上传签字的授权委托书"),
            ({"service": []}, "请选择授权的事项"),
            ({"until": "2020-01-01"}, "最长一年"),
            ({"until": ""}, "请填写日期"),
        ):
            assert words in record(clerk, district, status=422, **wrong).text
        assert not Mandate.objects.exists()
        assert not User.objects.filter(phone=PHONE).exists()

    def test_one_press_twice_records_one(self, clerk, district):
        page = having(clerk.open("/desk/counter/mandates/new/"), "evidence")
        told = {
            "firm": district.firm.name,
            "uscc": district.firm.uscc,
            "agent_name": "代办员",
            "agent_phone": PHONE,
            "service": [FILING],
            "until": (timezone.localdate() + timedelta(days=9)).isoformat(),
        }
        first = page.press(evidence=signed(), **told)
        assert page.press(evidence=signed(), **told).location == first.location
        assert Mandate.objects.count() == 1


class TestFourEyes:
    def test_whoever_recorded_it_does_not_compare_the_signature(self, clerk, district):
        shown = record(clerk, district).follow()
        assert "签字核对无误" not in shown.text
        refused = clerk.send(shown.url, {"compared": "1", **token(shown)}, status=409)
        assert "不能自己确认" in refused.text
        assert powers() == ()

    def test_a_second_clerk_does(self, clerk, district):
        url = record(clerk, district).location
        other = Browser(world.staff("second", "approval-bureau", Role.CLERK))
        page = other.open(url)
        assert other.open(f"{url}paper/").response["Content-Type"] == "application/pdf"
        next(f for f in page.forms if any(b.get("name") == "compared" for b in f.buttons)).press("签字核对无误")
        assert "核对签字" in other.open(url).text
        assert len(powers()) == 1

    def test_the_database_lets_nobody_confirm_what_they_recorded(self, clerk, district):
        record(clerk, district)
        with pytest.raises(IntegrityError), transaction.atomic():
            Mandate.objects.update(awaits=False, confirmed_at=timezone.now(), confirmed_by=district.clerk.user_id)

    def test_a_clerk_records_nothing_for_their_own_firm_or_themselves(self, clerk, district):
        me = User.objects.get(pk=district.clerk.user_id)
        refused = record(clerk, district, status=409, agent_name=me.person.name, agent_phone=me.phone)
        assert "另一位工作人员" in refused.text
        world.agent(me, district.firm)
        assert "另一位工作人员" in record(clerk, district, status=409).text

    def test_the_agent_gets_no_code_for_the_principal(self, clerk, district):
        shown = record(clerk, district).follow()
        world.agent(agent(), district.firm)
        page = clerk.open(shown.url)
        assert PHONE[-4:] not in page.text

    def test_another_office_and_reviewers_do_not_see_it(self, clerk, district):
        url = record(clerk, district).location
        Browser(world.staff("elsewhere", "agriculture", Role.CLERK)).open(url, status=404)
        Browser(district.housing).open(url, status=403)


class TestItsEnd:
    def test_the_list_says_how_each_stands(self, clerk, district):
        mandate = confirmed(clerk, district)
        assert "有效" in clerk.open("/desk/counter/mandates/").text
        mandates.revoke_mandate(mandate.pk, by=district.applicant, at=timezone.now())
        assert "已收回" in clerk.open("/desk/counter/mandates/").text
        assert powers() == ()

    def test_a_record_nobody_confirmed_is_withdrawn(self, clerk, district):
        shown = record(clerk, district).follow()
        next(f for f in shown.forms if any(b.get("name") == "drop" for b in f.buttons)).press("撤销登记")
        assert "登记已撤销" in clerk.open("/desk/counter/mandates/").text
        with pytest.raises(Exception, match="已经结束"):
            mandates.confirm_mandate(
                Mandate.objects.get().pk,
                confirmed_by=district.applicant.user_id,
                by=district.applicant,
                at=timezone.now(),
            )

    def test_ending_while_its_agent_types_the_draft_survives_and_what_was_typed_stays(self, clerk, district):
        mandate = confirmed(clerk, district)
        theirs = Browser(agent())
        begun = theirs.open(f"/services/{FILING}/apply/")
        having(begun, "applicant").press("开始填写", applicant=str(district.firm.pk))
        case = Case.objects.get()
        by = world.acting(agent(), timezone.now())
        actions.save_draft(case, world.plain(world.sample(FILING)), edit=0, by=by, at=timezone.now())
        section = theirs.open(f"/cases/{case.number}/form/project/")
        mandates.revoke_mandate(mandate.pk, by=district.applicant, at=timezone.now())
        answer = having(section, "edit").press(project_name="打了一半的名字", status=409)
        assert "授权已于" in answer.text
        assert "申请人" in answer.text
        assert having(answer, "edit").values["project_name"] == ["打了一半的名字"]
        saved = case.submissions.get()
        assert saved.answers["project_name"] == world.plain(world.sample(FILING))["project_name"]
        theirs.open(f"/cases/{case.number}/check/", status=409)
        mine = Browser(district.applicant)
        assert case.number in mine.open("/cases/").text
        assert "项目" in mine.open(f"/cases/{case.number}/form/project/").text


class TestThePages:
    def test_an_empty_list_says_what_to_do(self, clerk):
        assert "还没有登记过委托" in clerk.open("/desk/counter/mandates/").text

    def test_they_are_in_english_too(self, clerk, district):
        url = record(clerk, district).location
        reader = Browser(district.clerk, language="en")
        for page in (url, "/desk/counter/mandates/", "/desk/counter/mandates/new/"):
            ours = [w for w in chinese_words(reader.open(page)) if "委托" in w or "授权" in w or "登记" in w]
            assert ours == []

    def test_the_list_costs_the_same_for_one_and_for_many(self, clerk, district):
        record(clerk, district)
        one = cost(clerk, "/desk/counter/mandates/")
        for _more in range(3):
            record(clerk, district)
        assert cost(clerk, "/desk/counter/mandates/") == one
