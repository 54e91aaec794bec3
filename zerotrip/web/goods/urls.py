"""Addresses of goods, for both faces."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.urls import path
from django.views.decorators.http import require_GET, require_http_methods

from zerotrip.web.goods import due, files, sheets, supplies, tracing, views
from zerotrip.web.goods.face import at_desk, at_portal

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.urls import URLPattern

read = require_GET
write = require_http_methods(["GET", "POST"])


def _shared(prefix: str, guard: Callable[..., Any]) -> list[URLPattern]:
    return [
        path("", read(guard(views.index)), name=f"{prefix}goods"),
        path("new/", write(guard(views.new)), name=f"{prefix}goods-new"),
        path("lots/<uuid:lot_id>/", read(guard(views.show)), name=f"{prefix}goods-lot"),
        path("lots/<uuid:lot_id>/do/<slug:kind>/", write(guard(views.do)), name=f"{prefix}goods-do"),
        path("lots/<uuid:lot_id>/papers/<slug:kind>/", write(guard(views.paper)), name=f"{prefix}goods-paper"),
        path("movements/<uuid:movement_id>/", write(guard(views.arrival)), name=f"{prefix}goods-arrival"),
        path("supplies/", read(guard(supplies.index)), name=f"{prefix}supplies"),
        path("supplies/new/", write(guard(supplies.ask)), name=f"{prefix}supply-new"),
        path("supplies/<uuid:request_id>/", write(guard(supplies.show)), name=f"{prefix}supply"),
        path(
            "supplies/levels/<uuid:holder_id>/<slug:item_id>/",
            write(guard(supplies.level)),
            name=f"{prefix}supply-level",
        ),
        path("sheets/", write(guard(sheets.index)), name=f"{prefix}goods-sheets"),
        path("sheets/template/", read(guard(sheets.template)), name=f"{prefix}goods-template"),
        path("sheets/<uuid:sheet_id>/", write(guard(sheets.show)), name=f"{prefix}goods-sheet"),
    ]


portal = [
    *_shared("", at_portal),
    path("files/<uuid:file_id>/", files.file, name="goods-file"),
    path("files/<uuid:file_id>/pages/<int:page>/", files.page, name="goods-file-page"),
]
desk = [
    *_shared("desk-", at_desk),
    path("due/", read(at_desk(due.show)), name="desk-goods-due"),
    path("lots/<uuid:lot_id>/trace/", write(at_desk(tracing.show)), name="desk-goods-trace"),
    path("lots/<uuid:lot_id>/recall/", write(at_desk(tracing.recall)), name="desk-goods-recall"),
]
