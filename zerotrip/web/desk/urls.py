"""Addresses of the desk."""

from __future__ import annotations

from django.urls import include, path

from zerotrip.web.cases.rating import at_counter
from zerotrip.web.desk import (
    bars,
    bulk,
    calls,
    challenges,
    counter,
    exports,
    green,
    hearing,
    kept,
    licences,
    lists,
    mail,
    people,
    views,
)
from zerotrip.web.desk.reveal import reveal

urlpatterns = [
    path("", lists.worklist, name="desk"),
    path("done/", lists.done, name="desk-done"),
    path("cases/", lists.cases, name="desk-cases"),
    path("cases/<str:number>/", views.show, name="desk-case"),
    path("cases/<str:number>/green/", green.change, name="desk-green"),
    path("cases/<str:number>/rating/", at_counter, name="desk-rating"),
    path("bulk/", bulk.bulk, name="desk-bulk"),
    path("views/", kept.save, name="desk-view-save"),
    path("views/<uuid:view_id>/", kept.change, name="desk-view"),
    path("columns/", kept.columns, name="desk-columns"),
    path("people/", people.people, name="desk-people"),
    path("people/<uuid:account_id>/hand-over/", people.hand_over, name="desk-hand-over"),
    path("people/absence/<uuid:absence_id>/", people.back, name="desk-absence"),
    path("exports/", exports.exports, name="desk-exports"),
    path("exports/<uuid:export_id>/file/", exports.fetch, name="desk-export-file"),
    path("cases/<str:number>/challenge/", challenges.challenge, name="desk-challenge"),
    path("cases/<str:number>/lift-bar/", bars.lift, name="desk-lift-bar"),
    path("cases/<str:number>/slip/", licences.slip, name="desk-slip"),
    path("cases/<str:number>/slip/<slug:step>/", licences.settle_slip, name="desk-slip-settle"),
    path("licences/", licences.index, name="desk-licences"),
    path("licences/<uuid:licence_id>/", licences.show, name="desk-licence"),
    path("licences/<uuid:licence_id>/<slug:step>/", licences.act, name="desk-licence-act"),
    path("boards/", include("zerotrip.web.desk.boards.urls")),
    path("counter/", counter.index, name="desk-counter"),
    path("counter/new/<slug:slug>/", counter.intake, name="desk-counter-intake"),
    path("counter/new/<slug:slug>/<uuid:case_id>/", counter.licence, name="desk-counter-licence"),
    path("counter/resume/", counter.resume, name="desk-counter-resume"),
    path("counter/code/<uuid:confirmation_id>/", counter.code, name="desk-counter-code"),
    path("counter/<str:number>/confirm/", counter.confirm, name="desk-counter-confirm"),
    path("counter/<str:number>/application/", counter.application, name="desk-counter-application"),
    path("calls/", calls.calls, name="desk-calls"),
    path("calls/<uuid:consultation_id>/guide/", calls.guide, name="desk-call-guide"),
    path("mail/", mail.index, name="desk-mail"),
    path("mail/<uuid:mail_id>/", mail.show, name="desk-mail-one"),
    path("mail/<uuid:mail_id>/<uuid:file_id>/", mail.file, name="desk-mail-file"),
    path("post/", include("zerotrip.web.desk.post.urls")),
    path("work/<uuid:assignment_id>/correction/", views.correction, name="desk-correction"),
    path("work/<uuid:assignment_id>/hearing/", hearing.hearing, name="desk-hearing"),
    path("tellings/<uuid:telling_id>/letter/", hearing.letter, name="desk-telling-letter"),
    path("work/<uuid:assignment_id>/reveal/", reveal, name="desk-reveal"),
    path("work/<uuid:assignment_id>/<slug:step>/", views.act, name="desk-act"),
]
