"""Addresses of prevention at the desk."""

from __future__ import annotations

from django.urls import include, path

from zerotrip.web.desk.prevention import duties, events, gates, picture, plans, posts, roster_files, rosters, sites
from zerotrip.web.goods import urls as goods

urlpatterns = [
    path("", events.index, name="desk-prevention"),
    path("new/", events.new, name="desk-event-new"),
    path("picture/", picture.show, name="desk-picture"),
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
    path("posts/", posts.index, name="desk-posts"),
    path("posts/new/", posts.new, name="desk-post-of-duty-new"),
    path("posts/people/", posts.people, name="desk-post-people"),
    path("posts/people/new/", posts.enlist, name="desk-post-people-new"),
    path("posts/people/<uuid:worker_id>/<slug:step>/", posts.act, name="desk-post-person"),
    path("posts/plans/", plans.index, name="desk-plans"),
    path("posts/plans/<uuid:plan_id>/", plans.show, name="desk-plan"),
    path("posts/plans/<uuid:plan_id>/<slug:step>/", plans.act, name="desk-plan-act"),
    path("posts/swaps/<uuid:swap_id>/<slug:step>/", posts.settle, name="desk-swap"),
    path("posts/<uuid:post_id>/", posts.show, name="desk-post-of-duty"),
    path("posts/<uuid:post_id>/edit/", posts.edit, name="desk-post-of-duty-edit"),
    path("posts/<uuid:post_id>/code/", posts.code, name="desk-post-of-duty-code"),
    path("posts/<uuid:post_id>/close/", posts.close, name="desk-post-of-duty-close"),
    path("posts/<uuid:post_id>/<uuid:shift_id>/enter/", posts.enter, name="desk-post-of-duty-enter"),
    path("gates/", gates.index, name="desk-gates"),
    path("gates/export/", gates.export, name="desk-gates-export"),
    path("gates/day/", gates.day, name="desk-gates-day"),
    path("gates/blocks/", gates.blocks, name="desk-gate-blocks"),
    path("gates/blocks/<uuid:block_id>/lift/", gates.lift, name="desk-gate-lift"),
    path("gates/passages/<uuid:passage_id>/leave/", gates.leave, name="desk-passage-leave"),
    path("gates/passages/<uuid:passage_id>/picture/", gates.picture, name="desk-passage-picture"),
    path("gates/<uuid:gate_id>/", gates.log, name="desk-gate"),
    path("goods/", include(goods.desk)),
]
