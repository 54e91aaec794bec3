"""Addresses of prevention at the desk."""

from __future__ import annotations

from django.urls import path

from zerotrip.web.desk.prevention import events

urlpatterns = [
    path("", events.index, name="desk-prevention"),
    path("new/", events.new, name="desk-event-new"),
    path("events/<uuid:event_id>/", events.show, name="desk-event"),
]
