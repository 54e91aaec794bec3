"""Addresses of an applicant's cases."""

from __future__ import annotations

from django.urls import path

from zerotrip.web.portal.cases import delivery, hearing, reuse, views, ways

urlpatterns = [
    path("services/<slug:slug>/apply/", views.apply, name="apply"),
    path("cases/", views.index, name="my-cases"),
    path("cases/<str:number>/", views.show, name="case"),
    path("cases/<str:number>/form/<slug:section_id>/", views.section, name="case-section"),
    path("cases/<str:number>/materials/", views.materials, name="case-materials"),
    path("cases/<str:number>/check/", views.check, name="case-check"),
    path("cases/<str:number>/delivery/", delivery.change, name="case-delivery"),
    path("cases/<str:number>/submitted/", views.submitted, name="case-submitted"),
    path("cases/<str:number>/correct/", views.correct, name="case-correct"),
    path("cases/<str:number>/withdraw/", views.withdraw, name="case-withdraw"),
    path("cases/<str:number>/way/", ways.way, name="case-way"),
    path("cases/<str:number>/later/", ways.later, name="case-later"),
    path("cases/<str:number>/reuse/", reuse.reuse, name="case-reuse"),
    path("cases/<str:number>/make-up/", ways.make_up, name="case-make-up"),
    path("cases/<str:number>/complete/", ways.complete, name="case-complete"),
    path("cases/<str:number>/hearing/", hearing.hearing, name="case-hearing"),
    path("cases/<str:number>/hearing/scan/", hearing.scan, name="case-hearing-scan"),
    path("heard/<uuid:telling_id>/", hearing.concerned, name="heard"),
    path("cases/<str:number>/reopen/", ways.reopen, name="case-reopen"),
    path("materials/<uuid:material_id>/remove/", views.remove_material, name="material-remove"),
]
