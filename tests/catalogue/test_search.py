"""People find services in their own words."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from zerotrip.catalogue.actions import Report
from zerotrip.catalogue.queries import current_services, search, spec_of, themes


@pytest.mark.parametrize(
    ("text", "service"),
    [
        ("开工要办什么证", "construction-permit"),
        ("农药店换法人", "pesticide-change"),
        ("construction permit", "construction-permit"),
        ("constuction permitt", "construction-permit"),
        ("建筑工程施工许可证核发", "construction-permit"),
        ("施工证", "construction-permit"),
        ("我想盖厂房怎么办手续", "construction-permit"),
        ("企业投资项目备案", "investment-filing"),
        ("立项", "investment-filing"),
        ("办厂备案", "investment-filing"),
        ("Investment project filing", "investment-filing"),
        ("农药经营许可正变更", "pesticide-change"),
        ("农资店改名字", "pesticide-change"),
        ("换负责人", "pesticide-change"),
        ("pesticides", "pesticide-change"),
        ("农药", "pesticide-change"),
    ],
)
def test_words_people_use_find_the_service(loaded: Report, text: str, service: str) -> None:
    assert [version.service_id for version in search(text)][:1] == [service]


@pytest.mark.parametrize("text", ["", "   ", "？！", "💥", "'", "\\", "' | '", "\0", ":*", "&|!<->()"])
def test_an_empty_or_absurd_query_finds_nothing(loaded: Report, text: str) -> None:
    assert search(text) == []


def test_nobody_is_shown_what_has_nothing_to_do_with_the_query(loaded: Report) -> None:
    assert search("离婚登记") == []


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.text(max_size=300))
def test_any_text_is_answered(loaded: Report, text: str) -> None:
    assert len(search(text)) <= 3


def test_a_search_is_one_query(loaded: Report, django_assert_num_queries) -> None:
    for version in current_services():
        spec_of(version.pk)
    with django_assert_num_queries(1):
        assert search("施工许可")[0].spec.name.zh == "建筑工程施工许可证核发"
    with django_assert_num_queries(1):
        assert {version.service.slug for version in current_services() if version.spec.name.zh} == {
            "construction-permit",
            "investment-filing",
            "pesticide-change",
        }


def test_services_are_browsed_by_audience_theme_and_department(loaded: Report) -> None:
    assert [v.service_id for v in current_services(theme="agriculture")] == ["pesticide-change"]
    assert len(current_services(audience="enterprise")) == 3
    assert current_services(audience="person") == []
    assert len(current_services(department="approval-bureau")) == 3
    assert current_services(department="housing") == []
    assert [v.service_id for v in search("许可证", theme="agriculture")] == ["pesticide-change"]


def test_themes_keep_the_order_of_the_pack(loaded: Report) -> None:
    wanted = ["investment", "start-business", "operation", "agriculture", "help"]
    assert [theme.id for theme in themes()] == wanted
