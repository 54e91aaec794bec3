"""Addresses of projects and leads at the desk."""

from __future__ import annotations

from django.urls import path

from zerotrip.web.desk.projects import board, forms, show

urlpatterns = [
    path("", board.board, name="desk-projects"),
    path("new/", forms.new, name="desk-project-new"),
    path("<uuid:project_id>/", show.show, name="desk-project"),
    path("<uuid:project_id>/facts/", forms.facts, name="desk-project-facts"),
    path("<uuid:project_id>/<slug:step>/", show.act, name="desk-project-act"),
]
