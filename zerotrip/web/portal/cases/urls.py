"""Addresses of an applicant's cases."""

from __future__ import annotations

from django.urls import path

from zerotrip.web.portal.cases import delivery, views

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
    path("materials/<uuid:material_id>/remove/", views.remove_material, name="material-remove"),
]
