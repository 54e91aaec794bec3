"""Policies at the desk: how many enterprises each is for and which, and what is proposed to change."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from itertools import chain
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode
from uuid import uuid4

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from openpyxl import Workbook

from zerotrip.cases.models import ExportForm
from zerotrip.criteria import select
from zerotrip.enterprises.sheets.writing import defused
from zerotrip.errors import Invalid, NotFound, Refused
from zerotrip.facts.columns import columns
from zerotrip.facts.models import Standing, StandingQuerySet
from zerotrip.facts.queries import day_of, places, vocabulary
from zerotrip.facts.spec import Kind
from zerotrip.facts.trees import area_key
from zerotrip.facts.words import condition
from zerotrip.parties.industries import Level, industries
from zerotrip.parties.models import Party
from zerotrip.parties.queries import area_path_of, streets
from zerotrip.policies import actions, asking, queries
from zerotrip.policies.models import Policy
from zerotrip.web.accounts.access import staff_only
from zerotrip.web.desk.frame import rail
from zerotrip.web.pages import page_of
from zerotrip.web.portal.cases.forms import uuid_from
from zerotrip.web.portal.policies.reading import Standing as Term
from zerotrip.web.portal.policies.reading import term
from zerotrip.web.requests import Request, typed
from zerotrip.web.workbooks import MOST_ROWS, as_csv, workbook

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from django.http.response import HttpResponseBase

    from zerotrip.facts.spec import FactSpec
    from zerotrip.facts.vocabulary import Vocabulary
    from zerotrip.policies import evaluating
    from zerotrip.policies.spec import PolicySpec

PAGE_SIZE = 30
MOST_LINES = 200_000
"""Enterprises of one file; whoever needs more narrows the list."""
NAMED = 100
"""Enterprises named whose answer would change."""
ANSWERS: dict[str, bool | None] = {"yes": True, "unknown": None, "no": False}


@dataclass(frozen=True)
class Wish:
    """Which enterprises a list shows."""

    answer: str = "yes"
    area: str = ""
    industry: str = ""
    size: str = ""

    @property
    def query(self) -> str:
        """The address that asks for the same."""
        return urlencode({name: value for name, value in asdict(self).items() if value})


def wish_of(given: Mapping[str, str]) -> Wish:
    """Which enterprises an address asks for. What nobody offers filters nothing."""
    area, industry, size = given.get("area", ""), given.get("industry", ""), given.get("size", "")
    return Wish(
        given.get("answer", "") if given.get("answer") in ANSWERS else "yes",
        area if area.isascii() and area.isdigit() and len(area) <= 15 else "",
        industry if industry in {one.written for one in industries(Level.SECTION)} else "",
        size if size.isascii() and len(size) <= 20 else "",
    )


def own_area(request: Request) -> str:
    """The widest area the reader has a seat over."""
    return min((seat.area_path for seat in request.actor.seats), key=len)


def _area(request: Request, wish: Wish) -> str:
    """The path of the area a list is about, inside one the reader has a seat over."""
    path = area_path_of(wish.area) if wish.area else ""
    if path and any(path.startswith(seat.area_path) for seat in request.actor.seats):
        return path
    return own_area(request)


@require_GET
@staff_only
def index(request: Request) -> HttpResponse:
    """Every policy for enterprises with how many of my area it is for; what is proposed stands first."""
    words, today, area = vocabulary(), day_of(request.now), own_area(request)
    listed = queries.offered(words)
    asked = [each.policy for each in listed if each.policy and "enterprise" in each.spec.audience]
    counts = {each.policy: each for each in asking.count(asked, words, today=today, area_path=area)}
    rows = [(each, counts.get(each.spec.id), term(each.spec, today)) for each in listed]
    rows.sort(key=lambda row: (row[2].standing is Term.OVER, -(row[1].yes if row[1] else 0), row[0].spec.id))
    proposed = list(Policy.objects.visible_to(request.actor).exclude(proposed=None).order_by("slug"))
    specs = queries.specs_of([row.proposed_id for row in proposed if row.proposed_id])
    context = {
        "rows": rows,
        "proposed": [(row, specs[row.proposed_id]) for row in proposed if row.proposed_id],
        **rail(request, "policies"),
    }
    return render(request, "desk/policies/index.html", context)


def _policy(slug: str, words: Vocabulary) -> tuple[PolicySpec, evaluating.Policy]:
    """A published policy that can be asked. Raises NotFound, and Refused where its criteria cannot be read."""
    version = queries.published(audience="enterprise").get(slug)
    if version is None:
        raise NotFound(_("没有找到这项政策。"))
    parsed = queries.parsed(version, words)
    if parsed is None:
        raise Refused(_("这项政策的条件用到了已经没有的事实，要先修订才能查企业。"))
    return queries.spec_of(version), parsed


@require_GET
@staff_only
def which(request: Request, slug: str) -> HttpResponse:
    """Which enterprises a policy is for, of which it cannot be told, and what is missing most often."""
    words, today = vocabulary(), day_of(request.now)
    spec, policy = _policy(slug, words)
    wish = wish_of(request.GET.dict())
    area = _area(request, wish)
    found = _found(request, policy, words, wish, area=area, today=today)
    (counted,) = asking.count([policy], words, today=today, area_path=area)
    missing = asking.lacking(policy, words, today=today, area_path=area) if counted.unknown else []
    page = page_of(request, found.select_related("party").order_by("party_id"), size=PAGE_SIZE)
    named = places()
    context = {
        "spec": spec,
        "clauses": [(each.clause, condition(each.rule, words, places=named)) for each in policy.asked],
        "count": counted,
        "missing": [(words.facts[name].label, number) for name, number in missing],
        "page": page,
        "query": wish.query,
        "wish": wish,
        "wish_pairs": [(name, value) for name, value in asdict(wish).items() if value],
        "tabs": [(answer, urlencode({**_without(wish), "answer": answer})) for answer in ANSWERS],
        "areas": streets({seat.area_path for seat in request.actor.seats}),
        "industries": [(one.written, one.label) for one in industries(Level.SECTION)],
        "sizes": [(choice.value, str(choice.label)) for choice in _sizes(words)],
        "forms": _forms(page.paginator.count),
        **rail(request, "policies"),
    }
    return render(request, "desk/policies/which.html", context)


def _forms(count: int) -> list[tuple[str, str]]:
    """As what a list of so many can be taken out: a workbook only while it is written quickly."""
    return [(form.value, str(form.label)) for form in ExportForm if form == ExportForm.CSV or count <= MOST_ROWS]


def _without(wish: Wish) -> dict[str, str]:
    return {name: value for name, value in asdict(wish).items() if value and name != "answer"}


def _fact(words: Vocabulary, way: str) -> FactSpec | None:
    """The fact that is worked out so, if there is one."""
    facts = words.facts.values()
    return next((spec for spec in facts if spec.computed and spec.computed.way[0] == way), None)


def _sizes(words: Vocabulary) -> Iterable[Any]:
    spec = _fact(words, "size_class")
    return spec.choices if spec else ()


def _found(
    request: Request, policy: evaluating.Policy, words: Vocabulary, wish: Wish, *, area: str, today: date
) -> StandingQuerySet:
    """The enterprises of a list, of those the reader may see."""
    rows = Standing.objects.visible_to(request.actor).filter(area_path__startswith=area, party__ended_at=None)
    rows = asking.which(rows, policy, words, today=today).filter(**{"holds": ANSWERS[wish.answer]})
    size = _fact(words, "size_class")
    industry = next((spec for spec in words.facts.values() if spec.kind is Kind.INDUSTRY), None)
    trees = []
    if wish.size and size and wish.size in {choice.value for choice in size.choices}:
        trees.append({"fact": size.id, "is": wish.size})
    if wish.industry and industry:
        trees.append({"fact": industry.id, "within": wish.industry})
    for at, tree in enumerate(trees):
        inside = select(words.rule(tree), columns(words), today=today)
        rows = rows.annotate(**{f"inside{at}": inside}).filter(**{f"inside{at}": True})
    return rows


@require_POST
@staff_only
def export(request: Request, slug: str) -> HttpResponseBase:
    """The list as a file, at once; that it was taken out is written down."""
    form = typed(request, "form", most=4)
    if form not in ExportForm.values:
        raise Invalid(_("请选择文件格式。"))
    words, today = vocabulary(), day_of(request.now)
    _spec, policy = _policy(slug, words)
    wish = wish_of(request.POST.dict())
    found = _found(request, policy, words, wish, area=_area(request, wish), today=today)
    most = MOST_LINES if form == ExportForm.CSV else MOST_ROWS
    count = found.order_by()[: most + 1].count()
    if count > MOST_LINES:
        raise Refused(_("超过 %(most)d 家，请缩小范围后再导出。") % {"most": MOST_LINES})
    if count > most:
        raise Refused(_("超过 %(most)d 行，请导出 CSV，或者缩小范围。") % {"most": most})
    actions.note_export(slug, rows=count, wish=_without(wish), by=request.actor, at=request.now)
    told = {"policy": slug, "day": f"{timezone.localtime(request.now):%Y%m%d}", "form": form}
    name = _("政策企业-%(policy)s-%(day)s.%(form)s") % told
    answers = {"yes": _("符合"), "unknown": _("不确定"), "no": _("不符合")}
    heading = [_("企业"), _("统一社会信用代码"), _("区域"), _("结果")]
    lines = chain([heading], _lines(found, places(), answers[wish.answer]))
    return as_csv(name, lines) if form == ExportForm.CSV else workbook(name, _book(lines))


def _lines(found: StandingQuerySet, named: Mapping[str, str], answer: str) -> Iterator[list[str]]:
    """A line for each enterprise, as it is read."""
    rows = found.order_by("party_id").values_list("party__name", "party__uscc", "area_path")
    for name, uscc, path in rows.iterator(chunk_size=2_000):
        codes = path.strip("/").split("/")[1:3]
        areas = "".join(named.get(area_key(code) or "", "") for code in codes)
        yield [defused(cell) for cell in (name, uscc, areas, answer)]


def _book(lines: Iterable[list[str]]) -> Workbook:
    book = Workbook(write_only=True)
    sheet = book.create_sheet(_("企业"))
    sheet.freeze_panes = "A2"
    for line in lines:
        sheet.append(line)
    return book


@require_http_methods(["GET", "POST"])
@staff_only
def proposal(request: Request, slug: str) -> HttpResponse:
    """What a proposed amendment would change: how many answers and whose. A POST publishes or discards it."""
    row = Policy.objects.visible_to(request.actor).filter(slug=slug).first()
    refused = None
    if row is None:
        raise NotFound(_("没有找到这项政策。"))
    if request.method == "POST":
        try:
            return _decide(request, slug)
        except Invalid as invalid:
            refused = invalid
    if row.proposed_id is None:
        raise NotFound(_("这项政策没有修订稿。"))
    words, area, today = vocabulary(), own_area(request), day_of(request.now)
    after, before = queries.parsed(row.proposed_id, words), None
    if row.current_id is not None:
        before = queries.parsed(row.current_id, words)
    context = {
        "policy": row,
        "spec": queries.spec_of(row.proposed_id),
        "old": queries.spec_of(row.current_id) if row.current_id else None,
        "broken": after is None,
        "may_decide": actions.may_decide(request.actor),
        "differences": _differences(request, row, words),
        "refused": refused,
        "reason": typed(request, "reason", most=400) if request.method == "POST" else "",
        "key": uuid4(),
        **_changes(before, after, words, area=area, today=today),
        **rail(request, "policies"),
    }
    return render(request, "desk/policies/proposal.html", context, status=422 if refused else 200)


def _changes(
    before: evaluating.Policy | None,
    after: evaluating.Policy | None,
    words: Vocabulary,
    *,
    area: str,
    today: date,
) -> dict[str, Any]:
    """How many enterprises go from which answer to which, and some of them by name."""
    if after is None:
        return {}
    if before is None:
        (counted,) = asking.count([after], words, today=today, area_path=area)
        return {"new": counted}
    moves = asking.changes(before, after, words, today=today, area_path=area)
    changed = asking.changed(before, after, words, today=today, area_path=area, most=NAMED)
    names = dict(Party.objects.filter(pk__in=[each.party for each in changed]).values_list("pk", "name"))
    return {
        "moves": [
            (_said(was), _said(becomes), number) for (was, becomes), number in sorted(moves.items(), key=str)
        ],
        "total": sum(moves.values()),
        "changed": [(names.get(each.party, ""), _said(each.before), _said(each.after)) for each in changed],
        "named": NAMED,
    }


def _said(answer: bool | None) -> str:
    """An answer as a word: ``yes``, ``no``, ``unknown``."""
    return "unknown" if answer is None else "yes" if answer else "no"


def _differences(request: Request, row: Policy, words: Vocabulary) -> list[tuple[str, str, str]]:
    """What the amendment changes in words: what, before, after."""
    if row.current_id is None or row.proposed_id is None:
        return []
    old, new = queries.spec_of(row.current_id), queries.spec_of(row.proposed_id)
    found = [
        (str(title), str(was), str(becomes))
        for title, was, becomes in (
            (_("名称"), old.name, new.name),
            (_("给什么"), old.benefit.gives, new.benefit.gives),
            (_("开始"), old.valid.since or "—", new.valid.since or "—"),
            (_("结束"), old.valid.until or "—", new.valid.until or "—"),
            (_("文号"), old.document or "—", new.document or "—"),
        )
        if str(was) != str(becomes)
    ]
    named = places()
    was, becomes = (_rules(key, words, named) for key in (row.current_id, row.proposed_id))
    for clause in dict.fromkeys([*was, *becomes]):
        if was.get(clause) != becomes.get(clause):
            found.append((_("条件"), was.get(clause, "—"), becomes.get(clause, "—")))
    if not found and old.benefit.tiers != new.benefit.tiers:
        found.append((_("金额"), _("按原来的算法"), _("算法有改动")))
    return found


def _rules(version: Any, words: Vocabulary, named: Mapping[str, str]) -> dict[str, str]:
    parsed = queries.parsed(version, words)
    if parsed is None:
        return {clause.id: str(clause.text) for clause in queries.spec_of(version).clauses}
    return {each.clause.id: condition(each.rule, words, places=named) for each in parsed.asked}


def _decide(request: Request, slug: str) -> HttpResponse:
    version = uuid_from(typed(request, "version"))
    if version is None:
        raise NotFound(_("没有找到这项政策。"))
    reason, by, at = typed(request, "reason", most=400), request.actor, request.now
    if typed(request, "do") == "publish":
        actions.publish(slug, version=version, by=by, at=at, reason=reason)
        messages.success(request, _("已公布。原来的版本保留，已经批准的仍按原来的。"))
        return redirect("desk-policy", slug)
    if not reason:
        text = _("请写明为什么不采用。")
        raise Invalid(text, {"reason": [text]})
    actions.discard(slug, version=version, by=by, at=at, reason=reason)
    messages.success(request, _("修订稿没有采用，公布的版本不变。"))
    return redirect("desk-policies")
