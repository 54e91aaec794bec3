"""Addresses of the indicators."""

from __future__ import annotations

from django.urls import path

from zerotrip.web.desk.indicators import board, entry, figure, files, one

urlpatterns = [
    path("", board.board, name="desk-indicators"),
    path("entry/", entry.entry, name="desk-indicators-entry"),
    path("targets/", entry.targets, name="desk-indicators-targets"),
    path("files/", files.files, name="desk-indicators-files"),
    path("files/template/", files.blank, name="desk-indicators-template"),
    path("files/<uuid:filing_id>/", files.file, name="desk-indicators-file"),
    path("of/<slug:slug>/", one.one, name="desk-indicator"),
    path("of/<slug:slug>/figure/", figure.figure, name="desk-indicator-figure"),
]
