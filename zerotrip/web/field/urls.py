"""Addresses of the pages that work without a network."""

from __future__ import annotations

from django.urls import path

from zerotrip.web.field import contact, paper, phones, photos, shell, sync, taking

urlpatterns = [
    path("", shell.page, name="field"),
    path("worker.js", shell.worker, name="field-worker"),
    path("manifest.webmanifest", shell.manifest, name="field-manifest"),
    path("hello/", contact.hello, name="field-hello"),
    path("offered/", taking.offered, name="field-offered"),
    path("take/", taking.take, name="field-take"),
    path("take/<uuid:taking_id>/people/", taking.people, name="field-people"),
    path("sync/", sync.sync, name="field-sync"),
    path("paper/<slug:task>/<uuid:place_id>/", paper.paper, name="field-paper"),
    path("phones/", phones.index, name="field-phones"),
    path("phones/<uuid:phone_id>/<slug:step>/", phones.act, name="field-phone"),
    path("photos/<slug:digest>/", photos.photo, name="field-photo"),
]
