"""What holds for all of the code, whatever it is about."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import tomllib
from functools import cache
from pathlib import Path

import pytest

from config.places import ROOT

FACES = ("zerotrip/web/", "zerotrip/api/", "config/")
"""Where the clock may be read, besides tasks."""
FORBIDDEN_NAMES = {
    "utils",
    "util",
    "common",
    "core",
    "helpers",
    "helper",
    "signals",
    "managers",
    "misc",
    "lib",
}
CLOCKS = {"now", "localtime", "localdate", "today", "utcnow", "time"}


@cache
def kept() -> list[Path]:
    """The files under version control that exist, and those about to be; all there are without git."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = None
    if shutil.which("git"):
        listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    names = found() if listed is None or listed.returncode else listed.stdout.split("\0")
    return sorted(ROOT / name for name in names if name and (ROOT / name).is_file())


def found() -> list[str]:
    """Every file of an unpacked archive but caches and what was installed or collected there."""
    made = {".venv", ".data", "artefacts", "__pycache__", "node_modules"}
    return [named(path) for path in ROOT.rglob("*") if not made.intersection(path.relative_to(ROOT).parts)]


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def modules(*folders: str) -> list[Path]:
    return [
        path
        for path in kept()
        if path.suffix == ".py" and named(path).startswith(folders) and "migrations" not in path.parts
    ]


CODE = modules("zerotrip/", "config/")


def reads_clock(node: ast.AST) -> bool:
    """``timezone.now()``, ``datetime.now()``, ``date.today()``, ``time.time()`` and their like."""
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in CLOCKS
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id in {"timezone", "datetime", "date", "time"}
        and not (node.func.value.id == "timezone" and node.args)
    )


@pytest.mark.parametrize("path", CODE, ids=named)
def test_below_the_faces_nobody_reads_the_clock(path):
    if named(path).startswith(FACES) or path.stem == "tasks" or "tasks" in path.parts:
        return

    lines = [node.lineno for node in ast.walk(ast.parse(path.read_text())) if reads_clock(node)]

    assert lines == [], "pass `at` in instead"


def test_no_module_is_named_for_nothing_in_particular():
    parts = {(part, named(path)) for path in CODE for part in (path.stem, *path.relative_to(ROOT).parts)}

    assert sorted(place for part, place in parts if part in FORBIDDEN_NAMES) == []


@pytest.mark.parametrize("path", [path for path in CODE if path.read_text().strip()], ids=named)
def test_every_module_and_every_public_thing_says_what_it_is(path):
    tree = ast.parse(path.read_text())
    silent = [
        node.name
        for node in tree.body
        if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef)
        and not node.name.startswith("_")
        and not ast.get_docstring(node)
    ]

    assert ast.get_docstring(tree), "the module says nothing about itself"
    assert silent == []


def test_every_app_stands_on_a_rung():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    layers = project["tool"]["importlinter"]["contracts"][0]["layers"]
    placed = {name for layer in layers for name in re.split(r" [|:] ", layer)}
    there = {f"zerotrip.{path.relative_to(ROOT).parts[1].removesuffix('.py')}" for path in modules("zerotrip/")} - {
        "zerotrip.__init__"
    }

    assert there <= placed


def test_every_dependency_has_its_reason():
    section = (ROOT / "pyproject.toml").read_text().split("dependencies = [", 1)[1].split("\n]", 1)[0]
    lines = [line for line in section.splitlines() if line.strip()]

    assert [line for line in lines if not re.search(r'",\s+# \w+', line)] == []


def test_nothing_kept_names_a_machine():
    """Paths of somebody's computer, which mean nothing on another."""
    home = re.compile(r"/(?:home|Users)/\w+/|/work/(?:main|shared)|/tmp/(?:zt-|brief)|C:\\\\Users")
    found = []
    for path in kept():
        if path == Path(__file__) or path.suffix in {".ttf", ".otf", ".woff2", ".png", ".pdf", ".lock"}:
            continue
        text = path.read_text(errors="ignore")
        found += [f"{named(path)}:{text[: hit.start()].count(chr(10)) + 1}" for hit in home.finditer(text)]

    assert found == []


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("timezone.now()", True),
        ("datetime.now(tz=UTC)", True),
        ("date.today()", True),
        ("timezone.localtime()", True),
        ("timezone.localtime(at)", False),
        ("request.now", False),
        ("datetime.combine(day, noon)", False),
    ],
)
def test_the_rule_about_the_clock_knows_a_clock(line, expected):
    assert any(map(reads_clock, ast.walk(ast.parse(line)))) is expected
