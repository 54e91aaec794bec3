"""Named helpers at the desk: on the record of a firm, for many at once, and the firms one is named for oneself."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests import world
from tests.helped import SECOND, help_of, raised, rule_to, seat
from tests.web.browsing import HAN, Browser, chinese_words, cost
from zerotrip.cases import actions
from zerotrip.parties.access import SYSTEM
from zerotrip.parties.actions import end_staff
from zerotrip.parties.models import Membership, Party, Role
from zerotrip.relief.models import RoutingRule
from zerotrip.relief.naming.actions import name_helper

BLOCK = "blocks/named/"


def at(helped, rest: str = "") -> str:
    return f"/desk/enterprises/{helped.firm.uscc}/{rest}"


def named(helped) -> dict[str, str]:
    rows = Membership.objects.named().filter(organisation=helped.firm)
    return dict(rows.values_list("subject", "person__name"))


def name(helped, person, subject: str = "", firm: Party | None = None) -> None:
    name_helper(
        (firm or helped.firm).pk,
        account=person.pk,
        subject=subject,
        by=world.acting(helped.lead),
        at=timezone.now() - timedelta(days=1),
    )


def test_a_leader_names_replaces_and_ends_from_the_record(helped):
    lead = Browser(helped.lead)
    page = lead.open(at(helped, BLOCK))
    assert "还没有指定专人，诉求按分派规则走。" in page.text
    assert at(helped, "helper/") in page.links
    form = lead.open(at(helped, "helper/")).form("")
    form.press("指定", person=str(helped.helper.pk), subject="need-testing")
    assert named(helped) == {"need-testing": "帮办员"}
    page = lead.open(at(helped, BLOCK))
    assert "帮办员" in page.text
    assert "济南市示范区人力资源和社会保障局" in page.text
    form = lead.open(at(helped, "helper/?subject=need-testing")).form("")
    assert form.values["subject"] == ["need-testing"]
    form.press("指定", person=str(helped.second.pk))
    assert named(helped) == {"need-testing": "协办员"}
    page = lead.open(at(helped, BLOCK))
    page.form("helper/end/").press("结束")
    assert named(helped) == {}
    assert "协办员" in lead.open(at(helped, BLOCK)).text, "the history is there to be read"


def test_what_is_wrong_is_said_at_its_place_with_what_was_chosen(helped):
    lead = Browser(helped.lead)
    page = lead.open(at(helped, "helper/")).form("").press("指定", status=422, subject="need-testing")
    assert "请选择一位工作人员。" in page.marked[".problem"]
    assert page.form("").values["subject"] == ["need-testing"]
    page = lead.send(
        at(helped, "helper/"),
        {
            "person": str(helped.duty.pk),
            "subject": "",
            "csrfmiddlewaretoken": page.form("").values["csrfmiddlewaretoken"],
        },
        status=409,
    )
    assert "没有管辖这家企业所在地" in page.text


def test_whoever_may_not_name_sees_who_is_named_and_no_buttons(helped):
    name(helped, helped.helper)
    page = Browser(helped.second).open(at(helped, BLOCK))
    assert "帮办员" in page.text
    assert page.forms == [form for form in page.forms if "helper" not in form.action]
    assert at(helped, "helper/") not in page.links
    Browser(helped.second).open(at(helped, "helper/"), status=403)


def test_whoever_has_left_is_shown_as_to_be_replaced(helped):
    name(helped, helped.helper)
    end_staff(helped.helper, by=SYSTEM, at=timezone.now())
    assert "已离岗，请另派" in Browser(helped.lead).open(at(helped, BLOCK)).text


def test_the_firm_sees_who_is_named_and_asks_them_of_the_subject(helped):
    name(helped, helped.helper, "need-testing")
    page = Browser(helped.applicant).open(f"/enterprise/{helped.firm.uscc}/{BLOCK}")
    assert "帮办员" in page.text
    assert f"/needs/new/?subject=need-testing&firm={helped.firm.pk}" in page.links
    end_staff(helped.helper, by=SYSTEM, at=timezone.now())
    page = Browser(helped.applicant).open(f"/enterprise/{helped.firm.uscc}/{BLOCK}")
    assert "您的诉求照常分派给其他人" in page.text
    assert "请另派" not in page.text


def firms(count: int, *, first: int = 600) -> list[Party]:
    made = []
    for serial in range(first, first + count):
        firm = world.enterprise(f"济南虚构{serial}有限公司", serial)
        firm.area_path = f"{world.DISTRICT}{SECOND}/"
        firm.save()
        made.append(firm)
    return made


def test_one_person_for_all_that_are_found_after_a_look_at_what_it_comes_to(helped):
    made = firms(3)
    name(helped, helped.helper, firm=made[0])
    lead = Browser(helped.lead)
    page = lead.open("/desk/enterprises/?area=370199002000")
    asked = page.form("/naming/") if len([f for f in page.forms if f.action.endswith("/naming/")]) == 1 else None
    assert asked is None, "one form for those that are ticked, one for all that are found"
    query = "?which=all&area=370199002000"
    page = lead.open(f"/desk/enterprises/naming/{query}")
    assert "3 家企业" in page.text
    page = lead.open(f"/desk/enterprises/naming/{query}&person={helped.duty.pk}&subject=")
    assert "2 家 新指定" in page.text
    assert "1 家 已有别的专人，保留不动" in page.text
    assert Membership.objects.named().filter(person=helped.duty.person).count() == 0, "nothing is done yet"
    done = next(form for form in page.forms if any("帮办这 2 家" in b["words"] for b in form.buttons))
    page = done.press("帮办这 2 家").follow()
    assert "已请值班员点对点帮办 2 家企业" in page.text
    assert Membership.objects.named().filter(person=helped.duty.person).count() == 2


def test_those_that_are_ticked_and_those_replaced(helped):
    made = firms(3)
    name(helped, helped.helper, firm=made[0])
    ticked = "&".join(f"firm={one.pk}" for one in made[:2])
    page = Browser(helped.lead).open(
        f"/desk/enterprises/naming/?which=ticked&{ticked}&person={helped.duty.pk}&subject=&replace=1"
    )
    assert "1 家 已有别的专人，换成值班员" in page.text
    done = next(form for form in page.forms if any("帮办这 2 家" in b["words"] for b in form.buttons))
    done.press("帮办这 2 家", firm=[str(one.pk) for one in made[:2]])
    rows = Membership.objects.named().filter(person=helped.duty.person)
    assert set(rows.values_list("organisation", flat=True)) == {one.pk for one in made[:2]}


def test_nobody_chosen_nothing_ticked_and_firms_of_others_are_told(helped):
    lead = Browser(helped.lead)
    assert "还没有选企业" in lead.open("/desk/enterprises/naming/?which=ticked").text
    (made,) = firms(1)
    page = lead.open(f"/desk/enterprises/naming/?which=ticked&firm={made.pk}&person=&subject=", status=422)
    assert "请选择一位工作人员。" in page.text
    Browser(helped.helper).open("/desk/enterprises/naming/", status=403)
    assert "naming" not in str(Browser(helped.helper).open("/desk/enterprises/").html)


def test_ones_own_firms_with_what_is_open_and_what_was_said_last(helped):
    page = Browser(helped.duty).open("/desk/needs/firms/")
    assert "您还没有点对点帮办的企业" in page.text
    Party.objects.filter(pk=helped.firm.pk).update(area_path=f"{world.DISTRICT}{SECOND}/")
    name(helped, helped.duty)
    rule_to(helped, named=True)
    case = raised(helped)
    work = help_of(case)
    assert work.assignee_id == helped.duty.pk
    actions.answer_need(work, text="明天上午到厂。", by=world.acting(helped.duty), at=world.MORNING)
    page = Browser(helped.duty).open("/desk/needs/firms/")
    assert helped.firm.name in page.text
    assert "全部诉求" in page.text
    assert "1 件" in page.text
    assert "超期" in page.text, "it is long after"
    assert "值班员：明天上午到厂。" in page.text
    assert helped.firm.name not in Browser(helped.helper).open("/desk/needs/firms/").text


def test_firms_one_no_longer_reaches_are_counted_and_not_shown(helped):
    Party.objects.filter(pk=helped.firm.pk).update(area_path=f"{world.DISTRICT}{SECOND}/")
    name(helped, helped.duty)
    Party.objects.filter(pk=helped.firm.pk).update(area_path=f"{world.DISTRICT}370199001000/")
    page = Browser(helped.duty).open("/desk/needs/firms/")
    assert helped.firm.name not in page.text
    assert "还有 1 家企业您已不管辖" in page.text


def test_the_page_of_ones_firms_costs_the_same_however_many_they_are(helped):
    browser = Browser(helped.helper)
    made = firms(12)
    for firm in made[:2]:
        name(helped, helped.helper, firm=firm)
    few = cost(browser, "/desk/needs/firms/")
    for firm in made[2:]:
        name(helped, helped.helper, firm=firm)
    assert cost(browser, "/desk/needs/firms/") == few
    assert few <= 20


def test_the_block_costs_the_same_however_many_are_named(helped):
    lead = Browser(helped.lead)
    name(helped, helped.helper)
    few = cost(lead, at(helped, BLOCK))
    for subject in ("need-testing", "need-labour", "need-space"):
        name(helped, helped.second, subject)
    assert cost(lead, at(helped, BLOCK)) == few
    assert few <= 16


@pytest.mark.parametrize("which", ["mine", "none", "lost"])
def test_the_list_costs_the_same_narrowed_by_who_is_named(helped, which):
    lead = Browser(helped.lead)
    name(helped, helped.lead)
    firms(3)
    whole = cost(lead, "/desk/enterprises/")
    assert cost(lead, f"/desk/enterprises/?named={which}") <= whole


def test_a_rule_goes_to_whoever_is_named_from_the_page_of_rules(helped):
    client = world.sign_in(Client(), helped.administrator)
    answer = client.post(reverse("desk-rule-new"), {"name": "先交专人", "target": "n:", "order": "1"})
    assert answer.status_code == 302
    rule = RoutingRule.objects.get()
    assert (rule.named, rule.person, rule.office) == (True, None, None)
    assert "企业的点对点专人" in client.get(reverse("desk-rules")).content.decode()
    page = client.get(reverse("desk-rule", args=[rule.pk])).content.decode()
    assert '<option value="n:" selected>' in page


def test_handing_over_says_how_many_firms_went_too(helped):
    other = seat("接手人", "human-resources", Role.HELPER)
    name(helped, helped.helper)
    page = Browser(helped.helper).open(f"/desk/people/{helped.helper.pk}/hand-over/")
    assert "点对点帮办的 1 项也一并移交" in page.text
    page = page.form("").press("一次移交", status=200, to=str(other.pk))
    assert "点对点帮办的 1 项一并移交给了 接手人" in page.text
    assert named(helped) == {"": "接手人"}


@pytest.mark.parametrize("url", ["/desk/needs/firms/", "/desk/needs/teams/", "/desk/enterprises/naming/?which=all"])
def test_the_pages_are_whole_in_english_but_for_the_names_of_people_and_firms(helped, url):
    name(helped, helped.lead)
    page = Browser(helped.lead, language="en").open(url)
    names = " ".join(Party.objects.filter(kind__in=("person", "enterprise")).values_list("name", flat=True))
    assert [han for word in chinese_words(page) for han in HAN.findall(word) if han not in names] == []
