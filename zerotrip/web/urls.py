"""Addresses of both faces."""

from __future__ import annotations

from django.urls import include, path

from zerotrip.web.goods import urls as goods

# Those of a beginning of their own first: an address is looked for in the others one by one.
urlpatterns = [
    path("desk/", include("zerotrip.web.desk.urls")),
    path("field/", include("zerotrip.web.field.urls")),
    path("goods/", include(goods.portal)),
    path("projects/", include("zerotrip.web.portal.projects.urls")),
    path("", include("zerotrip.web.portal.urls")),
    path("", include("zerotrip.web.portal.cases.urls")),
    path("", include("zerotrip.web.portal.needs.urls")),
    path("", include("zerotrip.web.portal.resources.urls")),
    path("", include("zerotrip.web.cases.urls")),
    path("", include("zerotrip.web.accounts.urls")),
]
