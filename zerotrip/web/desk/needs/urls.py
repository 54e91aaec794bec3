"""Addresses of needs at the desk."""

from __future__ import annotations

from django.urls import path

from zerotrip.web.desk.naming import mine
from zerotrip.web.desk.needs import rules, teams, views

urlpatterns = [
    path("", views.overview, name="desk-needs"),
    path("new/", views.new, name="desk-need-new"),
    path("firms/", mine.mine, name="desk-my-firms"),
    path("teams/", teams.index, name="desk-teams"),
    path("teams/<uuid:team_id>/", teams.show, name="desk-team"),
    path("teams/members/<uuid:seat_id>/end/", teams.end, name="desk-team-leave"),
    path("rules/", rules.index, name="desk-rules"),
    path("rules/new/", rules.edit, name="desk-rule-new"),
    path("rules/<uuid:rule_id>/", rules.edit, name="desk-rule"),
    path("rules/<uuid:rule_id>/<slug:step>/", rules.act, name="desk-rule-act"),
]
