"""Addresses. Each face, and each door for machines, brings its own."""

from __future__ import annotations

from django.urls import include, path

from config.health import health

urlpatterns = [
    path("healthz", health, name="health"),
    path("hooks/", include("zerotrip.api.hooks.urls")),
    path("", include("zerotrip.web.urls")),
]

handler400 = "zerotrip.web.errors.bad_request"
handler403 = "zerotrip.web.errors.denied"
handler404 = "zerotrip.web.errors.missing"
handler429 = "zerotrip.web.errors.too_many"
handler500 = "zerotrip.web.errors.failed"
