"""Addresses of visits, rounds and warnings at the desk."""

from __future__ import annotations

from django.urls import path

from zerotrip.web.desk.visits import board, mine, one, rounds, warned

urlpatterns = [
    path("visits/", mine.index, name="desk-visits"),
    path("visits/new/", mine.new, name="desk-visit-new"),
    path("visits/<uuid:visit_id>/", one.show, name="desk-visit"),
    path("visits/<uuid:visit_id>/tried/", one.tried, name="desk-visit-tried"),
    path("rounds/", rounds.index, name="desk-rounds"),
    path("rounds/new/", rounds.new, name="desk-round-new"),
    path("rounds/<uuid:order_id>/", board.show, name="desk-round"),
    path("rounds/<uuid:order_id>/export/", board.export, name="desk-round-export"),
    path("rounds/<uuid:order_id>/<slug:step>/", board.act, name="desk-round-act"),
    path("warnings/<uuid:warning_id>/", warned.show, name="desk-warning"),
    path("warnings/<uuid:warning_id>/<slug:step>/", warned.act, name="desk-warning-act"),
]
