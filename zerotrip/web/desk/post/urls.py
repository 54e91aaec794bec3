"""Addresses of the post room."""

from __future__ import annotations

from django.urls import path

from zerotrip.web.desk.post import batches, parcels

urlpatterns = [
    path("", parcels.queue, name="desk-post"),
    path("make/", batches.make, name="desk-post-make"),
    path("batches/", batches.index, name="desk-post-batches"),
    path("batches/<str:number>/", batches.show, name="desk-post-batch"),
    path("batches/<str:number>/labels/", batches.labels, name="desk-post-labels"),
    path("batches/<str:number>/sheet/", batches.sheet, name="desk-post-sheet"),
    path("batches/<str:number>/scan/", batches.scan, name="desk-post-scan"),
    path("batches/<str:number>/close/", batches.close, name="desk-post-close"),
    path("<uuid:shipment_id>/", parcels.show, name="desk-post-parcel"),
    path("<uuid:shipment_id>/<slug:step>/", parcels.act, name="desk-post-act"),
]
