"""Addresses of one's own enterprises."""

from __future__ import annotations

from django.urls import path

from zerotrip.web.portal.enterprise import views

urlpatterns = [
    path("", views.index, name="my-enterprises"),
    path("<str:uscc>/", views.show, name="enterprise"),
    path("<str:uscc>/facts/<str:name>/", views.fact, name="enterprise-fact"),
    path("<str:uscc>/blocks/<slug:name>/", views.block, name="enterprise-block"),
]
