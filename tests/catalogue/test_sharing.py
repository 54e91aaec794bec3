"""Shared parts of a pack, and services that are not complete."""

from __future__ import annotations

import shutil

import pytest

from tests import world
from zerotrip.catalogue import packs
from zerotrip.catalogue.packs import documents
from zerotrip.catalogue.packs.sharing import expand

SHARED = {
    "law": {"title": {"zh": "法"}, "url": "https://example.test/"},
    "steps": [{"id": "a"}, {"id": "b"}],
    "nested": [{"use": "steps"}, {"id": "c", "fields": [{"use": "law", "url": ""}]}],
    "round": [{"use": "about"}],
    "about": [{"use": "round"}],
}


def expanded(text: str) -> documents.Document:
    return expand(documents.read(text), SHARED)


def test_a_shared_mapping_is_taken_over_and_the_items_own_keys_count():
    found = expanded("laws:\n  - {use: law, articles: 第一条}\n  - {use: law, url: ''}\n")
    assert found.value["laws"] == [
        {"title": {"zh": "法"}, "url": "https://example.test/", "articles": "第一条"},
        {"title": {"zh": "法"}, "url": ""},
    ]
    assert found.problems == []


def test_a_shared_list_is_put_where_its_use_stood():
    found = expanded("stages:\n  - {id: x}\n  - use: nested\n  - {id: y}\n")
    assert [part["id"] for part in found.value["stages"]] == ["x", "a", "b", "c", "y"]
    assert found.value["stages"][3]["fields"] == [{"title": {"zh": "法"}, "url": ""}]


def test_what_was_put_in_is_at_the_line_of_its_use():
    found = expanded("stages:\n  - {id: x}\n  - use: steps\n  - id: y\n")
    assert [found.line(("stages", at, "id")) for at in range(4)] == [2, 3, 3, 4]


@pytest.mark.parametrize(
    ("item", "reason"),
    [
        ("use: nobody", "没有“nobody”"),
        ("{use: steps, id: z}", "是列表"),
        ("use: round", "绕成了圈"),
    ],
)
def test_a_use_that_cannot_be_is_a_fault_at_its_line(item, reason):
    ((line, told),) = expanded(f"stages:\n  - {item}\n").problems
    assert line == 2
    assert reason in told


def test_a_mapping_may_have_a_key_that_is_called_use():
    assert expanded("answers: {use: industrial}\n").value == {"answers": {"use": "industrial"}}


@pytest.fixture
def pack(tmp_path):
    """A copy of the pack whose files a test changes."""
    return shutil.copytree(world.PACK, tmp_path / "pack")


INCOMPLETE = """
id: stall
name: {zh: 摊点备案, en: Stall filing}
summary: {zh: 摆摊前备案。, en: File before you set up a stall.}
incomplete: {zh: 来源没有材料清单。, en: The source lists no materials.}
category: filing
handling: promised
audience: [person]
themes: [operation]
department: approval-bureau
sources: [https://example.test/]
"""


def test_an_incomplete_service_needs_no_form_and_shows_no_application(pack):
    (pack / "services" / "stall.yaml").write_text(INCOMPLETE, encoding="utf-8")
    assert [fault for fault in packs.check(pack) if not fault.warning] == []


def test_a_service_that_is_open_names_all_it_lacks(pack):
    text = INCOMPLETE.replace("incomplete: {zh: 来源没有材料清单。, en: The source lists no materials.}\n", "")
    (pack / "services" / "stall.yaml").write_text(text, encoding="utf-8")
    lacking = {fault.reason for fault in packs.check(pack) if not fault.warning}
    for key in ("promised", "form", "stages", "outcome", "subject"):
        assert any(f"缺少“{key}”。" in reason for reason in lacking)


def scenario(pack, text: str) -> list[str]:
    """What the check says of a scenario of the construction permit."""
    (pack / "scenarios" / "construction-permit.yaml").write_text(text, encoding="utf-8")
    return [fault.reason for fault in packs.check(pack) if not fault.warning]


STORY = """
- name: 假日前
  now: "2026-09-30 15:00"
  expect: {due: "%s"}
"""


def test_a_scenario_that_comes_true_is_silent(pack):
    assert scenario(pack, STORY % "2026-10-08 17:00") == []


def test_a_due_date_that_does_not_come_true_is_explained_line_by_line(pack):
    (told,) = scenario(pack, STORY % "2026-10-01 17:00")
    assert "应为 2026-10-01 17:00，实为 2026-10-08 17:00" in told
    assert "国庆节，不计" in told


@pytest.mark.parametrize(
    ("expect", "told"),
    [
        ("{materials: [drawings]}", "materials 应为 [drawings]，实为"),
        ("{stages: [[intake], [decision]]}", "stages 应为 [[intake], [decision]]，实为 [[intake], [civil-"),
        ("{not_asked: [supervisor]}", "“supervisor”要填"),
        ("{outcome: 别的证}", "outcome 应为 别的证，实为 建筑工程施工许可证"),
        ("{refused: [project_name]}", "refused 应为 [project_name]，实为 []"),
        ("{owed: {contract: '2026-03-17 17:00'}}", "owed 应为 [contract]，实为 []"),
    ],
)
def test_whatever_does_not_come_true_says_what_came_instead(pack, expect, told):
    text = f'- name: 对照\n  now: "2026-03-03 09:30"\n  expect: {expect}\n'
    (found,) = scenario(pack, text)
    assert told in found


STATED = """
- name: 有效期不变
  now: "2026-03-03 09:30"
  answers: {licence_valid_until: %s}
  expect: {valid_until: "2029-05-31"}
"""


def test_the_last_day_of_a_licence_is_the_one_the_application_states(pack):
    story = pack / "scenarios" / "pesticide-change.yaml"
    story.write_text(STATED % '"2029-05-31"', encoding="utf-8")
    assert [fault.reason for fault in packs.check(pack) if not fault.warning] == []
    story.write_text(STATED % '"2029-06-01"', encoding="utf-8")
    (told,) = [fault.reason for fault in packs.check(pack) if not fault.warning]
    assert "valid_until 应为 2029-05-31，实为 2029-06-01" in told


def test_answers_that_cannot_be_handed_in_are_named(pack):
    text = '- {name: 没有名称, now: "2026-03-03 09:30", answers: {project_name: null}, expect: {}}\n'
    (found,) = scenario(pack, text)
    assert "project_name" in found


def test_the_shape_of_a_scenario_is_judged_with_its_line(pack):
    (pack / "scenarios" / "construction-permit.yaml").write_text(
        '- {name: 一, now: 明天, expect: {}}\n- {name: 二, now: "2026-03-03 09:30", expects: {}}\n', "utf-8"
    )
    found = [(f.line, f.reason) for f in packs.check(pack) if not f.warning]
    assert {line for line, _reason in found} == {1, 2}


def test_every_open_service_has_its_scenarios():
    assert [str(fault) for fault in packs.check(world.PACK) if "没有情景" in fault.reason] == []
