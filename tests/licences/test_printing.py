"""Certificates say what they are given, and nothing people wrote is ever more than text."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from datetime import UTC, date, datetime

import pypdfium2
import pytest

from config.places import ROOT
from zerotrip.licences.certificates import han_date
from zerotrip.licences.lettering import writable
from zerotrip.licences.letters import Item, Letter, draw
from zerotrip.licences.printing import LEFT_BEHIND, PREFIX, clear_left_behind, qr_code, render

AT = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
TEMPLATES = {path.name: path.read_text() for path in (ROOT / "packs/jinan/templates").glob("*.typ")}
CERTIFICATES = ["investment-filing.typ", "construction-permit.typ", "pesticide-licence.typ"]
FACTS = {
    "investment-filing.typ": "project_name",
    "construction-permit.typ": "project_name",
    "pesticide-licence.typ": "operator",
}


def printed(template: str, text: str = "示范项目", **changes) -> bytes:
    data = {
        "title": "证书",
        "number": "2026-1",
        "identifier": "1.2.156",
        "holder": text,
        "issuer": "示范局",
        "issued_on": "二〇二六年十一月二十三日",
        "valid_until": "",
        "facts": {FACTS[template]: text},
        "url": "http://localhost/v/x",
        "specimen": True,
    } | changes
    return render(TEMPLATES, template, data, at=AT, pictures={"qr": qr_code("http://localhost/v/x")})


def words(pdf: bytes) -> str:
    with pypdfium2.PdfDocument(pdf) as document:
        text = "".join(page.get_textpage().get_text_range() for page in document)
    return "".join(text.replace("\u200b", "").split())


def pages(pdf: bytes) -> int:
    with pypdfium2.PdfDocument(pdf) as document:
        return len(document)


@pytest.mark.parametrize("template", CERTIFICATES)
def test_a_certificate_is_one_page_and_says_its_facts(template):
    pdf = printed(template, "年产二百万套传感器项目")
    assert pages(pdf) == 1
    assert "年产二百万套传感器项目" in words(pdf)
    assert b"pdfaid:part>2" in pdf
    assert "二〇二六年十一月二十三日" in words(pdf)


@pytest.mark.parametrize("template", CERTIFICATES)
def test_a_specimen_says_so_and_an_earnest_one_does_not(template):
    assert "不具有法律效力" in words(printed(template))
    assert "不是印章" in words(printed(template))
    earnest = words(printed(template, specimen=False))
    assert "法律效力" not in earnest
    assert "演示" not in earnest


HOSTILE = [
    "#panic(1)",
    '*bold* _it_ $x^2$ `raw` #import "x.typ"',
    ']#read("/etc/passwd")[',
    '"); #sys.inputs (\\"',
    "<label> @ref // comment /* */",
    "#{ while true {} }",
    "\\u{1F600} \\ \\n ~ --- ...",
    "= 标题\n- 一\n+ 二\n/ 词: 义",
    "${jndi:ldap://x} {{ 7*7 }} <script>alert(1)</script>",
]


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("template", CERTIFICATES)
def test_what_people_wrote_is_never_markup(template, text):
    assert "".join(text.split()) in words(printed(template, text))


def test_a_rare_character_the_fonts_have_is_written():
    assert "李𬭚" in words(printed("pesticide-licence.typ", "李𬭚"))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("张𰻞", "张［U+30EDE］"),
        ("好😀", "好［U+1F600］"),
        ("甲\u202e乙", "甲［U+202E］乙"),
        ("甲\ufffe乙", "甲［U+FFFE］乙"),
        ("甲\ud800乙", "甲［U+D800］乙"),
    ],
)
def test_a_character_the_fonts_lack_is_shown_by_its_code(text, shown):
    assert writable(text) == shown
    assert shown in words(printed("pesticide-licence.typ", text))


def test_control_characters_are_spaces():
    assert writable("a\0b\x1bc\td") == "a b c d"
    assert writable("一\r\n二") == "一\n二"


def test_every_character_of_the_standard_list_of_gb2312_is_in_the_fonts():
    for high in range(0xB0, 0xF8):
        for low in range(0xA1, 0xFF):
            character = bytes([high, low]).decode("gb2312", "ignore")
            assert writable(character) == character


@pytest.mark.parametrize("text", ["A" * 3000, "长" * 3000, "一\n" * 200, "x " * 1500])
@pytest.mark.parametrize("template", CERTIFICATES)
def test_long_texts_run_on_to_further_pages_without_loss(template, text):
    pdf = printed(template, text)
    letter = text.strip()[0]
    assert words(pdf).count(letter) >= text.count(letter)


def test_a_template_reads_nothing_outside_its_folder(tmp_path):
    secret = tmp_path / "secret.txt"
    secret.write_text("secret")
    for place in (str(secret), f"../{tmp_path.name}/secret.txt", "/etc/hostname"):
        with pytest.raises(Exception, match=r"not found|denied|escape|outside"):
            render({"x.typ": f'#read("{place}")'}, "x.typ", {}, at=AT)


def test_the_same_data_prints_the_same_document():
    assert printed("pesticide-licence.typ") == printed("pesticide-licence.typ")


def test_a_letter_names_every_item():
    letter = Letter(
        title="补正告知书",
        number="办件编号 SF-2026-000001",
        addressee="济南示范智造有限公司 #evil",
        issuer="示范局",
        date="二〇二六年十一月二十三日",
        paragraphs=("需要补正：",),
        items=(Item("项目名称", "*请* 写全称"), Item("施工合同", "缺签字页")),
    )
    text = words(draw(letter, at=AT))
    for part in ("补正告知书", "#evil", "1.项目名称：*请*写全称", "2.施工合同：缺签字页"):
        assert part in text


@pytest.mark.parametrize(
    ("day", "written"),
    [
        (date(2026, 11, 23), "二〇二六年十一月二十三日"),
        (date(2030, 1, 10), "二〇三〇年一月十日"),
        (date(2027, 10, 20), "二〇二七年十月二十日"),
        (date(2027, 12, 31), "二〇二七年十二月三十一日"),
        (date(2027, 2, 12), "二〇二七年二月十二日"),
    ],
)
def test_dates_are_written_in_numerals(day, written):
    assert han_date(day) == written


def test_folders_of_presses_that_were_killed_are_cleared_and_those_in_use_stay(tmp_path):
    long_ago = time.time() - 2 * LEFT_BEHIND
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    names = {f"{PREFIX}{ended.pid}-a": False, f"{PREFIX}old": False, f"{PREFIX}{os.getpid()}-b": True}
    for name in names:
        (tmp_path / name).mkdir()
        (tmp_path / name / "general.typ").write_text("")
        os.utime(tmp_path / name, (long_ago, long_ago))
    fresh = tmp_path / f"{PREFIX}new"
    fresh.mkdir()
    clear_left_behind(fresh)
    assert {name: (tmp_path / name).exists() for name in names} == names
    assert fresh.exists(), "perhaps of somebody who counts processes apart"
