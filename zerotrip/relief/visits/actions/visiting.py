"""What a visit found, and what the firm needs: one record, and a case for each need, all of it or nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid5

from django.db import transaction
from django.utils.translation import gettext as _

from zerotrip.cases.actions import needs as raising
from zerotrip.cases.models import Case, Door
from zerotrip.duties.actions import answering
from zerotrip.duties.models import Kind, Obligation
from zerotrip.errors import Invalid, NotFound
from zerotrip.files.attaching import PLACE
from zerotrip.parties.models import Party

if TYPE_CHECKING:
    from zerotrip.files.attaching import Handed
    from zerotrip.parties.access import Actor

SOURCE = "visit"
"""Of needs that came out of a visit."""
PREFIX = "visit-"
"""Before the names of the fields of the visit's own form, as ``need-0-`` is before those of a need."""


@transaction.atomic
def record_visit(
    visit: Obligation,
    answers: Mapping[str, Any],
    needs: Sequence[raising.Asked] = (),
    *,
    note: str = "",
    files: Sequence[Handed] = (),
    door: Door = Door.DESK,
    key: UUID,
    by: Actor,
    at: datetime,
) -> list[Case]:
    """Write down a visit, with pictures of it, and raise the needs the firm told of; each gets its own person and
    clock. Twice is once.

    Raises Invalid with all that is wrong, each at its place: of the form under ``visit-``, of the needs under
    ``need-0-`` and so on. Nothing is kept then. Raises NotAllowed, Stale, Refused as answering and raising do.
    """
    if visit.kind != Kind.VISIT or visit.about_id is None:
        raise NotFound(_("没有找到这次走访。"))
    problems: dict[str, list[str]] = {}
    try:
        held = answering.answer(visit, answers, note=note, files=files, key=key, by=by, at=at)
    except Invalid as wrong:
        problems |= {
            place if place in ("note", PLACE) else f"{PREFIX}{place}": texts
            for place, texts in wrong.problems.items()
        }
        held = visit
    cases: list[Case] = []
    if needs:
        firm = Party.objects.get(pk=visit.about_id)
        try:
            cases = raising.raise_needs(
                needs,
                applicant=firm,
                request=uuid5(key, "needs"),
                by=by,
                at=at,
                door=door,
                source=raising.Source(SOURCE, held.pk),
            )
        except Invalid as wrong:
            problems |= wrong.problems or {"needs": [wrong.message]}
    if problems:
        raise Invalid(_("还没有提交，有 %(count)d 处需要补充或修改。") % {"count": len(problems)}, problems)
    return cases
