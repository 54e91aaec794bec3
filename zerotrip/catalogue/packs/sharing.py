"""Parts that several services share, put in where a service uses them.

``shared.yaml`` maps names to mappings or lists. In any list of a service an item ``{use: name}`` stands for
the shared part: a mapping is taken over, other keys of the item in place of its own; the items of a list
are put where the item stood. A version is whole by itself: what is stored has no uses any more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from zerotrip.catalogue.packs.documents import DEEPEST, MOST, Document

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from zerotrip.catalogue.packs.documents import Place

USE = "use"


def expand(document: Document, shared: Mapping[str, Any]) -> Document:
    """The document with every use replaced. Lines of what was put in are those of the use.

    Faults are added to its problems: a name nobody shares, a circle, a list that is changed.
    """
    expanded = Document(problems=list(document.problems), whole=document.whole)
    if document.whole:
        expanded.value = _Putting(document, shared, expanded).at(document.value, (), ())
    return expanded


class _Putting:
    """One document on its way to having no uses."""

    def __init__(self, document: Document, shared: Mapping[str, Any], expanded: Document) -> None:
        self.old, self.shared, self.new = document, shared, expanded

    def at(self, value: Any, was: Place, now: Place) -> Any:
        """``value``, which stood at ``was`` and stands at ``now``, without uses."""
        if was in self.old.lines:
            self.new.lines[now] = self.old.lines[was]
        if isinstance(value, dict):
            return {key: self.at(part, (*was, key), (*now, key)) for key, part in value.items()}
        if not isinstance(value, list):
            return value
        found: list[Any] = []
        for index, item in enumerate(value):
            here = (*was, index)
            if isinstance(item, dict) and isinstance(item.get(USE), str):
                self._put(item, here, now, found)
            else:
                found.append(self.at(item, here, (*now, len(found))))
        return found

    def _put(self, item: dict[str, Any], was: Place, now: Place, found: list[Any]) -> None:
        line = self.old.line(was)
        for part in self._parts(item, line, ()):
            if len(self.new.lines) > MOST:
                return
            self.new.lines[*now, len(found)] = line
            found.append(part)

    def _parts(self, item: dict[str, Any], line: int, using: tuple[str, ...]) -> Iterator[Any]:
        """What an item with a use stands for; ``using`` are the uses it stands in."""
        name, own = item[USE], {key: value for key, value in item.items() if key != USE}
        if name in using or len(using) > DEEPEST:
            self._fault(line, _("共用部分“%(name)s”绕成了圈。") % {"name": name})
        elif name not in self.shared:
            self._fault(line, _("shared.yaml 里没有“%(name)s”。") % {"name": name})
        elif isinstance(part := self.shared[name], dict):
            yield self._inside({**part, **own}, line, (*using, name))
        elif not isinstance(part, list):
            return  # neither: named once, in shared.yaml
        elif own:
            self._fault(line, _("“%(name)s”是列表，不能再写别的键。") % {"name": name})
        else:
            yield from self._each(part, line, (*using, name))

    def _inside(self, value: Any, line: int, using: tuple[str, ...]) -> Any:
        if isinstance(value, dict):
            return {key: self._inside(part, line, using) for key, part in value.items()}
        return list(self._each(value, line, using)) if isinstance(value, list) else value

    def _each(self, items: list[Any], line: int, using: tuple[str, ...]) -> Iterator[Any]:
        for item in items:
            if isinstance(item, dict) and isinstance(item.get(USE), str):
                yield from self._parts(item, line, using)
            else:
                yield self._inside(item, line, using)

    def _fault(self, line: int, reason: str) -> None:
        self.new.problems.append((line, reason))
