"""What children of the nursery do: a district is made, a case decided, jobs are done, and all is looked at."""

from __future__ import annotations

import contextlib
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.exceptions import AlreadyEnqueued

from config import tasks
from tests import world
from zerotrip.cases import actions
from zerotrip.cases.models import Assignment, Case, Clock, Material
from zerotrip.cases.tasks import produce
from zerotrip.catalogue.actions import load_pack
from zerotrip.channels.models import Message, Notice
from zerotrip.files import actions as files
from zerotrip.ledger.queries import first_break, history
from zerotrip.licences import actions as licences
from zerotrip.licences import signing  # noqa: F401  loaded here, not by each child that signs
from zerotrip.licences.keys import signer
from zerotrip.licences.models import Counter, Licence
from zerotrip.parties.access import SYSTEM
from zerotrip.parties.models import Party, Role, User
from zerotrip.workdays.actions import load_year

SERVICE = "investment-filing"


def warm(session: str) -> None:
    """Decide one case here, so that children do the work and load nothing more.

    Its licence is left to a child: what prints it starts threads, and those do not live on in a fork.
    """
    found = to_decide()
    press(found["work"], session, "warm")
    signer(at=timezone.now())
    connection.close()


def district() -> str:
    """A migrated database with a district in it. The session of the leader who decides."""
    call_command("migrate", verbosity=0)
    call_command("createcachetable", verbosity=0)
    now = timezone.now()
    load_year(now.year, by=SYSTEM, at=now)
    load_pack(world.PACK, by=SYSTEM, at=now)
    firm = world.enterprise("济南虚构材料有限公司")
    world.agent(world.person("林知远", email="lin@example.test"), firm)
    world.staff("clerk", "approval-bureau", Role.CLERK)
    leader = world.staff("leader", "approval-bureau", Role.LEADER)
    return world.sign_in(Client(SERVER_NAME="localhost"), leader).cookies[settings.SESSION_COOKIE_NAME].value


def to_decide() -> dict[str, str]:
    """A case, accepted, for which nothing but the decision is missing."""
    now = timezone.now()
    applicant = world.acting(User.objects.get(email="lin@example.test"), now)
    clerk = world.acting(User.objects.get(email="clerk@example.test"), now)
    case = world.draft(SERVICE, Party.objects.get(kind="enterprise"), applicant, now)
    case = actions.submit(case, by=applicant, at=now)
    actions.accept(world.open_work(case)[0], by=clerk, at=now)
    return {"case": str(case.pk), "work": str(world.open_work(case, "decision")[0].pk)}


def granted() -> dict[str, str]:
    """A case that has just been granted. Its licence is a job that waits."""
    found = to_decide()
    leader = world.acting(User.objects.get(email="leader@example.test"), timezone.now())
    actions.grant(Assignment.objects.get(pk=found["work"]), by=leader, at=timezone.now())
    return found


def press(work: str, session: str, key: str) -> int:
    """Press the button that grants. The status of the answer."""
    browser = Client(raise_request_exception=False, SERVER_NAME="localhost")
    browser.cookies[settings.SESSION_COOKIE_NAME] = session
    return browser.post(f"/desk/work/{work}/grant/", {"key": key, "reasons": "", "conditions": ""}).status_code


def make(case: str, *, specimen: bool = False) -> None:
    """Do the job that makes the licence and delivers it.

    ``specimen``: with a document that was printed before. Printing takes nearly all the time, and is cut
    off at each exchange around it anyway.
    """
    if specimen:
        licences.draw = lambda licence, at: world.pdf(str(licence.pk)).getvalue() + licence.pk.bytes
    produce(case=case)


def do_jobs() -> None:
    """A worker that begins half a minute after the last one died, takes up what that had begun, and goes on."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 minute'")
        # What failed for want of a database is tried again after a pause that has passed by now.
        cursor.execute("UPDATE procrastinate_jobs SET scheduled_at = NULL WHERE status = 'todo'")
    with contextlib.suppress(AlreadyEnqueued):
        tasks.take_up.configure(priority=10).defer(timestamp=0)
    connection.close()
    with app.replace_connector(app.connector.get_worker_connector()) as worker:
        worker.run_worker(wait=False, install_signal_handlers=False, listen_notify=False, concurrency=1)


def look(cases: list[str]) -> list[dict[str, Any]]:
    """Where cases stand: each fact that there has to be exactly once, or not at all."""
    return [_look(Case.objects.get(pk=UUID(case))) for case in cases]


def _look(case: Case) -> dict[str, Any]:
    return {
        "status": case.status,
        "result": case.result,
        "whole": first_break(case) is None,
        "steps": [entry.action for entry in history(case.pk)],
        "decisions": int(hasattr(case, "decision")),
        "licences": Licence.objects.filter(case=case).count(),
        "jobs": ProcrastinateJob.objects.filter(task_name=produce.name, args__case=str(case.pk)).count(),
        "open": [work.stage for work in world.open_work(case)],
        "running": sorted(Clock.objects.filter(case=case, ended_at=None).values_list("name", flat=True)),
        "told": sorted(Notice.objects.filter(link__contains=case.number).values_list("template", flat=True)),
        "sent": Message.objects.filter(notice__link__contains=case.number, status="sent").count(),
    }


def numbers() -> dict[str, Any]:
    """The numbers of all licences, in their order, and how far the counter came."""
    given = list(Licence.objects.order_by("number").values_list("number", flat=True))
    return {"given": given, "last": list(Counter.objects.values_list("last", flat=True))}


def left_to_do() -> dict[str, int]:
    """The jobs that are not done, by where they are."""
    left: dict[str, int] = {}
    for status in ProcrastinateJob.objects.exclude(status="succeeded").values_list("status", flat=True):
        left[status] = left.get(status, 0) + 1
    return left


def screened() -> dict[str, Any]:
    """Screening under way where twelve people live, who owe a test; the point they come to."""
    from tests.duties.standing import roster
    from tests.prevention.screening import sampling
    from zerotrip.ids import new_id
    from zerotrip.prevention.events import actions as events
    from zerotrip.prevention.models import Measure

    now = timezone.now()
    leader = world.acting(User.objects.get(email="leader@example.test"), now)
    told = events.Declared(
        "虚构防控", "虚构通知〔2026〕1号", (Measure.SCREENING,), timezone.localdate(now), None, 30
    )
    office = leader.seats[0].department_id
    events.declare(told, area="370199000000", department=office, key=new_id(), by=leader, at=now)
    daily = {"who": "person", "act": "sample", "measure": "screening"}
    roster.declared(
        roster.spec("daily", **daily), roster.spec("weekly", days=7, records=4, spacing={"hours": 24}, **daily)
    )
    people, point = [str(one.pk) for one in sampling.people(12)], str(sampling.point().pk)
    return {"point": point, "people": people, "leader": str(leader.user_id)}


def open_windows() -> dict[str, int]:
    """Time goes on: what is owed is written. How much there is of it."""
    from zerotrip.duties.models import Due, Window
    from zerotrip.duties.standing.turning import turn

    turn(at=timezone.now())
    people = Window.objects.filter(subject="person")
    return {"windows": people.count(), "dues": Due.objects.filter(window__in=people.values("pk")).count()}


def open_round() -> int:
    """A leader opens a window over everybody, which nobody has written yet. Its key."""
    from datetime import datetime, time

    from zerotrip.duties.models import Requirement
    from zerotrip.duties.standing.filling import begin_window
    from zerotrip.duties.standing.schedule import Span
    from zerotrip.workdays.calendar import CHINA

    now = timezone.now()
    midnight = datetime.combine(now.astimezone(CHINA).date(), time(), CHINA)
    duty = Requirement.objects.get(slug__startswith="duty:tests:daily:")
    span = Span(midnight, midnight + timedelta(days=1))
    return begin_window(duty, span, area_path=world.DISTRICT, at=now).pk


def write_round(window: int) -> dict[str, int]:
    """The worker writes it, five people at a time. Who owes, and what is left to write."""
    from zerotrip.duties.models import Due, Filling
    from zerotrip.duties.standing import filling

    filling.PART = 5
    filling.go_on(window, at=timezone.now())
    return {"dues": Due.objects.filter(window=window).count(), "left": Filling.objects.count()}


def close_windows() -> None:
    """Nothing is owed yet, as before the first turn."""
    from zerotrip.duties.models import Due, Window

    Due.objects.all().delete()
    Window.objects.all().delete()


def written_down(point: str, tube: str, people: list[str]) -> list[dict[str, Any]]:
    """What a phone wrote down at a sampling table: a tube was filled and sealed."""
    from tests.web.field.phones import record

    told = {"point": point, "tube": tube, "capacity": 10}
    begun = timezone.now() - timedelta(minutes=5)
    records = [
        record("sample", told | {"person": person}, at=begun + timedelta(seconds=place))
        for place, person in enumerate(people)
    ]
    return [*records, record("seal", told, at=begun + timedelta(minutes=1))]


def fill(session: str, leader: str, point: str, tube: str, people: list[str]) -> list[str]:
    """A phone hands in a tube. What became of each record, or the status of the answer."""
    from tests.web.field.phones import milliseconds

    browser = Client(raise_request_exception=False, SERVER_NAME="localhost")
    browser.cookies[settings.SESSION_COOKIE_NAME] = session
    records = written_down(point, tube, people)
    sent = {"at": milliseconds(timezone.now()), "ticks": 0, "page": "sent"}
    body = {"phone": None, "account": leader, "sent": sent, "records": records}
    answer = browser.post("/field/sync/", body, content_type="application/json")
    if answer.status_code != 200:
        return [str(answer.status_code)]
    return [one["state"] for one in answer.json()["verdicts"]]


def look_at_tube(tube: str) -> dict[str, Any]:
    """Who is in a tube, and what they still owe."""
    from zerotrip.duties.models import Due
    from zerotrip.prevention.models import Sample, Tube

    found = Tube.objects.filter(pk=tube).first()
    people = list(Sample.objects.filter(tube=tube, counts=True).values_list("person", flat=True))
    return {
        "taken": found.taken if found else 0,
        "sealed": bool(found and found.sealed_at),
        "people": len(people),
        "counted": sorted(Due.objects.filter(subject__in=people).values_list("done", flat=True)),
    }


def result_file(rows: int, first: int = 0) -> str:
    """A file of results that waits for the worker; the first tube is positive."""
    import io

    from zerotrip.ids import new_id
    from zerotrip.prevention.screening.results import actions as results

    now = timezone.now()
    leader = world.acting(User.objects.get(email="leader@example.test"), now)
    stamp = timezone.localtime(now).strftime("%Y-%m-%d %H:%M")
    outcomes = ["阳性", *["阴性"] * (rows - 1)]
    lines = [f"R{number:05},{outcome},{stamp}" for number, outcome in enumerate(outcomes, first)]
    file = io.BytesIO("\n".join(["管码,结果,报告时间", *lines]).encode())
    told = {"laboratory": "demo-lab-1", "area_path": world.DISTRICT, "name": "a.csv", "language": "zh-hans"}
    return str(results.hand_in(file, **told, by=leader, at=now, file_id=new_id()).pk)


def hand_in_results(session: str, key: str) -> int:
    """Send a file of results from a desk. The status of the answer."""
    from django.core.files.uploadedfile import SimpleUploadedFile

    browser = Client(raise_request_exception=False, SERVER_NAME="localhost")
    browser.cookies[settings.SESSION_COOKIE_NAME] = session
    stamp = timezone.localtime().strftime("%Y-%m-%d %H:%M")
    file = SimpleUploadedFile("a.csv", f"管码,结果,报告时间\nH{key[:8]},阴性,{stamp}\n".encode())
    told = {"key": key, "laboratory": "demo-lab-1", "area": world.DISTRICT.strip("/").split("/")[-1], "file": file}
    return browser.post("/desk/prevention/screening/results/", told).status_code


def look_at_handed_in(key: str) -> dict[str, Any]:
    """A file of results that was sent, what waits to be done for it, and whether it lies where it is looked for."""
    from procrastinate.contrib.django.models import ProcrastinateJob

    from zerotrip.prevention.models import ResultFile
    from zerotrip.prevention.screening.results import actions as results

    return {
        "files": ResultFile.objects.filter(pk=key).count(),
        "jobs": ProcrastinateJob.objects.filter(args__file=key).count(),
        "lies": results.place_of(UUID(key)).exists(),
    }


def take_results(file: str) -> dict[str, Any]:
    """The worker takes a file over, ten rows at a time."""
    from zerotrip.prevention.models import Result, ResultFile, Retest
    from zerotrip.prevention.screening.results import actions as results

    results.BATCH = 10
    results.take_over(UUID(file), at=timezone.now())
    return {
        "status": ResultFile.objects.get(pk=file).status,
        "results": Result.objects.count(),
        "retests": Retest.objects.count(),
    }


def sweep_files() -> dict[str, int]:
    """Two nights later: what nobody refers to is gone. What is left, and what of it the licences refer to."""
    at: datetime = timezone.now() + timedelta(days=2)
    files.sweep(at=at)
    stored = {path.name for path in settings.FILES.glob("blobs/*/*/*")}
    licences = set(Licence.objects.values_list("blob", flat=True))
    handed_in = set(Material.objects.values_list("blob", flat=True))
    return {
        "licences": len(licences),
        "stored": len(licences & stored),
        "strange": len(stored - licences - handed_in),
        "incoming": len(list(settings.FILES.glob("incoming/*"))),
    }
