"""YAML as packs use it: plain data, each part with its line, nothing that can hurt the reader.

A subset of YAML on purpose. Scalars follow the core schema of YAML 1.2 (``no`` is a word and not
false, a date is a text); anchors, aliases, tags and several documents in one file are faults. So a
value is as large as the file that declares it, whatever the file says. The events of the parser are
walked with a stack of our own, so that depth is bounded by a number and not by the interpreter.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import yaml
from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

Place = tuple[str | int, ...]

DEEPEST = 24
"""Levels of nesting; the deepest declaration we know of has nine."""

MOST = 50_000
"""Parts of one document."""
MOST_PROBLEMS = 200
"""Problems named in one document; past that, more of them help nobody."""

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_NULL = re.compile(r"(null|~|)\Z")
_INTEGER = re.compile(r"[-+]?[0-9]{1,15}\Z")
_NUMBER = re.compile(r"[-+]?([0-9]{1,15}\.[0-9]{0,15}|\.[0-9]{1,15}|[0-9]{1,15})([eE][-+]?[0-9]{1,2})?\Z")
_UNFIT = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


@dataclass(slots=True)
class Document:
    """The value of a file and the line of every part of it."""

    value: Any = None
    lines: dict[Place, int] = field(default_factory=dict)
    problems: list[tuple[int, str]] = field(default_factory=list)
    """Line and reason of what cannot be read or must not be there."""
    whole: bool = True
    """False when reading stopped before the end: what is missing then is no fault of its own."""

    def line(self, place: Sequence[str | int]) -> int:
        """The line of the part at ``place``, or of the nearest part around it."""
        for length in range(len(place), -1, -1):
            if (line := self.lines.get(tuple(place[:length]))) is not None:
                return line
        return 1


def read(text: str) -> Document:
    """Read one document. Faults are collected in ``problems``; nothing is raised."""
    document = Document()
    try:
        _Builder(document).build(yaml.parse(text, Loader=_LOADER))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        document.whole = False
        document.problems.append((line, _syntax(text, line, str(error.problem or error.context or ""))))
    except yaml.YAMLError as error:
        document.whole = False
        document.problems.append((1, _("不是有效的 YAML：%(reason)s。") % {"reason": str(error)[:200]}))
    return document


def _syntax(text: str, line: int, problem: str) -> str:
    lines = text.splitlines()
    if 0 < line <= len(lines) and "\t" in lines[line - 1][: len(lines[line - 1]) - len(lines[line - 1].lstrip())]:
        return _("缩进里有制表符，请改用空格。")
    return _("不是有效的 YAML：%(reason)s。") % {"reason": problem[:200]}


@dataclass(slots=True)
class _Open:
    """A mapping or sequence that has begun and not ended."""

    value: dict[str, Any] | list[Any]
    place: Place
    key: str | None = None


class _Builder:
    def __init__(self, document: Document) -> None:
        self.document = document
        self.open: list[_Open] = []
        self.begun = 0
        self.skip = 0
        """Containers open inside something refused."""

    def build(self, events: Iterator[Any]) -> None:
        self.document.whole = self._walk(events)

    def _walk(self, events: Iterator[Any]) -> bool:
        for event in events:
            if len(self.document.lines) > MOST or len(self.document.problems) >= MOST_PROBLEMS:
                self._problem(event, _("内容太多，后面的没有再检查。"))
                return False
            if isinstance(event, yaml.DocumentStartEvent):
                self.begun += 1
                if self.begun > 1:
                    self._problem(event, _("一个文件只能有一份 YAML 文档。"))
                    return False
            elif isinstance(event, yaml.AliasEvent):
                self._problem(event, _("不支持锚点与引用，请把内容写全。"))
                self._take(event, None)
            elif isinstance(event, yaml.ScalarEvent):
                self._refuse_extras(event)
                self._take(event, self._scalar(event))
            elif isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
                self._refuse_extras(event)
                if not self._enter(event):
                    return False
            elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
                self._leave()
        return True

    def _problem(self, event: Any, reason: str) -> None:
        self.document.problems.append((event.start_mark.line + 1, reason))

    def _refuse_extras(self, event: Any) -> None:
        if event.anchor is not None:
            self._problem(event, _("不支持锚点与引用，请把内容写全。"))
        if event.tag is not None:
            self._problem(event, _("不支持 YAML 标签。"))

    def _scalar(self, event: Any) -> Any:
        text = str(event.value)
        if _UNFIT.search(text):
            self._problem(event, _("含有不可见的控制字符。"))
            return ""
        if event.style in ("'", '"', "|", ">"):
            return text
        return plain(text)

    def _enter(self, event: Any) -> bool:
        if self.skip:
            self.skip += 1
            return self.skip <= DEEPEST
        if len(self.open) >= DEEPEST:
            self._problem(event, _("嵌套太深。"))
            return False
        value: dict[str, Any] | list[Any] = {} if isinstance(event, yaml.MappingStartEvent) else []
        place = self._take(event, value)
        if place is None:
            self.skip = 1
        else:
            self.open.append(_Open(value, place))
        return True

    def _leave(self) -> None:
        if self.skip:
            self.skip -= 1
        else:
            self.open.pop()

    def _take(self, event: Any, value: Any) -> Place | None:
        """Put a value where it belongs; the place it got, or None when it is a key or refused."""
        line = event.start_mark.line + 1
        if self.skip:
            return None
        if not self.open:
            self.document.value = value
            self.document.lines[()] = line
            return ()
        parent = self.open[-1]
        if isinstance(parent.value, list):
            place: Place = (*parent.place, len(parent.value))
            parent.value.append(value)
        elif parent.key is None:
            parent.key = self._key(event, parent, value)
            return None
        else:
            place = (*parent.place, parent.key)
            parent.value.setdefault(parent.key, value)
            parent.key = None
            line = self.document.lines.get(place, line)
        self.document.lines[place] = line
        return place

    def _key(self, event: Any, parent: _Open, value: Any) -> str:
        line = event.start_mark.line + 1
        if isinstance(value, dict | list):
            self._problem(event, _("键必须是文字。"))
            return f"\0{line}"
        key = str(event.value) if isinstance(event, yaml.ScalarEvent) else f"\0{line}"
        if key in parent.value:
            self._problem(event, _("“%(key)s”写了两次。") % {"key": key[:60]})
        self.document.lines.setdefault((*parent.place, key), line)
        return key


def plain(text: str) -> Any:
    """What an unquoted scalar means: the core schema of YAML 1.2 without octal and hexadecimal."""
    if _NULL.match(text):
        return None
    if text in ("true", "false"):
        return text == "true"
    if _INTEGER.match(text) and not re.match(r"[-+]?0[0-9]", text):
        return int(text)
    if _NUMBER.match(text) and not re.match(r"[-+]?0[0-9]", text):
        number = float(text)
        return number if math.isfinite(number) else text
    return text
