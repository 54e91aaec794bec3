"""The demo's key projects: one in construction with a milestone that is late, one at its start, and investors."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid5

if TYPE_CHECKING:
    from config.history import Past
    from zerotrip.cases.models import Case
    from zerotrip.parties.access import Actor
    from zerotrip.parties.models import Party, User
    from zerotrip.projects.models import Project

_KEYS = UUID("2b8f6a4e-5d0c-5f1b-9a53-7c6d1e0f9b42")
BUILDER, INVESTOR = "13800000002", "13800000001"
STEWARD, TRADE = "steward@demo.test", "trade@demo.test"

PARK: dict[str, Any] = {
    "site": {"area": "370199002002", "detail": "示范大道 88 号"},
    "land": "granted",
    "verified": False,
    "foreign_invested": True,
    "foreign_trade": False,
    "builds": True,
    "floor_area": "12600",
    "use": "industrial",
    "scale": "标准厂房两栋，建筑面积 12600 平方米",
    "demolition": False,
    "special_fire": False,
    "pollutes": False,
}
"""A park under construction, with foreign money in it."""
MOTORS: dict[str, Any] = {
    "site": {"area": "370199002001", "detail": "工业北路 16 号"},
    "land": "held",
    "verified": False,
    "foreign_invested": False,
    "foreign_trade": True,
    "builds": True,
    "floor_area": "8200",
    "use": "industrial",
    "scale": "扩建厂房一栋，建筑面积 8200 平方米",
    "special_fire": False,
}
"""An extension at its start; whether something has to be demolished and whether it discharges is not known yet."""
PERMITS = (
    ("filing", "investment-filing", 150),
    ("land-granted", "land-planning-granted", 138),
    ("project-planning", "project-planning", 118),
    ("construction-permit", "construction-permit", 84),
    ("drainage", "drainage-filing", 83),
    ("waste", "construction-waste", 82),
)
"""The permits the park has, and how many working days ago they were handed in."""
MONEY = ((300, 320), (500, 480), (900, 860), (1200, 1150), (1300, 1180), (1200, 940), (1000, None), (800, None))
"""Planned and done, in units of 10,000 yuan, month by month from five months ago."""


def load(people: dict[str, tuple[User, Party]], *, now: datetime) -> None:
    """Register both projects and the investors, with what happened to them before ``now``.

    A pack that declares no projects has none.
    """
    from config.history import Past
    from zerotrip.projects.declared import packs_of_projects
    from zerotrip.workdays.queries import calendar_for

    if not packs_of_projects():
        return
    past = Past(calendar_for(""), now)
    _park(people[BUILDER], past, now)
    _motors(people[INVESTOR], past, now)
    _leads(past, now)


def _key(name: str) -> UUID:
    return uuid5(_KEYS, name)


def _acting(email: str, at: datetime) -> Actor:
    from zerotrip.parties.access import actor_for
    from zerotrip.parties.models import User

    return actor_for(User.objects.get(email=email), at=at)


def _office() -> UUID:
    from zerotrip.parties.queries import departments

    return departments(["approval-bureau"])["approval-bureau"].pk


def _registered(
    name: str, kind: str, owner: Party, facts: dict[str, Any], *, begun_on: date, carrier: str, at: datetime
) -> Project:
    from zerotrip.projects import actions

    described = actions.Described(name, kind, owner.name, owner.uscc, begun_on, carrier)
    by = _acting(STEWARD, at)
    return actions.register(described, facts, department=_office(), key=_key(name), by=by, at=at)


def _park(who: tuple[User, Party], past: Past, now: datetime) -> None:
    """Handed in, granted, built: since half a year ago."""
    from zerotrip.projects import actions

    account, firm = who
    at = past.moment(80)
    finish = past.later(now, days=70).date()
    project = _registered(
        "示范新材料产业园一期",
        "industry",
        firm,
        PARK | {"start_date": past.moment(74).date().isoformat(), "finish_date": finish.isoformat()},
        begun_on=past.moment(155).date(),
        carrier="示范新材料产业园",
        at=at,
    )
    for permit, service, days_ago in PERMITS:
        case = _granted(service, (account, firm), past, past.moment(days_ago))
        _linked(project, case, permit, at=past.moment(80, 10))
    steward = _acting(STEWARD, at)
    for name, day, reached in (
        ("开工", past.moment(74).date(), past.moment(74, 15)),
        ("基础完工", past.moment(40).date(), past.moment(33, 15)),
        ("主体封顶", past.moment(4).date(), None),
        ("竣工", finish, None),
    ):
        milestone = actions.set_milestone(project, name=name, on=day, key=_key(name), by=steward, at=at)
        if reached is not None:
            actions.reach_milestone(milestone, note="", by=_acting(STEWARD, reached), at=reached)
    _money(project, now)
    noted = past.moment(2)
    problem = actions.note_problem(
        project,
        actions.Trouble(
            "外方股东的第二笔增资要补哪些登记材料？请告知办理时间和联系人。", contact="周予安", phone=BUILDER
        ),
        key=_key("capital"),
        by=_acting(STEWARD, noted),
        at=noted,
    )
    _helped(problem, at=noted)


def _helped(problem: Case, *, at: datetime) -> None:
    """The bureau in charge answers within the hour and says what it will do."""
    from zerotrip.cases import actions
    from zerotrip.cases.models import Assignment
    from zerotrip.parties.models import User

    if User.objects.filter(email=TRADE).exists():
        work = Assignment.objects.get(case=problem, kind="help", status="open")
        for minutes, say, text in (
            (20, actions.answer_need, "您好，商务局由我对接，今天把材料清单发给您。"),
            (90, actions.plan_need, "增资变更登记只补股东会决议和章程修正案，周五前来窗口，我陪您办。"),
        ):
            moment = at + timedelta(minutes=minutes)
            say(work, text=text, by=_acting(TRADE, moment), at=moment)


def _granted(service: str, who: tuple[User, Party], past: Past, at: datetime) -> Case:
    """A case handed in at ``at`` and granted as usual; what two people examine is confirmed by the second."""
    from config.demo import submitted
    from config.history import Life, usual
    from zerotrip.cases import actions
    from zerotrip.cases.models import Assignment
    from zerotrip.parties.access import SYSTEM

    case = submitted(service, who, at=at)
    at = past.later(at, minutes=40)
    intake = Assignment.objects.get(case=case, kind="intake", status="open")
    actions.accept(intake, by=_acting("clerk@demo.test", at), at=at)
    while work := Assignment.objects.filter(case=case, status="open").order_by("opened_at", "stage").first():
        at = past.later(at, days=1)
        usual(Life(service, 0), case, work, at)
        work.refresh_from_db()
        if work.status == "open" and work.two_people:
            actions.confirm_review(work, by=_acting("second@demo.test", at), at=at)
    case.refresh_from_db()
    actions.issue(case, by=SYSTEM, at=at)
    actions.deliver(case, by=SYSTEM, at=at)
    return case


def _linked(project: Project, case: Case, permit: str, *, at: datetime) -> None:
    from zerotrip.projects import actions
    from zerotrip.projects.models import CaseRole

    leader = _acting("leader@demo.test", at)
    actions.link_case(project, case.number, role=CaseRole.PERMIT, permit=permit, by=leader, at=at)


def _money(project: Project, now: datetime) -> None:
    from django.utils import timezone

    from zerotrip.projects import actions

    by = _acting(STEWARD, now)
    first = timezone.localdate(now).replace(day=1)
    for _number in range(5):
        first = (first - timedelta(days=1)).replace(day=1)
    for planned, done in MONEY:
        month = first.strftime("%Y-%m")
        told = "" if done is None else str(done)
        actions.tell_money(project, month=month, planned=str(planned), done=told, by=by, at=now)
        first = (first + timedelta(days=32)).replace(day=1)


def _motors(who: tuple[User, Party], past: Past, now: datetime) -> None:
    """Just begun: the filing is being reviewed."""
    from zerotrip.cases.models import Case
    from zerotrip.projects import actions
    from zerotrip.projects.models import CaseRole

    _account, firm = who
    at = past.moment(3)
    project = _registered(
        "年产 5000 台高效节能电机扩建", "industry", firm, MOTORS, begun_on=at.date(), carrier="", at=at
    )
    case = Case.objects.filter(applicant=firm, version__service="investment-filing").latest("opened_at")
    clerk = _acting("leader@demo.test", now)
    actions.link_case(project, case.number, role=CaseRole.PERMIT, permit="filing", by=clerk, at=now)
    actions.tell_money(project, month=f"{now:%Y-%m}", planned="260", done="", by=_acting(STEWARD, now), at=now)


INVESTORS = (
    ("虚构精密仪器有限公司", "精密仪器装配线", "industry", "12000", "domestic", False, ("negotiating", "signed")),
    ("Imaginary Logistics Pte. Ltd.", "区域分拨仓", "logistics", "30000", "foreign", True, ("negotiating",)),
    ("杜撰生物科技有限公司", "检测实验室", "research", "4500", "provincial", False, ()),
    ("子虚商业管理有限公司", "社区商业综合体", "commerce", "8000", "domestic", False, ("negotiating", "lost")),
)
"""Investor, what they want, kind, amount, capital, foreign, and the steps after the first contact."""


def _leads(past: Past, now: datetime) -> None:
    from zerotrip.projects import actions

    for number, (investor, matter, kind, amount, capital, foreign, steps) in enumerate(INVESTORS):
        at = past.moment(40 - 3 * number)
        offered = actions.Offered(
            investor,
            matter,
            kind,
            amount,
            capital,
            foreign,
            contact="招商热线转接",
            on=at.date(),
            note="来电咨询用地。",
        )
        lead = actions.open_lead(offered, department=_office(), key=_key(investor), by=_acting(STEWARD, at), at=at)
        for place, stage in enumerate(steps):
            moment = past.moment(30 - 3 * number - 8 * place)
            note = "选址改到外区，本期不落地。" if stage == "lost" else "实地看过场地，条件合适。"
            actions.move_lead(lead, stage, on=moment.date(), note=note, by=_acting(STEWARD, moment), at=moment)
