"""Addresses of prevention at the desk."""

from __future__ import annotations

from django.urls import path

from zerotrip.web.desk.prevention import duties, events, roster_files, rosters, sites

urlpatterns = [
    path("", events.index, name="desk-prevention"),
    path("new/", events.new, name="desk-event-new"),
    path("duties/", duties.index, name="desk-duties"),
    path("duties/<int:window_id>/", duties.show, name="desk-duty"),
    path("duties/<int:window_id>/missing.csv", duties.export, name="desk-duty-export"),
    path("duties/<int:window_id>/<uuid:subject>/", duties.report, name="desk-duty-report"),
    path("events/<uuid:event_id>/", events.show, name="desk-event"),
    path("rosters/", rosters.index, name="desk-rosters"),
    path("rosters/enter/", rosters.enter, name="desk-roster-enter"),
    path("rosters/household/", rosters.household, name="desk-roster-household"),
    path("rosters/people/<uuid:person_id>/", rosters.show, name="desk-roster-person"),
    path("rosters/people/<uuid:person_id>/reveal/", rosters.reveal, name="desk-roster-reveal"),
    path("rosters/exclusions/<uuid:exclusion_id>/end/", rosters.end_exclusion, name="desk-roster-include"),
    path("rosters/files/", roster_files.index, name="desk-roster-files"),
    path("rosters/files/template/", roster_files.template, name="desk-roster-template"),
    path("rosters/files/<uuid:file_id>/", roster_files.show, name="desk-roster-file"),
    path("rosters/files/<uuid:file_id>/report/", roster_files.report, name="desk-roster-report"),
    path("rosters/files/<uuid:file_id>/<slug:step>/", roster_files.act, name="desk-roster-file-act"),
    path("sites/", sites.index, name="desk-sites"),
    path("sites/new/", sites.new, name="desk-site-new"),
    path("sites/export/", sites.export, name="desk-sites-export"),
    path("sites/import/", sites.bring_in, name="desk-sites-import"),
    path("sites/<uuid:site_id>/", sites.show, name="desk-site"),
    path("sites/<uuid:site_id>/close/", sites.close, name="desk-site-close"),
]
