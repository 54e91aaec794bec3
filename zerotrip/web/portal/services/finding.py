"""Finding a service: by words, by who applies, by theme, by department."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from zerotrip.catalogue.queries import current_services, search
from zerotrip.web.templatetags.show import say

if TYPE_CHECKING:
    from django.http import QueryDict

    from zerotrip.catalogue.models import ServiceVersion
    from zerotrip.catalogue.spec import DistrictSpec, ServiceSpec, ThemeSpec

AUDIENCES = ("enterprise", "person")
MOST_FOUND = 100
"""Results of a search that are looked at; nobody reads on after that."""

_READS: dict[str, Callable[[ServiceSpec], Iterable[str]]] = {
    "audience": lambda spec: spec.audience,
    "theme": lambda spec: spec.themes,
    "department": lambda spec: (spec.department,),
}
"""What the services can be narrowed by, and what of a service counts."""


@dataclass(frozen=True)
class Option:
    """One way to narrow the list: a plain link with the number of services behind it."""

    label: str
    count: int
    url: str
    chosen: bool


@dataclass(frozen=True)
class Facet:
    """A group of options of which one is chosen."""

    title: str
    options: tuple[Option, ...]

    @property
    def worth_showing(self) -> bool:
        """Whether choosing would change the list, or has."""
        return len(self.options) > 2 or any(option.chosen for option in self.options[1:])


@dataclass(frozen=True)
class Shelf:
    """The services of one theme, those open for application first."""

    title: str
    versions: tuple[ServiceVersion, ...]


@dataclass(frozen=True)
class Found:
    """The services that were found and how the list may be narrowed."""

    text: str
    versions: tuple[ServiceVersion, ...]
    shelves: tuple[Shelf, ...]
    """The same services by theme, each once, where nothing was searched for."""
    facets: tuple[Facet, ...]
    narrowed: bool
    without_narrowing: str
    """The address of the same search without narrowing."""


def audience_names() -> dict[str, str]:
    """Who services are for, in the reader's language."""
    return {"enterprise": _("企业"), "person": _("个人")}


def find(asked: QueryDict, *, district: DistrictSpec | None, themes: Iterable[ThemeSpec]) -> Found:
    """The services a query string asks for. One query.

    Values nobody offers are ignored, so that an old link still leads somewhere.
    """
    text = asked.get("q", "").strip()[:100]
    labels = {
        "audience": audience_names(),
        "theme": {theme.id: str(theme.name) for theme in themes},
        "department": {part.code: say(part.name.model_dump()) for part in district.departments} if district else {},
    }
    chosen = {key: str(asked[key]) for key in _READS if asked.get(key) in labels[key]}
    everything = search(text, limit=MOST_FOUND) if text else current_services()
    versions = tuple(version for version in everything if _fits(version.spec, chosen))
    return Found(
        text=text,
        versions=versions,
        shelves=() if text else tuple(_shelves(versions, labels["theme"], chosen.get("theme"))),
        facets=tuple(_facet(key, labels[key], everything, chosen, text) for key in _READS),
        narrowed=bool(chosen),
        without_narrowing=_url(text, {}),
    )


def _shelves(versions: Iterable[ServiceVersion], labels: Mapping[str, str], chosen: str | None) -> Iterator[Shelf]:
    """The themes with their services: each stands under the chosen theme, else under its first."""
    kept: dict[str, list[ServiceVersion]] = {theme: [] for theme in (*labels, "")}
    for version in versions:
        kept[chosen or next(filter(labels.get, version.spec.themes), "")].append(version)
    for theme, shelf in kept.items():
        if shelf:
            shelf.sort(key=lambda version: version.spec.incomplete is not None)
            yield Shelf(labels.get(theme) or _("其他"), tuple(shelf))


def theme_counts(versions: Iterable[ServiceVersion]) -> Counter[str]:
    """How many services each theme holds."""
    return Counter(theme for version in versions for theme in version.spec.themes)


def _fits(spec: ServiceSpec, chosen: Mapping[str, str]) -> bool:
    return all(value in _READS[key](spec) for key, value in chosen.items())


def _facet(
    key: str, labels: Mapping[str, str], everything: list[ServiceVersion], chosen: Mapping[str, str], text: str
) -> Facet:
    """The options of one group, counted among what the other groups leave."""
    titles = {"audience": _("办理对象"), "theme": _("要办的事"), "department": _("办理部门")}
    others = {other: value for other, value in chosen.items() if other != key}
    left = [version.spec for version in everything if _fits(version.spec, others)]
    counts = Counter(value for spec in left for value in _READS[key](spec))
    options = [Option(_("全部"), len(left), _url(text, others), key not in chosen)]
    options += [
        Option(label, counts[value], _url(text, {**others, key: value}), chosen.get(key) == value)
        for value, label in labels.items()
        if counts[value] or chosen.get(key) == value
    ]
    return Facet(titles[key], tuple(options))


def _url(text: str, chosen: Mapping[str, str]) -> str:
    return "?" + urlencode(({"q": text} if text else {}) | dict(chosen))
