"""One person named for many enterprises of the list: what it comes to is looked at before it is done."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from zerotrip.enterprises import queries
from zerotrip.errors import Invalid, NotAllowed, Refusal
from zerotrip.facts.queries import vocabulary
from zerotrip.relief.naming.access import NAMING
from zerotrip.relief.naming.actions import MOST, Foreseen, foresee, name_for_all
from zerotrip.relief.naming.queries import candidates_in, subjects
from zerotrip.web.accounts.access import staff_only
from zerotrip.web.desk.enterprises.views import query_of, search_of
from zerotrip.web.desk.frame import rail
from zerotrip.web.portal.cases.forms import uuid_from
from zerotrip.web.requests import Request, storable

if TYPE_CHECKING:
    from django.http import QueryDict

SHOWN = 8
"""Names of each kind that are told; the rest is counted."""


@require_http_methods(["GET", "POST"])
@staff_only
def many(request: Request) -> HttpResponse:
    """Choose the person, see what it comes to, then name them for all in one press."""
    if not request.actor.seats_as(*NAMING):
        raise NotAllowed(_("点对点专人由管辖企业所在地的负责人或诉求值班人员指定。"))
    given = request.POST if request.method == "POST" else request.GET
    firms = _chosen(request, given)
    asked: dict[str, Any] = {
        "account": uuid_from(given.get("person", "")),
        "subject": storable(given.get("subject", ""))[:60],
        "replace": given.get("replace") == "1",
        "by": request.actor,
        "at": request.now,
    }
    try:
        if request.method == "POST":
            return _done(request, given, name_for_all(firms, **asked))
        foreseen = foresee(firms, **asked) if "person" in given else None
    except Refusal as refused:
        if refused.status not in (409, 422):
            raise
        return _page(request, given, firms, refused=refused)
    return _page(request, given, firms, foreseen=foreseen)


def _chosen(request: Request, given: QueryDict) -> list[UUID]:
    """The enterprises that were ticked, or all that the search of the list finds; as far as one may see them."""
    words = vocabulary()
    if given.get("which") != "all":
        ticked = [key for key in map(uuid_from, given.getlist("firm")) if key is not None][: MOST + 1]
        found = queries.find(request.actor, queries.Search(), words).filter(pk__in=ticked)
        return list(found.values_list("pk", flat=True))
    found = queries.find(request.actor, search_of(_asked(given), words), words)
    return list(found.values_list("pk", flat=True)[: MOST + 1])


def _asked(given: QueryDict) -> dict[str, str]:
    return {name: str(value) for name, value in given.items()}


def _back(given: QueryDict) -> str:
    query = query_of(search_of(_asked(given), vocabulary()))
    return f"{reverse('desk-enterprises')}?{query}" if query else reverse("desk-enterprises")


def _done(request: Request, given: QueryDict, done: Foreseen) -> HttpResponse:
    count = len(done.changes)
    words = {"name": done.helper.person.name, "count": count}
    if count:
        text = ngettext(
            "已请%(name)s点对点帮办 %(count)d 家企业，已告知本人和企业。",
            "已请%(name)s点对点帮办 %(count)d 家企业，已告知本人和企业。",
            count,
        )
        messages.success(request, text % words)
    else:
        messages.info(request, _("没有需要改动的，什么都没有变。"))
    return redirect(_back(given))


def _page(
    request: Request,
    given: QueryDict,
    firms: list[UUID],
    *,
    foreseen: Foreseen | None = None,
    refused: Refusal | None = None,
) -> HttpResponse:
    search = search_of(_asked(given), vocabulary())
    context = {
        "which": "all" if given.get("which") == "all" else "ticked",
        "firms": firms if given.get("which") != "all" else [],
        "count": len(firms),
        "too_many": len(firms) > MOST,
        "most": MOST,
        "search": search,
        "facts": search.facts.items(),
        "people": candidates_in({seat.area_path for seat in request.actor.seats_as(*NAMING)}, at=request.now),
        "subjects": subjects().items(),
        "typed": {name: storable(given.get(name, ""))[:60] for name in ("person", "subject", "replace")},
        "foreseen": foreseen,
        "lines": _lines(foreseen) if foreseen else [],
        "back": _back(given),
        "refused": refused,
        "problems": refused.problems if isinstance(refused, Invalid) else {},
        **rail(request, "enterprises"),
    }
    return render(request, "desk/naming/many.html", context, status=refused.status if refused else 200)


def _lines(found: Foreseen) -> list[tuple[str, str, int, list[str], int]]:
    """What becomes of which, in words: tone, text, how many, some names, how many more."""
    name = {"name": found.helper.person.name}
    told = (
        ("ok", _("新指定"), found.fresh),
        ("water", _("已有别的专人，换成%(name)s") % name, found.replaced),
        ("", _("已有别的专人，保留不动"), found.kept),
        ("", _("专人本来就是%(name)s，不变") % name, found.same),
        ("warn", _("%(name)s没有管辖那里的岗位，跳过") % name, found.unreached),
        ("warn", _("%(name)s是企业的经办人，应当回避，跳过") % name, found.own),
        ("warn", _("不在您负责的辖区，跳过"), found.barred),
    )
    return [
        (tone, text, len(firms), [firm.name for firm in firms[:SHOWN]], max(0, len(firms) - SHOWN))
        for tone, text, firms in told
        if firms
    ]
