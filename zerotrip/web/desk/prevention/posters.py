"""Posters with the code of a site, one or a whole list of them, on A4."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

from django.conf import settings
from django.http import HttpResponse
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from zerotrip import prevention
from zerotrip.errors import Invalid
from zerotrip.licences.printing import qr_code
from zerotrip.licences.printing import render as printed
from zerotrip.parties.paths import code_of
from zerotrip.parties.queries import area_names
from zerotrip.prevention.models import Measure
from zerotrip.web.desk.prevention.frame import during
from zerotrip.web.desk.prevention.sites import searched, site_of
from zerotrip.web.desk.prevention.venues import POSTERS
from zerotrip.web.requests import Request

if TYPE_CHECKING:
    from collections.abc import Sequence

    from zerotrip.prevention.models import Site

PAPER = "poster.typ"


@require_GET
@during(Measure.VENUES)
def one(request: Request, site_id: UUID) -> HttpResponse:
    """The poster of one site."""
    site = site_of(request, site_id)
    return _on_paper(request, [site], name=f"poster-{site.code}.pdf")


@require_GET
@during(Measure.VENUES)
def several(request: Request) -> HttpResponse:
    """The posters of the sites that are asked for, or of a part of them, as one file."""
    rows, _asked = searched(request)
    part = max(int(text) if (text := request.GET.get("part", "1")[:4]).isdigit() else 1, 1)
    sites = list(rows[(part - 1) * POSTERS : part * POSTERS])
    if not sites:
        raise Invalid(_("没有找到场所，请换个条件再打印。"))
    return _on_paper(request, sites, name=f"posters-{part}.pdf")


def _on_paper(request: Request, sites: Sequence[Site], *, name: str) -> HttpResponse:
    areas = area_names({code_of(site.area_path) for site in sites})
    with translation.override("zh-hans"):
        chinese = _words()
    with translation.override("en"):
        english = _words()
    data = {
        "title": _("场所码"),
        "alt": _("场所码"),
        "zh": chinese,
        "en": english,
        "address": settings.SITE_URL,
        "posters": [
            {
                "name": site.name,
                "area": areas.get(code_of(site.area_path), ""),
                "code": site.code,
                "shown": " ".join(site.code[place : place + 4] for place in range(0, 16, 4)),
            }
            for site in sites
        ],
    }
    pictures = {site.code: qr_code(f"{settings.SITE_URL}{reverse('venue', args=[site.code])}") for site in sites}
    made = printed({PAPER: _template()}, PAPER, data, at=request.now, pictures=pictures)
    answer = HttpResponse(made, content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="{name}"'
    return answer


def _words() -> dict[str, object]:
    return {
        "scan": _("进门请扫码"),
        "steps": [_("用手机扫上面的二维码"), _("点“我进来了”，给门口的人看"), _("戴好口罩，测过体温再进")],
        "kept": _("只记场所和时间；登录后才记是谁，到期删除。不会扫码的，请找门口的工作人员登记。"),
    }


@cache
def _template() -> str:
    return (Path(prevention.__file__).parent / "templates" / PAPER).read_text(encoding="utf-8")
