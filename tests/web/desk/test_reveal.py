"""The page that shows one identity number once, and the line it leaves behind."""

from __future__ import annotations

import pytest
from django.test import Client

from tests import world
from zerotrip.cases import actions
from zerotrip.cases.models import Assignment
from zerotrip.parties.models import User

NUMBER = "11010519491231002X"
PLACE = "representative_number"
WHY = "核对新任法定代表人的证件"


@pytest.fixture
def intake(district) -> Assignment:
    """A change that names a new representative, with the clerk."""
    case = world.draft("pesticide-change", district.firm, district.applicant)
    actions.submit(case, by=district.applicant, at=world.MORNING)
    (work,) = world.open_work(case)
    return work


def browser(actor, *, checks: bool = False) -> Client:
    client = Client(HTTP_HOST="localhost", enforce_csrf_checks=checks)
    return world.sign_in(client, User.objects.get(pk=actor.user_id))


def case_page(actor, work: Assignment, face: str = "/desk") -> str:
    answer = browser(actor).get(f"{face}/cases/{work.case.number}/")
    assert answer.status_code == 200
    return answer.content.decode()


def ask(actor, work: Assignment, **typed):
    return browser(actor).post(f"/desk/work/{work.pk}/reveal/", {"place": PLACE, "reason": WHY, **typed})


def test_the_number_is_shown_once_and_kept_by_nobody(district, intake):
    assert f'action="/desk/work/{intake.pk}/reveal/"' in case_page(district.clerk, intake)
    answer = ask(district.clerk, intake)
    assert answer.status_code == 200
    assert NUMBER in answer.content.decode()
    assert "no-store" in answer["Cache-Control"]
    assert NUMBER not in str(answer.headers)
    assert not answer.cookies.get("messages")
    for actor in (district.clerk, district.supervisor):
        assert NUMBER not in case_page(actor, intake)


def test_the_address_cannot_be_opened_or_sent_from_elsewhere(district, intake):
    url = f"/desk/work/{intake.pk}/reveal/"
    assert browser(district.clerk).get(url, {"place": PLACE, "reason": WHY}).status_code == 405
    forged = browser(district.clerk, checks=True).post(url, {"place": PLACE, "reason": WHY})
    assert forged.status_code == 403
    assert NUMBER not in forged.content.decode()


def test_without_a_reason_it_is_asked_for_in_place(district, intake):
    answer = ask(district.clerk, intake, reason=" ")
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "请写明为什么要查看完整号码" in page
    assert f'value="{PLACE}"' in page
    assert NUMBER not in page
    assert "no-store" in answer["Cache-Control"]


def test_what_was_typed_too_long_stays(district, intake):
    page = ask(district.clerk, intake, reason="好" * 401).content.decode()
    assert "理由请不要超过 400 字" in page
    assert "好" * 401 in page


def test_only_whoever_does_the_work_is_offered_it(district, intake):
    for actor in (district.leader, district.supervisor):
        assert "/reveal/" not in case_page(actor, intake)
        assert ask(actor, intake).status_code == 403
    for actor in (district.housing, district.applicant, district.stranger):
        answer = ask(actor, intake)
        assert answer.status_code in (403, 404)
        assert NUMBER not in answer.content.decode()


def test_a_session_without_the_second_factor_learns_nothing(district, intake):
    client = Client(HTTP_HOST="localhost")
    client.force_login(User.objects.get(pk=district.clerk.user_id))
    answer = client.post(f"/desk/work/{intake.pk}/reveal/", {"place": PLACE, "reason": WHY})
    assert answer.status_code == 302
    assert answer.url.startswith("/second-factor/")


def test_a_case_without_such_numbers_offers_nothing(district):
    case = world.draft("investment-filing", district.firm, district.applicant)
    actions.submit(case, by=district.applicant, at=world.MORNING)
    (work,) = world.open_work(case)
    assert "/reveal/" not in case_page(district.clerk, work)
    assert ask(district.clerk, work, place="project_name").status_code == 404


def test_supervisors_read_the_whole_line_and_applicants_which_office_looked(district, intake):
    ask(district.clerk, intake)
    line = "查看完整身份证号码：新任法定代表人（负责人）身份证号"
    page = case_page(district.supervisor, intake)
    assert line in page
    assert WHY in page
    assert "行政审批服务局 · clerk" in page
    own = case_page(district.applicant, intake, face="")
    assert line in own
    assert WHY not in own
    assert "行政审批服务局 · clerk" not in own
