"""Addresses of the enterprises at the desk."""

from __future__ import annotations

from django.urls import path

from zerotrip.web.desk.enterprises import merging, sheets, views
from zerotrip.web.desk.naming import many, one

urlpatterns = [
    path("", views.index, name="desk-enterprises"),
    path("sheets/", sheets.index, name="desk-sheets"),
    path("sheets/template/", sheets.template, name="desk-sheet-template"),
    path("sheets/out/", sheets.take_out, name="desk-sheet-out"),
    path("sheets/<uuid:sheet_id>/", sheets.show, name="desk-sheet"),
    path("sheets/<uuid:sheet_id>/faults/", sheets.faults, name="desk-sheet-faults"),
    path("sheets/<uuid:sheet_id>/<slug:step>/", sheets.act, name="desk-sheet-act"),
    path("naming/", many.many, name="desk-naming"),
    path("mergers/<uuid:merger_id>/undo/", merging.undo, name="desk-merger-undo"),
    path("<str:uscc>/", views.show, name="desk-enterprise"),
    path("<str:uscc>/facts/<str:name>/", views.fact, name="desk-enterprise-fact"),
    path("<str:uscc>/blocks/<slug:name>/", views.block, name="desk-enterprise-block"),
    path("<str:uscc>/keep/<slug:step>/", views.keep, name="desk-enterprise-keep"),
    path("<str:uscc>/helper/", one.name, name="desk-helper"),
    path("<str:uscc>/helper/end/", one.end, name="desk-helper-end"),
    path("<str:uscc>/reveal/", views.reveal, name="desk-enterprise-reveal"),
    path("<str:uscc>/merge/", merging.merge, name="desk-enterprise-merge"),
]
