"""May a service act upon a licence now?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from zerotrip.cases.states import Step
from zerotrip.errors import Invalid, Refused
from zerotrip.licences.models import Concern
from zerotrip.licences.queries import current_of, under_way
from zerotrip.licences.states import FITTING, Standing

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from zerotrip.cases.models import Case
    from zerotrip.catalogue.spec import Upon
    from zerotrip.errors import Refusal
    from zerotrip.licences.models import Licence


def unfit(licence: Licence, act: str, *, at: datetime) -> str:
    """Why a licence is not worth enough for this act at ``at``, or nothing."""
    if licence.standing(at) in FITTING[act]:
        return ""
    return _("证照%(title)s（%(number)s）%(standing)s，不能这样办理。") % {
        "title": licence.title,
        "number": licence.number,
        "standing": licence.standing_said(at),
    }


def taken(licence: Licence, act: str, *, besides: Case | None = None) -> str:
    """Which case of this act on the licence is open already, in words, or nothing."""
    other = under_way(licence, act, besides=besides.pk if besides else None)
    if other is None:
        return ""
    return _("这份证照已经有同样的办件 %(number)s 在办。请先办完，或者撤回那一件。") % {"number": other.number}


def objection(case: Case, step: Step, *, answers: Mapping[str, Any] | None, at: datetime) -> Refusal | None:
    """What stands against handing in or granting a case that is about a licence (``outcomes.Objector``)."""
    upon = case.spec.outcome.upon
    if upon is None:
        return None
    concern = Concern.objects.filter(case=case).select_related("licence").first()
    if concern is None:
        return None if upon.unlisted else Refused(_("请先选择要办理的证照，再填写申请。"))
    licence = current_of(concern.licence)
    late = step is Step.GRANT and upon.act == "renew" and licence.standing(at) is Standing.EXPIRED
    if not late and (reason := unfit(licence, upon.act, at=at)):
        return Refused(reason)
    problems = _not_as_said(licence, upon, answers or {})
    return Invalid(_("有的内容和证照上的不一样。"), problems) if problems else None


def _not_as_said(licence: Licence, upon: Upon, answers: Mapping[str, Any]) -> dict[str, list[str]]:
    """Fields that were filled in with the number or the end of the licence, and say something else now."""
    told = {"number": licence.number, "valid_until": str(licence.valid_until or "")}
    return {
        name: [_("证照上是“%(said)s”，请不要改动。") % {"said": told[fact]}]
        for name, fact in upon.fills.items()
        if isinstance(fact, str) and fact in told and name in answers and str(answers[name]) != told[fact]
    }
