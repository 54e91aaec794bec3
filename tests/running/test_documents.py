"""What the documents tell to type can be typed."""

from __future__ import annotations

import re

import click
import pytest

from config.cli import zerotrip
from config.places import ROOT

DOCUMENTS = sorted([ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").rglob("*.md")])
TYPED = re.compile(
    r"(?:`|^\s*(?:\$ )?)(?:\.venv/bin/)?zerotrip(?: ([a-z][a-z-]*))?(?: ([a-z][a-z-]*))?", re.MULTILINE
)
"""A command as a document shows it: between backquotes, or at the beginning of a line of code."""
CODE = re.compile(r"```\w*\n.*?```|`[^`\n]+`", re.DOTALL)


def named(text: str) -> set[tuple[str, str]]:
    """The commands a text names, each with the one below it."""
    return {(first, below) for code in CODE.findall(text) for first, below in TYPED.findall(code) if first}


def missing(first: str, below: str) -> bool:
    """Whether there is no such command. What follows one without others below it is its argument."""
    command = zerotrip.commands.get(first)
    if isinstance(command, click.Group) and below:
        return below not in command.commands
    return command is None


def test_documents_name_commands():
    assert len({first for path in DOCUMENTS for first, _below in named(path.read_text(encoding="utf-8"))}) > 8


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_command_a_document_names_is_there(path):
    wrong = {command for command in named(path.read_text(encoding="utf-8")) if missing(*command)}
    assert not wrong


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("run `zerotrip states` and commit", {("states", "")}),
        ("`zerotrip pack read packs/jinan`", {("pack", "read")}),
        ("```sh\nzerotrip migrate\nzerotrip move\n```", {("move", "")}),
        ("`zerotrip manage migrate`, as zerotrip makes it", set()),
    ],
)
def test_a_command_that_is_not_there_is_found(text, wrong):
    assert {command for command in named(text) if missing(*command)} == wrong
