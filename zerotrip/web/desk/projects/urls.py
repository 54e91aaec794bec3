"""Addresses of projects and leads at the desk."""

from __future__ import annotations

from django.urls import path

from zerotrip.web.desk.projects import board, forms, leads, show, week

urlpatterns = [
    path("", board.board, name="desk-projects"),
    path("new/", forms.new, name="desk-project-new"),
    path("week/", week.week, name="desk-projects-week"),
    path("week/paper/", week.paper, name="desk-projects-week-paper"),
    path("leads/", leads.index, name="desk-leads"),
    path("leads/new/", leads.new, name="desk-lead-new"),
    path("leads/<uuid:lead_id>/", leads.show, name="desk-lead"),
    path("leads/<uuid:lead_id>/land/", leads.land, name="desk-lead-land"),
    path("<uuid:project_id>/", show.show, name="desk-project"),
    path("<uuid:project_id>/facts/", forms.facts, name="desk-project-facts"),
    path("<uuid:project_id>/<slug:step>/", show.act, name="desk-project-act"),
]
