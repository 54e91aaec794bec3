"""Facts as controls of a form: how each kind is asked for, and what was typed becomes a value."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from zerotrip.facts.spec import FactSpec, Kind
from zerotrip.facts.vocabulary import Unfit, Vocabulary, plain, value_of
from zerotrip.facts.words import found, is_rate
from zerotrip.web.requests import storable

if TYPE_CHECKING:
    from django.http import QueryDict

    from zerotrip.facts.words import Places
    from zerotrip.facts.worth import Known

LONGEST = 400


@dataclass(frozen=True)
class Control:
    """One fact in a form."""

    spec: FactSpec
    name: str
    day: date | None = None
    """Of a figure, the last day of its period."""
    typed: tuple[str, ...] = ()
    unit: str = ""
    as_of: str = ""
    problems: tuple[str, ...] = ()
    now: str = ""
    """What is known of it."""
    options: tuple[tuple[str, str, bool], ...] = ()
    units: tuple[tuple[str, str], ...] = ()
    """The units it may be typed in, with what they are called; the first counts unless another is chosen."""
    dated: bool = False
    """Whether the day it was so is asked for, too."""

    @property
    def text(self) -> str:
        """What was typed, of a control with one value."""
        return self.typed[0] if self.typed else ""

    @property
    def asks(self) -> str:
        """Which control: ``choices`` or ``many`` to tick, ``pick`` from a list, ``date``, ``number``, ``text``."""
        match self.spec.kind:
            case Kind.YES_NO:
                return "choices"
            case Kind.MULTI_CHOICE:
                return "many"
            case Kind.CHOICE | Kind.AREA:
                return "pick"
            case Kind.DATE:
                return "date"
            case Kind.NUMBER | Kind.MONEY:
                return "number"
            case Kind.INDUSTRY:
                return "industry"
        return "text"

    @property
    def fixed_unit(self) -> str:
        """The unit beside the control, where there is no choice of units."""
        if is_rate(self.spec):
            return "%"
        return self.units[0][1] if len(self.units) == 1 else ""


def control(
    spec: FactSpec,
    *,
    prefix: str = "f-",
    day: date | None = None,
    typed: Iterable[str] = (),
    unit: str = "",
    named: Places | None = None,
) -> Control:
    """The control of a fact, with what was typed in it."""
    given = tuple(typed)
    name = f"{prefix}{spec.id}" + (f"-{day}" if day else "")
    return Control(
        spec,
        name,
        day,
        given,
        unit,
        options=tuple((value, label, value in given) for value, label in _options(spec, named or {})),
        units=_units(spec),
    )


def _options(spec: FactSpec, named: Places) -> list[tuple[str, str]]:
    if spec.kind is Kind.YES_NO:
        return [("yes", _("是")), ("no", _("否"))]
    if spec.kind is Kind.AREA:
        return list(named.items())
    return [(choice.value, str(choice.label)) for choice in spec.choices]


def _units(spec: FactSpec) -> tuple[tuple[str, str], ...]:
    if spec.kind is Kind.MONEY:
        names = {"万元": _("万元"), "元": _("元"), "千元": _("千元"), "亿元": _("亿元")}
        return tuple(names.items())
    if spec.kind is not Kind.NUMBER or is_rate(spec):
        return ()
    own = [(spec.unit.zh, str(spec.unit))] if spec.unit else []
    return (*own, *((unit, unit) for unit in spec.units))


def read(given: QueryDict, control: Control) -> Control:
    """A control with what a form sent for it."""
    typed = tuple(storable(text).strip()[:LONGEST] for text in given.getlist(control.name))
    typed = tuple(text for text in typed if text)
    unit = storable(given.get(f"u-{control.name}", ""))[:20]
    return replace(
        control,
        typed=typed,
        unit=unit if unit in dict(control.units) else "",
        as_of=storable(given.get(f"d-{control.name}", ""))[:10],
        options=tuple((value, label, value in typed) for value, label, _chosen in control.options),
    )


def value_typed(control: Control) -> Any:
    """What was typed, as a statement takes it. Raises Unfit."""
    spec = control.spec
    if spec.kind is Kind.MULTI_CHOICE:
        return list(control.typed)
    if is_rate(spec):
        return _share(control.text)
    return control.text


def _share(text: str) -> str:
    """Per cent as a share: ``5.5`` is 0.055."""
    try:
        number = Decimal(text.rstrip("%％ ").replace(",", ""))
    except InvalidOperation:
        raise Unfit(_("请写数字，如 5.5 表示 5.5%。")) from None
    if not number.is_finite():
        raise Unfit(_("请写数字，如 5.5 表示 5.5%。"))
    return plain(number / 100)


def unit_typed(control: Control) -> str:
    """The unit it was typed in; empty for the fact's own."""
    if control.unit or control.spec.kind is not Kind.MONEY:
        return control.unit
    return control.units[0][0]


@dataclass
class Values:
    """What controls say: the values as they are kept, and the controls with what was wrong with them."""

    values: dict[str, Any] = field(default_factory=dict)
    controls: list[Control] = field(default_factory=list)


def values_of(controls: Iterable[Control]) -> Values:
    """The values of the controls something was typed in."""
    found = Values()
    for each in controls:
        kept = each
        if each.typed:
            try:
                found.values[each.spec.id] = value_of(each.spec, value_typed(each), unit=unit_typed(each))
            except Unfit as unfit:
                kept = replace(each, problems=(str(unfit),))
        found.controls.append(kept)
    return found


def with_known(
    controls: Iterable[Control], known: Known, words: Vocabulary, named: Places | None = None
) -> list[Control]:
    """The controls with what is known of each."""
    return [
        replace(each, now=found(each.spec, known.worths[each.spec.id], words, named))
        if each.spec.id in known.worths
        else each
        for each in controls
    ]


def query_of(controls: Iterable[Control]) -> list[tuple[str, str]]:
    """What was typed, as pairs of an address."""
    pairs: list[tuple[str, str]] = []
    for each in controls:
        pairs += [(each.name, text) for text in each.typed]
        if each.typed and each.unit:
            pairs.append((f"u-{each.name}", each.unit))
    return pairs
