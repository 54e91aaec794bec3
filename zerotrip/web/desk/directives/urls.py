"""Addresses of directives and of what is owed under them."""

from __future__ import annotations

from django.urls import path

from zerotrip.web.desk.directives import board, forms, gathering, lists, tasks

urlpatterns = [
    path("directives/", lists.index, name="desk-directives"),
    path("directives/new/", forms.new, name="desk-directive-new"),
    path("directives/<uuid:order_id>/", board.show, name="desk-directive"),
    path("directives/<uuid:order_id>/add/", forms.add, name="desk-directive-add"),
    path("directives/<uuid:order_id>/more/", forms.more, name="desk-directive-more"),
    path("directives/<uuid:order_id>/gathered/", gathering.show, name="desk-directive-gathered"),
    path("directives/<uuid:order_id>/gathered/export/", gathering.export, name="desk-directive-export"),
    path("directives/<uuid:order_id>/<slug:step>/", board.act, name="desk-directive-act"),
    path("tasks/<uuid:owed_id>/", tasks.show, name="desk-task"),
    path("tasks/<uuid:owed_id>/<slug:step>/", tasks.act, name="desk-task-act"),
]
