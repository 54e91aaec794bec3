"""Addresses to which others send."""

from __future__ import annotations

from django.urls import path

from zerotrip.api.hooks import courier, mail

urlpatterns = [
    path("courier/", courier.hear, name="hook-courier"),
    path("mail/", mail.hear, name="hook-mail"),
]
