"""Addresses of prevention at the desk."""

from __future__ import annotations

from django.urls import include, path

from zerotrip.web.desk.prevention import duties, events
from zerotrip.web.goods import urls as goods

urlpatterns = [
    path("", events.index, name="desk-prevention"),
    path("new/", events.new, name="desk-event-new"),
    path("duties/", duties.index, name="desk-duties"),
    path("duties/<int:window_id>/", duties.show, name="desk-duty"),
    path("duties/<int:window_id>/missing.csv", duties.export, name="desk-duty-export"),
    path("duties/<int:window_id>/<uuid:subject>/", duties.report, name="desk-duty-report"),
    path("events/<uuid:event_id>/", events.show, name="desk-event"),
    path("goods/", include(goods.desk)),
]
