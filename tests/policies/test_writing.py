"""What writers of policies stumbled over stays said plainly."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests import world
from tests.policies.steady import pack
from zerotrip.catalogue.packs import check

LOAN = """
id: loan
name: {zh: 创业贷款, en: Start-up loan}
summary: {zh: 给自主创业的人的贷款。, en: A loan for people who start up.}
region: {name: {zh: 济南市, en: Jinan}, code: "3701"}
issuer: {zh: 示范区（虚构）, en: The district (invented)}
issued: "2026"
audience: [person]
shelves: [startup]
clauses:
  - {id: age, text: {zh: 年满 16 周岁, en: 16 or older}, when: {fact: born_on, at_most: today-16years}}
  - {id: loans, text: {zh: 没有别的贷款, en: No loans}, when: {fact: other_loans, only: [none, study]}}
benefit:
  kind: loan
  gives: {zh: 最高 20 万元, en: 'Up to 200,000 yuan'}
sources: [虚构的办法]
examples:
  - name: 当天满 16 周岁
    on: 2026-06-01
    facts: {area: "370199", born_on: 2010-06-01, other_loans: [none]}
    expect: "yes"
    amount: ""
  - name: 差一天
    on: 2026-06-01
    facts: {area: "370199", born_on: 2010-06-02, other_loans: [none]}
    expect: "no"
    clauses: {age: "no"}
"""


def faults(folder: Path, text: str) -> list[str]:
    return faults_of(pack(folder), text)


def faults_of(folder: Path, text: str) -> list[str]:
    (folder / "policies" / "loan.yaml").write_text(text.lstrip(), encoding="utf-8")
    return [fault.reason for fault in check(folder) if fault.file == "policies/loan.yaml"]


def test_an_example_of_a_policy_for_people_is_a_person(tmp_path):
    assert faults(tmp_path / "pack", LOAN) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (
            "    computed: {holds: {fact: industry, within: [",
            "    computed: {holds: {fact: industry, within: [ZZ, ",
        ),
        ("    kind: industry\n", "    kind: industrial\n"),
        ("computed: {party: area}", "computed: {party: place}"),
    ],
)
def test_a_fault_of_the_facts_is_named_there_and_not_repeated_by_every_policy(tmp_path, old, new):
    folder = pack(tmp_path / "pack")
    text = (folder / "facts.yaml").read_text(encoding="utf-8")
    assert old in text
    (folder / "facts.yaml").write_text(text.replace(old, new, 1), encoding="utf-8")
    found = [fault for fault in check(folder) if not fault.warning]
    assert found
    assert {fault.file for fault in found} == {"facts.yaml"}


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('amount: ""', "amount: 12000", "12000.00"),
        ('issued: "2026"', 'issued: "2026/1"', "年月"),
        ('code: "3701"', 'code: "370"', "区划代码"),
    ],
)
def test_a_pattern_is_told_in_words(tmp_path, old, new, said):
    (fault,) = faults(tmp_path / "pack", LOAN.replace(old, new))
    assert said in fault
    assert "\\" not in fault


FACTS = """
  - {id: disabled, kind: number, decimals: 0, label: {zh: 残疾职工, en: Disabled staff}}
  - id: quota
    kind: number
    label: {zh: 应安排人数, en: To be employed}
    computed: {scaled: {of: staff, times: 0.015}}
  - id: beyond
    kind: number
    label: {zh: 超比例人数, en: Beyond the quota}
    computed: {difference: [disabled, quota]}
  - id: above
    kind: money
    label: {zh: 营业收入超过 1000 万元的部分, en: Revenue above ten million}
    computed: {scaled: {of: revenue, plus: -10000000}}
  - id: last_revenue
    kind: money
    label: {zh: 上一年度营业收入, en: Revenue of the year before}
    computed: {total: {of: revenue, periods: 1, back: 1}}
  - id: gain
    kind: money
    label: {zh: 营业收入增加额, en: More revenue than the year before}
    computed: {difference: [revenue, last_revenue]}
"""
HIGHEST = """
id: loan
name: {zh: 就高奖励, en: The higher award}
summary: {zh: 按人数和按收入，就高享受。, en: By people or by revenue.}
region: {name: {zh: 济南市, en: Jinan}, code: "3701"}
issuer: {zh: 示范区（虚构）, en: The district (invented)}
issued: "2026"
shelves: [growth]
benefit:
  kind: payment
  gives: {zh: 两项就高, en: The higher of two}
  choose: highest
  tiers:
    - {id: people, name: {zh: 按人数, en: By people}, of: [beyond], rate: 3000}
    - {id: revenue, name: {zh: 按收入, en: By revenue}, of: [above], rate: 0.001}
sources: [虚构的办法]
examples:
  - name: 按人数高
    on: 2026-06-01
    facts: {area: "370199", staff: 200, disabled: 5, revenue: 12000000}
    expect: "yes"
    tier: [people]
    amount: 6000
  - name: 按收入高
    on: 2026-06-01
    facts: {area: "370199", staff: 200, disabled: 4, revenue: 15000000}
    expect: "yes"
    tier: [revenue]
    amount: "5000.00"
  - name: 一样高，取写在前面的
    on: 2026-06-01
    facts: {area: "370199", staff: 200, disabled: 4, revenue: 13000000}
    expect: "yes"
    tier: [people]
    amount: 3000.00
  - name: 不够比例、收入也不到，没有负数
    on: 2026-06-01
    facts: {area: "370199", staff: 200, disabled: 0, revenue: 9000000}
    expect: "yes"
    amount: 0
  - name: 不知道收入，就高算不出来
    on: 2026-06-01
    facts: {area: "370199", staff: 200, disabled: 4}
    expect: "yes"
    tier: [people, revenue]
    missing: [above]
    amount: ""
"""


def test_the_higher_of_two_benefits_and_what_lies_above_a_bound_can_be_said(tmp_path):
    folder = pack(tmp_path / "pack")
    with (folder / "facts.yaml").open("a", encoding="utf-8") as facts:
        facts.write(FACTS.lstrip("\n"))
    assert faults_of(folder, HIGHEST) == []


def test_what_an_example_gives_of_earlier_periods_is_reckoned_with(tmp_path):
    folder = pack(tmp_path / "pack")
    with (folder / "facts.yaml").open("a", encoding="utf-8") as facts:
        facts.write(FACTS.lstrip("\n"))
    text = (
        HIGHEST[: HIGHEST.index("  choose:")]
        + """
  tiers:
    - {id: gain, name: {zh: 按增加额, en: By what was gained}, of: [gain], rate: 0.01}
sources: [虚构的办法]
examples:
  - name: 增加 100 万元
    on: 2026-06-01
    facts: {area: "370199", revenue: 3000000, last_revenue: 2000000}
    expect: "yes"
    amount: 10000
  - name: 不知道上一年度
    on: 2026-06-01
    facts: {area: "370199", revenue: 3000000}
    expect: "yes"
    missing: [gain]
    amount: ""
"""
    )
    assert faults_of(folder, text) == []


def test_where_the_highest_counts_every_tier_is_a_sum(tmp_path):
    folder = pack(tmp_path / "pack")
    text = HIGHEST[: HIGHEST.index("examples:")].replace(", of: [beyond], rate: 3000", "")
    text = text.replace(", of: [above], rate: 0.001", ", of: [revenue], rate: 0.001")
    assert any("每一档" in fault for fault in faults_of(folder, text))


def test_a_number_with_a_unit_is_told_how_to_be_written(tmp_path):
    text = LOAN.replace("{fact: born_on, at_most: today-16years}", "{fact: partners, at_least: 5%}")
    assert any("0.05" in fault for fault in faults(tmp_path / "pack", text))


PUBLISHED = """
  - {id: rate, kind: number, decimals: 4, at_most: 1, label: {zh: 贷款利率, en: Rate of the loan}}
  - id: above
    kind: number
    decimals: 4
    label: {zh: 利率高出 LPR, en: Above the LPR}
    computed: {difference: [rate, prime]}
  - id: subsidised
    kind: number
    decimals: 4
    label: {zh: 贴息利率, en: Rate that is paid}
    computed: {least: [above, 0.02]}
"""
PRIME = """
  - id: prime
    kind: number
    decimals: 4
    at_most: 1
    of: [enterprise, person]
    label: {zh: LPR, en: LPR}
    fresh: 40
    computed:
      published:
        - {since: 2026-01-20, value: 0.031, source: 虚构}
        - {since: 2026-02-20, value: 0.03, source: 虚构, confirmed: 2026-05-20}
"""
INTEREST = """
id: loan
name: {zh: 贷款贴息, en: Interest on loans}
summary: {zh: 利率高出 LPR 的部分由财政贴息。, en: What lies above the LPR is paid.}
region: {name: {zh: 济南市, en: Jinan}, code: "3701"}
issuer: {zh: 示范区（虚构）, en: The district (invented)}
issued: "2026"
shelves: [finance]
clauses:
  - id: bound
    text: {zh: 利率不高于 LPR 加 150 个基点, en: At most 150 above}
    when: {fact: above, at_most: 0.015}
benefit:
  kind: payment
  gives: {zh: 高出部分, en: What lies above}
  tiers:
    - {id: all, name: {zh: 贴息, en: Interest}, of: [loan_amount, subsidised], rate: 1}
sources: [虚构的办法]
examples:
  - name: 按当天的 LPR
    on: 2026-06-01
    facts: {area: "370199", rate: 0.045, loan_amount: 1000000}
    expect: "yes"
    amount: 15000
  - name: 一个月前的 LPR
    on: 2026-02-01
    facts: {area: "370199", rate: 0.0461, loan_amount: 1000000}
    expect: "no"
  - name: 示例自己给的 LPR
    on: 2026-02-01
    facts: {area: "370199", prime: 0.04, rate: 0.045, loan_amount: 1000000}
    expect: "yes"
    amount: 5000
  - name: 没有人确认过的 LPR 不算数
    on: 2026-06-30
    facts: {area: "370199", rate: 0.045, loan_amount: 1000000}
    expect: unknown
    missing: [above, subsidised]
"""


def told_of_facts(folder: Path, more: str, policy: str) -> list[str]:
    pack(folder)
    with (folder / "facts.yaml").open("a", encoding="utf-8") as facts:
        facts.write(more)
    (folder / "policies" / "loan.yaml").write_text(policy.lstrip(), encoding="utf-8")
    return [fault.reason for fault in check(folder) if not fault.warning]


def test_a_published_rate_is_a_bound_and_a_factor_and_differs_by_day(tmp_path):
    assert told_of_facts(tmp_path / "pack", PRIME.lstrip("\n") + PUBLISHED.lstrip("\n"), INTEREST) == []


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("value: 0.031", "value: 3.1", "不能大于 1"),
        ("since: 2026-01-20", "since: 2026-02-20", "同一天"),
        ("since: 2026-01-20, ", "since: 2026-01-20, until: 2026-01-19, ", "不能早于"),
        ("since: 2026-01-20, ", "since: 2026-01-20, within: [31a], ", "代码"),
        (", source: 虚构}", "}", "source"),
        ("    kind: number", "    kind: yes_no", "number"),
        ("    fresh: 40\n", "    fresh: 40\n    sources: [tax]\n", "sources"),
        ("least: [above, 0.02]", "least: [1, 2]", "事实"),
        ("least: [above, 0.02]", "least: [abov, 2]", "above"),
        ("least: [above, 0.02]", "published_on: {of: rate, day: founded_on}", "published"),
        ("least: [above, 0.02]", "published_on: {of: prime, day: staff}", "date"),
    ],
)
def test_what_is_wrong_with_a_published_value_is_said(tmp_path, old, new, said):
    facts = PRIME.lstrip("\n") + PUBLISHED.lstrip("\n")
    assert old in facts
    assert any(said in fault for fault in told_of_facts(tmp_path / "pack", facts.replace(old, new, 1), INTEREST))


APPLY = """
apply:
  how: {zh: 网上申报, en: Online}
  windows:
    - {opens: "03-01", closes: "03-31"}
    - {opens: 2026-06-01, closes: 2026-06-30, when: {fact: partners, at_least: 2}}
"""


def with_windows(windows: str) -> str:
    text = LOAN.replace("sources: [虚构的办法]", windows.lstrip() + "sources: [虚构的办法]")
    return text.replace("other_loans: [none]}", "other_loans: [none], partners: 2}").replace(
        'amount: ""', 'amount: ""\n    open: "yes"'
    )


def test_times_to_apply_are_worked_out_in_examples(tmp_path):
    assert faults(tmp_path / "pack", with_windows(APPLY)) == []
    (fault,) = faults_of(tmp_path / "pack", with_windows(APPLY).replace("on: 2026-06-01", "on: 2026-07-01", 1))
    assert "no" in fault


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('closes: "03-31"', "closes: 2026-03-31", "月日"),
        ('closes: "03-31"', 'closes: "02-30"', "月日"),
        ("closes: 2026-06-30", "closes: 2026-05-30", "不能晚于结束"),
        ("  windows:", "  opens: 2026-01-01\n  windows:", "windows"),
        ("fact: partners", "fact: partner", "partners"),
    ],
)
def test_what_is_wrong_with_a_time_to_apply_is_said(tmp_path, old, new, said):
    assert any(said in fault for fault in faults(tmp_path / "pack", with_windows(APPLY.replace(old, new))))


def test_what_is_paid_unasked_is_for_all_and_cannot_be_limited(tmp_path):
    folder = pack(tmp_path / "pack")
    path = folder / "policies" / "steady-output.yaml"
    limited = "limited: {places: 50, order: {zh: 按申报先后, en: First come}}\n"
    path.write_text(path.read_text(encoding="utf-8") + limited, encoding="utf-8")
    assert [fault.path for fault in check(folder) if not fault.warning] == ["limited"]
    assert faults_of(folder, LOAN + limited) == []


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("en: The district (invented)}", "en: The district, invented}", "要加引号"),
        ("issued:", "article: 第 3 条\nissued:", "{zh: 中文, en: English}"),
        ('amount: ""', "amount: 100万", "1000000"),
        ("{fact: born_on, at_most: today-16years}", "{fact: born_on, more_than: today-16years}", "before"),
        ("{fact: born_on, at_most: today-16years}", "{fact: today, at_least: 2026-05-01}", "写在日期后面"),
    ],
)
def test_a_slip_is_told_with_what_to_write_instead(tmp_path, old, new, said):
    assert old in LOAN
    assert any(said in fault for fault in faults(tmp_path / "pack", LOAN.replace(old, new, 1)))


def test_rules_of_routing_and_warnings_do_not_repeat_a_fault_of_the_facts(tmp_path):
    folder = tmp_path / "pack"
    shutil.copytree(world.WHOLE, folder)
    text = (folder / "facts.yaml").read_text(encoding="utf-8").replace("kind: industry", "kind: industrial", 1)
    (folder / "facts.yaml").write_text(text, encoding="utf-8")
    found = [fault for fault in check(folder) if not fault.warning]
    assert {fault.file for fault in found} == {"facts.yaml"}


SPRING = """
  - id: bill
    kind: money
    per: month
    label: {zh: 电费, en: Electricity}
  - id: rate_charged
    kind: number
    decimals: 4
    at_least: 0
    at_most: 1
    label: {zh: 利率, en: Rate}
  - id: spring
    kind: money
    label: {zh: 二季度电费, en: Electricity of the second quarter}
    computed: {total: {of: bill, since: 2026-04-01, until: 2026-06-30}}
  - id: units
    kind: number
    decimals: 0
    label: {zh: 满 1000 元的个数, en: Full thousands}
    computed: {whole: {of: spring, each: 1000}}
"""
RELIEF = """
id: loan
name: {zh: 电费补贴, en: Electricity}
summary: {zh: 二季度电费每满 1000 元补 100 元。, en: 100 yuan for every full thousand.}
region: {name: {zh: 济南市, en: Jinan}, code: "3701"}
issuer: {zh: 示范区（虚构）, en: The district (invented)}
issued: "2026"
shelves: [growth]
valid: {until: 2026-12-31}
clauses:
  - {id: rate, text: {zh: 利率不高于 5%, en: 5 % or less}, when: {fact: rate_charged, at_most: 0.05}}
  - {id: founded, text: {zh: 去年成立, en: Founded last year}, when: {fact: founded_on, within: year-1}}
benefit:
  kind: payment
  gives: {zh: 每满 1000 元 100 元, en: 100 yuan a thousand}
  tiers:
    - {id: all, name: {zh: 补贴, en: Subsidy}, of: [units], rate: 100}
sources: [虚构的办法]
examples:
  - name: 三个月一共 2999 元
    on: 2026-08-01
    facts: {area: "370199", rate_charged: 0.05, founded_on: 2025-12-31,
            bill: {2026-04: 1000, 2026-05: 999, 2026-06: 1000, 2026-07: 5000}}
    expect: "yes"
    amount: 200
"""


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("", "", []),
        ("2026-06: 1000", "2026-08: 1000", ["已经结束"]),
        ("2026-06: 1000", "6 月: 1000", ["这里写一期"]),
        ("2026-06: 1000", "2026-06: 千元", ["不是数"]),
        ("bill: {", "motto: {", ["没有“motto”"]),
        ("at_most: 0.05", "at_most: 5", ["5 超出了“利率”可能的数（0 到 1）"]),
        (
            "on: 2026-08-01",
            "on: 2027-08-01",
            ["不在有效期内", "成立日期在 2026-01-01 到 2026-12-31", "应为 200.00"],
        ),
        ("founded_on: 2025-12-31", "founded_on: 2026-01-01", ["（2026-01-01）", "应为 200.00"]),
        ("amount: 200", "amount: 300", ["all=200.00（units 2）"]),
        ("{fact: founded_on, within: year-1}", "{fact: rate_charged, more_than: 0.5}", ["和“rate”互相矛盾"]),
        (
            "{fact: founded_on, within: year-1}",
            "{all: [{fact: staff, at_least: 9}, {all: [{fact: staff, at_most: 8}]}]}",
            ["自相矛盾"],
        ),
        ("of: [units]", "when: {fact: rate_charged, more_than: 0.06}, of: [units]", ["没有企业能得到这一档"]),
    ],
)
def test_what_comes_out_is_told_with_how_it_comes_about(tmp_path, old, new, said):
    folder = pack(tmp_path / "pack")
    with (folder / "facts.yaml").open("a", encoding="utf-8") as facts:
        facts.write(SPRING.lstrip("\n"))
    assert old in RELIEF
    found = faults_of(folder, RELIEF.replace(old, new, 1))
    assert len(found) >= len(said), found
    assert all(any(each in reason for reason in found) for each in said), found
    assert bool(said) == bool(found)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("since: 2026-04-01", "since: 2026-04-02", "第一天"),
        ("until: 2026-06-30", "until: 2026-06-29", "最后一天"),
        ("until: 2026-06-30", "until: 2025-06-30", "since"),
        ("since: 2026-04-01, ", "", "写且只写一种"),
        ("since: 2026-04-01", "since: 2016-04-01", "最多 60 期"),
        ("each: 1000", "each: 0", "要大于 0"),
        ("of: spring", "of: units", "不能绕成一圈"),
        ("of: spring", "of: springs", "是不是“spring”"),
        ("{whole: {of: spring, each: 1000}}", "{days: [founded_on, spring]}", "date"),
        ("{whole: {of: spring, each: 1000}}", "{cases: [{value: 1}, {value: 2}]}", "最后一项不写 when"),
        (
            "{whole: {of: spring, each: 1000}}",
            "{cases: [{when: {fact: spring, at_least: 1}, value: 9}, {value: none_of}]}",
            "none_of",
        ),
    ],
)
def test_what_is_wrong_with_a_fact_that_follows_is_said_at_its_line(tmp_path, old, new, said):
    folder = pack(tmp_path / "pack")
    text = (folder / "facts.yaml").read_text(encoding="utf-8") + SPRING.lstrip("\n").replace(old, new, 1)
    (folder / "facts.yaml").write_text(text, encoding="utf-8")
    found = [fault for fault in check(folder) if fault.file == "facts.yaml"]
    assert any(said in fault.reason for fault in found), found
    assert {text.splitlines()[fault.line - 1].count("computed") for fault in found} <= {1}


def test_a_pack_may_have_policies_and_no_service(tmp_path):
    folder = pack(tmp_path / "pack")
    for name in ("services", "samples", "scenarios"):
        shutil.rmtree(folder / name, ignore_errors=True)
    for name in ("projects.yaml", "relief.yaml", "warnings.yaml"):
        (folder / name).unlink(missing_ok=True)
    found = [fault.reason for fault in check(folder) if not fault.warning]
    assert found == []
