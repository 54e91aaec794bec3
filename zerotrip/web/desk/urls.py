"""Addresses of the desk."""

from __future__ import annotations

from django.urls import include, path

from zerotrip.web.desk import views
from zerotrip.web.desk.reveal import reveal

urlpatterns = [
    path("", views.worklist, name="desk"),
    path("done/", views.done, name="desk-done"),
    path("cases/", views.cases, name="desk-cases"),
    path("cases/<str:number>/", views.show, name="desk-case"),
    path("licences/", views.licences, name="desk-licences"),
    path("post/", include("zerotrip.web.desk.post.urls")),
    path("work/<uuid:assignment_id>/correction/", views.correction, name="desk-correction"),
    path("work/<uuid:assignment_id>/reveal/", reveal, name="desk-reveal"),
    path("work/<uuid:assignment_id>/<slug:step>/", views.act, name="desk-act"),
]
