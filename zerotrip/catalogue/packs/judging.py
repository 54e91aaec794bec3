"""Collecting the faults of one file, each at the line of its place, with what was perhaps meant."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from zerotrip import criteria
from zerotrip.catalogue.packs.faults import Fault

if TYPE_CHECKING:
    from collections.abc import Iterable

    from zerotrip.catalogue.packs.documents import Document, Place
    from zerotrip.questions import Form


class Judge:
    """Faults of one file, each at the line of its place."""

    def __init__(self, file: str, document: Document) -> None:
        self.file = file
        self.document = document
        self.faults: list[Fault] = []

    def fault(self, place: Place, reason: str, *, warning: bool = False) -> None:
        """Something wrong at a place of the file."""
        path = ".".join(map(str, place))
        self.faults.append(Fault(self.file, self.document.line(place), reason, path=path, warning=warning))

    def unique(self, names: Iterable[str], place: Place, key: str) -> None:
        """Each name once: ``place`` is the list, ``key`` where the name stands in an item."""
        seen: set[str] = set()
        for index, name in enumerate(names):
            if name in seen:
                self.fault((*place, index, key), _("“%(name)s”重复。") % {"name": name})
            seen.add(name)

    def known(self, name: str, among: Iterable[str], place: Place, reason: str) -> None:
        """The name is one of these; if not, ``reason`` with the name, and the nearest there is."""
        there = list(among)
        if name not in there:
            self.fault(place, reason % {"name": name} + perhaps(name, there))

    def condition(self, tree: dict[str, Any] | None, form: Form, place: Place) -> None:
        """A condition over the answers, if there is one, asks about fields there are."""
        if tree is None:
            return
        try:
            criteria.parse(tree, vocabulary=form.vocabulary())
        except criteria.Faults as error:
            for fault in error.faults:
                self.fault((*place, *fault.path), fault.message)


def perhaps(name: str, among: Iterable[str]) -> str:
    """``是不是“x”？`` when something is called nearly so, else nothing."""
    near = get_close_matches(name, list(among), n=1, cutoff=0.6)
    return _("是不是“%(name)s”？") % {"name": near[0]} if near else ""
