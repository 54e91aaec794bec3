"""Addresses of one's own projects."""

from __future__ import annotations

from django.urls import path

from zerotrip.web.portal.projects import views

urlpatterns = [
    path("", views.index, name="my-projects"),
    path("<uuid:project_id>/", views.show, name="project"),
    path("<uuid:project_id>/open/", views.begin, name="project-open"),
    path("<uuid:project_id>/entrust/", views.entrust, name="project-entrust"),
]
