"""When something may happen to a parcel. Each rule has one function that says why not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from zerotrip.cases.access import why_keep_out
from zerotrip.errors import NotAllowed, Refused, Stale
from zerotrip.licences.post.access import require_may_handle
from zerotrip.licences.post.states import CHANGEABLE, Step, Way, allowed
from zerotrip.licences.states import Status as LicenceStatus

if TYPE_CHECKING:
    from zerotrip.cases.models import Case
    from zerotrip.licences.post.models import Shipment
    from zerotrip.parties.access import Actor

WAYS = {Step.COLLECT: Way.COUNTER}
"""Steps that are of another way than post; void and cancel are of both."""


def require(step: Step, shipment: Shipment, actor: Actor) -> None:
    """Raise why a member of staff may not take ``step`` now: NotAllowed, Refused or Stale."""
    require_may_handle(shipment, actor)
    if reason := why_keep_out(shipment.case, actor):
        raise NotAllowed(reason)
    if shipment.way != WAYS.get(step, Way.POST):
        raise Refused(_("申请人选的是“%(way)s”。") % {"way": shipment.get_way_display()})
    if not allowed(step, shipment.status):
        raise Stale(
            _("这个件现在是“%(status)s”，不能“%(step)s”。") % {"status": shipment.standing, "step": step.label}
        )
    if step is Step.LABEL:
        _require_valid_licence(shipment.case)


def may(step: Step, shipment: Shipment, actor: Actor) -> bool:
    """Whether ``step`` may be taken now."""
    try:
        require(step, shipment, actor)
    except (NotAllowed, Refused, Stale):
        return False
    return True


def _require_valid_licence(case: Case) -> None:
    licence = getattr(case, "licence", None)
    if licence is not None and licence.status != LicenceStatus.VALID:
        raise Refused(_("证照现在是“%(status)s”，不寄送。") % {"status": licence.get_status_display()})


def why_not_change(case: Case, shipment: Shipment | None) -> str:
    """Why the applicant can no longer say how to receive the result, or nothing."""
    if case.closed_at is not None:
        return _("办件已经办结，不能再改送达方式。")
    if shipment is not None and shipment.status not in CHANGEABLE:
        return _("已经交给快递，不能再改。如有问题请联系承办部门。")
    return ""
