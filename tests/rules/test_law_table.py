"""docs/rules-of-law.md can be trusted: each test it names is there."""

from __future__ import annotations

import re

from config.places import ROOT

TABLE = (ROOT / "docs" / "rules-of-law.md").read_text(encoding="utf-8")


def test_every_test_the_table_names_is_there() -> None:
    named = set(re.findall(r"`(test_(?!law_table)\w+)`", TABLE))
    there = {
        name
        for path in (ROOT / "tests").rglob("test_*.py")
        for name in re.findall(r"^ *def (test_\w+)", path.read_text(encoding="utf-8"), re.MULTILINE)
    }
    assert len(named) > 40
    assert named - there == set()


def test_every_row_says_where_the_rule_lives_and_what_tests_it() -> None:
    rows = [line for line in TABLE.partition("## Left")[0].splitlines() if line.startswith("| ")][1:]
    assert [row for row in rows if row.count("|") != 5 or "`test_" not in row] == []


def test_every_place_it_names_is_there() -> None:
    rows = [line.split("|")[3] for line in TABLE.partition("## Left")[0].splitlines() if line.startswith("| ")]
    named = [place for row in rows for place in re.findall(r"`(\w+/[\w/.]+)`", row)]
    assert [place for place in named if not (ROOT / "zerotrip" / place).exists()] == []
