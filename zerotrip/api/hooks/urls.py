"""Addresses to which others send."""

from __future__ import annotations

from django.urls import path

from zerotrip.api.hooks import courier, goods, laboratory, mail

urlpatterns = [
    path("courier/", courier.hear, name="hook-courier"),
    path("goods/", goods.hear, name="hook-goods"),
    path("laboratory/", laboratory.hear, name="hook-laboratory"),
    path("mail/", mail.hear, name="hook-mail"),
]
