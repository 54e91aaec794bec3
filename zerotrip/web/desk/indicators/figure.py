"""One figure: how it came to be, and its correction with all that belongs to it."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from zerotrip.errors import Invalid, NotAllowed, NotFound, Stale
from zerotrip.indicators import queries
from zerotrip.indicators.access import entering
from zerotrip.indicators.actions import Entered, record
from zerotrip.indicators.figures import Key
from zerotrip.indicators.models import Basis
from zerotrip.indicators.rules import doubt_about, exact, number_from
from zerotrip.web.accounts.access import staff_only
from zerotrip.web.desk.frame import rail
from zerotrip.web.desk.indicators.asking import Question, question_of
from zerotrip.web.desk.indicators.one import among, figure_link
from zerotrip.web.desk.indicators.telling import amount, published, told
from zerotrip.web.portal.cases.forms import uuid_from
from zerotrip.web.requests import Request, summary_of, typed

if TYPE_CHECKING:
    from zerotrip.indicators.figures import Row
    from zerotrip.indicators.spec import IndicatorSpec

CONTROLS = ("value", "base", "base_note", "published", "basis", "source")


@require_http_methods(["GET", "POST"])
@staff_only
def figure(request: Request, slug: str) -> HttpResponse:
    """The revisions of a figure; a POST adds one."""
    spec = queries.specs(request.actor).get(slug)
    if spec is None:
        raise NotFound(_("没有这个指标。"))
    question = question_of(request, request.GET.dict(), spec=spec)
    industry = request.GET.get("industry", "")
    if industry and industry not in {one.code for one in spec.industries}:
        raise NotFound(_("这个指标不按这个行业统计。"))
    period = question.period
    book = queries.book(
        request.actor,
        among(question, spec),
        path=question.path,
        periods=[period, period.year_before],
        industries=bool(industry),
        targets=False,
    )
    row = book.row(spec.id, question.path, period, industry)
    last = book.value(spec.id, question.path, period.year_before, industry)
    own = book.places[question.path].level in spec.levels
    may = own and entering(request.actor).may_enter(spec, question.path)
    answers = _held(spec, row)
    refused = None
    doubt = ""
    if request.method == "POST":
        if not may:
            raise NotAllowed(_("您不能填报这个区域的“%(name)s”。") % {"name": spec.name})
        answers = {name: typed(request, name, most=300) for name in CONTROLS}
        value = number_from(answers["value"])
        doubt = doubt_about(spec, value, last.amount if last else None) if value is not None else ""
        key = Key(spec.id, question.path, industry, period.year, period.number)
        refused = _save(request, key, answers, doubt=doubt)
        if refused is None:
            return redirect(figure_link(spec, question.code, period, industry))
    change = book.change(spec.id, question.path, period, industry)
    context = {
        "question": question,
        "spec": spec,
        "place": book.places[question.path],
        "industry": next((one.name for one in spec.industries if one.code == industry), ""),
        "period_name": period.name(cumulative=spec.cumulative),
        "row": row,
        "value": amount(spec, row.value if row else None),
        "change": told(spec, change, book.places),
        "last": amount(spec, last.amount if last else None),
        "published": published(row, change),
        "revisions": _revisions(request, question, spec, industry),
        "may": may,
        "answers": answers,
        "bases": Basis.choices,
        "problems": refused.problems if refused else {},
        "summary": summary_of(refused),
        "doubt": doubt,
        "reason": typed(request, "reason", most=300),
        "seen": typed(request, "seen", most=5) or (row.revision if row else 0),
        "key": typed(request, "key") or uuid4(),
        "back": f"?{question.query()}",
        **rail(request, "indicators"),
    }
    return render(request, "desk/indicators/figure.html", context, status=422 if refused else 200)


def _held(spec: IndicatorSpec, row: Row | None) -> dict[str, str]:
    """What the form begins with."""
    if row is None:
        return dict.fromkeys(CONTROLS, "")
    return {
        "value": exact(row.value, least=spec.decimals),
        "base": "" if row.base is None else exact(row.base),
        "base_note": row.base_note,
        "published": "" if row.published is None else f"{row.published:f}",
        "basis": row.basis,
        "source": row.source,
    }


def _save(request: Request, key: Key, answers: dict[str, str], *, doubt: str) -> Invalid | None:
    """Record what was typed; what was wrong with it, at each control, when it was not."""
    problems: dict[str, list[str]] = {}
    numbers: dict[str, Decimal | None] = {}
    for name in ("value", "base", "published"):
        numbers[name] = number_from(answers[name])
        if answers[name] and numbers[name] is None:
            problems[name] = [_("请填数字，例如 12.34。")]
    if not answers["value"]:
        problems["value"] = [_("请填写数值。")]
    growth = numbers["published"]
    if growth is not None and (abs(growth) >= 100_000 or growth != round(growth, 2)):
        problems["published"] = [_("增速按百分数填，小数最多两位，例如 22 或 7.5。")]
    if (numbers["base"] is None) != (not answers["base_note"]):
        problems.setdefault("base_note" if answers["base"] else "base", [_("可比基数和说明要一起填写。")])
    if (growth is None) != (not answers["basis"]):
        problems.setdefault(
            "basis" if answers["published"] else "published", [_("公布的增速和价格口径要一起填写。")]
        )
    if doubt and request.POST.get("sure") != answers["value"]:
        problems.setdefault("value", [doubt])
    value = numbers["value"]
    if problems or value is None:
        return Invalid(_("没有保存，请先改正。"), problems)
    seen = typed(request, "seen", most=5)
    entered = Entered(
        place="value",
        key=key,
        value=value,
        seen=int(seen) if seen.isascii() and seen.isdigit() else None,
        base=numbers["base"],
        base_note=answers["base_note"][:200],
        published=growth,
        basis=answers["basis"],
        source=answers["source"][:200],
    )
    try:
        filing = record(
            [entered],
            reason=typed(request, "reason", most=300),
            filing_id=uuid_from(typed(request, "key")),
            by=request.actor,
            at=request.now,
        )
    except Invalid as refused:
        return refused
    except Stale as stale:
        return Invalid(stale.message, {"value": [stale.message]})
    if filing is None:
        messages.info(request, _("没有变化，不用保存。"))
    else:
        messages.success(request, _("已保存。"))
    return None


def _revisions(request: Request, question: Question, spec: IndicatorSpec, industry: str) -> list[dict[str, Any]]:
    key = Key(spec.id, question.path, industry, question.period.year, question.period.number)
    return [
        {
            "revision": row.revision,
            "value": amount(spec, row.value),
            "base": amount(spec, row.base) if row.base is not None else "",
            "base_note": row.base_note,
            "reason": row.reason,
            "source": row.source or spec.source,
            "who": row.filing.account.person.name if row.filing.account else _("系统"),
            "door": row.filing.get_door_display(),
            "at": row.filing.at,
        }
        for row in queries.revisions(request.actor, key)
    ]
