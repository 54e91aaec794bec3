"""Agreeing that a licence is read instead of a paper, and taking that back."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from zerotrip.cases.states import Status
from zerotrip.errors import Invalid, Refused
from zerotrip.licences.access import load as load_licence
from zerotrip.licences.reuse import actions
from zerotrip.licences.reuse.actions import Down
from zerotrip.web.accounts.access import signed_in
from zerotrip.web.cases.access import own_case
from zerotrip.web.portal.cases import forms, views
from zerotrip.web.requests import Request, typed

if TYPE_CHECKING:
    from django.http import HttpResponse

    from zerotrip.cases.models import Case


@require_POST
@signed_in
def reuse(request: Request, number: str) -> HttpResponse:
    """One press on a material: use the licence held here, fetch it, name its number, or upload after all."""
    case = own_case(request, number)
    material, down = typed(request, "material", most=60), ""
    try:
        _act(request, case, material)
    except Down as refused:
        problems, down = {f"material:{material}": [refused.message]}, material
    except Invalid as invalid:
        problems, down = invalid.problems, material if "number" in request.POST else ""
    except Refused as refused:
        problems = {f"material:{material}": [refused.message]}
    else:
        page = reverse("case-correct" if case.status == Status.CORRECTING else "case-materials", args=[number])
        own = f"?own={material}" if typed(request, "what") == "end" else ""
        return redirect(f"{page}{own}#material-{material}")
    if case.status == Status.CORRECTING:
        return views.correction_page(request, case, problems, status=422, down=down)
    return views.materials_page(request, case, problems, status=422, down=down)


def _act(request: Request, case: Case, material: str) -> None:
    by, at, what = request.actor, request.now, typed(request, "what", most=12)
    if what == "end":
        actions.take_back(case, material, by=by, at=at)
        return
    if "agree" not in request.POST:
        text = _("请先勾选同意。不同意的，可以自己上传。")
        raise Invalid(text, {f"material:{material}": [text]})
    if what == "use":
        licence_id = forms.uuid_from(request.POST.get("licence"))
        if licence_id is None:
            raise Refused(_("没有找到这份证照。"))
        actions.use(case, material, load_licence(licence_id, by), by=by, at=at)
    elif what == "number":
        actions.name_number(case, material, typed(request, "number", most=80), by=by, at=at)
    else:
        actions.fetch(case, material, by=by, at=at, key=str(uuid4()))
