"""Story 14: people are sampled without a network, by two phones at one tube."""

from __future__ import annotations

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from tests.journeys.test_field import ready, states
from tests.prevention.handing_in import number
from tests.prevention.screening import sampling
from zerotrip.ids import new_id
from zerotrip.parties import seals
from zerotrip.parties.access import actor_for
from zerotrip.parties.models import User
from zerotrip.prevention.events.actions import Declared, declare
from zerotrip.prevention.models import Measure, Person, Sample, Tube
from zerotrip.workdays.calendar import CHINA

pytestmark = pytest.mark.django_db(transaction=True)
TUBE = "ZT20261126"


@pytest.fixture
def point(demo_district):
    """A sampling point with twelve people of its street, each with an identity number."""
    now = timezone.now()
    leader = actor_for(User.objects.get(email="leader@demo.test"), at=now)
    first = now.astimezone(CHINA).date()
    told = Declared("虚构防控", "虚构通知〔2026〕3 号", (Measure.SCREENING,), first, None, 30)
    office = leader.seats[0].department_id
    declare(told, area="370199000000", department=office, key=new_id(), by=leader, at=now)
    for place, one in enumerate(sampling.people(12)):
        written = number(place + 1)
        sealed = seals.seal(written).encode()
        Person.objects.filter(pk=one.pk).update(ric_digest=seals.digest(written), ric_sealed=sealed)
    return sampling.point()


def begin(somebody, email: str, point) -> None:
    take_along(somebody, email, point)
    scan(somebody, TUBE.lower(), "已打开")


def take_along(somebody, email: str, point) -> None:
    """The day of a point on a phone, whose network is off from then on."""
    somebody.sign_in_as_staff(email)
    somebody.page.goto("/field/")
    ready(somebody)
    somebody.page.locator("#where").select_option(f"{point.pk} {point.area_path}")
    somebody.press("带上今天的资料")
    expect(somebody.page.locator("#tasks a", has_text=point.name)).to_contain_text("12 / 12")
    somebody.context.set_offline(True)
    somebody.page.goto(f"/field/#/sample/{point.pk}")


def scan(somebody, text: str, told: str) -> None:
    somebody.page.fill("#scan", text)
    somebody.page.keyboard.press("Enter")
    expect(somebody.page.locator("#told")).to_contain_text(told)


def hand_in(somebody) -> None:
    somebody.context.set_offline(False)
    states(somebody)
    somebody.press("现在提交")
    expect(somebody.page.locator("#records li[data-state=waiting]")).to_have_count(0)


def test_two_phones_fill_a_tube_without_a_network_and_agree_when_it_is_back(person, point):
    one, other = person(390), person(1440)
    begin(one, "clerk@demo.test", point)
    one.look("sampling-open")
    for place in range(1, 8):
        scan(one, number(place), f"{place} / 10")
    scan(one, number(3), "已在这管里")
    one.page.get_by_role("button", name="撤销第 7 个").click()
    expect(one.page.locator("#told")).to_contain_text("撤销")
    scan(one, "X1234567", "")
    one.page.fill("#name", "GUEST ONE")
    one.look("sampling-passport")
    one.press("登记并采样")
    expect(one.page.locator("#told")).to_contain_text("7 / 10")
    one.press("名单里没有的人")
    one.page.fill("#name", "虚构婴儿")
    one.page.fill("#phone", "13900008888")
    one.press("登记并采样")
    expect(one.page.locator("#told")).to_contain_text("8 / 10")
    scan(one, number(9), "9 / 10")
    scan(one, number(10), "已满 10 人")
    scan(one, number(11), "请封管后换一管")
    one.page.reload()
    ready(one)
    expect(one.page.locator("#tube h2")).to_contain_text("10 / 10")
    one.look("sampling-full")
    one.press("封管")
    expect(one.page.locator("#tube")).to_have_count(0)

    begin(other, "leader@demo.test", point)
    scan(other, number(3), "1 / 10")
    scan(other, number(12), "2 / 10")
    other.look("sampling")

    hand_in(other)
    hand_in(one)
    tube = Tube.objects.get()
    assert (tube.code, tube.taken, tube.over, tube.sealed_at is not None) == (TUBE, 10, 1, True)
    assert Sample.objects.filter(counts=True).count() == 10
    assert Person.objects.filter(name__in=["GUEST ONE", "虚构婴儿"]).count() == 2
    expect(other.page.locator("#records li[data-state=accepted]")).to_have_count(2)


def test_a_download_is_stopped_and_goes_on_where_it_was(person, point, monkeypatch):
    monkeypatch.setattr("zerotrip.prevention.field.people.AT_ONCE", 5)
    monkeypatch.setattr("zerotrip.web.field.taking.AT_ONCE", 5)
    asked: list[str] = []

    def answered(route):
        asked.append(route.request.url)
        if len(asked) != 2:  # the second is on its way until somebody stops it
            route.continue_()

    clerk = person(390)
    clerk.context.route("**/field/take/*/people/**", answered)
    clerk.sign_in_as_staff("clerk@demo.test")
    clerk.page.goto("/field/")
    ready(clerk)
    expect(clerk.page.locator("#where")).to_contain_text("12 人，约 3 KB")
    clerk.look("field-how-much")
    clerk.page.locator("#where").select_option(f"{point.pk} {point.area_path}")
    clerk.press("带上今天的资料")
    expect(clerk.page.locator("#along [role=status]")).to_have_text("已下载 5 / 12 人")
    clerk.look("field-under-way")
    clerk.press("停下")
    clerk.press("接着下载（5 / 12 人）")
    expect(clerk.page.locator("#tasks a", has_text=point.name)).to_contain_text("12 / 12")
    assert asked[1] == asked[2]
    assert len(set(asked)) == 3, "nothing comes twice"
