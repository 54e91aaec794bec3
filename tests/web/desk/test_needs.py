"""Needs at the desk: helped with, raised for firms, counted, and sent by rules."""

from __future__ import annotations

from uuid import UUID

from django.test import Client
from django.urls import reverse

from tests import world
from tests.helped import answers, help_of, raised, rule_to
from zerotrip.cases import actions
from zerotrip.cases.models import Case, Door
from zerotrip.parties.models import User
from zerotrip.relief.models import RoutingRule


def browser(user: User) -> Client:
    return world.sign_in(Client(), user)


def do(client: Client, case: Case, step: str, **typed: str):
    return client.post(reverse("desk-act", args=[help_of(case).pk, step]), typed, follow=True)


def test_the_next_thing_the_firm_waits_for_is_the_one_that_is_open(helped):
    case = raised(helped)
    client = browser(helped.duty)
    page = client.get(reverse("desk-case", args=[case.number])).content.decode()
    for words in (
        "答复企业",
        "告诉企业方案…",
        "帮办完成…",
        "请人协办…",
        "转给别人办…",
        "拆出一件…",
        "退回，不能办…",
    ):
        assert words in page
    do(client, case, "answer", text="您好。")
    page = client.get(reverse("desk-case", args=[case.number])).content.decode()
    assert "告诉企业方案<kbd>" in page
    do(client, case, "plan", text="明天上门。")
    done = do(client, case, "resolve", outcome="办好了。")
    assert "待企业确认" in done.content.decode()


def test_a_helper_is_asked_and_a_need_handed_on_from_the_page(helped):
    case = raised(helped)
    client = browser(helped.duty)
    page = client.get(reverse("desk-case", args=[case.number])).content.decode()
    assert "帮办员（济南市示范区人力资源和社会保障局）" in page
    assert f'value="p:{helped.duty.pk}"' not in page
    do(client, case, "hand-on", whom=f"p:{helped.helper.pk}", reason="归人社。")
    assert help_of(case).assignee_id == helped.helper.pk
    assert client.get(reverse("desk-case", args=[case.number])).status_code == 200


def test_whoever_leads_moves_a_need_from_its_page_and_others_do_not_find_the_button(helped):
    case = raised(helped)
    lead = browser(helped.lead)
    page = lead.get(reverse("desk-case", args=[case.number])).content.decode()
    assert "改由别人帮办…" in page
    assert (
        "改由别人帮办…" not in browser(helped.duty).get(reverse("desk-case", args=[case.number])).content.decode()
    )
    lacking = do(lead, case, "move", whom=f"p:{helped.second.pk}", reason="")
    assert "请写明为什么调整" in lacking.content.decode()
    done = do(lead, case, "move", whom=f"p:{helped.second.pk}", reason="卫健更近。")
    assert "协办员" in done.content.decode()
    assert help_of(case).assignee_id == helped.second.pk
    address = reverse("desk-act", args=[help_of(case).pk, "move"])
    stranger = browser(helped.administrator)
    assert stranger.post(address, {"whom": f"p:{helped.duty.pk}", "reason": "x"}).status_code in (403, 404)


def test_what_is_missing_is_said_on_the_page_with_what_was_typed(helped):
    case = raised(helped)
    client = browser(helped.duty)
    answer = do(client, case, "hand-on", whom="", reason="归人社，请办。")
    assert answer.status_code == 422
    assert "请选择给谁。" in answer.content.decode()
    assert "归人社，请办。" in answer.content.decode()
    circle = do(client, case, "ask-helper", whom=f"p:{helped.duty.pk}", what="x")
    assert circle.status_code == 409


def test_a_need_lies_in_the_worklist_of_whoever_helps(helped):
    case = raised(helped)
    page = browser(helped.duty).get(reverse("desk") + "?kind=help").content.decode()
    assert case.number in page
    assert case.number not in browser(helped.helper).get(reverse("desk")).content.decode()


def test_staff_write_down_what_a_firm_that_rang_needs(helped):
    client = browser(helped.duty)
    told = {"firm": "济南虚构新厂有限公司", "uscc": world.uscc(77), "door": "phone", "subject": "need-space"}
    for name, value in answers("need-space").items():
        parts = value.items() if isinstance(value, dict) else [("", value)]
        told |= {f"need-0-{name}{'-' + key if key else ''}": text for key, text in parts}
    wrong = client.post(reverse("desk-need-new"), {**told, "uscc": "1", "need-0-title": "仓库"})
    assert wrong.status_code == 422
    assert 'value="仓库"' in wrong.content.decode()
    assert not Case.objects.exists()
    client.post(reverse("desk-need-new"), told)
    case = Case.objects.get()
    assert (case.door, case.applicant.name) == (Door.PHONE, "济南虚构新厂有限公司")
    assert help_of(case).assignee_id == helped.duty.pk


def test_needs_are_counted_by_subject_with_late_and_green_apart(helped):
    lead = browser(helped.lead)
    late, green = raised(helped), raised(helped)
    raised(helped, "need-space")
    by = world.acting(helped.lead)
    actions.put_in_green(green, contact=world.acting(helped.duty), reason="急", by=by, at=green.opened_at)
    page = lead.get(reverse("desk-needs")).content.decode()
    assert "绿色通道 1 件" in page
    assert "超期 3 件" in page  # all were due long ago
    only = lead.get(reverse("desk-needs") + "?green=1").content.decode()
    assert green.number in only
    assert late.number not in only
    assert late.number not in lead.get(reverse("desk-needs") + "?subject=need-space").content.decode()
    assert late.number in lead.get(reverse("desk-needs") + "?area=370199002000").content.decode()
    assert late.number not in lead.get(reverse("desk-needs") + "?area=370199001000").content.decode()


def test_a_helper_of_another_office_does_not_see_the_needs_of_others(helped):
    case = raised(helped)
    assert case.number not in browser(helped.helper).get(reverse("desk-needs")).content.decode()


def test_an_administrator_keeps_the_rules_and_others_read_them(helped):
    keeper = browser(helped.administrator)
    told = {
        "name": "制造业用工交人社",
        "subjects": ["need-labour"],
        "areas": ["370199002000"],
        "industry": "c",
        "foreign_invested": "no",
        "target": f"p:{helped.helper.pk}",
    }
    keeper.post(reverse("desk-rule-new"), told)
    rule = RoutingRule.objects.get()
    parts = [{"fact": "industry", "within": "C"}, {"fact": "foreign_invested", "is": False}]
    assert (rule.when, rule.person_id) == ({"all": parts}, helped.helper.pk)
    page = browser(helped.duty).get(reverse("desk-rules")).content.decode()
    for words in ("制造业用工交人社", "行业 C、非外资企业", "示范区示范二街道", "帮办员"):
        assert words in page
    assert browser(helped.duty).get(reverse("desk-rule", args=[rule.pk])).status_code == 403
    form = keeper.get(reverse("desk-rule", args=[rule.pk])).content.decode()
    assert 'name="industry" class="w-s" maxlength="5" value="C"' in form


def test_a_rule_that_does_not_pass_says_why_with_what_was_typed(helped):
    answer = browser(helped.administrator).post(reverse("desk-rule-new"), {"name": "找谁呢", "size_class": "small"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "请选择一个人、一个部门、一个专班，或者企业的点对点专人。" in page
    assert 'value="找谁呢"' in page
    assert 'value="small" selected' in page


def test_rules_are_moved_stopped_and_taken_away(helped):
    first, second = rule_to(helped, helped.helper, name="甲"), rule_to(helped, helped.second, name="乙")
    keeper = browser(helped.administrator)
    keeper.post(reverse("desk-rule-act", args=[second.pk, "up"]))
    assert list(RoutingRule.objects.values_list("name", flat=True)) == ["乙", "甲"]
    keeper.post(reverse("desk-rule-act", args=[first.pk, "off"]))
    assert "人工停用" in keeper.get(reverse("desk-rules")).content.decode()
    keeper.post(reverse("desk-rule-act", args=[first.pk, "remove"]))
    assert RoutingRule.objects.standing().get() == second
    assert keeper.post(reverse("desk-rule-act", args=[UUID(int=1), "up"])).status_code == 404


def test_the_overview_costs_a_fixed_number_of_queries(helped, django_assert_max_num_queries):
    for _ in range(5):
        raised(helped)
    client = browser(helped.lead)
    client.get(reverse("desk-needs"))
    with django_assert_max_num_queries(12):
        client.get(reverse("desk-needs"))
