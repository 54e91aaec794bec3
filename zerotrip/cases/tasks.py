"""Jobs of cases: each reads the clock and calls one action."""

from __future__ import annotations

import logging
from uuid import UUID

from django.utils import timezone
from procrastinate.contrib.django import app

from zerotrip.cases.models import Assignment, AssignmentStatus, Case
from zerotrip.cases.outcomes import arrived_by
from zerotrip.cases.states import Status
from zerotrip.catalogue.spec import StageKind
from zerotrip.parties.access import SYSTEM

log = logging.getLogger(__name__)


@app.task(name="cases.produce", retry=10)
def produce(case: str) -> None:
    """Make the outcome of a granted case; deliver it, unless on paper. Safe to run again after a crash."""
    from zerotrip.cases.actions.outcome import deliver, issue

    found = Case.objects.get(pk=case)
    if found.status == Status.GRANTED:
        found = issue(found, by=SYSTEM, at=timezone.now())
    if found.status == Status.ISSUED and arrived_by(found):
        deliver(found, by=SYSTEM, at=timezone.now())


@app.task(name="cases.decide_at_once", retry=10)
def decide_at_once(case: str) -> None:
    """Accept and grant what a commitment decides by rule. Safe to run again after a crash anywhere."""
    from zerotrip.cases.actions.decisions import grant
    from zerotrip.cases.actions.owed import Unproved
    from zerotrip.cases.actions.staff import accept

    works = Assignment.objects.filter(case=UUID(case), status=AssignmentStatus.OPEN)
    for work in works.filter(kind=StageKind.INTAKE, case__status=Status.SUBMITTED):
        accept(work, by=SYSTEM, at=timezone.now())
    for work in works.filter(kind=StageKind.DECISION, case__status=Status.DECIDING):
        try:
            grant(work, by=SYSTEM, at=timezone.now())
        except Unproved:  # a licence waits to be verified: somebody decides when it is
            log.info("%s is left to be decided by hand: a licence is not verified", case)


@app.periodic(cron="* * * * *")
@app.task(name="cases.sweep", queueing_lock="cases.sweep")
def sweep(timestamp: int) -> None:
    """Do what time alone brings about: procedures run out, silence counts, lights change, duties are missed."""
    from zerotrip.cases.actions import sweeping

    at = timezone.now()
    for name, done in sweeping.sweep(at=at).items():
        if done:
            log.info("%s: %d", name, done)


@app.periodic(cron="40 * * * *")
@app.task(name="cases.remind_helpers", queueing_lock="cases.remind_helpers")
def remind_helpers(timestamp: int) -> None:
    """Remind those who help with needs, once a working day."""
    from zerotrip.cases.actions import reminding

    reminding.remind_helpers(at=timezone.now())


@app.task(name="cases.export", retry=2)
def export(export: str) -> None:
    """Write a list that somebody asked for into a file. Safe to run again after a crash anywhere."""
    from zerotrip.cases.actions.exporting import run_export

    run_export(UUID(export), at=timezone.now())


@app.periodic(cron="41 * * * *")
@app.task(name="cases.purge_consultations", queueing_lock="cases.purge_consultations")
def purge_consultations(timestamp: int) -> None:
    """Wipe what identifies those who rang, once its time is over."""
    from zerotrip.cases.actions import consulting

    consulting.purge_consultations(at=timezone.now())


@app.periodic(cron="17 * * * *")
@app.task(name="cases.purge_exports", queueing_lock="cases.purge_exports")
def purge_exports(timestamp: int) -> None:
    """Delete the files of exports whose time is over."""
    from zerotrip.cases.actions import exporting

    exporting.purge_exports(at=timezone.now())


@app.periodic(cron="47 * * * *")
@app.task(name="cases.purge_mail", queueing_lock="cases.purge_mail")
def purge_mail(timestamp: int) -> None:
    """Wipe what came by e-mail, once its time is over."""
    from zerotrip.cases.actions import mail

    mail.purge_mail(at=timezone.now())


@app.periodic(cron="53 3 * * *")
@app.task(name="cases.purge_contacts", queueing_lock="cases.purge_contacts")
def purge_contacts(timestamp: int) -> None:
    """Wipe how those concerned are reached, once it is no longer needed, every night."""
    from zerotrip.cases.actions import concerned

    at = timezone.now()
    while concerned.purge_contacts(at=at):
        pass
