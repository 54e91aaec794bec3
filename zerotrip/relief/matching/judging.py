"""Whether an offer and a want match, how closely, and why: told to each side in words.

``finding.py`` asks the same of many at once in SQL; a test holds the two together.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils import translation
from django.utils.translation import gettext as _

from zerotrip.parties.paths import code_of
from zerotrip.parties.queries import area_names
from zerotrip.questions import Kind as Asks
from zerotrip.questions import kinds as values
from zerotrip.relief.matching.kinds import NUMBERS, SETS, Kind, Measure, Rule

if TYPE_CHECKING:
    from zerotrip.questions.form import Field
    from zerotrip.relief.matching.spec import Side
    from zerotrip.relief.models import Resource

Columns = Mapping[str, Any]

NEARNESS = (0.0, 0.25, 0.5, 0.75, 0.9, 1.0)
"""How close two places are by how many areas they have in common: none, city, district, subdistrict, community,
grid. One that lies in the other is as close as can be."""
UNKNOWN = 0.5
"""Of a measure one side says nothing about."""
LANGUAGES = {"zh": "zh-hans", "en": "en"}


@dataclass(frozen=True)
class Verdict:
    """Whether all hard rules hold, how close the two are of 100, and the reasons for each side."""

    matches: bool
    score: int
    reasons: list[dict[str, Any]]
    """Each with ``fits`` and, for ``want`` and ``offer``, the words in both languages."""


Places = Mapping[str, Mapping[str, str]]
"""The names of areas by language and code."""


def places_of(*resources: Resource) -> Places:
    """What the areas of these are called, in both languages."""
    codes = {code_of(resource.area_path) for resource in resources}
    found = {}
    for code, language in LANGUAGES.items():
        with translation.override(language):
            found[code] = area_names(codes)
    return found


def judge(kind: Kind, offer: Resource, want: Resource, places: Places | None = None) -> Verdict:
    """What is to be said of an offer and a want of this kind. ``places`` has the names of both areas."""
    places = places if places is not None else places_of(offer, want)
    ours, theirs = columns_of(offer), columns_of(want)
    held = [holds(rule, ours, theirs) for rule in kind.rules]
    placed = within_reach(offer, want)
    return Verdict(
        matches=placed and all(held),
        score=score(kind, ours, theirs, offer.area_path, want.area_path),
        reasons=_reasons(kind, offer, want, held, placed=placed, places=places),
    )


def columns_of(resource: Resource) -> Columns:
    """The columns a resource is compared by."""
    return {name: getattr(resource, name) for name in (*NUMBERS, *SETS)}


def within_reach(offer: Resource, want: Resource) -> bool:
    """Whether each lies where the other looks."""
    return offer.area_path.startswith(want.reach) and want.area_path.startswith(offer.reach)


def holds(rule: Rule, offer: Columns, want: Columns) -> bool:
    """Whether a hard rule holds. What is not wanted is not asked; what is not said is not enough."""
    offered, wanted = offer[rule.offer], want[rule.want]
    if wanted is None:
        return True
    if offered is None:
        return False
    return _MUST[rule.spec.must](offered, wanted)


_MUST: dict[str, Callable[[Any, Any], bool]] = {
    "at_least": lambda offered, wanted: bool(offered >= wanted),
    "at_most": lambda offered, wanted: bool(offered <= wanted),
    "share": lambda offered, wanted: bool(offered & wanted),
    "cover": lambda offered, wanted: bool(offered & wanted == wanted),
}


def score(kind: Kind, offer: Columns, want: Columns, offer_area: str, want_area: str) -> int:
    """How close, of 100: the measures by their weights."""
    if not kind.measures:
        return 100
    total = sum(measure.spec.weight for measure in kind.measures)
    found = sum(
        measure.spec.weight * closeness(measure, offer, want, offer_area, want_area) for measure in kind.measures
    )
    return int(100 * found / total + 0.5)


def closeness(measure: Measure, offer: Columns, want: Columns, offer_area: str, want_area: str) -> float:
    """How close by one measure, between 0 and 1."""
    if measure.spec.by == "place":
        return nearness(offer_area, want_area)
    offered, wanted = offer[measure.offer], want[measure.want]
    if offered is None or wanted is None:
        return UNKNOWN
    if measure.spec.by == "share":
        return int(offered & wanted).bit_count() / int(wanted).bit_count()
    scale = max(abs(wanted), 1.0) if measure.relative else float(measure.spec.within or 1)
    far: float = abs(offered - wanted) / scale if measure.spec.by == "near" else offered / scale
    return min(1.0, max(0.0, 1.0 - far))


def nearness(one: str, another: str) -> float:
    """How close two places are, between 0 and 1."""
    if one.startswith(another) or another.startswith(one):
        return 1.0
    return NEARNESS[min(common(one, another), len(NEARNESS) - 1)]


def common(one: str, another: str) -> int:
    """How many areas two paths have in common, from the widest."""
    count = 0
    for a, b in zip(one.strip("/").split("/"), another.strip("/").split("/"), strict=False):
        if a != b:
            break
        count += 1
    return count


def _reasons(
    kind: Kind, offer: Resource, want: Resource, held: list[bool], *, placed: bool, places: Places
) -> list[dict[str, Any]]:
    """The reasons in both languages: rules that speak of one field of the offer are one reason."""
    grouped: dict[str, list[tuple[Rule, bool]]] = {}
    for rule, fits in zip(kind.rules, held, strict=True):
        if want_column(rule, want) is not None:
            grouped.setdefault(rule.spec.offer, []).append((rule, fits))
    told: list[dict[str, Any]] = [{"fits": all(fits for _r, fits in rules)} for rules in grouped.values()]
    seen = {name for rules in grouped.values() for rule, _f in rules for name in (rule.spec.offer, rule.spec.want)}
    beside = [m for m in kind.measures if m.spec.offer and not _spoken(m, seen) and _known(m, offer, want)]
    told += [{"fits": True} for _m in beside]
    told.append({"fits": placed, "place": True})
    for code, language in LANGUAGES.items():
        with translation.override(language):
            lines = [_rules_told(kind, name, rules, offer, want) for name, rules in grouped.items()]
            lines += [_measure_told(kind, measure, offer, want) for measure in beside]
            lines.append(_place_told(offer, want, places[code]))
        for reason, line in zip(told, lines, strict=True):
            for side, text in line.items():
                reason.setdefault(side, {})[code] = text
    return told


def want_column(rule: Rule, want: Resource) -> Any:
    """What a want says in a rule; None: it asks nothing."""
    return getattr(want, rule.want)


def _spoken(measure: Measure, seen: set[str]) -> bool:
    return measure.spec.offer in seen


def _known(measure: Measure, offer: Resource, want: Resource) -> bool:
    return getattr(offer, measure.offer) is not None and getattr(want, measure.want) is not None


def _rules_told(
    kind: Kind, name: str, rules: list[tuple[Rule, bool]], offer: Resource, want: Resource
) -> dict[str, str]:
    field = kind.forms["offer"].fields[name]
    said = _said(field, offer.answers.get(name))
    own = next((rule.spec.words for rule, _fits in rules if rule.spec.words), None)
    if own is not None:
        asked = _asked(kind, rules, want)
        return {side: str(getattr(own, side)).format(offer=said, want=asked) for side in ("want", "offer")}
    if field.kind is Asks.YES_NO:
        return _yes_told(field, offer.answers.get(name))
    return _told(str(field.spec.label), said, _asked(kind, rules, want))


def _told(label: str, said: str, asked: str) -> dict[str, str]:
    said = said or _("没有写")
    words = {"label": label, "offer": said, "want": _set_apart(asked), "yours": _set_apart(said)}
    told = {
        "want": _("%(label)s：%(offer)s，您要%(want)s") % words,
        "offer": _("%(label)s：对方要%(want)s，您的是%(yours)s") % words,
    }
    return {side: " ".join(text.split()) for side, text in told.items()}


def _set_apart(text: str) -> str:
    """A number after Han characters has a space before it."""
    return f" {text}" if text[:1].isascii() else text


def _yes_told(field: Field, value: Any) -> dict[str, str]:
    words = {"label": field.spec.label}
    if value is True:
        return {
            "want": _("%(label)s：有，您需要") % words,
            "offer": _("%(label)s：对方需要，您有") % words,
        }
    return {
        "want": _("%(label)s：没有，您需要") % words,
        "offer": _("%(label)s：对方需要，您没有") % words,
    }


def _asked(kind: Kind, rules: list[tuple[Rule, bool]], want: Resource) -> str:
    """What is wanted: ``800 至 1,500 平方米``, ``6 月 1 日以前``, ``生产、仓储``."""
    ends: dict[str, str] = {}
    dated = False
    for rule, _fits in rules:
        field = kind.forms["want"].fields[rule.spec.want]
        dated = field.kind is Asks.DATE
        ends[rule.spec.must] = _said(field, want.answers.get(rule.spec.want))
    words = {"least": ends.get("at_least", ""), "most": ends.get("at_most", "")}
    if words["least"] and words["most"]:
        words["least"] = _without_unit(words["least"], words["most"])
        return _("%(least)s 至 %(most)s") % words
    words = {end: _before_han(text) for end, text in words.items()}
    if words["least"]:
        return (_("%(least)s以后") if dated else _("%(least)s以上")) % words
    if words["most"]:
        return (_("%(most)s以前") if dated else _("%(most)s以内")) % words
    return ends.get("share") or ends.get("cover") or ""


def _before_han(text: str) -> str:
    """A number before Han characters has a space after it, its unit has none."""
    return f"{text} " if text and text[-1].isascii() else text


def _without_unit(least: str, most: str) -> str:
    """The lower end without the unit the upper end names."""
    number, _space, unit = least.partition(" ")
    return number if unit and most.endswith(f" {unit}") and not unit[0].isdigit() else least


def _measure_told(kind: Kind, measure: Measure, offer: Resource, want: Resource) -> dict[str, str]:
    field = kind.forms["offer"].fields[measure.spec.offer or ""]
    names = measure.spec.want
    wanted = [
        _said(kind.forms["want"].fields[name], want.answers.get(name))
        for name in ((names,) if isinstance(names, str) else names or ())
        if want.answers.get(name)
    ]
    return _told(str(field.spec.label), _said(field, offer.answers.get(field.id)), " – ".join(wanted))


def _said(field: Field, value: Any) -> str:
    return values.display(field.spec, value)


def _place_told(offer: Resource, want: Resource, names: Mapping[str, str]) -> dict[str, str]:
    there, here = (names.get(code_of(one.area_path), code_of(one.area_path)) for one in (offer, want))
    if offer.area_path.startswith(want.area_path) or want.area_path.startswith(offer.area_path):
        how = _("就在您要找的地方")
    else:
        how = {
            4: _("和您同一社区"),
            3: _("和您同一街道"),
            2: _("和您同在一个区"),
        }.get(common(offer.area_path, want.area_path), _("和您不在一个区"))
    return {
        "want": _("地点：%(there)s，%(how)s") % {"there": there, "how": how},
        "offer": _("地点：对方要在%(here)s，您的在%(there)s") % {"there": there, "here": here},
    }


def faces(reasons: list[dict[str, Any]], side: Side) -> list[tuple[bool, dict[str, str]]]:
    """The reasons as they are told to one side: whether it fits, and the words in both languages."""
    return [(reason["fits"], reason[side]) for reason in reasons]
