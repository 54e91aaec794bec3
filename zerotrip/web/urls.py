"""Addresses of both faces."""

from __future__ import annotations

from django.urls import include, path

from zerotrip.web.goods import urls as goods

urlpatterns = [
    path("", include("zerotrip.web.portal.urls")),
    path("", include("zerotrip.web.portal.cases.urls")),
    path("", include("zerotrip.web.portal.needs.urls")),
    path("", include("zerotrip.web.portal.resources.urls")),
    path("projects/", include("zerotrip.web.portal.projects.urls")),
    path("goods/", include(goods.portal)),
    path("field/", include("zerotrip.web.field.urls")),
    path("", include("zerotrip.web.cases.urls")),
    path("", include("zerotrip.web.accounts.urls")),
    path("desk/", include("zerotrip.web.desk.urls")),
]
