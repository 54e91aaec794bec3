"""Addresses of the public pages. Those of a case are beside its views."""

from __future__ import annotations

from django.urls import include, path

from zerotrip.web import inspections
from zerotrip.web.duties import photos
from zerotrip.web.portal import (
    asked,
    checks,
    draws,
    leaflets,
    preferences,
    rectifying,
    sampling,
    sealed,
    shifts,
    status,
    subsidies,
    venues,
    verification,
    wallet,
)
from zerotrip.web.portal.policies import views as policies
from zerotrip.web.portal.services import views as services

urlpatterns = [
    path("", services.home, name="home"),
    path("services/", services.index, name="services"),
    path("services/<slug:slug>/", services.guide, name="guide"),
    path("policies/notices/", subsidies.notices, name="policy-notices"),
    path("policies/notices/<uuid:run_id>/", subsidies.notice, name="policy-notice"),
    path("my-subsidies/", subsidies.index, name="subsidies"),
    path("my-subsidies/telling/", subsidies.telling, name="policy-telling"),
    path("my-subsidies/<uuid:grant_id>/", subsidies.subsidy, name="subsidy"),
    path("subsidy/<str:token>/", subsidies.link, name="subsidy-link"),
    path("policies/", policies.index, name="policies"),
    path("policies/<slug:slug>/", policies.policy, name="policy"),
    path("my-policies/", policies.mine, name="my-policies"),
    path("my-policies/facts/", policies.state, name="state-facts"),
    path("policy-calculator/", policies.calculator, name="policy-calculator"),
    path("policies-compared/", policies.compare, name="policies-compared"),
    path("asked/", asked.index, name="asked"),
    path("checks/", checks.index, name="checks"),
    path("checks/<int:window_id>/<uuid:subject>/", checks.show, name="check"),
    path("asked/<uuid:owed_id>/", asked.show, name="asked-one"),
    path("sampling/", sampling.index, name="sampling-points"),
    path("my-shifts/", shifts.index, name="my-shifts"),
    path("my-shifts/enlist/", shifts.enlist, name="enlist"),
    path("my-shifts/leave/", shifts.leave, name="shifts-leave"),
    path("my-shifts/statement/", shifts.statement, name="shift-statement"),
    path("my-shifts/swaps/<uuid:swap_id>/<slug:step>/", shifts.answer, name="swap-answer"),
    path("my-shifts/<uuid:shift_id>/", shifts.show, name="my-shift"),
    path("n/<str:token>/", leaflets.leaflet, name="leaflet"),
    path("household/<str:token>/", sealed.door, name="household"),
    path("runs/", sealed.runs, name="my-runs"),
    path("runs/<uuid:sealed_id>/<int:window_id>/", sealed.run, name="my-run"),
    path("runs/<uuid:sealed_id>/<int:window_id>/<uuid:site_id>/", sealed.stop, name="my-run-stop"),
    path("runs/<uuid:sealed_id>/<int:window_id>/brought/<uuid:request_id>/", sealed.settle, name="my-run-settle"),
    path("licences/", wallet.licences, name="licences"),
    path("enterprise/", include("zerotrip.web.portal.enterprise.urls")),
    path("s/<str:number>/<str:code>/", status.status, name="case-status"),
    path("v/", verification.ask, name="verify-ask"),
    path("v/<str:token>", verification.verify, name="verify"),
    path("v/<str:code>/", venues.venue, name="venue"),
    path("s/<str:code>/", venues.board, name="site-board"),
    path("draws/<uuid:draw_id>/", draws.show, name="draw"),
    path("draws/<uuid:draw_id>/draw.json", draws.file, name="draw-file"),
    path("report-photos/<uuid:file_id>/", photos.photo, name="report-photo"),
    path("rectify/", rectifying.index, name="rectify"),
    path("rectify/<uuid:inspection_id>/", rectifying.show, name="rectify-one"),
    path("inspection-photos/<int:item_id>/", inspections.photo, name="inspection-photo"),
    path("doors/", venues.doors, name="doors"),
    path("doors/<uuid:site_id>/", venues.door, name="door"),
    path("language", preferences.language, name="language"),
    path("theme", preferences.theme, name="theme"),
    path("accessibility", preferences.accessibility, name="accessibility"),
]
