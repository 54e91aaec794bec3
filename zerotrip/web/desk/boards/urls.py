"""Addresses of the boards."""

from __future__ import annotations

from django.urls import path

from zerotrip.web.desk.boards import views

urlpatterns = [
    path("", views.board, name="desk-boards"),
    path("cases/", views.cases, name="desk-boards-cases"),
    path("work/", views.work, name="desk-boards-work"),
    path("marks/", views.marks, name="desk-boards-marks"),
    path("ratings/", views.ratings, name="desk-boards-ratings"),
    path("ranking/", views.ranking, name="desk-boards-ranking"),
    path("steps/", views.steps, name="desk-boards-steps"),
]
