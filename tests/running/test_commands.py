"""The command line as its users meet it."""

from __future__ import annotations

import subprocess
import sys

import pytest
from click.testing import CliRunner

from config.cli import zerotrip


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
