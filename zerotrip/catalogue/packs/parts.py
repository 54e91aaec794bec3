"""What the apps above the catalogue declare in a pack: their own files, read, judged and loaded with it.

An app registers its kind at start-up, once, as an outcome is registered. A kind is one file
(``indicators.yaml``) or a folder of them (``policies/<id>.yaml``); none has to be there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext as _

from zerotrip.questions.words import Part

if TYPE_CHECKING:
    from zerotrip.catalogue.packs.folder import Pack
    from zerotrip.catalogue.packs.judging import Judge
    from zerotrip.parties.access import Actor

Shape = TypeVar("Shape", bound=Part)
Files = Mapping[str, Shape]
"""The declarations of one kind by name: of ``policies/rent.yaml`` it is ``rent``, of a single file its kind."""


@dataclass(slots=True)
class Changes:
    """What loading one kind changed, by name of the declaration, for the report."""

    made: list[str] = field(default_factory=list)
    """New, or with a new version."""
    withdrawn: list[str] = field(default_factory=list)

    @property
    def any(self) -> bool:
        """Whether anything is not as it was."""
        return bool(self.made or self.withdrawn)


@dataclass(frozen=True)
class PackPart(Generic[Shape]):
    """A kind of declaration an app adds to packs."""

    name: str
    """Of the folder, or of the file without its ending; a Python-like name with hyphens."""
    shape: type[Shape]
    judge: Callable[[Files[Shape], Pack, Mapping[str, Judge]], None]
    """Adds to the judge of each file, by the same names, what does not agree. ``pack`` has whatever was read
    before: district, services, and the parts registered earlier."""
    load: Callable[[Files[Shape], Pack, Actor, datetime], Changes]
    """Makes the database say what the pack says, within the transaction of the load. What the pack no longer
    declares is withdrawn. Loading the same twice changes nothing."""
    stored: Callable[[str], Files[Shape]]
    """The declarations of a loaded pack, by its id, as the files would say them."""
    folder: bool = True
    """A file for each declaration, named by its ``id``; False: one file."""
    after: tuple[str, ...] = ()
    """Kinds its declarations refer to: those are read before it, whichever app registered first."""

    @property
    def pattern(self) -> str:
        """Where the declarations stand, for people."""
        return f"{self.name}/<id>.yaml" if self.folder else f"{self.name}.yaml"

    def file_of(self, name: str) -> str:
        """The path of a declaration inside the pack."""
        return f"{self.name}/{name}.yaml" if self.folder else f"{self.name}.yaml"

    def misnamed(self, name: str, declared: Part, judge: Judge) -> None:
        """Add the fault of a file that is not called by its ``id``."""
        stated = getattr(declared, "id", name)
        if self.folder and stated != name:
            judge.fault(("id",), _("文件名应为 %(id)s.yaml。") % {"id": stated})


_parts: dict[str, PackPart[Any]] = {}


def register(part: PackPart[Any]) -> None:
    """Add a kind of declaration to packs. Raises ImproperlyConfigured for a second one of the same name."""
    if _parts.get(part.name, part) is not part:
        raise ImproperlyConfigured(f"Two apps declare {part.pattern} in packs.")
    _parts[part.name] = part


def registered() -> tuple[PackPart[Any], ...]:
    """The kinds there are, in the order the apps stand but each after those it refers to: a later one may refer
    to an earlier one."""
    ordered: dict[str, PackPart[Any]] = {}
    for part in _parts.values():
        _place(part, ordered)
    return tuple(ordered.values())


def _place(part: PackPart[Any], ordered: dict[str, PackPart[Any]]) -> None:
    for name in part.after:
        if name in _parts and name not in ordered:
            _place(_parts[name], ordered)
    ordered.setdefault(part.name, part)
