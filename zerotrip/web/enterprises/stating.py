"""A form by which somebody states a fact: its value, unit, day and source; read and refused at each control."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from zerotrip.enterprises.sheets.headings import last_day
from zerotrip.errors import Invalid, NotFound
from zerotrip.facts.actions import Statement, record
from zerotrip.facts.queries import day_of, vocabulary
from zerotrip.facts.spec import FactSpec, Kind
from zerotrip.facts.vocabulary import YUAN, unit_of
from zerotrip.ids import new_id
from zerotrip.parties.industries import Level, offered
from zerotrip.web.portal.cases.forms import uuid_from
from zerotrip.web.requests import Request, typed

if TYPE_CHECKING:
    from zerotrip.facts.vocabulary import Vocabulary
    from zerotrip.parties.models import Party


def stateable(words: Vocabulary, *, own: bool) -> list[FactSpec]:
    """The facts somebody may state by hand: not what follows from others, not what others alone may say."""
    return [
        spec for spec in words.of_kind("enterprise") if spec.computed is None and sources_of(spec, words, own=own)
    ]


def sources_of(spec: FactSpec, words: Vocabulary, *, own: bool) -> list[tuple[str, str]]:
    """Who may have said it: offices, or the enterprise itself."""
    names = spec.sources or tuple(words.sources)
    return [
        (name, str(words.sources[name].name))
        for name in names
        if name in words.sources and words.sources[name].own is own
    ]


def spec_of(name: str, words: Vocabulary) -> FactSpec:
    """The fact of an enterprise by this name. Raises NotFound."""
    spec = words.facts.get(name)
    if spec is None or "enterprise" not in spec.of:
        raise NotFound(_("没有这一项。"))
    return spec


def form_of(spec: FactSpec, words: Vocabulary, request: Request, *, own: bool) -> dict[str, Any] | None:
    """What the form holds; None for a fact that is not stated by hand."""
    sources = sources_of(spec, words, own=own)
    if spec.computed is not None or not sources:
        return None
    units = [*YUAN] if spec.kind is Kind.MONEY else [str(unit_of(spec)), *spec.units] if spec.unit else []
    usual = "万元" if spec.kind is Kind.MONEY else (units[0] if units else "")
    today = day_of(request.now)
    return {
        "spec": spec,
        "units": units,
        "unit": typed(request, "unit") or usual,
        "sources": sources,
        "offered": offered(get_language() or "", Level.CLASS) if spec.kind is Kind.INDUSTRY else (),
        "source": typed(request, "source") or (sources[0][0] if len(sources) == 1 else ""),
        "value": typed(request, "value"),
        "values": request.POST.getlist("value"),
        "day": typed(request, "day") or ("" if spec.per else today.isoformat()),
        "period": typed(request, "period"),
        "today": today,
        "note": typed(request, "note"),
        "reason": typed(request, "reason"),
        "key": typed(request, "key") or new_id(),
    }


def state(party: Party, spec: FactSpec, request: Request, *, own: bool) -> None:
    """Record what the form says. Raises Invalid with what is wrong at which control."""
    words = vocabulary()
    reason = typed(request, "reason", most=400)
    problems: dict[str, list[str]] = {}
    if not own and not reason:
        problems["reason"] = [_("请写明根据什么，或为什么改。")]
    sources = dict(sources_of(spec, words, own=own))
    source = typed(request, "source") or (next(iter(sources)) if own and sources else "")
    if source not in sources:
        problems["source"] = [_("请选择数据来源。")]
    day = _day(spec, request, problems)
    value = _value(spec, request, problems)
    if problems or day is None:
        raise Invalid(_("还有 %(count)d 处需要填写。") % {"count": len(problems)}, problems)
    said = Statement(spec.id, value, day, source, unit=typed(request, "unit"), note=reason)
    key = uuid_from(typed(request, "key")) or new_id()
    try:
        record(party.pk, [said], by=request.actor, at=request.now, key=key, reason=reason)
    except Invalid as refused:
        raise Invalid(refused.message, {"value": refused.problems.get(spec.id, [refused.message])}) from None


def _day(spec: FactSpec, request: Request, problems: dict[str, list[str]]) -> date | None:
    if spec.per:
        found = last_day(typed(request, "period", most=20), spec.per)
        if found is None:
            told = {
                "month": _("请写月份，如 2026-01。"),
                "quarter": _("请写季度，如 2026Q1。"),
                "year": _("请写年份，如 2025。"),
            }
            problems["period"] = [told[spec.per]]
        return found
    try:
        return date.fromisoformat(typed(request, "day", most=10))
    except ValueError:
        problems["day"] = [_("请填写日期。")]
        return None


def _value(spec: FactSpec, request: Request, problems: dict[str, list[str]]) -> Any:
    if typed(request, "withdraw") == "1":
        return None
    if spec.kind is Kind.MULTI_CHOICE:
        return request.POST.getlist("value")
    value = typed(request, "value", most=400)
    if not value:
        problems["value"] = [_("请填写%(label)s。") % {"label": spec.label}]
    return value
