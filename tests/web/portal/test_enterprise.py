"""One's own enterprise: what the district knows of it and from whom, and what one says oneself."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from tests import world
from tests.facts.words import SPEC
from tests.web.browsing import Browser, cost, submitted
from zerotrip.facts.actions import Statement, declare, record
from zerotrip.facts.models import Fact
from zerotrip.parties.access import SYSTEM
from zerotrip.parties.models import Party, User


@pytest.fixture
def firm(district) -> Party:
    """The firm of the district, of which the tax office says how many work there."""
    declare("tests", SPEC, at=world.MORNING)
    now = timezone.now()
    day = now.date() - timedelta(days=3)
    said = [Statement("staff", 320, day, "tax"), Statement("industry", "C3921", day, "tax")]
    record(district.firm.pk, said, by=SYSTEM, at=now, key=uuid4())
    return district.firm


@pytest.fixture
def agent(district) -> Browser:
    return Browser(district.applicant)


def test_with_one_enterprise_one_is_led_to_it_with_several_one_chooses(firm, district, agent):
    assert agent.open("/enterprise/", status=302).location == f"/enterprise/{firm.uscc}/"
    other = world.enterprise("济南第二家有限公司", serial=851)
    world.agent(User.objects.get(pk=district.applicant.user_id), other)
    page = agent.open("/enterprise/")
    assert {f"/enterprise/{firm.uscc}/", f"/enterprise/{other.uscc}/"} <= set(page.links)
    assert "您还没有登记企业" in Browser(district.stranger).open("/enterprise/").text


def test_ones_own_people_read_it_and_nobody_else(firm, district, agent):
    page = agent.open(f"/enterprise/{firm.uscc}/")
    assert "320 人" in page.text
    assert "税务" in page.text
    for other in (district.stranger, district.clerk):
        Browser(other).open(f"/enterprise/{firm.uscc}/", status=404)
        Browser(other).open(f"/enterprise/{firm.uscc}/facts/staff/", status=404)


def test_what_the_firm_says_is_kept_beside_what_others_say(firm, agent):
    url = f"/enterprise/{firm.uscc}/facts/staff/"
    agent.open(url).form().press("记录", value="400", reason="")
    page = agent.open(url)
    assert "400 人 企业自己填报" in page.text.replace("  ", " ")
    assert Fact.objects.filter(party=firm, name="staff", source="self", value="400").exists()
    assert "320 人" in agent.open(f"/enterprise/{firm.uscc}/").text  # the tax office is trusted more


def test_what_only_offices_say_has_no_form(firm, agent):
    page = agent.open(f"/enterprise/{firm.uscc}/facts/insured/")
    assert "由有关部门提供" in page.text
    assert not [form for form in page.forms if "value" in form.values]
    assert "由别的事实推算" in agent.open(f"/enterprise/{firm.uscc}/facts/size/").text


def test_a_month_is_stated_with_its_unit_and_what_is_wrong_is_told(firm, agent):
    url = f"/enterprise/{firm.uscc}/facts/sales/"
    form = agent.open(url).form()
    page = form.press("记录", status=422, value="12", period="2026-13")
    assert page.marked[".problem"] == ["请写月份，如 2026-01。"]
    assert page.form().values["value"] == ["12"]
    last = timezone.localdate().replace(day=1) - timedelta(days=1)
    page.form().press("记录", value="12", unit="万元", period=f"{last:%Y-%m}")
    assert Fact.objects.get(party=firm, name="sales").value == "120000"
    assert f"{last:%Y-%m}" in agent.open(f"/enterprise/{firm.uscc}/").text


def test_it_costs_few_queries(firm, district, agent):
    one = cost(agent, f"/enterprise/{firm.uscc}/")
    submitted("pesticide-change", firm, district.applicant)
    assert cost(agent, f"/enterprise/{firm.uscc}/") == one
    assert one < 12
