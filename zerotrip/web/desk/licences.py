"""A licence at the desk: its editions, what was proposed about it, its history; stopping and ending it.

Slips of the pen in what was decided are put right from the page of the case.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from zerotrip.catalogue.queries import spec_of
from zerotrip.errors import Invalid, NotFound
from zerotrip.ids import new_id
from zerotrip.licences import actions, queries
from zerotrip.licences.access import load, may_confirm, may_confirm_on, may_propose, may_propose_on, may_stop
from zerotrip.licences.actions.revoking import GROUNDS
from zerotrip.licences.certificates import labels_of
from zerotrip.licences.models import Hands, Licence, Revocation, Slip
from zerotrip.licences.states import TRANSITIONS, Origin
from zerotrip.web.accounts.access import staff_only
from zerotrip.web.cases.access import staff_case
from zerotrip.web.desk.acts import common, text
from zerotrip.web.desk.challenges import totals
from zerotrip.web.desk.frame import rail
from zerotrip.web.pages import page_of
from zerotrip.web.portal.cases.forms import uuid_from
from zerotrip.web.requests import Request, typed

if TYPE_CHECKING:
    from datetime import datetime

    from zerotrip.cases.queries import File
    from zerotrip.licences.models import TwoHands

PAGE_SIZE = 30


@dataclass(frozen=True)
class Line:
    """One line of the history of a licence."""

    title: str
    who: str
    at: datetime
    note: str = ""


@require_GET
@staff_only
def index(request: Request) -> HttpResponse:
    """The licences of my office."""
    page = page_of(request, queries.issued(request.actor), size=PAGE_SIZE)
    rows = [(licence, licence.standing(request.now), licence.standing_said(request.now)) for licence in page]
    return render(
        request,
        "desk/licences.html",
        {"page": page, "rows": rows, "challenged": totals(request), **rail(request, "licences")},
    )


@require_GET
@staff_only
def show(request: Request, licence_id: UUID) -> HttpResponse:
    """A licence in full, with what this person may do about it."""
    return _page(request, _load(request, licence_id))


def _load(request: Request, licence_id: UUID) -> Licence:
    """A licence one sees by one's seat; one's own is among one's licences."""
    licence = load(licence_id, request.actor)
    if licence.holder_id in request.actor.acts_for:
        raise NotFound(_("这是您本人或您所代表企业的证照，请到“我的证照”查看。"))
    return licence


def _page(
    request: Request, licence: Licence, *, refused: Invalid | None = None, opened: str = "", status: int = 200
) -> HttpResponse:
    actor, now = request.actor, request.now
    editions = queries.editions_of(licence)
    shown = next(each for each in editions if each.pk == licence.pk)
    revocations = queries.revocations_of(licence, actor)
    waiting = next((each for each in revocations if each.status == Hands.OPEN), None)
    in_force = licence.status in TRANSITIONS["revoke"][0]
    labels = [(label, licence.facts[name]) for name, label in labels_of(shown) if name in licence.facts]
    context: dict[str, Any] = {
        "licence": licence,
        "standing": licence.standing(now),
        "said": licence.standing_said(now),
        "facts": labels,
        "editions": [(each, each.standing(now), each.standing_said(now)) for each in editions],
        "revocations": revocations,
        "waiting": waiting,
        "may_settle": waiting is not None and _second_hand(waiting, actor.user_id) and may_confirm(licence, actor),
        "may_propose": in_force and waiting is None and may_propose(licence, actor),
        "may_suspend": licence.status in TRANSITIONS["suspend"][0] and may_stop(licence, actor),
        "may_resume": licence.status in TRANSITIONS["resume"][0] and may_stop(licence, actor),
        "fraud_note": _fraud_note(licence),
        "grounds": [(ground.value, ground.label) for ground in GROUNDS],
        "history": _history(editions),
        "refused": refused,
        "opened": opened,
        "typed": request.POST if refused else {},
        "proposal": new_id(),
        "key": uuid4(),
        **rail(request, "licences"),
    }
    return render(request, "desk/licence.html", context, status=status)


def _fraud_note(licence: Licence) -> str:
    """What follows from fraud, as the service of this licence is; nothing where it is no licence of the law."""
    spec = spec_of(licence.version_id)
    if spec.category != "permit":
        return ""
    told = _("应当撤销（《行政许可法》第六十九条、第七十九条）。")
    barred = _("直接关系公共安全、人身健康、生命财产安全：持证人三年内不得再次申请。")
    return f"{told}{barred}" if spec.safety is not None else told


def _second_hand(proposal: TwoHands, account: UUID | None) -> bool:
    return proposal.proposed_by_id != account


_SAID = {
    "suspend": gettext_lazy("暂停"),
    "resume": gettext_lazy("恢复"),
    "replace": gettext_lazy("由新版本取代"),
    "revoke": gettext_lazy("终止效力"),
    "propose_revocation": gettext_lazy("提出撤销、撤回或者吊销"),
    "turn_revocation_down": gettext_lazy("不同意撤销、撤回或者吊销"),
}


def _history(editions: list[Licence]) -> list[Line]:
    """What happened to all editions, the latest first."""
    return [
        Line(
            title=str(Origin(entry.action).label if entry.action in Origin.values else _SAID[entry.action]),
            who=entry.actor_name if entry.actor else _("系统"),
            at=entry.at,
            note=entry.reason,
        )
        for entry in queries.history_of(editions)
    ]


@require_POST
@staff_only
def act(request: Request, licence_id: UUID, step: str) -> HttpResponse:
    """Take one step about a licence. What is missing is named on its page, with what was typed."""
    licence = _load(request, licence_id)
    action = _ACTIONS.get(step)
    if action is None:
        raise NotFound(_("没有这个操作。"))
    try:
        action(request, licence)
    except Invalid as refused:
        return _page(request, _load(request, licence_id), refused=refused, opened=step, status=422)
    messages.success(request, _("%(number)s：已记录。") % {"number": licence.number})
    return redirect("desk-licence", licence.pk)


def _by(request: Request) -> dict[str, Any]:
    return {"by": request.actor, "at": request.now}


def _proposed(request: Request, licence: Licence) -> None:
    actions.propose_revocation(
        licence,
        ground=typed(request, "ground", most=8),
        reasons=text(request, "reasons"),
        fraud=typed(request, "fraud") == "1",
        proposal=uuid_from(typed(request, "proposal", most=40)),
        **_by(request),
    )


def _waiting(request: Request, licence: Licence) -> Revocation:
    """The proposal a page was about. One that is settled is found too, so that a press twice is one."""
    asked = uuid_from(typed(request, "revocation", most=40))
    found = next((each for each in queries.revocations_of(licence, request.actor) if each.pk == asked), None)
    if found is None:
        raise NotFound(_("没有找到这项提议。"))
    return found


_ACTIONS: dict[str, Callable[[Request, Licence], object]] = {
    "suspend": lambda r, licence: actions.suspend(licence, reason=text(r, "reason"), **common(r)),
    "resume": lambda r, licence: actions.resume(licence, reason=text(r, "reason"), **common(r)),
    "propose": _proposed,
    "confirm": lambda r, licence: actions.confirm_revocation(
        _waiting(r, licence), opinion=text(r, "opinion"), **_by(r)
    ),
    "turn-down": lambda r, licence: actions.turn_revocation_down(
        _waiting(r, licence), opinion=text(r, "opinion"), **_by(r)
    ),
}


def slips_card(file: File, request: Request) -> dict[str, Any]:
    """What ``desk/parts/slips.html`` shows: the slips of the pen of a case, and what this person may do.

    Where the journal has none, none is looked for.
    """
    case, any_ = file.case, any(entry.action == "propose_slip" for entry in file.history)
    slips = queries.slips_of(case.pk, request.actor) if any_ else []
    waiting = next((slip for slip in slips if slip.status == Hands.OPEN), None)
    second = waiting is not None and _second_hand(waiting, request.actor.user_id)
    return {
        "case": case,
        "slips": slips,
        "may_settle": second and may_confirm_on(case, request.actor),
        "may_propose": waiting is None and case.decided_at is not None and may_propose_on(case, request.actor),
    }


@require_http_methods(["GET", "POST"])
@staff_only
def slip(request: Request, number: str) -> HttpResponse:
    """Propose to put a slip of the pen right: every text as it stands, beside what it is to be."""
    case = staff_case(request, number)
    licence = queries.licence_of(case.pk)
    lines = queries.correctable(case, licence)
    if not lines or not may_propose_on(case, request.actor):
        raise NotFound(_("这里没有可以更正的内容。"))
    refused = None
    if request.method == "POST":
        try:
            actions.propose_slip(
                case,
                texts={line.place: text(request, f"text-{line.place}") for line in lines},
                reasons=text(request, "reasons"),
                proposal=uuid_from(typed(request, "proposal", most=40)),
                **_by(request),
            )
        except Invalid as invalid:
            refused = invalid
        else:
            messages.success(request, _("已提出更正，等负责人确认。"))
            return redirect("desk-case", number)
    problems = refused.problems if refused else {}
    context = {
        "case": case,
        "licence": licence,
        "lines": [
            (line, request.POST.get(f"text-{line.place}", line.before), problems.get(line.place, []))
            for line in lines
        ],
        "reasons": request.POST.get("reasons", ""),
        "refused": refused,
        "proposal": new_id(),
        "key": uuid4(),
        **rail(request, ""),
    }
    return render(request, "desk/slip.html", context, status=422 if refused else 200)


@require_POST
@staff_only
def settle_slip(request: Request, number: str, step: str) -> HttpResponse:
    """Confirm a proposed correction, or turn it down."""
    case = staff_case(request, number)
    asked = uuid_from(typed(request, "slip", most=40))
    found: Slip | None = next((s for s in queries.slips_of(case.pk, request.actor) if s.pk == asked), None)
    if found is None or step not in ("confirm", "turn-down"):
        raise NotFound(_("没有找到这项提议。"))
    if step == "confirm":
        actions.confirm_slip(found, opinion=text(request, "opinion"), **_by(request))
    else:
        actions.turn_slip_down(found, opinion=text(request, "opinion"), **_by(request))
    messages.success(request, _("%(number)s：已记录。") % {"number": case.number})
    return redirect("desk-case", number)
