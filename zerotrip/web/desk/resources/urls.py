"""Addresses of offers and wants at the desk."""

from __future__ import annotations

from django.urls import path

from zerotrip.web.desk.resources import views

urlpatterns = [
    path("", views.index, name="desk-resources"),
    path("board/", views.board, name="desk-resources-board"),
    path("new/", views.choose, name="desk-resource-choose"),
    path("new/<slug:slug>/<slug:side>/", views.new, name="desk-resource-new"),
    path("introductions/<uuid:introduction_id>/", views.introduction, name="desk-introduction"),
    path("introductions/<uuid:introduction_id>/<slug:step>/", views.meet, name="desk-introduction-act"),
    path("<uuid:resource_id>/", views.show, name="desk-resource"),
    path("<uuid:resource_id>/edit/", views.edit, name="desk-resource-edit"),
    path("<uuid:resource_id>/<slug:step>/", views.act, name="desk-resource-act"),
]
