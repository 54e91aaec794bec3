"""Like decisions taken together: each by itself, in a transaction of its own, with an answer for each."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from zerotrip.cases.actions.decisions import approve, grant
from zerotrip.cases.actions.holding import Answer, each
from zerotrip.cases.models import Assignment, Proposal, ProposalKind, ProposalStatus
from zerotrip.cases.rules import stage_steps
from zerotrip.cases.states import Result, Step
from zerotrip.catalogue.queries import spec_of
from zerotrip.catalogue.spec import StageKind
from zerotrip.errors import Invalid, Refused
from zerotrip.rows import fetch

if TYPE_CHECKING:
    from zerotrip.parties.access import Actor


def require_alike(works: Iterable[Assignment]) -> None:
    """Raise Invalid unless these are decisions of one service."""
    listed = list(works)
    for work in listed:
        _require_together(work)
    if not listed or any(work.kind != StageKind.DECISION for work in listed):
        raise Invalid(_("请只选择待决定的办件。"))
    if len({work.case.version.service_id for work in listed}) > 1:
        raise Invalid(_("一次只能决定同一个事项的办件。请按事项筛选后再选。"))


def _require_together(work: Assignment) -> None:
    """Raise Invalid for a review that nobody can do for several at once."""
    if work.kind != StageKind.REVIEW:
        return
    stage = next((one for one in spec_of(work.case.version_id).stages if one.id == work.stage), None)
    if stage is not None and stage.two_people:
        text = _("“%(stage)s”须两人核查、逐件确认，不能成批办理。请逐件打开。")
        raise Invalid(text % {"stage": stage.name})
    if stage is not None and stage.finds:
        text = _("“%(stage)s”要逐件写明认定的内容，不能成批办理。请逐件打开。")
        raise Invalid(text % {"stage": stage.name})


def grant_together(
    works: Iterable[Assignment], *, by: Actor, at: datetime, reasons: str = "", key: str = ""
) -> list[Answer]:
    """Grant each of several decisions of one service, or approve the grant that was drafted.

    What the rules refuse is refused for that one alone. Raises Invalid when they are not alike.
    """
    listed = list(works)
    require_alike(listed)
    return each(listed, lambda work: _grant(work, reasons, by=by, at=at, key=key))


def _grant(work: Assignment, reasons: str, *, by: Actor, at: datetime, key: str) -> str:
    steps = stage_steps(work.case, work)
    if Step.GRANT in steps:
        grant(work, reasons=reasons, by=by, at=at, key=key)
        return str(Result.GRANTED.label)
    if Step.APPROVE not in steps:
        raise Refused(_("这个办件还要先拟稿，请打开办理。"))
    drafted = fetch(
        Proposal, case_id=work.case_id, kind=ProposalKind.DECISION.value, status=ProposalStatus.OPEN.value
    )
    if any(proposal.verdict != Result.GRANTED for proposal in drafted):
        raise Refused(_("拟作的决定不是准予，请打开逐件审批。"))
    approve(work, opinion=reasons, by=by, at=at, key=key)
    return str(Step.APPROVE.label)
