"""What both faces show of inspections: a photograph of a defect, and the form in which it is put right."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from zerotrip.errors import Invalid
from zerotrip.ids import new_id
from zerotrip.prevention.inspections import actions
from zerotrip.prevention.models import Inspection, InspectionItem
from zerotrip.web.accounts.access import signed_in
from zerotrip.web.attaching import attached
from zerotrip.web.cases.files import serve
from zerotrip.web.portal.cases.forms import uuid_from
from zerotrip.web.requests import Request, typed

if TYPE_CHECKING:
    from zerotrip.web.attaching import Attaching


@require_GET
@signed_in
def photo(request: Request, item_id: int) -> HttpResponseBase:
    """The photograph of what was found, stamped, or on demand the original, for whoever sees the inspection."""
    rows = InspectionItem.objects.select_related("photo", "stamped")
    seen = Inspection.objects.visible_to(request.actor)
    row = get_object_or_404(rows.filter(photo__isnull=False, inspection__in=seen), pk=item_id)
    assert row.photo is not None  # noqa: S101
    return serve(row.photo if "original" in request.GET or row.stamped is None else row.stamped, _("检查照片.jpg"))


class Answer:
    """The form of one defect as it was sent, with what is wrong in it."""

    def __init__(self, request: Request) -> None:
        self.owed = uuid_from(typed(request, "owed"))
        self.note = typed(request, "note", most=800)
        self.key = uuid_from(typed(request, "key")) or new_id()
        self.files: Attaching = attached(request)
        self.problems: dict[str, list[str]] = {}

    def file(self, request: Request) -> bool:
        """Hand it in; whether it was taken."""
        try:
            handed = self.files.handed()
            actions.put_right(
                self.owed or UUID(int=0),
                note=self.note,
                files=handed,
                key=self.key,
                by=request.actor,
                at=request.now,
            )
        except Invalid as refused:
            self.problems = refused.problems
            self.files.problems = self.problems.get("files", self.files.problems)
            return False
        return True
