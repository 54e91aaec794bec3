"""The policy supermarket: found, read, asked for one's own firm, supposed, compared."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from tests import world
from tests.policies import market
from tests.web.browsing import Browser, chinese_words, cost
from zerotrip.cases import actions
from zerotrip.cases.models import Verdict
from zerotrip.facts.models import Fact
from zerotrip.parties.models import Party, PartyKind


@pytest.fixture
def shop(district, tmp_path):
    """The market's policies, and a firm of which some things are known."""
    market.load(tmp_path / "pack")
    market.state(district.firm, staff="120", rent="80000")
    return district


@pytest.fixture
def firm(shop) -> Browser:
    return Browser(shop.applicant)


def headed(page, heading: str) -> str:
    """What stands under a heading of the page of one's own firm."""
    parts = re.split(r'<section class="group-of"', page.html)
    return next((part for part in parts if f'id="group-{heading}"' in part), "")


def listed(page) -> list[str]:
    """The policies of a list, in order."""
    return re.findall(r'<li id="([a-z-]+)"', page.html)


# Finding


@pytest.mark.parametrize(
    ("asked", "first"), [("房租", "rent-half"), ("出口", "export-help"), ("export", "export-help")]
)
def test_ones_own_words_find_the_policy(shop, asked, first):
    assert listed(Browser().open(f"/policies/?q={asked}"))[0] == first


def test_what_is_about_to_end_stands_first_and_what_is_over_last(shop):
    page = Browser().open("/policies/")
    assert listed(page)[0] == "ends-soon"
    assert listed(page)[-1] == "is-over"
    assert "还有 9 天" in page.text


@pytest.mark.parametrize(
    ("narrowed", "expected"),
    [
        ("state=over", ["is-over"]),
        ("state=soon", ["ends-soon"]),
        ("way=online", ["had-already"]),
        ("shelf=growth&state=over", ["is-over"]),
        ("shelf=tax", []),
    ],
)
def test_plain_links_narrow_the_list(shop, narrowed, expected):
    found = listed(Browser().open(f"/policies/?{narrowed}"))
    assert found == expected


def test_a_day_in_the_past_shows_what_was_in_force_then(shop):
    then = market.around(-20)
    assert "is-over" in listed(Browser().open(f"/policies/?state=in-force&on={then}"))
    assert len(listed(Browser().open("/policies/?on=never"))) == 7, "what is no day is today"


def test_nothing_found_says_what_to_do(shop):
    assert "换个说法再试" in Browser().open("/policies/?q=zzqq").text


def test_a_script_gets_the_list_alone(shop, client):
    part = client.get("/policies/", {"q": "房租"}, headers={"HX-Request": "true", "HX-Target": "found"})
    assert b"<html" not in part.content
    assert 'id="rent-half"' in part.content.decode()


# Reading


def test_a_policy_says_who_what_when_and_where_it_was_read(shop):
    text = Browser().open("/policies/rent-half/").text
    for said in (
        "年租金 × 50%，最高 5 万元",
        "从业人员不超过 300 人",
        "示范发〔2026〕1号",
        "虚构的示范办法",
        "来源没有写明怎样申请",
    ):
        assert said in text


def test_days_and_rates_of_a_policy_read_as_people_say_them(shop, tmp_path):
    files = market.policies()
    until = "{id: valid, text: {zh: 证书有效, en: Valid}, when: {fact: valid_until, at_least: today}}"
    tier = "{id: it, name: {zh: 三倍, en: Threefold}, of: [rent], rate: 3}"
    benefit = f"benefit: {{kind: payment, gives: {{zh: 三倍, en: Threefold}}, tiers: [{tier}]}}\n"
    files["threefold"] = market.policy("threefold", "三倍租金", f"clauses: [{until}]\n{benefit}")
    facts = market.FACTS + "  - {id: valid_until, kind: date, label: {zh: 证书有效期, en: Valid until}}\n"
    market.load(tmp_path / "dated", files, facts)
    text = Browser().open("/policies/threefold/").text
    assert f"证书有效期不早于 {timezone.localdate()}" in text
    assert "年租金 × 3" in text
    assert "300%" not in text


def windowed(now: tuple[int, int], later: tuple[int, int], *, whom: str = "") -> str:
    """A policy that is applied for at two times, in days from today."""
    times = ", ".join(
        f"{{opens: {market.around(first)}, closes: {market.around(last)}{whom}}}" for first, last in (now, later)
    )
    benefit = "benefit: {kind: service, gives: {zh: 上门服务, en: A visit}}\n"
    return market.policy(
        "by-batches", "分批服务", f"{benefit}apply: {{how: {{zh: 网上申报, en: Online}}, windows: [{times}]}}"
    )


@pytest.mark.parametrize(
    ("now", "later", "said"),
    [
        ((-3, 5), (60, 70), "现在可以申报，本次"),
        ((-9, -3), (60, 70), "现在不受理，"),
        ((-90, -80), (-9, -3), "申报时间已过"),
    ],
)
def test_whether_one_may_apply_now_is_said_beside_the_answer(shop, firm, tmp_path, now, later, said):
    market.load(tmp_path / "batches", {"by-batches": windowed(now, later)})
    page = Browser().open("/policies/by-batches/").text
    assert said in page
    assert page.count("至") >= 2
    assert said in firm.open("/my-policies/").text
    assert said in firm.open("/policy-calculator/?policy=by-batches").text


def test_how_much_there_is_and_who_comes_first_is_said(shop, firm, tmp_path):
    limited = "limited: {places: 50, budget: 3000000, per: year, order: {zh: 按申报先后, en: First come}}\n"
    few = market.policy("first-fifty", "前五十家", "benefit: {kind: service, gives: {zh: 上门}}\n" + limited)
    market.load(tmp_path / "few", {"first-fifty": few})
    said = "每年：限 50 名，总额 300 万元，用完为止，按申报先后"
    assert said in Browser().open("/policies/first-fifty/").text
    assert said in firm.open("/my-policies/").text


def test_a_time_for_some_only_is_told_to_those_it_is_for(shop, firm, tmp_path):
    few = windowed((-3, 5), (60, 70), whom=", when: {fact: staff, at_most: 10}")
    market.load(tmp_path / "batches", {"by-batches": few})
    page = Browser().open("/policies/by-batches/").text
    assert "从业人员不超过 10 人" in page
    assert "要看是哪一类" in page
    assert "可以申报" not in headed(firm.open("/my-policies/"), "yes")


def test_a_policy_there_is_not_is_not_found(shop):
    Browser().open("/policies/nonsense/", status=404)


def test_an_amended_policy_keeps_what_it_was(shop, tmp_path):
    files = market.policies()
    files["rent-half"] = files["rent-half"].replace("at_most: 300", "at_most: 100")
    market.load(tmp_path / "amended", files)
    page = Browser().open("/policies/rent-half/")
    assert "从业人员不超过 100 人" in page.text
    assert "第 1 版" in page.text
    old = Browser().open("/policies/rent-half/?edition=1")
    assert "修订前的版本" in old.text
    assert "从业人员不超过 300 人" in old.text


def test_a_withdrawn_policy_can_still_be_read_and_says_so(shop, tmp_path):
    files = market.policies()
    del files["rent-half"]
    market.load(tmp_path / "without", files)
    page = Browser().open("/policies/rent-half/")
    assert "已经撤下" in page.text
    assert "rent-half" not in listed(Browser().open("/policies/"))


def test_a_policy_that_asks_for_a_fact_there_is_no_more_says_so_and_stays(shop, firm):
    from zerotrip.facts.actions import declare
    from zerotrip.facts.queries import declared_by

    spec = declared_by("jinan")
    left = tuple(fact for fact in spec.facts if fact.id != "exporter")
    declare("jinan", spec.model_copy(update={"facts": left}), at=timezone.now())
    assert "export-help" in listed(Browser().open("/policies/"))
    assert "条件正在维护" in Browser().open("/policies/export-help/").text
    assert "export-help" in headed(firm.open("/my-policies/"), "broken")


# My enterprise


def test_a_firm_sees_each_policy_in_its_group_with_reasons(shop, firm):
    case = world.draft("pesticide-change", shop.firm, shop.applicant)
    actions.submit(case, by=shop.applicant, at=world.MORNING)
    (intake,) = world.open_work(case)
    actions.accept(intake, by=shop.clerk, at=world.MORNING)
    while work := world.open_work(case):
        step = work[0]
        by = shop.leader if step.kind == "decision" else shop.agriculture
        if step.kind == "decision":
            actions.grant(step, by=by, at=world.MORNING)
        else:
            actions.review(step, verdict=Verdict.PASS, by=by, at=world.MORNING)
    page = firm.open("/my-policies/")
    where = {
        "yes": "rent-half",
        "unknown": "export-help",
        "no": "many-staff",
        "soon": "ends-soon",
        "over": "is-over",
        "had": "had-already",
    }
    for group, slug in where.items():
        assert f'id="{slug}"' in headed(page, group), group
    assert "for-people" not in page.html
    assert "4 万元" in headed(page, "yes"), "half of 80,000 yuan"
    assert "从业人员超过 500 人" in headed(page, "no")
    assert f"现为 120 人，税务，截至 {timezone.localdate()}" in headed(page, "no")
    assert "还不知道：出口企业" in headed(page, "unknown")
    assert case.number in headed(page, "had")


def test_what_is_stated_oneself_changes_the_answer(shop, firm):
    form = firm.open("/my-policies/facts/?f=exporter&policy=export-help").form()
    page = form.press("填报并看结果", **{"f-exporter": "yes"}, status=302).follow()
    assert 'id="export-help"' in headed(page, "yes")
    fact = Fact.objects.get(party=shop.firm, name="exporter")
    assert (fact.source, fact.value) == ("self", True)
    assert "企业自己填报" in page.text


def test_what_was_typed_wrong_is_said_at_its_place_and_kept(shop, firm):
    form = firm.open("/my-policies/facts/?f=staff&f=exporter").form()
    page = form.press("填报", **{"f-staff": "许多", "f-exporter": "yes"}, status=422)
    assert "请写数字" in page.text
    assert 'value="许多"' in page.html
    assert not Fact.objects.filter(name="exporter").exists(), "nothing half saved"
    assert "请至少填写一项" in form.press("填报", status=422).text


SERVICE = "benefit: {kind: service, gives: {zh: 上门服务, en: A visit}}\n"


def asked_first(page) -> list[str]:
    """The facts the page asks for where policies cannot be told."""
    return re.findall(r'id="f-([a-z_]+)[^"]*"', headed(page, "unknown").partition("<article")[0])


def test_what_decides_most_policies_is_asked_for_first_and_answers_them(shop, firm, tmp_path):
    files = market.policies()
    for slug, when in {
        "export-fair": "{fact: exporter, is: true}",
        "small-only": "{fact: size_class, in: [small, micro]}",
        "calm-exporters": "{all: [{fact: exporter, is: true}, {fact: layoff_rate, at_most: 0.05}]}",
        "certified-only": "{fact: certified, is: true}",
    }.items():
        clause = f"clauses: [{{id: it, text: {{zh: 条件, en: It}}, when: {when}}}]\n"
        files[slug] = market.policy(slug, slug, clause + SERVICE)
    market.load(tmp_path / "more", files)
    page = firm.open("/my-policies/")
    assert asked_first(page) == ["exporter", "layoff_rate", "assets", "industry", "revenue"]
    assert "补充这几项，可以确定 4 项政策" in page.text
    assert "由统计提供" in page.text, "what the firm cannot say itself is named with who says it"
    page = page.form("/my-policies/facts/").press("填报并看结果", **{"f-exporter": "yes"}, status=302).follow()
    for slug in ("export-help", "export-fair"):
        assert f'id="{slug}"' in headed(page, "yes")
    assert asked_first(page) == ["layoff_rate", "assets", "industry", "revenue"]
    assert Fact.objects.get(party=shop.firm, name="exporter").as_of == timezone.localdate()


def test_what_is_worked_out_is_missing_by_what_it_follows_from(shop, firm, tmp_path):
    files = market.policies()
    small = (
        "clauses: [{id: small, text: {zh: 小微企业, en: Small}, when: {fact: size_class, in: [small, micro]}}]\n"
    )
    files["small-only"] = market.policy("small-only", "小微服务", small + SERVICE)
    market.load(tmp_path / "more", files)
    market.state(shop.firm, industry="C3453")
    text = firm.open("/my-policies/").text
    assert "还不知道：年营业收入。补上就能知道结果" in text, "staff and industry are known, assets do not matter"
    assert "推算不出：年营业收入还不齐" in text


def test_an_open_tier_names_what_its_amount_needs_too(shop, firm, tmp_path):
    files = market.policies()
    files["rent-half"] = files["rent-half"].replace("of: [rent]", "when: {fact: exporter, is: true}, of: [rent]")
    market.state(shop.firm, rent=None)
    market.load(tmp_path / "tiered", files)
    assert "金额还算不出：缺少出口企业、年租金。" in headed(firm.open("/my-policies/"), "yes")


def test_where_nothing_is_open_nothing_is_asked(shop, firm):
    market.state(shop.firm, exporter=False)
    assert "补充这几项" not in firm.open("/my-policies/").text


def test_a_day_that_has_not_come_is_refused(shop, firm):
    form = firm.open("/my-policies/facts/?f=staff").form()
    page = form.press("填报", **{"f-staff": "9", "d-f-staff": market.around(3)}, status=422)
    assert "日期还没有到" in page.text


def test_a_figure_of_a_year_is_asked_for_its_year(shop, firm):
    day = timezone.localdate().replace(month=1, day=1) - timedelta(days=1)
    form = firm.open(f"/my-policies/facts/?f=revenue:{day}").form()
    form.press("填报", **{f"f-revenue-{day}": "300", f"u-f-revenue-{day}": "万元"}, status=302)
    fact = Fact.objects.get(name="revenue")
    assert (fact.value, fact.as_of) == ("3000000", day)


def test_a_rate_is_typed_in_per_cent(shop, firm):
    firm.open("/my-policies/facts/?f=layoff_rate").form().press("填报", **{"f-layoff_rate": "5.5"}, status=302)
    assert Fact.objects.get(name="layoff_rate").value == "0.055"


def test_what_others_have_to_say_is_not_asked(shop, firm):
    page = firm.open("/my-policies/facts/?f=certified&f=size_class&f=nonsense&f=age")
    assert "f-certified" not in page.html
    assert "要由别的单位提供的" in page.text


def test_pressing_twice_states_once(shop, firm):
    form = firm.open("/my-policies/facts/?f=exporter").form()
    for _time in range(2):
        form.press("填报", **{"f-exporter": "yes"}, status=302)
    assert Fact.objects.filter(name="exporter").count() == 1


def test_somebody_else_sees_nothing_of_the_firm(shop):
    stranger = Browser(shop.stranger)
    assert "先登记您所代表的企业" in stranger.open("/my-policies/").text
    stranger.open("/my-policies/facts/", status=404)
    mine = Browser(shop.applicant)
    other = world.enterprise("别人的公司", 901)
    mine.open(f"/my-policies/?for={other.pk}", status=404)
    mine.open(f"/policy-calculator/?for={other.pk}", status=404)
    assert "现为" not in Browser().open(f"/policy-calculator/?for={shop.firm.pk}").text, "no account, no facts"


# What if


def test_without_an_account_facts_are_supposed_and_nothing_is_kept(shop):
    before = Fact.objects.count()
    page = Browser().open("/policy-calculator/?f-staff=50&f-area=370199&f-rent=8&u-f-rent=万元")
    assert "4 万元" in page.text
    assert "房租补贴" in page.text
    assert Fact.objects.count() == before
    assert Party.objects.filter(kind=PartyKind.ENTERPRISE).count() == 1


def test_a_firm_sees_what_would_change_against_now(shop, firm):
    page = firm.open("/policy-calculator/?f-staff=600")
    assert "从业人员：600 人" in page.text
    (compared,) = re.findall(r"<h2>和现在比</h2>.*?</section>", page.html, re.DOTALL)
    assert "大厂奖励" in compared
    assert "房租补贴" in compared
    assert "出口扶持" not in compared
    assert "结果和金额都不变" in firm.open("/policy-calculator/?f-staff=121").text


def test_the_address_to_pass_on_names_nobody(shop, firm):
    page = firm.open(f"/policy-calculator/?for={shop.firm.pk}&f-staff=600")
    (link,) = [link for link in page.links if link.startswith("/policy-calculator/?f-staff")]
    assert str(shop.firm.pk) not in link
    assert "大厂奖励" in Browser().open(link).text


def test_a_person_is_asked_what_concerns_people(shop):
    page = Browser().open("/policy-calculator/?who=person&f-age=30&f-area=370199")
    assert "个人创业补贴" in page.text
    assert "f-staff" not in page.html


def test_what_cannot_be_is_said_at_its_control(shop):
    page = Browser().open("/policy-calculator/?f-staff=many&f-rent=1")
    assert "请写数字" in page.text
    assert 'value="many"' in page.html


def test_one_policy_alone_can_be_worked_out_even_when_it_is_over(shop):
    page = Browser().open("/policy-calculator/?policy=is-over&f-staff=5&f-area=370199")
    assert "旧补贴" in page.text
    assert "f-rent" not in page.html


# Side by side


def test_policies_are_compared_with_what_they_mean_for_the_firm(shop, firm):
    text = firm.open("/policies-compared/?p=rent-half&p=many-staff").text
    for said in ("房租补贴", "大厂奖励", "4 万元", "不满足：员工很多", "年租金 × 50%，最高 5 万元"):
        assert said in text


def test_one_policy_is_no_comparison_and_five_are_too_many(shop):
    assert "请选两到四项政策" in Browser().open("/policies-compared/?p=rent-half&p=nonsense").text
    many = "&".join(f"p={slug}" for slug in list(market.policies())[:5])
    assert "一次最多比较 4 项" in Browser().open(f"/policies-compared/?{many}").text


# All of it


ADDRESSES = (
    "/policies/",
    "/policies/?q=房租",
    "/policies/rent-half/",
    "/my-policies/",
    "/my-policies/facts/?f=staff&f=exporter&f=certified",
    "/policy-calculator/?f-staff=600",
    "/policies-compared/?p=rent-half&p=many-staff",
)


@pytest.mark.parametrize("address", ADDRESSES)
def test_pages_read_in_english_too(shop, address):
    page = Browser(shop.applicant, language="en").open(address)
    known = {
        shop.firm.name,
        "虚构的示范办法",
        "中文",
        "林知远",
        "万元",
        "元",
        "千元",
        "亿元",
        "房租",
        "示范发〔2026〕1号",
    }
    left = [word for word in chinese_words(page) if not any(name in word for name in known)]
    assert left == []


@pytest.mark.parametrize(
    ("address", "most"),
    [
        ("/policies/", 11),
        ("/policies/rent-half/", 16),
        ("/my-policies/", 15),
        ("/policy-calculator/", 13),
        ("/policies-compared/?p=rent-half&p=many-staff", 13),
    ],
)
def test_pages_take_few_queries_however_many_policies_there_are(shop, firm, address, most):
    assert cost(firm, address) <= most


def test_a_process_that_is_new_reads_all_policies_at_once(shop, firm):
    from zerotrip.policies import queries

    warm = cost(firm, "/my-policies/")
    queries._specs.clear()
    queries._parsed.cache_clear()
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as asked:
        firm.open("/my-policies/")
    assert len(asked) == warm + 1
