"""Needs in the portal: raise several at once, see who helps, say whether it is settled."""

from __future__ import annotations

import re
from datetime import timedelta

from django.test import Client
from django.urls import reverse

from tests import world
from tests.helped import answers, help_of, raised
from zerotrip.cases import actions
from zerotrip.cases.models import Case
from zerotrip.cases.states import Status
from zerotrip.parties.models import User


def browser(actor) -> Client:
    return world.sign_in(Client(), User.objects.get(pk=actor.user_id))


def sent(place: int, subject: str, **changes: str) -> dict[str, str]:
    """What the page sends for one need."""
    told = answers(subject, **changes)
    flat: dict[str, str] = {}
    for name, value in told.items():
        parts = value.items() if isinstance(value, dict) else [("", value)]
        flat |= {f"need-{place}-{name}{'-' + key if key else ''}": text for key, text in parts}
    return flat


def post(client: Client, helped, *subjects: str, **more):
    told: dict[str, object] = {"firm": str(helped.firm.pk), "subject": list(subjects), **more}
    for place, subject in enumerate(subjects):
        told |= {name: text for name, text in sent(place, subject).items() if name not in more}
    return client.post(reverse("need-new"), told)


def test_everybody_reads_what_help_there_is_and_by_when(client, helped):
    page = client.get(reverse("needs")).content.decode()
    assert "检测筛查" in page
    assert "60 分钟内答复，24 小时内拿方案，7 天内办结" in page
    assert "1 个工作小时内答复" in page


def test_a_search_and_the_counter_lead_to_the_page_of_a_need(client, helped):
    answer = client.get(reverse("guide", args=["need-testing"]))
    assert answer.headers["Location"] == "/needs/new/?subject=need-testing"


def test_one_request_with_two_needs_makes_two_cases_that_share_where_and_whom(helped):
    client = browser(helped.applicant)
    form = client.get(reverse("need-new") + "?subject=need-testing&subject=need-labour").content.decode()
    assert form.count('name="subject"') == 2
    assert "need-0-contact_phone" in form
    assert "need-1-contact_phone" not in form
    told = sent(0, "need-testing") | {k: v for k, v in sent(1, "need-labour").items() if "contact" not in k}
    told = {k: v for k, v in told.items() if not k.startswith("need-1-site")}
    more = {"firm": str(helped.firm.pk), "subject": ["need-testing", "need-labour"]}
    answer = client.post(reverse("need-new"), told | more, follow=True)
    cases = Case.objects.order_by("number")
    assert [case.subject for case in cases] == ["能不能给我们员工做核酸检测", "缺二十名缝纫工"]
    assert cases[1].submissions.get().answers["contact_phone"] == "13800000001"
    assert "已收到您的 2 件诉求" in answer.content.decode()


def test_what_is_wrong_is_said_at_its_place_and_nothing_typed_is_lost(helped):
    client = browser(helped.applicant)
    answer = post(client, helped, "need-testing", "need-labour", **{"need-1-title": ""})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'href="#need-1-title"' in page
    assert "能不能给我们员工做核酸检测" in page
    assert not Case.objects.exists()


def test_another_need_is_added_and_taken_away_with_what_was_typed(helped):
    client = browser(helped.applicant)
    page = post(client, helped, "need-testing", add="1", more="need-space").content.decode()
    assert page.count('name="subject"') == 2
    assert "能不能给我们员工做核酸检测" in page
    page = post(client, helped, "need-testing", "need-labour", remove="0").content.decode()
    assert page.count('name="subject"') == 1
    assert 'value="缺二十名缝纫工"' in page


def test_pressing_twice_raises_once(helped):
    client = browser(helped.applicant)
    form = client.get(reverse("need-new") + "?subject=need-testing").content.decode()
    (key,) = re.findall(r'name="request" value="([^"]+)"', form)
    for _ in range(2):
        post(client, helped, "need-testing", request=key)
    assert Case.objects.count() == 1


def test_the_firm_reads_who_helps_by_when_and_what_they_said(helped):
    case = raised(helped)
    duty = world.acting(helped.duty)
    actions.answer_need(help_of(case), text="您好，我来帮您。", by=duty, at=case.opened_at)
    page = browser(helped.applicant).get(reverse("case", args=[case.number])).content.decode()
    for words in ("值班员", "示范二街道办事处", "您好，我来帮您。", "已响应", "拿出方案"):
        assert words in page


def test_the_reason_of_whoever_declined_stays_between_offices(helped):
    case = raised(helped)
    duty = world.acting(helped.duty)
    actions.decline_help(help_of(case), reason="不归街道管", by=duty, at=case.opened_at)
    page = browser(helped.applicant).get(reverse("case", args=[case.number])).content.decode()
    assert "不归街道管" not in page


def test_the_firm_confirms_or_has_it_looked_at_one_level_up(helped):
    case = raised(helped)
    duty = world.acting(helped.duty)
    actions.resolve_need(help_of(case), outcome="采了 126 人。", by=duty, at=case.opened_at)
    client = browser(helped.applicant)
    page = client.get(reverse("case", args=[case.number])).content.decode()
    (link,) = set(re.findall(r'href="(/rate/[^"]+)"', page))
    form = client.get(link).content.decode()
    assert "采了 126 人。" in form
    answer = client.post(link, {"grade": "2", "comment": "没有来"}, follow=True)
    assert "由上一级接着办" in answer.content.decode()
    case.refresh_from_db()
    assert case.status == Status.HELPING


def test_a_stranger_does_not_find_a_need(helped):
    case = raised(helped)
    assert browser(helped.district.stranger).get(reverse("case", args=[case.number])).status_code == 404


def test_somebody_without_a_firm_is_told_to_register_one(helped):
    client = browser(helped.district.stranger)
    page = client.get(reverse("need-new") + "?subject=need-testing").content.decode()
    assert "您还没有登记企业" in page
    assert client.post(reverse("need-new"), {"subject": "need-testing"}).status_code == 422


def test_the_pages_of_needs_cost_a_fixed_number_of_queries(helped, django_assert_max_num_queries):
    client = browser(helped.applicant)
    for place in range(5):
        raised(helped, at=helped_at(place))
    client.get(reverse("needs"))  # the specifications are read once
    with django_assert_max_num_queries(11):
        client.get(reverse("needs"))
    number = Case.objects.first().number
    client.get(reverse("case", args=[number]))
    with django_assert_max_num_queries(14):
        client.get(reverse("case", args=[number]))


def helped_at(place: int):
    return world.MORNING + timedelta(minutes=place)
