"""Addresses of needs at the desk."""

from __future__ import annotations

from django.urls import path

from zerotrip.web.desk.needs import rules, views

urlpatterns = [
    path("", views.overview, name="desk-needs"),
    path("new/", views.new, name="desk-need-new"),
    path("rules/", rules.index, name="desk-rules"),
    path("rules/new/", rules.edit, name="desk-rule-new"),
    path("rules/<uuid:rule_id>/", rules.edit, name="desk-rule"),
    path("rules/<uuid:rule_id>/<slug:step>/", rules.act, name="desk-rule-act"),
]
