"""What happened in the demo district in the last weeks: cases driven through their real steps, at earlier moments.

Without it the boards of a fresh demo would be empty. Nothing is written past the actions: each life below
says which service, how many working days ago, by whom, and what went otherwise than usual.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Literal

from django.utils import timezone

if TYPE_CHECKING:
    from zerotrip.cases.models import Assignment, Case
    from zerotrip.parties.access import Actor
    from zerotrip.parties.models import Party, User
    from zerotrip.workdays.calendar import WorkCalendar

DAYS = 45
"""Working days the history goes back."""

Turn = Literal["", "corrected", "hearing", "late", "refused", "declined", "withdrawn", "green", "posted", "sent"]


@dataclass(frozen=True, slots=True)
class Life:
    """One case: its service, when it was handed in, how the clerk and the leader take turns, what was special."""

    service: str
    days_ago: int
    turn: Turn = ""
    phone: str = "13800000009"
    clerk: str = "clerk@demo.test"
    leader: str = "leader@demo.test"


_DEALER, _BUILDER = "13800000003", "13800000002"
_USUAL = ("company-change-name-address", "road-freight", "small-catering", "road-occupy", "investment-filing")
LIVES = (
    *(Life(service, 40 - 3 * number) for number, service in enumerate(_USUAL)),
    *(Life(service, 23 - 2 * number) for number, service in enumerate(_USUAL)),
    Life("pesticide-operate", 42, phone=_DEALER),
    Life("investment-filing", 38, phone=_BUILDER),
    Life("project-planning", 34, phone=_BUILDER),
    Life("construction-permit", 36, "hearing"),
    Life("construction-permit", 21, "corrected"),
    Life("construction-permit", 12, "green"),
    Life("road-occupy", 33, "late"),
    Life("road-freight", 29, "corrected"),
    Life("road-occupy", 19, "refused"),
    Life("small-catering", 17, "declined"),
    Life("company-change-legal-rep", 15, "withdrawn"),
    Life("investment-filing", 9, "corrected", clerk="window@demo.test"),
    Life("company-change-legal-rep", 8, clerk="window@demo.test"),
    Life("small-catering", 6, clerk="window@demo.test"),
    Life("construction-permit", 5, "sent"),
    Life("construction-permit", 3, "posted"),
)
POST = {"recipient": "沈往", "phone": "13800000009", "address": "济南市示范区虚构路 9 号"}
"""Where the paper of two of them goes."""


class Past:
    """The demo's working days before ``now``, and everybody in their seats then."""

    def __init__(self, calendar: WorkCalendar, now: datetime) -> None:
        self.calendar, self.now = calendar, now

    def moment(self, days_ago: int, hour: int = 9, minute: int = 30) -> datetime:
        """That many working days ago, at an hour of the office."""
        day = timezone.localtime(self.now).date()
        while days_ago:
            day -= timedelta(days=1)
            days_ago -= self.calendar.is_working(day)
        return timezone.make_aware(datetime.combine(day, time(hour, minute)))

    def later(self, at: datetime, days: int = 0, minutes: int = 0) -> datetime:
        """So much later, at a time the office is open."""
        moment = self.calendar.next_working_moment(at + timedelta(minutes=minutes))
        if not days:
            return moment
        local = timezone.localtime(moment)
        day = self.calendar.working_day_after(local.date(), days)
        return timezone.make_aware(datetime.combine(day, local.time()))


def tell(lives: tuple[Life, ...], applicants: dict[str, tuple[User, Party]], *, now: datetime) -> None:
    """Let these cases have happened before ``now``; applicants by their phone."""
    from zerotrip.workdays.queries import calendar_for

    past = Past(calendar_for(""), now)
    for number, life in enumerate(sorted(lives, key=lambda life: -life.days_ago)):
        at = past.moment(life.days_ago, 9 + number % 6, number * 7 % 60)
        case = _live(life, applicants[life.phone], past, past.later(at))
        _rated(life, number, case, applicants[life.phone][0], past)


def _live(life: Life, applicant: tuple[User, Party], past: Past, at: datetime) -> Case:
    from config.demo import submitted
    from zerotrip.cases import actions
    from zerotrip.licences.post import actions as post

    case = submitted(life.service, applicant, at=at)
    if life.turn in ("posted", "sent"):
        post.choose(case, way="post", to=POST, by=_acting(applicant[0].phone or "", at), at=at)
    if life.turn == "withdrawn":
        by = _acting(applicant[0].phone or "", at)
        actions.withdraw(case, by=by, at=past.later(at, minutes=50), reason="改由子公司申请")
        return case
    if life.turn == "declined":
        work, at = _open(case)[0], past.later(at, minutes=70)
        actions.decline(work, reasons="经营场所不在本区，请向所在区申请。", by=_acting(life.clerk, at), at=at)
        return case
    for moment in _steps(life, case, applicant, past, at):
        if moment >= past.now:  # still to come
            break
    return case


SAID = {
    "late": (2, ("slow",), "说好当天办结，等了一个多星期，也没有人告诉我为什么。"),
    "refused": (3, (), "不批可以理解，早一点告诉就好了。"),
    "corrected": (4, ("clear",), ""),
}
"""What is said of cases that took a turn: grade, tags, comment. Of most others that it went well."""


def _rated(life: Life, number: int, case: Case, user: User, past: Past) -> None:
    """Most applicants rate their case; a bad grade is called back on by the head."""
    from zerotrip.cases import actions
    from zerotrip.cases.models import Assignment, Case, RatingDoor, Settled
    from zerotrip.parties.access import NOBODY

    case = Case.objects.get(pk=case.pk)
    if case.closed_at is None or (number % 5 == 4 and life.turn not in SAID):
        return
    grade, tags, comment = SAID.get(life.turn, (5 - (number % 4 == 3), ("fast", "no_trip"), ""))
    at = past.later(case.closed_at, minutes=100)
    by, door = (NOBODY, RatingDoor.LINK) if number % 2 else (_acting(user.phone or "", at), RatingDoor.PORTAL)
    if at >= past.now:
        return
    actions.rate(case.pk, grade=grade, tags=tags, comment=comment, door=door, by=by, at=at)
    called = past.later(at, minutes=200)
    for work in Assignment.objects.filter(case=case, kind="call_back", status="open"):
        if called < past.now:
            finding, put_right = "经办人休假期间没有人接手。", "已登记代班，并向申请人说明和致歉。"
            head = _acting("head@demo.test", called)
            actions.call_back(work, finding=finding, put_right=put_right, settled=Settled.YES, by=head, at=called)


def _steps(
    life: Life, case: Case, applicant: tuple[User, Party], past: Past, at: datetime
) -> Generator[datetime, None, None]:
    """Take one step after the other; each is told of by its moment."""
    from zerotrip.cases import actions
    from zerotrip.parties.access import SYSTEM

    at = past.later(at, minutes=40)
    yield at
    if life.turn == "corrected":
        at = yield from _corrected(life, case, applicant, past, at)
    actions.accept(_open(case)[0], by=_acting(life.clerk, at), at=at)
    if life.turn == "green":
        case.refresh_from_db()
        by = _acting(life.leader, at)
        actions.put_in_green(case, reason="全区重点项目", contact=by, by=by, at=at)
    if life.turn == "hearing":
        at = yield from _heard(case, past, at)
    if life.turn == "late":
        at = past.later(at, days=9)
    while work := next(iter(_open(case)), None):
        at = past.later(at, minutes=35 if life.turn == "green" else 95)
        yield at
        usual(life, case, work, at)
    case.refresh_from_db()
    if case.status == "granted":
        actions.issue(case, by=SYSTEM, at=at)
        if life.turn not in ("posted", "sent"):
            actions.deliver(case, by=SYSTEM, at=at)
        elif life.turn == "sent":
            _send(life, case, past, at)


def _send(life: Life, case: Case, past: Past, at: datetime) -> None:
    """Label the parcel and hand it to the courier."""
    from zerotrip.licences.post import actions
    from zerotrip.licences.post.models import Label, Shipment

    at = past.later(at, minutes=45)
    shipment, by = Shipment.objects.get(case=case), _acting(life.clerk, at)
    batch = actions.make_batch([shipment.pk], by=by, at=at)
    number = Label.objects.get(shipment=shipment).tracking
    actions.hand_over(batch, number, by=by, at=past.later(at, minutes=90))


def _corrected(
    life: Life, case: Case, applicant: tuple[User, Party], past: Past, at: datetime
) -> Generator[datetime, None, datetime]:
    from zerotrip.cases import actions

    place = f"material:{case.version.spec.materials[0].id}"
    actions.request_correction(
        _open(case)[0], items={place: "照片不清楚，请重新拍摄。"}, by=_acting(life.clerk, at), at=at
    )
    at = past.later(at, days=2)
    yield at
    by = _acting(applicant[0].phone or "", at)
    actions.correct(case, by=by, at=at, keep=[place])
    return past.later(at, minutes=60)


def _heard(case: Case, past: Past, at: datetime) -> Generator[datetime, None, datetime]:
    from zerotrip.cases import actions
    from zerotrip.cases.models import Procedure

    at = past.later(at, minutes=30)
    work = _open(case)[0]
    by = _seated(work, at)
    actions.suspend(work, kind=Procedure.EXPERT_REVIEW, reason="深基坑方案需要专家论证", amount=5, by=by, at=at)
    at = past.later(at, days=3)
    yield at
    work.refresh_from_db()
    actions.resume(work, kind=Procedure.EXPERT_REVIEW, outcome="方案可行", by=by, at=at)
    return past.later(at, minutes=30)


def usual(life: Life, case: Case, work: Assignment, at: datetime) -> None:
    """Do one piece of work as it usually is done, or as the life says."""
    from zerotrip.cases import actions
    from zerotrip.cases.models import Verdict
    from zerotrip.cases.states import Result

    by = _seated(work, at, life)
    if work.kind == "review":
        actions.review(work, verdict=Verdict.PASS, opinion="", by=by, at=at)
    elif not case.version.spec.approval.levels:
        if life.turn == "refused":
            actions.refuse(work, reasons="占用期间影响消防通道，不符合许可条件。", by=by, at=at)
        else:
            actions.grant(work, by=by, at=at)
    elif work.role in ("clerk", "reviewer"):
        refused = life.turn == "refused"
        verdict, reasons = (Result.REFUSED, "占用期间影响消防通道。") if refused else (Result.GRANTED, "")
        actions.draft_decision(work, verdict=verdict, reasons=reasons, by=by, at=at)
    else:
        actions.approve(work, by=by, at=at)


def _open(case: Case) -> list[Assignment]:
    from zerotrip.cases.models import Assignment

    work = Assignment.objects.filter(case=case, status="open").exclude(kind__in=("check", "make_up", "call_back"))
    return list(work.order_by("opened_at", "stage"))


def _seated(work: Assignment, at: datetime, life: Life | None = None) -> Actor:
    """Whoever of the demo does such work: those named in the life before the others."""
    from config.demo import STAFF

    named = (life.clerk, life.leader) if life else ()
    department = work.department.code
    ranked = sorted(STAFF, key=lambda row: row[0] not in named)
    email = next(row[0] for row in ranked if row[2] == department and work.role in row[3])
    return _acting(email, at)


def _account(address: str) -> User:
    from zerotrip.parties.models import User

    return User.objects.get(email=address) if "@" in address else User.objects.get(phone=address)


def _acting(address: str, at: datetime) -> Actor:
    from zerotrip.parties.access import actor_for

    return actor_for(_account(address), at=at)
