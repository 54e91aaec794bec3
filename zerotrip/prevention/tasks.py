"""Jobs of prevention: read the clock, call one action."""

from __future__ import annotations

from functools import partial
from uuid import UUID

from django.utils import timezone
from procrastinate.contrib.django import app

from zerotrip.duties.models import Kind, Obligation
from zerotrip.prevention.events import purging
from zerotrip.prevention.gates import purging as gates
from zerotrip.prevention.inspections import actions as inspections
from zerotrip.prevention.models import Plan, PlanStatus
from zerotrip.prevention.posts import actions as posts
from zerotrip.prevention.rosters.actions import files
from zerotrip.prevention.screening import purging as screening
from zerotrip.prevention.screening.results import actions as results
from zerotrip.prevention.venues import purging as venues
from zerotrip.workdays.calendar import CHINA


@app.periodic(cron="17 * * * *")
@app.task(name="prevention.purge", queueing_lock="prevention.purge")
def purge(timestamp: int) -> None:
    """Purge what the events held that ended long enough ago, and of the others what lies back long enough."""
    at = timezone.now()
    day = at.astimezone(CHINA).date()
    for event in purging.due(on=day):
        purging.purge(event, at=at)
    for event in purging.due_back(on=day):
        purging.purge_back(event, at=at)
    files.purge(at=at)


@app.task(name="prevention.plan_shifts", lock="prevention.plan_shifts", retry=2)
def plan_shifts(plan: str) -> None:
    """Make a plan of shifts, one at a time: the solver takes all of one processor."""
    posts.solve_plan(UUID(plan), at=timezone.now(), progress=partial(_plan_progress, UUID(plan)))


def _plan_progress(plan: UUID, done: int) -> None:
    Plan.objects.filter(pk=plan, status=PlanStatus.ASKED).update(progress=done)


@app.periodic(cron="*/10 * * * *")
@app.task(name="prevention.watch_posts", queueing_lock="prevention.watch_posts")
def watch_posts(timestamp: int) -> None:
    """Name who is absent, and what of the next day is not staffed."""
    at = timezone.now()
    posts.name_absent(at=at)
    posts.flag_gaps(at=at)


@app.periodic(cron="27 2 * * *")
@app.task(name="prevention.turn_days", queueing_lock="prevention.turn_days")
def turn_days(timestamp: int) -> None:
    """Keep the days of the gate log, of samples and of scans ready, and drop those that are empty."""
    today = timezone.now().astimezone(CHINA).date()
    gates.turn_days(today, keep=2)
    screening.turn_days(today, keep=8)
    results.sweep(at=timezone.now())
    venues.turn_days(today, keep=2)


@app.task(name="prevention.follow_tubes", retry=5)
def follow_tubes(tubes: list[str]) -> None:
    """Name who came to be in tubes that are not negative."""
    from zerotrip.prevention.screening.following import follow

    follow(tubes, at=timezone.now())


@app.task(name="prevention.take_results", retry=2)
def take_results(file: str) -> None:
    """Take over a file of results: a small one does not wait for a large one. Safe to run again after a crash."""
    results.take_over(UUID(file), at=timezone.now())


@app.periodic(cron="* * * * *")
@app.task(name="prevention.bring_together", queueing_lock="prevention.bring_together")
def bring_together(timestamp: int) -> None:
    """Bring tubes and results together that were written at the same time."""
    results.bring_together(at=timezone.now())


@app.periodic(cron="* * * * *")
@app.task(name="prevention.escalate_defects", queueing_lock="prevention.escalate_defects")
def escalate_defects(timestamp: int) -> None:
    """Tell of what inspections found and was not put right in time."""
    at = timezone.now()
    overdue = Obligation.objects.due().filter(kind=Kind.DEFECT, due_at__lt=at, missed_at=None)
    for pk in overdue.order_by("due_at").values_list("pk", flat=True)[:500]:
        inspections.escalate(pk, at=at)


@app.task(name="prevention.roster", lock="prevention.roster", retry=2)
def work_on_roster(file: str) -> None:
    """Look a roster file through, or take it over: one at a time. Safe to run again after a crash anywhere."""
    key, at = UUID(file), timezone.now()
    if files.take_over(key, at=at) is None:
        files.look_through(key, at=at)


@app.task(name="prevention.work_goods", retry=2)
def work_goods(sheet: str) -> None:
    """Try out or take over a workbook of goods. Safe to run again after a crash anywhere."""
    from zerotrip.prevention.lots.actions.importing import work

    work(UUID(sheet), at=timezone.now())


@app.periodic(cron="41 * * * *")
@app.task(name="prevention.purge_goods_sheets", queueing_lock="prevention.purge_goods_sheets")
def purge_goods_sheets(timestamp: int) -> None:
    """Delete the workbooks of goods nobody needs any more."""
    from zerotrip.prevention.lots.actions.importing import purge_sheets

    purge_sheets(at=timezone.now())


@app.periodic(cron="* * * * *")
@app.task(name="prevention.freeze_figures", queueing_lock="prevention.freeze_figures")
def freeze_figures(timestamp: int) -> None:
    """Freeze the figures of rounds at the times the pack names."""
    from zerotrip.prevention.rounds import tallies

    tallies.freeze_due(at=timezone.now())


@app.task(name="prevention.send_leaflet", lock="prevention.send_leaflet", retry=5)
def send_leaflet(leaflet: str) -> None:
    """Send a leaflet to all it is for. Safe to run again after a crash anywhere."""
    from zerotrip.prevention.leaflets import sending

    sending.work(UUID(leaflet), at=timezone.now())


@app.periodic(cron="* * * * *")
@app.task(
    name="prevention.sweep_leaflets", lock="prevention.send_leaflet", queueing_lock="prevention.sweep_leaflets"
)
def sweep_leaflets(timestamp: int) -> None:
    """Go on with leaflets a worker left, send them to whoever came since, name the silent."""
    from zerotrip.prevention.leaflets import sending

    sending.sweep(at=timezone.now())


@app.periodic(cron="* * * * *")
@app.task(name="prevention.remind_carriers", queueing_lock="prevention.remind_carriers")
def remind_carriers(timestamp: int) -> None:
    """Tell carriers of stops that are not confirmed, and the offices of the area once a run is over."""
    from zerotrip.prevention.sealed import reminding, stepping

    stepping.take_up()
    reminding.remind(at=timezone.now())


@app.task(name="prevention.bring_in_step", retry=5)
def bring_in_step(sealed: str) -> None:
    """Make what is owed in a sealed area agree with what was decided for it. Safe to run again."""
    from zerotrip.prevention.sealed import stepping

    stepping.bring_in_step(UUID(sealed), at=timezone.now())
