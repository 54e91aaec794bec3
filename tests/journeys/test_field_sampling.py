"""Story 14: people are sampled without a network, by two phones at one tube."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from tests.journeys.test_field import ready, states, with_worker
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
    leader = actor_for(User.objects.get(email="leader@demo.test"), at=timezone.now())
    begun = timezone.now() - timedelta(days=1)
    first = begun.astimezone(CHINA).date()
    told = Declared("虚构防控", "虚构通知〔2026〕3 号", (Measure.SCREENING,), first, None, 30)
    office = leader.seats[0].department_id
    declare(told, area="370199000000", department=office, key=new_id(), by=leader, at=begun)
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
    with_worker(somebody)
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
    # Nothing is touched but keys: the number, Enter, the name, Enter.
    expect(one.page.locator("#name")).to_be_focused()
    one.page.keyboard.type("GUEST ONE")
    one.look("sampling-passport")
    one.page.keyboard.press("Enter")
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
    one.page.get_by_role("button", name="封管").dblclick()
    expect(one.page.locator("#tube")).to_have_count(0)

    # Eight hours without a network: the table goes on. Later the day is gone, and what was written down is not.
    other.page.clock.install()
    begin(other, "leader@demo.test", point)
    other.page.clock.fast_forward("08:00:00")
    other.page.reload()
    ready(other)
    scan(other, number(3), "1 / 10")
    scan(other, number(12), "2 / 10")
    other.look("sampling")
    other.page.clock.fast_forward("04:01:00")
    other.page.goto("/field/#/")
    expect(other.page.locator("#along")).to_contain_text("到期")
    expect(other.page.locator("#tasks")).to_have_count(0)

    hand_in(other)
    hand_in(one)
    expect(one.page.locator("#records li", has_text="已封")).to_have_count(1)
    tube = Tube.objects.get()
    assert (tube.code, tube.taken, tube.over, tube.sealed_at is not None) == (TUBE, 10, 1, True)
    assert Sample.objects.filter(counts=True).count() == 10
    assert Person.objects.filter(name__in=["GUEST ONE", "虚构婴儿"]).count() == 2
    expect(other.page.locator("#records li[data-state=accepted]")).to_have_count(2)


def put_right(somebody, label: str) -> None:
    """The form in which a refused record is put right."""
    somebody.page.locator("#records li[data-state=refused]", has_text=label).first.get_by_text("改好再交").click()
    expect(somebody.page.locator("#mending")).to_be_visible()


def test_what_was_refused_of_a_tube_is_put_right_or_given_up(person, point):
    clerk = person(390)
    elsewhere = sampling.point("虚构采样点二号")
    by = actor_for(User.objects.get(email="clerk@demo.test"), at=timezone.now())
    for code in ("ZTUSED1", "ZTUSED2"):
        sampling.put(code, Person.objects.order_by("name")[:1], at_point=elsewhere, by=by, at=timezone.now())
    take_along(clerk, "clerk@demo.test", point)
    scan(clerk, "ZTUSED1", "已打开")
    scan(clerk, number(1), "1 / 10")
    clerk.press("名单里没有的人")
    expect(clerk.page.locator("#name")).to_be_focused()
    clerk.page.keyboard.type("虚构婴儿")
    clerk.page.keyboard.press("Enter")
    expect(clerk.page.locator("#phone")).to_be_focused()
    clerk.page.keyboard.type("13900008888")
    clerk.page.keyboard.press("Enter")
    expect(clerk.page.locator("#told")).to_contain_text("2 / 10")
    clerk.press("封管")
    expect(clerk.page.locator("#tube")).to_have_count(0)
    scan(clerk, "ZTUSED2", "已打开")
    scan(clerk, number(2), "1 / 10")
    begun = timezone.now()
    clerk.press("封管")
    expect(clerk.page.locator("#tube")).to_have_count(0)

    # Lines of a sheet: one is typed, undone and typed again with an earlier time.
    clerk.page.goto("/field/#/")
    expect(clerk.page.locator("#page[data-drawn='#/']")).to_have_count(1)
    clerk.page.goto(f"/field/#/sample/{point.pk}?sheet=K7QX2M9PR4")
    expect(clerk.page.locator(f"#page[data-drawn='#/sample/{point.pk}']")).to_have_count(1)
    scan(clerk, "ZTPAPER", "已打开")
    clerk.page.fill("#sheet_time", "00:00")
    scan(clerk, number(4), "1 / 10")
    clerk.page.get_by_role("button", name="撤销第 1 个").click()
    expect(clerk.page.locator("#tube h2")).to_contain_text("0 / 10")
    expect(clerk.page.locator("#sheet_line")).to_have_value("1")
    scan(clerk, number(4), "1 / 10")
    clerk.look("sampling-sheet")

    hand_in(clerk)
    expect(clerk.page.locator("#records li[data-state=refused]")).to_have_count(5)
    assert Sample.objects.filter(tube="ZTPAPER", counts=True).count() == 1
    clerk.look("sampling-refused")
    put_right(clerk, "ZTUSED1")
    expect(clerk.page.locator("#mending")).to_contain_text("另外 2 条")
    clerk.look("sampling-mending")
    clerk.page.fill("#tube", "ZTRIGHT1")
    clerk.page.locator("#mending button:not([type=button])").click()
    expect(clerk.page.locator("#records li[data-state=waiting]")).to_have_count(3)
    refused = clerk.page.locator("#records li[data-state=refused]")
    expect(refused).to_have_count(2)
    for left in (1, 0):
        refused.first.get_by_text("改不了，搁置").click()
        refused.first.get_by_label("为什么搁置").fill("管码看不清，已请本人重采")
        if left:
            clerk.look("sampling-aside")
        refused.first.get_by_role("button", name="搁置").click()
        expect(refused).to_have_count(left)
    clerk.press("现在提交")
    expect(clerk.page.locator("#waiting")).to_be_hidden()
    tube = Tube.objects.get(pk="ZTRIGHT1")
    assert (tube.taken, tube.sealed_at is not None) == (2, True)
    assert tube.begun_at < begun, "it stays of the moment it was done"
    # Nobody else has what was put aside: it stays until it was exported.
    clerk.press("清除已收下的记录")
    expect(clerk.page.locator("#records li")).to_have_count(2)
    expect(clerk.page.locator("#records li[data-state=aside]")).to_have_count(2)
    with clerk.page.expect_download():
        clerk.press("导出没有收下的记录")
    expect(clerk.page.locator("#records")).not_to_contain_text("导出后才能清除")
    clerk.press("清除已收下的记录")
    expect(clerk.page.locator("#records li")).to_have_count(0)
    clerk.page.goto("/field/phones/")
    clerk.page.get_by_text("没有收下又搁置的 2 条").click()
    expect(clerk.page.locator("main")).to_contain_text("已请本人重采")
    clerk.look("field-phones-aside")


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
