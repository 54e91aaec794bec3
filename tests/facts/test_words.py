"""Facts and conditions in words: every comparison, every kind of fact, in both languages."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.utils.translation import override

from tests.facts.words import TODAY, WORDS, Said
from zerotrip.criteria import Truth
from zerotrip.facts.lacking import Lacking, askable, lacking, last_period, supposing
from zerotrip.facts.spec import FactSpec
from zerotrip.facts.words import condition, found, is_rate, lines, sentence, shown, yuan
from zerotrip.facts.worth import known

PLACES = {"3701": "济南市", "370199": "示范区"}


@pytest.mark.parametrize(
    ("amount", "chinese", "english"),
    [
        ("0", "0 元", "CNY 0"),
        ("980.5", "980.5 元", "CNY 980.5"),
        ("12345", "12,345 元", "CNY 12,345"),
        ("20000", "2 万元", "CNY 20,000"),
        ("3000000", "300 万元", "CNY 3,000,000"),
        ("1234567", "123.4567 万元", "CNY 1,234,567"),
        ("208000000", "2.08 亿元", "CNY 208,000,000"),
        ("123456789.12", "123,456,789.12 元", "CNY 123,456,789.12"),
        ("-50000", "−5 万元", "CNY −50,000"),
    ],
)
def test_money_is_said_in_the_unit_people_use_and_never_rounded(amount, chinese, english):
    assert yuan(Decimal(amount)) == chinese
    with override("en"):
        assert yuan(Decimal(amount)) == english


@pytest.mark.parametrize(
    ("tree", "said", "said_of_not"),
    [
        ({"fact": "staff", "at_most": 300}, "从业人员不超过 300 人", "从业人员超过 300 人"),
        ({"fact": "staff", "at_least": 20}, "从业人员不少于 20 人", "从业人员少于 20 人"),
        ({"fact": "staff", "more_than": 20}, "从业人员超过 20 人", "从业人员不超过 20 人"),
        ({"fact": "staff", "less_than": 20}, "从业人员少于 20 人", "从业人员不少于 20 人"),
        ({"fact": "staff", "is": 8}, "从业人员为 8 人", "从业人员不是 8 人"),
        ({"fact": "staff", "is_not": 8}, "从业人员不是 8 人", "从业人员为 8 人"),
        (
            {"fact": "staff", "between": [8, 20]},
            "从业人员在 8 人 到 20 人 之间（都包括）",
            "从业人员不在 8 人 到 20 人 之间",
        ),
        ({"fact": "assets", "at_most": 5000000}, "资产不超过 500 万元", "资产超过 500 万元"),
        ({"fact": "growth", "at_least": 0.1}, "同比不少于 10%", "同比少于 10%"),
        ({"fact": "growth", "at_most": -0.055}, "同比不超过 −5.5%", "同比超过 −5.5%"),
        ({"fact": "opened", "at_least": "2025-01-01"}, "成立日期不早于 2025-01-01", "成立日期早于 2025-01-01"),
        ({"fact": "opened", "at_most": "2025-01-01"}, "成立日期不晚于 2025-01-01", "成立日期晚于 2025-01-01"),
        ({"fact": "opened", "before": "2025-01-01"}, "成立日期早于 2025-01-01", "成立日期不早于 2025-01-01"),
        ({"fact": "opened", "after": "2025-01-01"}, "成立日期晚于 2025-01-01", "成立日期不晚于 2025-01-01"),
        ({"fact": "opened", "is": "2025-01-01"}, "成立日期为 2025-01-01", "成立日期不是 2025-01-01"),
        ({"fact": "opened", "is_not": "2025-01-01"}, "成立日期不是 2025-01-01", "成立日期为 2025-01-01"),
        (
            {"fact": "opened", "between": ["2024-01-01", "2024-12-31"]},
            "成立日期在 2024-01-01 到 2024-12-31 之间（都包括）",
            "成立日期不在 2024-01-01 到 2024-12-31 之间",
        ),
        ({"fact": "exporter", "is": True}, "出口企业：是", "出口企业：否"),
        ({"fact": "exporter", "is_not": True}, "出口企业：否", "出口企业：是"),
        ({"fact": "size", "is": "small"}, "规模：小型", "规模不是 小型"),
        ({"fact": "size", "is_not": "small"}, "规模不是 小型", "规模：小型"),
        ({"fact": "size", "in": ["small", "micro"]}, "规模：小型 或 微型", "规模不是 小型 或 微型"),
        ({"fact": "size", "not_in": ["large"]}, "规模不是 大型", "规模：大型"),
        ({"fact": "motto", "is": "诚信"}, "口号：诚信", "口号不是 诚信"),
        (
            {"fact": "industry", "is": "3921"},
            "行业：通信系统设备制造（C3921）",
            "行业不是 通信系统设备制造（C3921）",
        ),
        (
            {"fact": "industry", "within": ["C", "62"]},
            "行业在 制造业（C） 或 餐饮业（H62） 内",
            "行业不在 制造业（C） 或 餐饮业（H62） 内",
        ),
        ({"fact": "area", "within": "370100"}, "区域在 济南市 内", "区域不在 济南市 内"),
        ({"fact": "area", "within": "110000"}, "区域在 11 内", "区域不在 11 内"),
        ({"fact": "markets", "contains": "abroad"}, "市场有 国外", "市场没有 国外"),
        (
            {"fact": "markets", "contains_any": ["home", "abroad"]},
            "市场有下列任一项：国内、国外",
            "市场没有下列任何一项：国内、国外",
        ),
        (
            {"fact": "markets", "contains_all": ["home", "abroad"]},
            "市场有下列全部：国内、国外",
            "市场没有下列全部：国内、国外",
        ),
        ({"fact": "markets", "only": ["home"]}, "市场只有下列各项：国内", "市场还有下列以外的：国内"),
    ],
)
def test_every_comparison_is_a_sentence_and_so_is_its_opposite(tree, said, said_of_not):
    leaf = WORDS.rule(tree)
    assert sentence(leaf, WORDS, today=TODAY, places=PLACES) == said
    assert sentence(leaf, WORDS, today=TODAY, places=PLACES, denied=True) == said_of_not
    with override("en"):
        assert not {"不", "超过", "早于", "晚于"} & set(sentence(leaf, WORDS, today=TODAY).split())


def test_a_day_counted_from_today_is_worked_out():
    leaf = WORDS.rule({"fact": "opened", "at_most": "today-12months"})
    assert sentence(leaf, WORDS, today=TODAY) == "成立日期不晚于 2025-03-03"
    assert sentence(leaf, WORDS) == "成立日期不晚于 按提问当天推算的日子"


def test_a_number_is_a_rate_where_it_is_worked_out_as_one_or_cannot_exceed_one():
    share = FactSpec.model_validate(
        {"id": "share", "kind": "number", "label": {"zh": "占比"}, "at_most": 1, "decimals": 4}
    )
    assert is_rate(share)
    assert shown(share, "0.055") == "5.5%"
    assert is_rate(WORDS.facts["growth"])
    assert is_rate(WORDS.facts["insured_share"])
    assert not is_rate(WORDS.facts["staff"])
    assert not is_rate(WORDS.facts["assets"])


def test_values_are_shown_as_their_kind_is_read():
    assert shown(WORDS.facts["exporter"], False) == "否"
    assert shown(WORDS.facts["markets"], ["abroad", "home"]) == "国外、国内"
    assert shown(WORDS.facts["markets"], []) == "没有一项"
    assert shown(WORDS.facts["staff"], "1200") == "1,200 人"
    assert shown(WORDS.facts["industry"], "nonsense") == "nonsense"


def worth(name, *said):
    return known(WORDS, said, today=TODAY).worths[name]


def test_what_is_known_is_said_with_its_source_and_day():
    said = worth("staff", Said("staff", "320"))
    assert found(WORDS.facts["staff"], said, WORDS) == "现为 320 人，税务，截至 2026-03-03"


def test_what_is_stale_or_contradictory_or_unknown_is_said_as_such():
    staff = WORDS.facts["staff"]
    old = worth("staff", Said("staff", "320", as_of=TODAY.replace(year=2023)))
    assert found(staff, old, WORDS) == "已过有效期：税务 2023-03-03 的数据是 320 人"
    two = worth("staff", Said("staff", "320"), Said("staff", "300", source="statistics"))
    assert found(staff, two, WORDS) == "说法不一：统计 300 人、税务 320 人，都截至 2026-03-03，要先核实"
    assert found(staff, worth("staff"), WORDS) == "还不知道"
    assert found(WORDS.facts["size"], worth("size"), WORDS) == "推算不出：行业、从业人员、年收入、资产还不齐"


def test_a_clause_is_told_part_by_part():
    rule = WORDS.rule(
        {
            "all": [
                {"fact": "staff", "at_most": 300},
                {"any": [{"fact": "exporter", "is": True}, {"not": {"fact": "industry", "within": "C"}}]},
                {
                    "some": {
                        "at_least": 2,
                        "of": [{"fact": "motto", "is": "诚信"}, {"fact": "exporter", "is": False}],
                    }
                },
            ]
        }
    )
    facts = known(WORDS, [Said("staff", "320"), Said("industry", "C39")], today=TODAY)
    told = lines(rule.explain(facts.facts(TODAY)).reasons, WORDS, facts, today=TODAY)
    assert [(line.text, line.truth) for line in told] == [
        ("从业人员不超过 300 人", Truth.NO),
        ("下列任一项", Truth.UNKNOWN),
        ("下列至少 2 项", Truth.UNKNOWN),
    ]
    assert told[0].found == "现为 320 人，税务，截至 2026-03-03"
    assert [(line.text, line.truth) for line in told[1].parts] == [
        ("出口企业：是", Truth.UNKNOWN),
        ("行业不在 制造业（C） 内", Truth.NO),
    ]
    said = condition(rule, WORDS)
    assert said.startswith("下列全部：从业人员不超过 300 人；下列任一项：出口企业：是；行业不在 制造业（C） 内")


def test_what_is_lacking_are_the_statements_that_would_tell():
    facts = known(WORDS, [Said("staff", "320")], today=TODAY)
    named = [each.name for each in lacking(["size", "staff", "exporter"], WORDS, facts, today=TODAY)]
    assert named == ["industry", "revenue", "assets", "exporter"], "what is known is not asked again"


def test_growth_lacks_each_period_that_is_missing():
    january = TODAY.replace(month=1, day=31)
    facts = known(WORDS, [Said("sales", "100", as_of=january)], today=TODAY)
    assert lacking(["growth"], WORDS, facts, today=TODAY) == [
        Lacking("sales", TODAY.replace(year=2025, month=12, day=31)),
        Lacking("sales", TODAY.replace(year=2025, month=1, day=31)),
        Lacking("sales", TODAY.replace(year=2024, month=12, day=31)),
    ]


@pytest.mark.parametrize(("name", "ends"), [("sales", "2026-02-28"), ("revenue", "2025-12-31")])
def test_the_latest_period_is_the_last_one_that_is_over(name, ends):
    assert last_period(WORDS.facts[name], TODAY).isoformat() == ends


def test_somebody_unknown_is_asked_for_what_others_follow_from():
    assert askable(["small_exporter", "growth", "area"], WORDS) == [
        "exporter",
        "industry",
        "staff",
        "revenue",
        "assets",
        "growth",
        "area",
    ]


def test_supposing_changes_what_follows_and_nothing_else():
    stated = [Said("staff", "320"), Said("industry", "C39"), Said("revenue", "500000000", as_of=TODAY)]
    now = supposing({}, stated, WORDS, today=TODAY)
    then = supposing({"staff": "8"}, stated, WORDS, today=TODAY)
    assert (now.worths["staff"].value, then.worths["staff"].value) == ("320", "8")
    assert then.worths["size"].value == "micro" != now.worths["size"].value
    assert then.worths["industry"] == now.worths["industry"]
    assert supposing({"size": "small"}, stated, WORDS, today=TODAY).worths["size"].value == "small"
