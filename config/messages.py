"""The message catalogue: taken from code and templates, merged, checked, compiled.

Texts in the code are Chinese; ``locale/en`` holds their English. Django's own commands for this
need GNU gettext installed, so Babel does the work, and Django's ``templatize`` turns templates
into something Babel's Python reader takes.
"""

from __future__ import annotations

import io
import re
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from config.places import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from babel.messages.catalog import Message

HEADER = "# The English of zerotrip. `zerotrip messages update` keeps it in step with code and templates."
SOURCES = ("config", "zerotrip")
"""Folders whose texts are shown to people."""

KEYWORDS: dict[str, tuple[int | tuple[int, str], ...] | None] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
UNSTEADY = re.compile(rb'"(POT-Creation-Date|PO-Revision-Date|Generated-By): .*\n')
"""Lines of the header that would change without any text having changed."""
PLACEHOLDER = re.compile(r"%\((\w+)\)[a-z]|(?<!\{)\{(\w*)[^{}]*\}(?!\})")


class Problem(NamedTuple):
    """A text that is wrong in its catalogue."""

    file: str
    line: int
    reason: str


def _texts(path: Path) -> Iterator[tuple[int, str | tuple[str, ...], list[str], str | None]]:
    """The texts of one file: line, text (or singular and plural), comments, context."""
    source = path.read_text()
    if path.suffix == ".html":
        from django.utils.translation.template import templatize

        source = templatize(source, origin=str(path))
    yield from extract("python", io.BytesIO(source.encode()), KEYWORDS, ["Translators:"])


def collect(root: Path = ROOT) -> Catalog:
    """All texts that code and templates under ``root`` show, as an empty catalogue."""
    found = Catalog(fuzzy=False)
    for folder in SOURCES:
        for path in sorted((root / folder).rglob("*")):
            if path.suffix not in {".py", ".html", ".txt"} or "migrations" in path.parts:
                continue
            if path.suffix == ".txt" and "templates" not in path.parts:
                continue
            place = path.relative_to(root).as_posix()
            for line, text, comments, context in _texts(path):
                found.add(text, locations=[(place, line)], auto_comments=comments, context=context)
    return found


def _catalogue(root: Path) -> Path:
    """The one there is: the texts of the code are Chinese themselves."""
    return root / "locale" / "en" / "LC_MESSAGES" / "django.po"


def _read(path: Path) -> Catalog:
    if not path.exists():
        return Catalog(locale=path.parts[-3], fuzzy=False)
    with path.open("rb") as file:
        return read_po(file, locale=path.parts[-3], charset="utf-8")


def _table(paths: Iterable[Path]) -> dict[str, str]:
    """Lines Chinese<TAB>English; ``\\n`` in either stands for a line break."""
    table = {}
    for path in paths:
        for line in path.read_text().splitlines():
            text, tab, english = line.partition("\t")
            if tab and english:
                table[text.replace("\\n", "\n")] = english.replace("\\n", "\n")
    return table


def update(*, fill: Sequence[Path] = (), root: Path = ROOT) -> int:
    """Merge the texts of the code into ``locale/en``; returns how many still have no English."""
    path = _catalogue(root)
    path.parent.mkdir(parents=True, exist_ok=True)
    catalogue = _read(path)
    catalogue.update(collect(root), no_fuzzy_matching=True)
    english = _table(fill)
    for message in catalogue:
        if message.id and not _translations(message):
            _fill(message, english)
    catalogue.header_comment = HEADER
    catalogue.project, catalogue.version = "zerotrip", "1"
    catalogue.last_translator = catalogue.language_team = catalogue.msgid_bugs_address = "zerotrip"
    written = io.BytesIO()
    write_po(written, catalogue, width=110, ignore_obsolete=True, include_lineno=False, omit_header=False)
    text = UNSTEADY.sub(b"", written.getvalue())
    path.write_bytes(text)
    return sum(1 for message in catalogue if message.id and not _translations(message))


def _fill(message: Message, english: dict[str, str]) -> None:
    """Give a message its English from the table, if that has it."""
    if isinstance(message.id, str):
        message.string = english.get(message.id, "")
    elif all(text in english for text in message.id):
        message.string = tuple(english[text] for text in message.id)


def _translations(message: Message) -> tuple[str, ...]:
    """The translations of a message; empty if any is missing."""
    given = (message.string,) if isinstance(message.string, str) else tuple(message.string or ())
    return given if all(given) else ()


def check(root: Path = ROOT) -> list[Problem]:
    """What is wrong in the catalogue, with the place in the code or in the catalogue."""
    path = _catalogue(root)
    wanted = {(message.context, _key(message)): message for message in collect(root) if message.id}
    held = {(message.context, _key(message)): message for message in _read(path) if message.id}
    problems = []
    for key, message in wanted.items():
        if key not in held or not _translations(held[key]):
            file, line = message.locations[0]
            problems.append(Problem(file, line, f"no English for “{_key(message)}”"))
    place = path.relative_to(root).as_posix()
    for key, message in held.items():
        reason = "is shown nowhere" if key not in wanted else _fault(message)
        if reason:
            problems.append(Problem(place, message.lineno or 0, f"“{_key(message)}” {reason}"))
    return problems


def _key(message: Message) -> str:
    return message.id if isinstance(message.id, str) else message.id[0]


def _fault(message: Message) -> str:
    """Why a translation will not do; empty if it will."""
    if message.fuzzy:
        return "is marked fuzzy"
    originals = (message.id,) if isinstance(message.id, str) else message.id
    wanted = Counter(_placeholders(originals[-1]))
    for text in _translations(message):
        if Counter(_placeholders(text)) != wanted:
            return f"has other placeholders than “{text}”"
    return ""


def _placeholders(text: str) -> list[str]:
    """The names between ``%(…)s`` or ``{…}``."""
    return [percent or f"{{{brace}}}" for percent, brace in PLACEHOLDER.findall(text)]


def compile_changed(root: Path = ROOT) -> bool:
    """Write the ``.mo`` beside the ``.po`` if that is newer; whether it was."""
    path = _catalogue(root)
    compiled = path.with_suffix(".mo")
    if not path.exists() or (compiled.exists() and compiled.stat().st_mtime >= path.stat().st_mtime):
        return False
    draft = compiled.with_suffix(".new")
    with draft.open("wb") as file:
        write_mo(file, _read(path))
    draft.replace(compiled)
    return True
