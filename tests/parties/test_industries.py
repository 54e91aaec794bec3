"""Industries of GB/T 4754-2017: the tree holds together, and what can be asked of it."""

from __future__ import annotations

from collections import Counter

import pytest
from django.utils import translation

from zerotrip.parties.industries import (
    Industry,
    Level,
    Sector,
    ancestors,
    at_path,
    industries,
    industry,
    offered,
    path_of,
    search,
    sector,
    told,
)


def of(code: str) -> Industry:
    """The industry, which there must be."""
    found = industry(code)
    assert found is not None
    return found


def test_sections_divisions_and_groups_are_as_many_as_the_standard_counts():
    counted = Counter(one.level for one in industries())
    assert counted[Level.SECTION] == 20
    assert counted[Level.DIVISION] == 97
    assert counted[Level.GROUP] == 473


def test_classes_differ_from_the_total_of_the_standard_by_the_one_the_data_own_up_to():
    assert len(industries(Level.CLASS)) == 1381


def test_sections_are_the_letters_and_divisions_the_numbers_without_a_gap():
    assert [one.code for one in industries(Level.SECTION)] == list("ABCDEFGHIJKLMNOPQRST")
    assert [one.code for one in industries(Level.DIVISION)] == [f"{number:02}" for number in range(1, 98)]


def test_each_industry_lies_in_one_that_is_there_and_begins_with_its_code():
    for one in industries():
        if one.level is Level.SECTION:
            assert one.parent is None
            continue
        above = of(str(one.parent))
        assert one.path == f"{above.path}{one.code}/"
        assert above.level is Level.SECTION or one.code.startswith(above.code)


def test_each_division_and_group_has_something_below_it_and_names_are_clean():
    parents = {one.parent for one in industries()}
    assert all(one.code in parents for one in industries() if one.level is not Level.CLASS)
    assert all(one.name and one.name == one.name.strip() for one in industries())
    assert not [one.name for one in industries() if set(one.name) & set("(),?;　 ")]


def test_a_group_with_a_single_class_has_its_name():
    for group in industries(Level.GROUP):
        below = industries(Level.CLASS, under=group.code)
        if [one.code for one in below] == [f"{group.code}0"]:
            assert below[0].name == group.name


@pytest.mark.parametrize("written", ["3921", "C3921", " c3921 "])
def test_a_code_is_found_with_or_without_its_letter(written: str):
    found = of(written)
    assert (found.name, found.written, found.path) == ("通信系统设备制造", "C3921", "/C/39/392/3921/")


@pytest.mark.parametrize("written", ["", "F3921", "3920", "Z", "39211", "C-39", "9", "３９２１"])
def test_what_the_standard_does_not_have_is_not_found(written: str):
    assert industry(written) is None
    assert path_of(written) == ""
    assert ancestors(written) == []
    assert sector(written) is None


def test_ancestors_are_told_widest_first_and_include_the_industry():
    assert [one.code for one in ancestors("C3921")] == ["C", "39", "392", "3921"]


def test_a_path_leads_back_to_its_industry_and_a_made_up_one_nowhere():
    assert at_path("/C/39/392/3921/") == industry("3921")
    assert at_path("/D/39/392/3921/") is None
    assert at_path("") is None


@pytest.mark.parametrize(
    ("code", "meant"),
    [
        ("0111", Sector.PRIMARY),
        ("0511", Sector.TERTIARY),
        ("06", Sector.SECONDARY),
        ("1120", Sector.TERTIARY),
        ("3921", Sector.SECONDARY),
        ("4310", Sector.TERTIARY),
        ("4411", Sector.SECONDARY),
        ("E", Sector.SECONDARY),
        ("5211", Sector.TERTIARY),
        ("T", Sector.TERTIARY),
    ],
)
def test_support_activities_of_mines_farms_and_factories_are_services(code: str, meant: Sector):
    assert sector(code) is meant


def test_search_finds_by_name_the_same_before_the_beginning_before_the_rest():
    assert [one.code for one in search("零售业")][:1] == ["52"]
    assert [one.code for one in search("软件")][:2] == ["65", "651"]
    assert {"6513", "5273"} <= {one.code for one in search("软件")}


def test_search_finds_by_the_beginning_of_a_code_and_in_english():
    assert [one.code for one in search("C392")] == ["392", "3921", "3922"]
    assert "62" in {one.code for one in search("catering")}
    assert search("  ") == []
    assert len(search("制造", limit=5)) == 5


def test_names_are_english_down_to_divisions_and_chinese_below():
    with translation.override("en"):
        assert [one.label for one in ancestors("6210")][:2] == [
            "Hotels and catering services",
            "Catering",
        ]
        assert of("6210").label == "正餐服务"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("C3421", "3421"),
        ("3421", "3421"),
        ("C3421 金属切削机床制造", "3421"),
        ("金属切削机床制造", "3421"),
        ("h62 catering", "62"),
        ("H62 餐饮业", "62"),
        ("餐饮业", "62"),
        ("金融业", "J"),
        ("C3421 餐饮业", None),
        ("B 餐饮业", None),
        ("", None),
        ("没有的行业", None),
    ],
)
def test_an_industry_is_told_by_its_code_its_name_or_both(text: str, code: str | None) -> None:
    found = told(text)
    assert (found.code if found else None) == code


def test_whatever_is_offered_is_read_back_in_both_languages() -> None:
    every = [one.code for one in industries()]
    for language in ("zh-hans", "en"):
        read = [told(text) for text in offered(language, Level.CLASS)]
        assert [one.code if one else None for one in read] == every
