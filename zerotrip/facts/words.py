"""Facts and conditions as people read them: values with their units, comparisons as sentences.

Nothing here asks the database: what areas are called is handed in as ``places``, by key.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from zerotrip.criteria import All, Leaf, Not, Operator, Reason, Rule, Some, Truth
from zerotrip.facts.lacking import lacking
from zerotrip.facts.spec import FactSpec, Kind
from zerotrip.facts.vocabulary import COMPUTED, Vocabulary, plain, unit_of
from zerotrip.facts.worth import MISSING, Known, State, Worth
from zerotrip.parties.industries import industry

if TYPE_CHECKING:
    from zerotrip.facts.worth import Stated

WAN, YI = Decimal(10_000), Decimal(10) ** 8
MILLION = Decimal(1_000_000)

Places = Mapping[str, str]
"""What areas are called, by key."""


def yuan(amount: Decimal) -> str:
    """An amount as people say it, never rounded: ``1,280 元``, ``300 万元``, ``2.08 亿元``."""
    size = abs(amount)
    if not _english():
        for unit, name, most in ((YI, _("亿元"), 4), (WAN, _("万元"), 4 if size >= MILLION else 2)):
            if size >= unit and _decimals(amount / unit) <= most:
                return f"{grouped(amount / unit)} {name}"
    return _("%(amount)s 元") % {"amount": grouped(amount)}


def is_rate(spec: FactSpec) -> bool:
    """Whether a number is a share or a rate of change, which people read in per cent.

    A number without a unit that is one by how it is worked out, or that cannot exceed 1.
    """
    if spec.kind is not Kind.NUMBER or spec.unit:
        return False
    how = spec.computed.way[0] if spec.computed else ""
    return how in ("change", "quotient") or (spec.at_most is not None and spec.at_most <= 1 and spec.decimals > 0)


def shown(spec: FactSpec, value: Any, places: Places | None = None) -> str:
    """A value of a fact, as it is kept or as a rule compares with it."""
    match spec.kind:
        case Kind.MONEY:
            return yuan(Decimal(value))
        case Kind.NUMBER:
            return _number(spec, Decimal(value))
        case Kind.YES_NO:
            return _("是") if value else _("否")
        case Kind.DATE:
            return value.isoformat() if isinstance(value, date) else str(value)
        case Kind.CHOICE:
            return _choice(spec, value)
        case Kind.MULTI_CHOICE:
            chosen = sorted(value) if isinstance(value, list | tuple | set | frozenset) else [value]
            return _("、").join(_choice(spec, each) for each in chosen) or _("没有一项")
        case Kind.INDUSTRY:
            found = industry(str(value))
            return _("%(name)s（%(code)s）") % {"name": found.label, "code": found.written} if found else str(value)
        case Kind.AREA:
            return (places or {}).get(str(value), str(value))
    return str(value)


def _number(spec: FactSpec, number: Decimal) -> str:
    if is_rate(spec):
        return f"{grouped(number * 100)}%"
    unit = str(unit_of(spec))
    return f"{grouped(number)}{'' if unit == '%' else ' '}{unit}".rstrip()


def _choice(spec: FactSpec, value: Any) -> str:
    return next((str(choice.label) for choice in spec.choices if choice.value == value), str(value))


def grouped(number: Decimal) -> str:
    """A number as people read it: thousands apart, a minus that is one."""
    return f"{Decimal(plain(number)):,f}".replace("-", "−")


def _decimals(number: Decimal) -> int:
    exponent = number.normalize().as_tuple().exponent
    return max(-exponent, 0) if isinstance(exponent, int) else 0


def _english() -> bool:
    return (get_language() or "").startswith("en")


def sentence(
    leaf: Leaf, words: Vocabulary, *, today: date | None = None, denied: bool = False, places: Places | None = None
) -> str:
    """A comparison as a sentence: ``从业人员不超过 300 人``; ``denied`` says that it must not hold.

    Days relative to today are worked out where ``today`` is given.
    """
    spec = words.facts[leaf.fact]
    wanted = leaf.wanted(today)
    values = [] if wanted is None else list(wanted) if isinstance(wanted, tuple) else [wanted]
    if spec.kind is Kind.YES_NO and denied is not (leaf.operator is Operator.IS_NOT):
        return _("%(fact)s：%(value)s") % {"fact": spec.label, "value": shown(spec, not wanted)}
    said = [shown(spec, value, places) for value in values] or [_("按提问当天推算的日子")]
    phrase = _phrase(leaf.operator, spec, denied)
    either = _(" 或 ") if leaf.operator in (Operator.IN, Operator.NOT_IN, Operator.WITHIN) else _("、")
    told = {
        "fact": spec.label,
        "value": _alternatives(said, either),
        "low": said[0],
        "high": said[-1],
    }
    return phrase % told


def _alternatives(said: list[str], last: str) -> str:
    if len(said) < 2:
        return "".join(said)
    return _("、").join(said[:-1]) + last + said[-1]


def _phrase(operator: Operator, spec: FactSpec, denied: bool) -> str:
    """How a comparison is said, by what is compared."""
    dates = spec.kind is Kind.DATE
    if spec.kind in (Kind.NUMBER, Kind.MONEY, Kind.DATE):
        operator = _TURNED.get(operator, operator) if denied else operator
        denied = denied and operator is Operator.BETWEEN
        return (_of_days() if dates else _of_numbers())[operator, denied]
    return _of_names()[operator, denied]


_TURNED = {
    Operator.IS: Operator.IS_NOT,
    Operator.IS_NOT: Operator.IS,
    Operator.AT_LEAST: Operator.LESS_THAN,
    Operator.AT_MOST: Operator.MORE_THAN,
    Operator.MORE_THAN: Operator.AT_MOST,
    Operator.LESS_THAN: Operator.AT_LEAST,
    Operator.BEFORE: Operator.AT_LEAST,
    Operator.AFTER: Operator.AT_MOST,
}
"""What holds of an ordered fact where the comparison does not."""


def _of_numbers() -> dict[tuple[Operator, bool], str]:
    return {
        (Operator.IS, False): _("%(fact)s为 %(value)s"),
        (Operator.IS_NOT, False): _("%(fact)s不是 %(value)s"),
        (Operator.AT_LEAST, False): _("%(fact)s不少于 %(value)s"),
        (Operator.AT_MOST, False): _("%(fact)s不超过 %(value)s"),
        (Operator.MORE_THAN, False): _("%(fact)s超过 %(value)s"),
        (Operator.LESS_THAN, False): _("%(fact)s少于 %(value)s"),
        (Operator.BETWEEN, False): _("%(fact)s在 %(low)s 到 %(high)s 之间（都包括）"),
        (Operator.BETWEEN, True): _("%(fact)s不在 %(low)s 到 %(high)s 之间"),
    }


def _of_days() -> dict[tuple[Operator, bool], str]:
    not_before, not_after = _("%(fact)s不早于 %(value)s"), _("%(fact)s不晚于 %(value)s")
    return {
        (Operator.IS, False): _("%(fact)s为 %(value)s"),
        (Operator.IS_NOT, False): _("%(fact)s不是 %(value)s"),
        (Operator.AT_LEAST, False): not_before,
        (Operator.AT_MOST, False): not_after,
        (Operator.BEFORE, False): _("%(fact)s早于 %(value)s"),
        (Operator.AFTER, False): _("%(fact)s晚于 %(value)s"),
        (Operator.LESS_THAN, False): _("%(fact)s早于 %(value)s"),
        (Operator.MORE_THAN, False): _("%(fact)s晚于 %(value)s"),
        (Operator.BETWEEN, False): _("%(fact)s在 %(low)s 到 %(high)s 之间（都包括）"),
        (Operator.BETWEEN, True): _("%(fact)s不在 %(low)s 到 %(high)s 之间"),
    }


def _of_names() -> dict[tuple[Operator, bool], str]:
    """Of choices, sets, texts, yes and no, places in a tree."""
    said, not_said = _("%(fact)s：%(value)s"), _("%(fact)s不是 %(value)s")
    return {
        (Operator.IS, False): said,
        (Operator.IS, True): not_said,
        (Operator.IS_NOT, False): not_said,
        (Operator.IS_NOT, True): said,
        (Operator.IN, False): said,
        (Operator.IN, True): not_said,
        (Operator.NOT_IN, False): not_said,
        (Operator.NOT_IN, True): said,
        (Operator.WITHIN, False): _("%(fact)s在 %(value)s 内"),
        (Operator.WITHIN, True): _("%(fact)s不在 %(value)s 内"),
        (Operator.CONTAINS, False): _("%(fact)s有 %(value)s"),
        (Operator.CONTAINS, True): _("%(fact)s没有 %(value)s"),
        (Operator.CONTAINS_ANY, False): _("%(fact)s有下列任一项：%(value)s"),
        (Operator.CONTAINS_ANY, True): _("%(fact)s没有下列任何一项：%(value)s"),
        (Operator.CONTAINS_ALL, False): _("%(fact)s有下列全部：%(value)s"),
        (Operator.CONTAINS_ALL, True): _("%(fact)s没有下列全部：%(value)s"),
        (Operator.ONLY, False): _("%(fact)s只有下列各项：%(value)s"),
        (Operator.ONLY, True): _("%(fact)s还有下列以外的：%(value)s"),
    }


def found(
    spec: FactSpec,
    worth: Worth,
    words: Vocabulary,
    places: Places | None = None,
    *,
    missing: Iterable[str] = (),
) -> str:
    """What is known of a fact, with where it comes from, or why nothing is: of a computed one what is ``missing``
    for it, where that is given, else all it follows from.

    ``现为 320 人，税务，截至 2026-03-31``
    """
    if worth.state is State.KNOWN:
        said = [_("现为 %(value)s") % {"value": shown(spec, worth.value, places)}]
        said.append(words.source_name(worth.source) if worth.source else "")
        dated = _("%(day)s 起") if spec.published else _("截至 %(day)s")
        said.append(dated % {"day": worth.as_of} if worth.as_of else "")
        return _("，").join(filter(None, said))
    if worth.state is State.STALE and worth.among:
        last = worth.among[0]
        told = {"source": words.source_name(last.source), "day": last.as_of, "value": _stated(spec, last, places)}
        return _("已过有效期：%(source)s %(day)s 的数据是 %(value)s") % told
    if worth.state is State.CONTRADICTORY and worth.among:
        said = [f"{words.source_name(one.source)} {_stated(spec, one, places)}" for one in worth.among]
        told = {"said": _("、").join(said), "day": worth.as_of}
        return _("说法不一：%(said)s，都截至 %(day)s，要先核实") % told
    if spec.published and not worth.needs:
        if worth.state is State.STALE:
            told = {"source": worth.source, "day": worth.as_of}
            return _("%(source)s %(day)s 公布的数值已过有效期，等本区更新") % told
        return _("本区还没有登记公布的数值")
    if worth.needs:
        names = _("、").join(labels(tuple(missing) or worth.needs, words))
        return _state_of_needs(worth.state) % {"names": names}
    return _("还不知道")


def _stated(spec: FactSpec, one: Stated, places: Places | None) -> str:
    return _("已撤回") if one.value is None else shown(spec, one.value, places)


def _state_of_needs(state: State) -> str:
    if state is State.STALE:
        return _("推算不出：%(names)s里有过了有效期的")
    if state is State.CONTRADICTORY:
        return _("推算不出：%(names)s里有说法不一的")
    return _("推算不出：%(names)s还不齐")


@dataclass(frozen=True)
class Line:
    """One condition with what came out, for a page: a comparison, or a heading over further ones."""

    text: str
    truth: Truth
    found: str = ""
    """Of a comparison: what is known of the fact."""
    parts: tuple[Line, ...] = ()


def lines(
    reason: Reason, words: Vocabulary, known: Known, *, today: date, places: Places | None = None
) -> tuple[Line, ...]:
    """A rule with what came out of it; what all has to hold stands side by side without a heading."""
    rule = reason.rule
    if isinstance(rule, All):
        return tuple(line for part in reason.parts for line in _under(part, words, known, today, places))
    return _under(reason, words, known, today, places)


def _under(reason: Reason, words: Vocabulary, known: Known, today: date, places: Places | None) -> tuple[Line, ...]:
    rule, denied = reason.rule, False
    inner = reason
    while isinstance(inner.rule, Not) and len(inner.parts) == 1:
        denied, inner = not denied, inner.parts[0]
    if isinstance(inner.rule, Leaf):
        leaf = inner.rule
        text = sentence(leaf, words, today=today, denied=denied, places=places)
        worth = known.worths.get(leaf.fact, MISSING)
        missing = [each.name for each in lacking([leaf.fact], words, known, today=today)] if worth.needs else ()
        return (Line(text, reason.truth, found(words.facts[leaf.fact], worth, words, places, missing=missing)),)
    if isinstance(rule, Not):
        parts = _under(reason.parts[0], words, known, today, places)
        return (Line(_("下面的条件不成立"), reason.truth, parts=parts),)
    parts = tuple(line for part in reason.parts for line in _under(part, words, known, today, places))
    return (Line(heading(rule), reason.truth, parts=parts),)


def heading(rule: Rule) -> str:
    """What stands over the parts of a rule."""
    if isinstance(rule, Some):
        return _("下列至少 %(count)d 项") % {"count": rule.at_least}
    return _("下列全部") if isinstance(rule, All) else _("下列任一项")


def condition(
    rule: Rule,
    words: Vocabulary,
    *,
    denied: bool = False,
    places: Places | None = None,
    today: date | None = None,
) -> str:
    """A rule in one sentence, without what is known of anybody."""
    if isinstance(rule, Leaf):
        return sentence(rule, words, today=today, denied=denied, places=places)
    if isinstance(rule, Not):
        return condition(rule.part, words, denied=not denied, places=places, today=today)
    said = [condition(part, words, places=places, today=today) for part in getattr(rule, "parts", ())]
    told = {"heading": heading(rule), "parts": _("；").join(said)}
    text = _("%(heading)s：%(parts)s") % told if len(said) > 1 else "".join(said)
    return _("不属于下面的情形：%(text)s") % {"text": text} if denied else text


def labels(names: Iterable[str], words: Vocabulary) -> list[str]:
    """What facts are called."""
    return [str(words.facts[name].label) for name in names if name in words.facts]


def is_worked_out(worth: Worth) -> bool:
    """Whether a value follows from others."""
    return worth.source == COMPUTED
