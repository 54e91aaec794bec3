"""``check`` names every fault at once, with file, line and reason, whatever the folder holds."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.world import UNISSUED, WHOLE
from zerotrip.catalogue.packs import Fault, check

PERMIT = "services/construction-permit.yaml"
CHANGE = "services/pesticide-change.yaml"


def replace(pack: Path, name: str, old: str, new: str) -> int:
    """Change one place of a file; the number of the line where it stands."""
    path = pack / name
    text = path.read_text()
    assert text.count(old) >= 1, old
    path.write_text(text.replace(old, new, 1))
    return text[: text.index(old)].count("\n") + 1


def errors(pack: Path) -> list[Fault]:
    return [fault for fault in check(pack) if not fault.warning]


def test_the_shipped_pack_has_no_fault_and_no_warning() -> None:
    assert check(WHOLE) == []


def test_all_faults_are_named_at_once(pack: Path) -> None:
    replace(pack, "pack.yaml", "id: jinan", "id: 济南")
    replace(pack, PERMIT, "handling: promised", "handling: maybe")
    replace(pack, PERMIT, "amount: 3", "amount: -3")
    replace(pack, CHANGE, "department: agriculture", "department: agricultur")
    assert {fault.file for fault in errors(pack)} == {"pack.yaml", PERMIT, CHANGE}
    assert len(errors(pack)) == 4


@pytest.mark.parametrize(
    ("name", "old", "new", "reason"),
    [
        (PERMIT, "handling: promised", "handling: perhaps", "'immediate'"),
        (PERMIT, "visits: 0", "visit: 0", "visit"),
        (PERMIT, "unit: working_days", "unit: days", "working_days"),
        (PERMIT, "    department: fire", "    department: fires", "fires"),
        (PERMIT, "themes: [investment]", "themes: [investing]", "investing"),
        (PERMIT, "materials: [drawings, fire_review]", "materials: [drawings, plans]", "plans"),
        (
            PERMIT,
            "    after: [housing-review, fire-review, civil-defence-review]",
            "    after: [x-review]",
            "x-review",
        ),
        (PERMIT, "template: construction-permit.typ", "template: nothing.typ", "nothing.typ"),
        (PERMIT, "{year}{month}{seq:05}", "{year}{month}", "{seq}"),
        (PERMIT, "subject: project_name", "subject: project", "project"),
        (PERMIT, "area: site", "area: project_name", "project_name"),
        (PERMIT, "builder: answers.builder", "builder: answers.bilder", "answers.bilder"),
        (PERMIT, "name: {zh: 受理, en: Intake}", "name: {zh: '', en: Intake}", "不能为空"),
        ("district.yaml", "part_of: housing", "part_of: houses", "houses"),
        ("district.yaml", 'area: "370199000000"\nnotice', 'area: "370198000000"\nnotice', "370198000000"),
        ("district.yaml", "code: fire", "code: housing", "housing"),
        ("district.yaml", 'start: "08:30"', 'start: "18:30"', "结束时间"),
    ],
)
def test_a_fault_is_named_where_it_stands(pack: Path, name: str, old: str, new: str, reason: str) -> None:
    line = replace(pack, name, old, new)
    found = errors(pack)
    assert any(f.file == name and f.line in (line, line + 1) and reason in f.reason for f in found), found


def test_a_stage_belongs_to_a_department_over_the_whole_district(pack: Path) -> None:
    home = '  - code: agriculture\n    area: "370199000000"'
    replace(pack, "district.yaml", home, home.replace("370199000000", "370199001000"))
    (fault,) = errors(pack)
    line = (pack / CHANGE).read_text().split("department: agriculture")[0].count("\n") + 1
    assert (fault.file, fault.line) == (CHANGE, line)
    assert "不管全区" in fault.reason
    replace(pack, "district.yaml", home.replace("370199000000", "370199001000"), home.replace("0199", "0100"))
    assert errors(pack) == [], "a department of the city is over the district too"


def test_stages_that_wait_for_each_other_are_a_fault(pack: Path) -> None:
    replace(pack, PERMIT, "    after: [intake]", "    after: [decision]")
    assert any("互相等待" in fault.reason for fault in errors(pack))


def test_the_same_material_twice_is_a_fault(pack: Path) -> None:
    replace(pack, PERMIT, "  - id: safety_measures", "  - id: drawings")
    assert any("drawings" in fault.reason for fault in errors(pack))


def test_the_same_service_in_two_files_is_a_fault(pack: Path) -> None:
    (pack / "services/copy.yaml").write_text((pack / PERMIT).read_text())
    assert [(fault.file, fault.path) for fault in errors(pack)] == [("services/copy.yaml", "id")] or any(
        fault.path == "id" for fault in errors(pack)
    )


def test_missing_english_is_a_warning_and_no_error(pack: Path) -> None:
    line = replace(pack, PERMIT, "fee: {zh: 不收费, en: No fee}", "fee: {zh: 不收费}")
    assert errors(pack) == []
    told = [(fault.file, fault.line) for fault in check(pack) if fault.reason != UNISSUED]
    assert told == [(PERMIT, line)]


def test_a_sample_that_does_not_pass_the_form_is_a_fault(pack: Path) -> None:
    replace(pack, "samples/construction-permit.yaml", "floors_above: 4", "floors_above: four")
    assert [fault.file for fault in errors(pack)] == ["samples/construction-permit.yaml"]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"\xff\xfe\x00", "UTF-8"),
        (b"# \n" * 400_000, "1 MB"),
        (b"a: &a [*a]\n", "锚点"),
        (b"id: x\n\tname: y\n", "制表符"),
        (b"", "应为若干"),
    ],
)
def test_a_file_that_cannot_be_a_service_is_refused(pack: Path, content: bytes, reason: str) -> None:
    (pack / "services/odd.yaml").write_bytes(content)
    assert any(f.file == "services/odd.yaml" and reason in f.reason for f in errors(pack)), errors(pack)


def test_a_link_out_of_the_pack_is_refused(pack: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret.yaml"
    secret.write_text("password: hunter2\n")
    (pack / "services/odd.yaml").symlink_to(secret)
    (pack / "templates/odd.typ").symlink_to("/etc/hostname")
    found = errors(pack)
    assert {fault.file for fault in found} == {"services/odd.yaml", "templates/odd.typ"}
    assert "hunter2" not in str(found)


def test_a_folder_that_is_a_link_out_of_the_pack_is_refused(pack: Path, tmp_path: Path) -> None:
    (pack / "templates").rename(tmp_path / "elsewhere")
    (pack / "templates").symlink_to(tmp_path / "elsewhere")
    assert any(fault.file == "templates" and "链接" in fault.reason for fault in errors(pack))


def test_a_link_in_a_circle_is_refused(pack: Path) -> None:
    (pack / "services/odd.yaml").symlink_to(pack / "services/odd.yaml")
    assert any(fault.file == "services/odd.yaml" for fault in errors(pack))


def test_a_pipe_in_place_of_a_file_is_not_waited_for(pack: Path) -> None:
    os.mkfifo(pack / "services/odd.yaml")
    assert any(fault.file == "services/odd.yaml" for fault in errors(pack))


def test_no_folder_is_one_fault(tmp_path: Path) -> None:
    assert len(errors(tmp_path / "nothing")) == 1


def test_an_empty_folder_lacks_both_declarations(tmp_path: Path) -> None:
    assert {fault.file for fault in errors(tmp_path)} >= {"pack.yaml", "district.yaml"}


def test_a_field_can_only_begin_with_what_is_known(pack: Path) -> None:
    line = replace(pack, PERMIT, "default_from: contact.name", "default_from: contact.shoe_size")
    assert [(fault.file, fault.line) for fault in errors(pack)] == [(PERMIT, line)]
