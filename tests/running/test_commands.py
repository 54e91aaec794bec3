"""The command line as its users meet it."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys

import pytest
from click.testing import CliRunner

from config.cli import zerotrip
from config.places import ROOT


def zero(*arguments, **environment):
    return CliRunner().invoke(zerotrip, list(arguments), env=environment)


def test_help_comes_without_loading_django():
    told = subprocess.run(
        [
            sys.executable,
            "-c",
            'import sys, config.cli; print({"django", "psycopg"} & set(sys.modules))',
        ],
        capture_output=True,
        text=True,
        check=True,
    )

    assert told.stdout.strip() == "set()"


@pytest.mark.parametrize("name", sorted(set(zerotrip.commands) - {"manage", "bench"}))
def test_every_command_explains_itself_in_both_languages(name):
    told = zero(name, "--help")

    assert told.exit_code == 0
    assert any("一" <= character <= "鿿" for character in told.output)


@pytest.mark.parametrize(
    "arguments", [["fly"], ["serve", "--port", "0"], ["run", "--workers", "none"], ["pack", "check"]]
)
def test_wrong_usage_is_code_two(arguments):
    assert zero(*arguments).exit_code == 2


def test_a_pack_that_is_not_there_is_wrong_usage():
    assert zero("pack", "check", "/nowhere/at/all").exit_code == 2


@pytest.fixture
def spoilt(tmp_path):
    """The shipped pack with a word in it that no service declaration knows."""
    pack = tmp_path / "spoilt"
    shutil.copytree(ROOT / "packs" / "jinan", pack)
    with (pack / "services" / "pesticide-change.yaml").open("a") as file:
        file.write("\nunheard_of: true\n")
    return pack


def test_a_faulty_pack_is_told_by_file_and_line_and_is_code_one(spoilt):
    path = spoilt / "services" / "pesticide-change.yaml"
    last = len(path.read_text().splitlines())

    told = zero("pack", "check", str(spoilt))

    assert told.exit_code == 1
    assert f"{path}:{last}: " in told.output


def test_faults_are_told_to_programs_as_json(spoilt):
    told = zero("pack", "check", "--json", str(spoilt))

    (fault,) = [row for row in json.loads(told.output) if not row["warning"]]
    assert fault["file"] == "services/pesticide-change.yaml"
    assert fault["reason"]


def test_the_shipped_packs_pass():
    told = zero("pack", "check", *(str(path) for path in (ROOT / "packs").iterdir()))

    assert told.exit_code == 0, told.output
