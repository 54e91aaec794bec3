"""The sentence that says why a firm is warned of, with its figures; in both languages."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal
from string import Formatter
from typing import TYPE_CHECKING, Any

from django.utils import translation

if TYPE_CHECKING:
    from collections.abc import Callable

    from zerotrip.facts.worth import Known
    from zerotrip.questions.words import Words

WAYS = ("", "percent", "fall")
LANGUAGES = {"zh": "zh-hans", "en": "en"}


@dataclass(frozen=True)
class Shown:
    """A fact as it reads, and its number where it is one."""

    text: str
    number: Decimal | None = None

    def __format__(self, way: str) -> str:
        if way not in WAYS:
            raise ValueError(way)
        if not way or self.number is None:
            return self.text
        return percent(-self.number if way == "fall" else self.number)


def percent(share: Decimal) -> str:
    """A share as per cent: ``−42%``, ``33.3%``."""
    rounded = (share * 100).quantize(Decimal("0.1"))
    whole = rounded.to_integral_value()
    return f"{whole if rounded == whole else rounded}%".replace("-", "−")


def placeholders(text: str) -> dict[str, str]:
    """The names in the braces of a text, each with how it is shown. Raises ValueError for anything else there."""
    found: dict[str, str] = {}
    for _literal, name, way, conversion in Formatter().parse(text):
        if name is None:
            continue
        if not name.isidentifier() or conversion or (way or "") not in WAYS:
            raise ValueError(name)
        found[name] = way or ""
    return found


def said(why: Words, known: Known, show: Callable[[str, Any], str]) -> dict[str, str]:
    """The sentence of one firm, by language. ``show`` puts a fact's value into the words of the active one."""
    told = {}
    for code, language in LANGUAGES.items():
        with translation.override(language):
            text = getattr(why, code) or why.zh
            told[code] = text.format_map({name: _shown(name, known, show) for name in placeholders(text)})
    return told


def _shown(name: str, known: Known, show: Callable[[str, Any], str]) -> Shown:
    worth = known.worths.get(name)
    value = worth.value if worth is not None else None
    number = Decimal(value) if isinstance(value, str | int | Decimal) and _is_number(value) else None
    return Shown(show(name, value), number)


def _is_number(value: object) -> bool:
    return isinstance(value, int | Decimal) or str(value).replace(".", "", 1).lstrip("-").isdigit()


def facts_read(names: Collection[str], known: Known) -> list[str]:
    """The facts of a rule that are known, each once, in their order."""
    return [name for name in sorted(names) if name in known.worths and known.worths[name].value is not None]
