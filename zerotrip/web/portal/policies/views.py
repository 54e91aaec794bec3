"""The policy supermarket: finding, reading, what it means for me, what if, side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode
from uuid import uuid4

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from zerotrip.catalogue.queries import offered as services_offered
from zerotrip.catalogue.queries import shown_district
from zerotrip.errors import Invalid, NotFound
from zerotrip.facts.queries import day_of, known_of, places, stated_of, vocabulary
from zerotrip.facts.words import condition
from zerotrip.parties.industries import offered as industries_offered
from zerotrip.parties.models import Party, PartyKind
from zerotrip.policies import queries
from zerotrip.policies.evaluating import evaluate
from zerotrip.policies.windows import opening
from zerotrip.web.accounts.access import signed_in
from zerotrip.web.portal.cases.forms import uuid_from
from zerotrip.web.portal.policies import stating
from zerotrip.web.portal.policies.finding import find, way
from zerotrip.web.portal.policies.mine import Entry, asked_under, entry_of, grouped, mine_of
from zerotrip.web.portal.policies.reading import KINDS, limit_words, term, tiers, times
from zerotrip.web.portal.policies.supposing import in_question, suppose
from zerotrip.web.portal.services.guide import office_names
from zerotrip.web.requests import Request, typed

if TYPE_CHECKING:
    from datetime import date

    from zerotrip.facts.vocabulary import Vocabulary
    from zerotrip.facts.words import Places
    from zerotrip.facts.worth import Known
    from zerotrip.policies.evaluating import Policy
    from zerotrip.policies.queries import Offered
    from zerotrip.policies.spec import PolicySpec

SIDE_BY_SIDE = 4
"""Policies compared at most."""


@require_safe
def index(request: Request) -> HttpResponse:
    """All policies by shelf, or those a search finds, narrowed by plain links."""
    listed = queries.offered(vocabulary())
    found = find(request.GET, listed, queries.shelves(), today=day_of(request.now))
    name = "found.html" if request.htmx.target == "found" else "index.html"
    response = render(request, f"portal/policies/{name}", {"found": found, "section": "policies"})
    patch_vary_headers(response, ["HX-Request"])
    return response


@require_safe
def policy(request: Request, slug: str) -> HttpResponse:
    """A policy as people read it; an earlier version of it with ``?edition=``."""
    versions = queries.published()
    version = versions.get(slug)
    editions = queries.editions(slug)
    if version is None and not editions:
        raise NotFound(_("没有这项政策，或者已经撤下。"))
    asked = request.GET.get("edition", "")
    shown = next((each for each in editions if str(each.number) == asked), None)
    shown_version = shown.version if shown else (version or editions[0].version)
    words, today = vocabulary(), day_of(request.now)
    spec = queries.spec_of(shown_version)
    named = queries.places_of([spec])
    parsed = queries.parsed(shown_version, words)
    others = {each.id: each for each in queries.specs_of(list(versions.values())).values()}
    service = services_offered().get(spec.apply.service) if spec.apply and spec.apply.service else None
    context = {
        "spec": spec,
        "term": term(spec, today),
        "kind": KINDS[spec.benefit.kind],
        "way": way(spec),
        "limit": limit_words(spec),
        "times": times(spec, parsed, opening(spec, today, policy=parsed), words, named),
        "clauses": _clauses(spec, parsed, words, named, today),
        "tiers": tiers(spec, parsed, words, named),
        "broken": parsed is None,
        "replaces": [others[each] for each in spec.replaces if each in others],
        "excludes": [others[each] for each in spec.excludes if each in others],
        "replaced_by": [other for other in others.values() if slug in other.replaces],
        "service": service,
        "department": office_names(shown_district()).get(spec.department or "", ""),
        "shelves": [shelf for shelf in queries.shelves() if shelf.id in spec.shelves],
        "earlier": [each for each in editions if each.version != version],
        "withdrawn": version is None,
        "old": version is not None and shown_version != version,
        "edition": next((each for each in editions if each.version == shown_version), None),
        "mine": _mine_of(request, spec, parsed, words, named),
        "section": "policies",
    }
    return render(request, "portal/policies/policy.html", context)


def _clauses(
    spec: PolicySpec, parsed: Policy | None, words: Vocabulary, named: Places, today: date
) -> list[tuple[object, str]]:
    """Each clause with how it is judged; nothing of the latter where it cannot be."""
    if parsed is None:
        return [(clause, "") for clause in spec.clauses]
    return [(each.clause, condition(each.rule, words, places=named, today=today)) for each in parsed.asked]


def _mine_of(
    request: Request, spec: PolicySpec, parsed: Policy | None, words: Vocabulary, named: Places
) -> tuple[Party, Entry] | None:
    """What the policy means for the reader's firm, where there is one."""
    if parsed is None or PartyKind.ENTERPRISE not in spec.audience:
        return None
    firms = _firms(request)
    if not firms:
        return None
    firm, today = chosen_firm(request, firms), day_of(request.now)
    known = known_of(firm, at=request.now, words=words)
    answer = evaluate(parsed, known.facts(today))
    return firm, entry_of(spec, answer, known, words, today=today, named=named)


def _firms(request: Request) -> list[Party]:
    """The enterprises the reader acts for. One query for somebody signed in."""
    if request.actor.user_id is None or not request.actor.represents:
        return []
    rows = Party.objects.live().filter(pk__in=request.actor.represents, kind=PartyKind.ENTERPRISE)
    return list(rows.order_by("name", "pk"))


def chosen_firm(request: Request, firms: list[Party]) -> Party:
    """The one the address names, or the first. Raises NotFound for one that is not the reader's."""
    wanted = request.GET.get("for") or request.POST.get("for")
    if not wanted:
        return firms[0]
    found = next((firm for firm in firms if str(firm.pk) == wanted), None)
    if found is None:
        raise NotFound(_("没有找到这家企业。"))
    return found


@require_safe
@signed_in
def mine(request: Request) -> HttpResponse:
    """What every policy means for a firm of the reader: in groups, with reasons."""
    firms = _firms(request)
    context: dict[str, object] = {"firms": firms, "section": "policies"}
    if firms:
        firm = chosen_firm(request, firms)
        found = mine_of(firm, at=request.now)
        context |= {
            "firm": firm,
            "groups": (groups := grouped(found.entries)),
            "count": len(found.entries),
            "deciding": found.deciding,
            "deciding_under": asked_under(groups),
            "key": uuid4(),
            "offered": industries_offered(get_language() or ""),
        }
    return render(request, "portal/policies/mine.html", context)


@require_http_methods(["GET", "POST"])
@signed_in
def state(request: Request) -> HttpResponse:
    """Say oneself what would decide, then see the answer anew."""
    firms = _firms(request)
    if not firms:
        raise NotFound(_("先登记您所代表的企业，再填报。"))
    firm, words, named = chosen_firm(request, firms), vocabulary(), places()
    given = request.POST if request.method == "POST" else request.GET
    asked = stating.asked(given, words, kind=str(firm.kind), named=named)
    back = typed(request, "policy", most=60) if request.method == "POST" else request.GET.get("policy", "")[:60]
    controls, refused = list(asked.controls), None
    if request.method == "POST":
        try:
            key = uuid_from(typed(request, "key")) or uuid4()
            count = stating.state(request, firm, controls, words, key=key)
        except Invalid as invalid:
            refused = invalid
            controls = invalid.context.get("controls", controls)
        else:
            told = ngettext("已填报 %(count)d 项，下面是新的结果。", "已填报 %(count)d 项，下面是新的结果。", count)
            messages.success(request, told % {"count": count})
            return redirect(f"{reverse('my-policies')}?{urlencode({'for': firm.pk})}#{_anchor(back)}")
    context = {
        "firm": firm,
        "controls": controls,
        "elsewhere": asked.elsewhere,
        "names": ",".join(given.getlist("f"))[:4_000],
        "policy": back,
        "key": uuid_from(typed(request, "key")) or uuid4() if request.method == "POST" else uuid4(),
        "today": day_of(request.now),
        "summary": [{"text": problem, "url": f"#{each.name}"} for each in controls for problem in each.problems],
        "offered": industries_offered(get_language() or ""),
        "section": "policies",
    }
    return render(request, "portal/policies/state.html", context, status=422 if refused else 200)


def _anchor(slug: str) -> str:
    return slug if slug.replace("-", "").isalnum() and slug.isascii() else ""


@require_safe
def calculator(request: Request) -> HttpResponse:
    """What the policies would mean if: for nobody in particular, or against what is known of a firm."""
    words, today = vocabulary(), day_of(request.now)
    kind = "person" if request.GET.get("who") == "person" else "enterprise"
    firms = _firms(request) if kind == "enterprise" and request.GET.get("for") != "nobody" else []
    firm = chosen_firm(request, firms) if firms else None
    only = request.GET.get("policy", "")[:60]
    listed = in_question(queries.offered(words, audience=kind), today=today, only=only)
    named = queries.places_of(each.spec for each in listed)
    supposed = suppose(
        request.GET,
        listed,
        words,
        today=today,
        named=named,
        kind=kind,
        party=firm,
        stated=stated_of(firm, at=request.now) if firm else (),
    )
    context = {
        "supposed": supposed,
        "kind": kind,
        "firm": firm,
        "firms": firms,
        "only": listed[0].spec if only and listed else None,
        "count": len(listed),
        "offered": industries_offered(get_language() or ""),
        "section": "policies",
    }
    name = "outcome.html" if request.htmx.target == "outcome" else "calculator.html"
    response = render(request, f"portal/policies/{name}", context)
    patch_vary_headers(response, ["HX-Request"])
    return response


@require_safe
def compare(request: Request) -> HttpResponse:
    """Two to four policies side by side, for my firm where there is one."""
    words, today = vocabulary(), day_of(request.now)
    listed = {each.spec.id: each for each in queries.offered(words)}
    named = queries.places_of(each.spec for each in listed.values())
    asked = list(dict.fromkeys(slug for slug in request.GET.getlist("p") if slug in listed))
    firms = _firms(request)
    firm = chosen_firm(request, firms) if firms else None
    known = known_of(firm, at=request.now, words=words) if firm else None
    columns = [_column(listed[slug], known, words, named, today) for slug in asked[:SIDE_BY_SIDE]]
    context = {
        "columns": columns,
        "firm": firm,
        "too_many": len(asked) > SIDE_BY_SIDE,
        "most": SIDE_BY_SIDE,
        "section": "policies",
    }
    return render(request, "portal/policies/compare.html", context)


def _column(each: Offered, known: Known | None, words: Vocabulary, named: Places, today: date) -> dict[str, object]:
    """One policy of a comparison, with what it means on what is known of a firm."""
    spec, entry = each.spec, None
    if known is not None and each.policy is not None and PartyKind.ENTERPRISE in spec.audience:
        entry = entry_of(spec, evaluate(each.policy, known.facts(today)), known, words, today=today, named=named)
    return {
        "spec": spec,
        "term": term(spec, today),
        "kind": KINDS[spec.benefit.kind],
        "way": way(spec),
        "clauses": _clauses(spec, each.policy, words, named, today),
        "tiers": tiers(spec, each.policy, words, named),
        "entry": entry,
    }
