"""Addresses. Each face brings its own."""

from __future__ import annotations

from django.urls import path

from config.health import health

urlpatterns = [
    path("healthz", health, name="health"),
]
