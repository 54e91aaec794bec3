"""Addresses of benefit without application."""

from __future__ import annotations

from django.urls import path

from zerotrip.web.desk.unasked import grants, payments, runs

urlpatterns = [
    path("", runs.index, name="desk-runs"),
    path("<uuid:run_id>/", runs.show, name="desk-run"),
    path("<uuid:run_id>/<slug:step>/", runs.act, name="desk-run-act"),
    path("grants/<uuid:grant_id>/", grants.show, name="desk-subsidy"),
    path("grants/<uuid:grant_id>/<slug:step>/", grants.act, name="desk-subsidy-act"),
    path("objections/<uuid:objection_id>/", runs.answer, name="desk-objection"),
    path("answers/<uuid:answer_id>/", payments.answer, name="desk-bank-answer"),
    path("payments/<uuid:payment_id>/<slug:step>/", payments.act, name="desk-payment-act"),
]
