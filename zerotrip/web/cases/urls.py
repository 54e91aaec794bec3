"""Addresses of files, licences and notices."""

from __future__ import annotations

from django.urls import path

from zerotrip.web.cases import rating, views

urlpatterns = [
    path("rate/<str:token>/", rating.rate, name="rate"),
    path("ratings/", rating.ratings, name="ratings"),
    path("files/<uuid:material_id>/", views.material, name="material"),
    path("files/<uuid:material_id>/pages/<int:page>/", views.material_page, name="material-page"),
    path("files/needs/<uuid:file_id>/", views.need_file, name="need-file"),
    path("files/needs/<uuid:file_id>/pages/<int:page>/", views.need_file_page, name="need-file-page"),
    path("files/answers/<uuid:file_id>/", views.answer_file, name="answer-file"),
    path("files/answers/<uuid:file_id>/pages/<int:page>/", views.answer_file_page, name="answer-file-page"),
    path("files/held/<str:token>/", views.held_file, name="held-file"),
    path("cases/<str:number>/letters/<slug:kind>/", views.letter, name="letter"),
    path("cases/<str:number>/receipt/", views.receipt, name="case-receipt"),
    path("licences/<uuid:licence_id>/", views.licence_file, name="licence-file"),
    path("grants/<uuid:grant_id>/", views.grant_file, name="grant-file"),
    path("notices/", views.notices, name="notices"),
    path("notices/read/", views.read_all, name="notices-read"),
    path("notices/<uuid:notice_id>/", views.read_notice, name="notice"),
]
