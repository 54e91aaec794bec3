"""Addresses of offers and wants."""

from __future__ import annotations

from django.urls import path

from zerotrip.web.portal.resources import views

urlpatterns = [
    path("resources/", views.index, name="resources"),
    path("resources/mine/", views.mine, name="my-resources"),
    path("resources/kinds/<slug:slug>/", views.shelf, name="resources-kind"),
    path("resources/kinds/<slug:slug>/<slug:side>/", views.new, name="resource-new"),
    path("resources/introductions/<uuid:introduction_id>/", views.introduction, name="introduction"),
    path("resources/introductions/<uuid:introduction_id>/<slug:step>/", views.meet, name="introduction-act"),
    path("resources/<uuid:resource_id>/", views.show, name="resource"),
    path("resources/<uuid:resource_id>/edit/", views.edit, name="resource-edit"),
    path("resources/<uuid:resource_id>/<slug:step>/", views.act, name="resource-act"),
]
