"""Reading an identity number in full: for whoever does the work, with a reason that stays."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext as _

from zerotrip.cases.models import Assignment, Case
from zerotrip.catalogue.queries import form_of
from zerotrip.errors import Invalid, NotAllowed, NotFound
from zerotrip.ledger import actions as ledger
from zerotrip.parties import seals
from zerotrip.questions import Kind
from zerotrip.questions.kinds import is_protected
from zerotrip.questions.sealing import storable

if TYPE_CHECKING:
    from zerotrip.parties.access import Actor
    from zerotrip.questions import Form

REVEAL = "reveal"
"""The word of the journal."""
LONGEST_REASON = 400
"""Characters."""


@transaction.atomic
def reveal(assignment: Assignment, place: str, *, reason: str, by: Actor, at: datetime) -> str:
    """The identity number that the applicant handed in at ``place``, in full.

    The journal of the case keeps who read which field in which stage and why, never the number. Only
    whoever may do the open work ``assignment`` now may read it. Raises NotAllowed for others, Invalid
    without a reason or with the number in it, NotFound when there is no number at this place.
    """
    case = Case.objects.select_for_update(of=("self",), no_key=True).get(pk=assignment.case_id)
    if not Assignment.objects.for_hands_of(by).filter(pk=assignment.pk).exists():
        raise NotAllowed(_("只有正在办理这个办件的工作人员可以查看完整号码。"))
    shown = case.submissions.exclude(submitted_at=None).order_by("-round").first()
    found = sealed_numbers(form_of(case.version_id), shown.answers if shown else {}).get(place)
    if found is None:
        raise NotFound(_("这里没有身份证号码，可能已被更正，请刷新后再看。"))
    number = seals.unseal(found)
    details = {"field": place, "stage": assignment.stage}
    ledger.append(case, REVEAL, by=by, at=at, reason=_clean_reason(reason, number), details=details)
    case.save(update_fields=["ledger_length", "ledger_head"])
    return number


def _clean_reason(reason: str, number: str) -> str:
    reason = str(storable(reason)).strip()
    if not reason:
        raise Invalid(_("请写明为什么要查看完整号码。"))
    if len(reason) > LONGEST_REASON:
        raise Invalid(_("理由请不要超过 %(count)d 字。") % {"count": LONGEST_REASON})
    if number in "".join(reason.split()).upper():
        raise Invalid(_("理由里请不要写身份证号码。"))
    return reason


def sealed_numbers(form: Form, answers: Mapping[str, Any]) -> dict[str, str]:
    """The sealed identity numbers among the answers that are shown, by their place: ``owners.0.number``."""
    places = [
        place
        for _section, lines in form.show(answers)
        for place, item, _text in lines
        if item.kind is Kind.IDENTITY_NUMBER
    ]
    kept = {place: _at(answers, place) for place in places}
    return {place: value["sealed"] for place, value in kept.items() if is_protected(value)}


def _at(answers: Mapping[str, Any], place: str) -> Any:
    """What was answered at a place that the form shows; in a group ``group.row.field``."""
    group, _dot, rest = place.partition(".")
    if not rest:
        return answers.get(place)
    row, _dot, name = rest.partition(".")
    return answers[group][int(row)].get(name)
