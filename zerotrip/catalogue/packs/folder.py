"""The files of a pack, found and read with care: a pack may come from a stranger."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from zerotrip.catalogue.packs.faults import Fault
from zerotrip.catalogue.packs.parts import registered

if TYPE_CHECKING:
    from collections.abc import Mapping

    from zerotrip.catalogue.spec import DistrictSpec, PackSpec, ServiceSpec

LARGEST = 1_000_000
"""Bytes of one file of a pack."""
MOST_FILES = 2_000
LARGEST_PACK = 30_000_000
"""Bytes of all files of a pack together."""

SHARED = "shared.yaml"
PARTS = (
    ("services", (".yaml",)),
    ("samples", (".yaml",)),
    ("scenarios", (".yaml",)),
    ("templates", (".typ",)),
)
"""The folders of a pack, and the files read in each."""

_IMPORT = re.compile(r'\b(?:import|include)\s*\(?\s*"(?:\./)?([^"@\n]{1,100}\.typ)"')


@dataclass(slots=True)
class Pack:
    """A pack that was read: its declarations by name, its templates as text."""

    spec: PackSpec
    district: DistrictSpec
    services: dict[str, ServiceSpec] = field(default_factory=dict)
    templates: dict[str, str] = field(default_factory=dict)
    samples: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Example answers by service, from ``samples/``."""
    parts: dict[str, dict[str, Any]] = field(default_factory=dict)
    """What apps declare beside services, by kind and name: see ``parts.PackPart``."""
    faulty: set[str] = field(default_factory=set)
    """The kinds of parts in which a fault was named: what builds on them waits until they are mended."""

    def files_of(self, service: str) -> dict[str, str]:
        """The template of a service and whatever templates it imports, so that a version is whole."""
        found: dict[str, str] = {}
        for outcome in self.services[service].outcomes():
            found |= with_imports(outcome.template, self.templates) if outcome.template else {}
        return found


def with_imports(first: str, templates: Mapping[str, str]) -> dict[str, str]:
    """``first`` and every template of the folder it imports or includes, directly or not."""
    return {name: templates[name] for name in sorted(imports(first, templates)) if name in templates}


def imports(first: str, templates: Mapping[str, str]) -> set[str]:
    """``first`` and every Typst file it imports or includes, whether it is there or not."""
    found: set[str] = set()
    waiting = [first]
    while waiting:
        if (name := waiting.pop()) not in found:
            found.add(name)
            waiting.extend(_IMPORT.findall(templates.get(name, "")))
    return found


@dataclass(slots=True)
class Folder:
    """The text of every file a pack may have, by its path inside the pack, and what was refused."""

    root: Path
    texts: dict[str, str] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    def named(self, folder: str, ending: str) -> list[str]:
        """The files of one folder, in order of name."""
        return sorted(name for name in self.texts if name.startswith(f"{folder}/") and name.endswith(ending))


def open_folder(root: Path) -> Folder:
    """Read every file of the pack at ``root`` that a pack is made of; nothing is raised."""
    folder = Folder(root)
    if not root.is_dir():
        folder.faults.append(Fault(str(root), 0, _("没有这个文件夹。")))
        return folder
    names = ["pack.yaml", "district.yaml"]
    names += [SHARED] if (root / SHARED).exists() else []
    names += [kind.file_of("") for kind in registered() if not kind.folder and (root / kind.file_of("")).exists()]
    for part, endings in (*PARTS, *((kind.name, (".yaml",)) for kind in registered() if kind.folder)):
        names += _names_in(folder, part, endings)
    if len(names) > MOST_FILES:
        folder.faults.append(Fault("pack.yaml", 0, _("文件太多，最多 %(most)d 个。") % {"most": MOST_FILES}))
        return folder
    size = 0
    for name in names:
        if (text := _text(folder, name)) is not None:
            folder.texts[name] = text
            size += len(text)
        if size > LARGEST_PACK:
            folder.faults.append(Fault(printable(name), 0, _("服务包太大，后面的文件没有再读。")))
            break
    return folder


def _names_in(folder: Folder, part: str, endings: tuple[str, ...]) -> list[str]:
    place = folder.root / part
    try:
        if not place.is_dir() or not _inside(folder, place):
            return []
        entries = sorted(entry.name for entry in place.iterdir() if not entry.name.startswith("."))
    except (OSError, RuntimeError) as error:
        folder.faults.append(Fault(part, 0, _("读不了：%(reason)s。") % {"reason": error}))
        return []
    for name in entries:
        if not name.endswith(endings):
            reason = _("这里只读 %(endings)s 文件，此项不会被读取。") % {"endings": "、".join(endings)}
            folder.faults.append(Fault(f"{part}/{printable(name)}", 0, reason, warning=True))
    return [f"{part}/{name}" for name in entries if name.endswith(endings)]


def _inside(folder: Folder, path: Path) -> bool:
    if path.resolve().is_relative_to(folder.root.resolve()):
        return True
    name = printable(str(path.relative_to(folder.root)))
    folder.faults.append(Fault(name, 0, _("链接指向服务包以外，不能读取。")))
    return False


def _text(folder: Folder, name: str) -> str | None:
    path = folder.root / name
    shown = printable(name)
    try:
        if not _inside(folder, path):
            return None
        if not path.is_file():
            folder.faults.append(Fault(shown, 0, _("缺少这个文件。")))
            return None
        with path.open("rb") as stream:
            content = stream.read(LARGEST + 1)
    except (OSError, RuntimeError) as error:  # RuntimeError: links that lead in a circle
        folder.faults.append(Fault(shown, 0, _("读不了：%(reason)s。") % {"reason": error}))
        return None
    if len(content) > LARGEST:
        folder.faults.append(Fault(shown, 0, _("文件超过 1 MB。")))
        return None
    return _decoded(folder, shown, content)


def _decoded(folder: Folder, shown: str, content: bytes) -> str | None:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        folder.faults.append(Fault(shown, line, _("不是 UTF-8 编码。")))
        return None
    if "\0" in text:
        folder.faults.append(Fault(shown, text.count("\n", 0, text.index("\0")) + 1, _("含有不可见的控制字符。")))
        return None
    return text


def printable(name: str) -> str:
    """A file name that can be printed and stored, whatever bytes it was made of."""
    return name.encode("utf-8", "replace").decode()
