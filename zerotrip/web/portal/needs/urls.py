"""Addresses of an enterprise's needs. One need is a case, and lies where cases do."""

from __future__ import annotations

from django.urls import path

from zerotrip.web.portal.needs import showing, views

urlpatterns = [
    path("needs/", views.index, name="needs"),
    path("needs/new/", views.new, name="need-new"),
    path("cases/<str:number>/add/", showing.add, name="case-add"),
]
