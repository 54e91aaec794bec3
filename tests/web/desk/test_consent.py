"""At the counter a licence is read only when the applicant agreed to that alone; a no asks for the paper."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from tests import world
from tests.licences.reuse.conftest import held  # noqa: F401  a fixture
from tests.web.browsing import Browser, Form, Page, chinese_words, steps, token
from tests.web.desk.test_counter import having, told_code
from zerotrip.cases import actions
from zerotrip.cases.models import Case, Confirmation
from zerotrip.errors import Refused
from zerotrip.ids import new_id
from zerotrip.ledger.queries import history
from zerotrip.licences.models import Licence
from zerotrip.licences.reuse import actions as reuse
from zerotrip.licences.reuse.models import Grant
from zerotrip.parties.models import Given, User

COPY = "licence_copy"


@pytest.fixture
def clerk(district) -> Browser:
    return Browser(district.clerk)


@pytest.fixture
def case(district, held) -> Case:  # noqa: F811
    """A change of a licence we hold, begun at the counter for the firm's agent."""
    made, now = held(), timezone.now()
    case = actions.open_at_counter(
        service=made.version.service,
        applicant=district.firm,
        contact=User.objects.get(pk=district.applicant.user_id),
        given=Given.COUNTER,
        case_id=new_id(),
        by=district.clerk,
        at=now,
    )
    actions.save_draft(case, world.plain(world.sample("pesticide-change")), edit=0, by=acting(district), at=now)
    return case


def acting(district):
    return world.acting(User.objects.get(pk=district.clerk.user_id), timezone.now())


def materials(clerk: Browser, case: Case) -> Page:
    return clerk.open(f"/cases/{case.number}/materials/")


def asked(clerk: Browser, case: Case) -> Page:
    return clerk.open(f"/desk/counter/{case.number}/consent/{COPY}/")


def refusal(page: Page) -> Form:
    return next(form for form in page.forms if any(b.get("name") == "refuse" for b in form.buttons))


def test_the_clerk_is_sent_to_ask_and_cannot_agree_for_the_applicant(clerk, case, district):
    page = materials(clerk, case)
    assert f"/desk/counter/{case.number}/consent/{COPY}/" in page.links
    assert f'name="{COPY}"' not in page.html
    sent = {"material": COPY, "what": "use", "agree": "yes", **token(page)}
    clerk.send(f"/cases/{case.number}/reuse/", {**sent, "licence": str(Licence.objects.get().pk)}, status=404)
    assert not Grant.objects.exists()


def test_no_action_reads_without_the_applicants_own_yes(case, district, held):  # noqa: F811
    with pytest.raises(Refused, match="单独同意"):
        reuse.use(case, COPY, held(), by=acting(district), at=timezone.now())
    assert not Grant.objects.exists()


def test_agreed_by_a_code_the_licence_is_read_and_it_is_kept_who_agreed_and_how(clerk, case, district):
    page = asked(clerk, case)
    assert "代替" in page.text
    code = having(page, "to").press("发送确认码").follow()
    having(code, "code").press(code=told_code())
    grant = Grant.objects.get()
    assert (grant.consented_by_id, grant.confirmation.means) == (district.applicant.user_id, "code")
    assert grant.confirmation.about == COPY
    assert "手机验证码" in materials(clerk, case).text
    assert "confirmed" in steps(case)
    said = next(entry for entry in history(case.pk) if entry.action == "confirmed")
    assert (said.actor, said.details["purpose"], said.details["means"]) == (district.clerk.user_id, "reuse", "code")


def test_that_yes_does_not_hand_the_application_in(clerk, case, district):
    having(asked(clerk, case), "to").press("发送确认码")
    having(clerk.open(f"/desk/counter/code/{Confirmation.objects.get().pk}/"), "code").press(code=told_code())
    for material in case.version.spec.materials:
        if material.id != COPY:
            paper = world.pdf(material.id)
            actions.attach(case, material.id, paper, name="扫描.pdf", by=acting(district), at=timezone.now())
    refused = having(clerk.open(f"/cases/{case.number}/check/"), "key").press(status=422)
    assert "申请人确认" in refused.text


def test_agreed_on_paper_the_page_is_kept(clerk, case):
    page = SimpleUploadedFile("signed.pdf", world.pdf("signed").getvalue(), "application/pdf")
    having(asked(clerk, case), "paper").press("上传签字页", paper=page)
    assert Grant.objects.get().confirmation.paper is not None


def test_a_page_that_is_no_page_is_refused_at_its_place_and_reads_nothing(clerk, case):
    hostile = SimpleUploadedFile("signed.pdf", b"MZ not a page", "application/pdf")
    having(asked(clerk, case), "paper").press("上传签字页", paper=hostile, status=422)
    assert not Grant.objects.exists()


def test_refused_the_paper_is_asked_for_and_the_no_is_on_record(clerk, case, district):
    page = refusal(asked(clerk, case)).press("不同意").follow()
    assert "请收材料" in page.text
    assert f'name="{COPY}"' in page.html
    assert "reading_refused" in steps(case)
    assert not Grant.objects.exists()
    assert Confirmation.objects.get().refused_at is not None


def test_a_no_takes_an_earlier_yes_back_until_they_agree_anew(clerk, case, district, held):  # noqa: F811
    having(asked(clerk, case), "to").press("发送确认码")
    having(clerk.open(f"/desk/counter/code/{Confirmation.objects.get().pk}/"), "code").press(code=told_code())
    licence = Grant.objects.get().licence
    reuse.take_back(case, COPY, by=acting(district), at=timezone.now())
    (page,) = [form for form in asked(clerk, case).forms if any(b.get("name") == "read" for b in form.buttons)]
    page.browser.send(f"/desk/counter/{case.number}/consent/{COPY}/", {"refuse": "1", **page.values})
    with pytest.raises(Refused):
        reuse.use(case, COPY, licence, by=acting(district), at=timezone.now())


def test_a_yes_to_one_licence_lets_no_other_be_read(clerk, case, district, held):  # noqa: F811
    having(asked(clerk, case), "to").press("发送确认码")
    having(clerk.open(f"/desk/counter/code/{Confirmation.objects.get().pk}/"), "code").press(code=told_code())
    with pytest.raises(Refused):
        reuse.use(case, COPY, held(), by=acting(district), at=timezone.now())


def test_the_applicant_online_agrees_with_a_tick_as_before(case, district):
    page = materials(Browser(district.applicant), case)
    assert "已有电子证照，不用上传" in page.text


def test_nobody_else_is_asked_here(case, district):
    Browser(world.staff("other", "approval-bureau", "clerk")).open(
        f"/desk/counter/{case.number}/consent/{COPY}/", status=404
    )


def test_the_page_is_in_english_too(case, district):
    page = asked(Browser(district.clerk, language="en"), case)
    assert "May the e-licence be read?" in page.text
    assert not [word for word in chinese_words(page) if "同意" in word or "请" in word]
