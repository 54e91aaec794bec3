"""Addresses of prevention at the desk."""

from __future__ import annotations

from django.urls import include, path

from zerotrip.web.desk.prevention import events
from zerotrip.web.goods import urls as goods

urlpatterns = [
    path("", events.index, name="desk-prevention"),
    path("new/", events.new, name="desk-event-new"),
    path("events/<uuid:event_id>/", events.show, name="desk-event"),
    path("goods/", include(goods.desk)),
]
