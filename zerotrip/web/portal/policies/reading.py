"""A policy as people read it: what is given, when it holds, in the reader's words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from zerotrip.catalogue.windows import season_words
from zerotrip.criteria import FactKind, Truth
from zerotrip.facts.vocabulary import plain
from zerotrip.facts.words import condition, yuan
from zerotrip.policies.evaluating import Answer, Policy
from zerotrip.policies.windows import Opening, last_day
from zerotrip.web.templatetags.show import day as day_words

if TYPE_CHECKING:
    from zerotrip.facts.vocabulary import Vocabulary
    from zerotrip.facts.words import Places
    from zerotrip.policies.evaluating import Gained
    from zerotrip.policies.spec import Figure, PolicySpec, Tier

SOON = 30
"""Days before its end from which a policy is about to end."""


class Standing(StrEnum):
    """How a policy stands on a day."""

    IN_FORCE = "in-force"
    SOON = "soon"
    COMING = "coming"
    OVER = "over"

    @property
    def words(self) -> str:
        """As a tag says it."""
        return str(_STANDINGS[self])

    @property
    def tone(self) -> str:
        """The look of the tag."""
        return {Standing.IN_FORCE: "ok", Standing.SOON: "warn", Standing.COMING: "water", Standing.OVER: ""}[self]


_STANDINGS = {
    Standing.IN_FORCE: gettext_lazy("有效"),
    Standing.SOON: gettext_lazy("即将到期"),
    Standing.COMING: gettext_lazy("尚未开始"),
    Standing.OVER: gettext_lazy("已到期"),
}

KINDS = {
    "payment": gettext_lazy("补贴"),
    "reduction": gettext_lazy("减免"),
    "refund": gettext_lazy("返还"),
    "deferral": gettext_lazy("缓缴"),
    "loan": gettext_lazy("贷款"),
    "exemption": gettext_lazy("免除"),
    "rate": gettext_lazy("费率"),
    "service": gettext_lazy("服务"),
}
"""What a benefit is, by the kind a policy declares."""


def standing(spec: PolicySpec, day: date) -> Standing:
    """How a policy stands on ``day``."""
    end = last_day(spec)
    if spec.valid.since and day < spec.valid.since:
        return Standing.COMING
    if end is None:
        return Standing.IN_FORCE
    if end < day:
        return Standing.OVER
    return Standing.SOON if (end - day).days <= SOON else Standing.IN_FORCE


@dataclass(frozen=True)
class Term:
    """When a policy holds, in words."""

    standing: Standing
    words: str
    left: str = ""
    """How long it still does, where it ends soon."""


def term(spec: PolicySpec, day: date) -> Term:
    """When a policy holds, seen from ``day``."""
    since, until = spec.valid.since, spec.valid.until
    if since and until:
        words = _("%(since)s 至 %(until)s") % {"since": day_words(since), "until": day_words(until)}
    elif since or until:
        words = (_("%(day)s 起") if since else _("至 %(day)s")) % {"day": day_words(since or until)}
    else:
        words = _("来源没有写明起止日期")
    how, end, left = standing(spec, day), last_day(spec), ""
    if how is Standing.SOON and end is not None:
        days = (end - day).days
        left = ngettext("还有 %(count)d 天", "还有 %(count)d 天", days) % {"count": days} if days else _("今天到期")
    return Term(how, words, left)


@dataclass(frozen=True)
class TierLine:
    """One tier of a benefit, for a table."""

    tier: Tier
    condition: str
    how: str
    """How the amount comes about; empty where it is no sum."""
    steps: tuple[tuple[str, str], ...]
    figures: tuple[str, ...]


def tiers(spec: PolicySpec, policy: Policy | None, words: Vocabulary, places: Places) -> list[TierLine]:
    """What is given to whom; without the conditions where they cannot be read."""
    rules = dict(zip((tier.id for tier, _rule in policy.tiers), policy.tiers, strict=True)) if policy else {}
    found = []
    for tier in spec.benefit.tiers:
        rule = rules[tier.id][1] if tier.id in rules else None
        when = condition(rule, words, places=places) if rule else ""
        figures = tuple(figure_words(figure) for figure in tier.figures)
        found.append(TierLine(tier, when, how(tier, words), tuple(_steps(tier, words)), figures))
    return found


def figure_words(figure: Figure) -> str:
    """A number that is no sum: ``免租 6 个月``."""
    unit = f" {figure.unit}" if figure.unit else ""
    money = figure.unit is not None and figure.unit.zh == "元"
    value = yuan(figure.value) if money else f"{plain(figure.value)}{unit}"
    return _("%(label)s %(value)s") % {"label": figure.label, "value": value}


def how(tier: Tier, words: Vocabulary) -> str:
    """How the amount of a tier comes about: ``上年度实缴失业保险费 × 90%，最高 20 万元``."""
    if not tier.counts:
        return ""
    told = ""
    if tier.of and tier.rate:
        told = _quantity(tier, words) + " × " + _rate(tier, tier.rate, words)
    elif tier.of:
        told = _("按 %(what)s 分档") % {"what": _quantity(tier, words)}
    if tier.amount:
        told = f"{yuan(tier.amount)} + {told}" if told else yuan(tier.amount)
    limits = (
        (tier.at_least, _("，最少 %(amount)s")),
        (tier.at_most, _("，最高 %(amount)s")),
    )
    told += "".join(text % {"amount": yuan(limit)} for limit, text in limits if limit is not None)
    if tier.no_more_than and tier.no_more_than in words.facts:
        told += _("，不超过%(what)s") % {"what": words.facts[tier.no_more_than].label}
    return told


def _quantity(tier: Tier, words: Vocabulary) -> str:
    names = [str(words.facts[name].label) if name in words.facts else name for name in tier.of]
    divided = f" ÷ {plain(tier.divided_by)}" if tier.divided_by else ""
    return " × ".join(names) + divided


def _rate(tier: Tier, rate: Decimal, words: Vocabulary) -> str:
    """A rate: a share of money, or yuan for each unit."""
    money = any(words.types[name].kind is FactKind.MONEY for name in tier.of if name in words.types)
    if money:
        return f"{plain(rate * 100)}%" if rate <= 1 else plain(rate)
    return yuan(rate)


def _steps(tier: Tier, words: Vocabulary) -> Iterator[tuple[str, str]]:
    below = Decimal(0)
    for band in tier.bands:
        reach = _("不超过 %(up_to)s") if band.up_to is not None else _("超过 %(below)s")
        told = {"up_to": f"{band.up_to or below:,f}", "below": f"{below:,f}"}
        parts = [yuan(band.amount)] if band.amount or not band.rate else []
        parts += [_quantity(tier, words) + " × " + _rate(tier, band.rate, words)] if band.rate else []
        yield reach % told, " + ".join(parts)
        below = band.up_to or below


def gains(answer: Answer) -> list[str]:
    """What somebody gets, tier by tier, in words."""
    return [gain_words(each, answer) for each in answer.gained]


def gain_words(gained: Gained, answer: Answer) -> str:
    """One tier that holds, or may."""
    tier = gained.tier
    said = [str(tier.gives or tier.name), *map(figure_words, tier.figures)]
    if gained.amount is not None and len([each for each in answer.gained if each.tier.counts]) > 1:
        said.append(yuan(gained.amount))
    return _("，").join(said)


def amount_words(answer: Answer) -> str:
    """What it comes to, with how often; empty where it is no sum or cannot be told."""
    if answer.amount is None:
        return ""
    per = answer.policy.spec.benefit.per
    return f"{yuan(answer.amount)}（{per}）" if per else yuan(answer.amount)


def opening_words(when: Opening | None) -> str:
    """How it stands with the time to apply: open now, from which day on, or no more."""
    if when is None:
        return ""
    if when.over:
        return _("申报时间已过")
    again = _("%(day)s开始下一次申报") % {"day": day_words(when.again)} if when.again else ""
    if when.truth is Truth.NO:
        return _("现在不受理，%(again)s") % {"again": again}
    if when.truth is Truth.UNKNOWN:
        said = _("有的企业现在可以申报，要看是哪一类")
    elif when.closes:
        said = _("现在可以申报，本次 %(day)s截止") % {"day": day_words(when.closes)}
    else:
        said = _("现在可以申报")
    return _("，").join(filter(None, (said, again)))


@dataclass(frozen=True)
class Times:
    """The times to apply, for a page."""

    now: str
    """How it stands today."""
    listed: tuple[tuple[str, str], ...]
    """Each in words, with whom it is for where not for everybody."""


def times(
    spec: PolicySpec, policy: Policy | None, when: Opening | None, words: Vocabulary, places: Places
) -> Times:
    """When one may apply: how it stands, and all the times there are."""
    apply = spec.apply
    if apply is None or when is None:
        return Times("", ())
    listed: list[tuple[str, str]] = []
    rules = policy.windows if policy else (None,) * len(apply.windows)
    for each, rule in zip(apply.windows, rules, strict=True):
        whom = condition(rule, words, places=places) if rule else ""
        listed.append((season_words(each), _("；").join(filter(None, (whom, str(each.note or ""))))))
    if not listed:
        listed.append((_once(apply.opens, apply.closes), ""))
    return Times(opening_words(when), tuple(listed))


def _once(opens: date | None, closes: date | None) -> str:
    if opens and closes:
        return _("%(since)s 至 %(until)s") % {"since": day_words(opens), "until": day_words(closes)}
    return (_("%(day)s 起") if opens else _("至 %(day)s")) % {"day": day_words(opens or closes)}


def limit_words(spec: PolicySpec) -> str:
    """How much of it there is, and who comes first: ``每年限 50 名，按申报先后``."""
    limited = spec.limited
    if limited is None:
        return ""
    said = [_("限 %(count)s 名") % {"count": f"{limited.places:,d}"}] if limited.places else []
    said += [_("总额 %(sum)s") % {"sum": yuan(limited.budget)}] if limited.budget else []
    told = _("，").join([*(said or [_("额度有限")]), _("用完为止"), str(limited.order)])
    per = {"year": _("每年"), "quarter": _("每季度"), "month": _("每月")}.get(limited.per, "")
    return f"{per}{_('：')}{told}" if per else told
