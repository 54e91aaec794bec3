"""A population of cases with everything that is counted, written as rows: what flows take minutes to make."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random

from zerotrip.cases.models import Assignment, Case, Clock, Correction, Door, Priority, Submission, Suspension
from zerotrip.catalogue.models import Service
from zerotrip.parties.models import Party, PartyKind

BEGIN = datetime(2026, 1, 5, 1, 30, tzinfo=UTC)
"""Monday, 09:30 in China."""
STREETS = ("370199001000/", "370199002000/", "")
RESULTS = ("granted",) * 6 + ("refused", "declined", "withdrawn", "lapsed", "terminated")
LIMIT = {"amount": 5, "unit": "working_days", "basis": {}}


def populate(district, count: int = 120, *, seed: int = 1) -> list[Case]:
    """So many cases over five months, of all services, some open, some late, some paused, some asked again."""
    chance = Random(seed)
    versions = [service.current for service in Service.objects.select_related("current").order_by("slug")]
    office = Party.objects.get(kind=PartyKind.DEPARTMENT, code="approval-bureau")
    other = Party.objects.get(kind=PartyKind.DEPARTMENT, code="housing")
    return [_case(district, chance, number, versions, [office, office, other]) for number in range(count)]


def _case(district, chance: Random, number: int, versions, offices) -> Case:
    submitted = BEGIN + timedelta(days=chance.randrange(140), minutes=chance.randrange(600))
    took = timedelta(hours=chance.randrange(2, 400))
    ended = submitted + took
    is_open = chance.random() < 0.2
    green = chance.random() < 0.15
    office = chance.choice(offices)
    result = "" if is_open else chance.choice(RESULTS)
    accepted = submitted + took / 4 if result in ("granted", "refused", "terminated") or is_open else None
    decided = submitted + took * 0.9 if result in ("granted", "refused", "declined", "terminated") else None
    case = Case.objects.create(
        number=f"TT-2026-{number:06}",
        version=chance.choice(versions),
        applicant=district.firm,
        opened_by_id=district.applicant.user_id,
        department=office,
        area_path=office.area_path + chance.choice(STREETS),
        door=chance.choice([Door.PORTAL, Door.PORTAL, Door.DESK]),
        priority=Priority.GREEN if green else Priority.NORMAL,
        contact_id=district.clerk.user_id if green else None,
        status="reviewing" if is_open else "closed",
        result=result,
        opened_at=submitted - timedelta(hours=1),
        submitted_at=submitted,
        accepted_at=accepted,
        decided_at=decided,
        closed_at=None if is_open else ended,
        due_at=submitted + timedelta(days=chance.randrange(1, 200)) if is_open else None,
    )
    Submission.objects.create(
        case=case, started_at=submitted, submitted_at=submitted, submitted_by_id=district.applicant.user_id
    )
    _notices(district, chance, case, submitted, took, result)
    _work(case, office, _stage(case, "intake"), "intake", district.clerk, submitted, submitted + took / 4, chance)
    end = decided or ended
    _clock(case, "notice", submitted, submitted + took / 4, chance)
    if accepted:
        decision = _work(
            case,
            office,
            _stage(case, "decision"),
            "decision",
            district.leader,
            accepted,
            end,
            chance,
            is_open=is_open,
        )
        pauses = _pauses(district, chance, case, decision, accepted, took)
        _clock(case, "promised", accepted, None if is_open else end, chance, pauses)
        _clock(case, "statutory", accepted, None if is_open else end, chance, pauses)
    return case


def _stage(case: Case, kind: str) -> str:
    return next((stage.id for stage in case.version.spec.stages if stage.kind == kind), kind)


def _notices(district, chance, case, submitted, took, result) -> None:
    for round_ in range(1, chance.choice([1, 1, 2, 3])):
        asked = submitted + took * (round_ * 0.05)
        back = chance.random() < 0.2
        Correction.objects.create(
            case=case,
            round=round_,
            items=[{"place": "x", "message": "y"}],
            again_because="补" if round_ > 1 else "",
            requested_by_id=district.clerk.user_id,
            requested_at=asked,
            answered_at=None if back else asked + took * 0.04,
            taken_back_at=asked + took * 0.02 if back else None,
            taken_back_by_id=district.clerk.user_id if back else None,
        )


def _pauses(district, chance, case, decision, accepted, took) -> list[list[str]]:
    if chance.random() < 0.7:
        return []
    start, end = accepted + took * 0.1, accepted + took * chance.uniform(0.2, 0.5)
    Suspension.objects.create(
        case=case,
        assignment=decision,
        kind=chance.choice(["hearing", "inspection", "test"]),
        reason="现场情况复杂",
        amount=5,
        unit="working_days",
        started_at=start,
        started_by_id=district.leader.user_id,
        until=end,
        ended_at=end,
    )
    return [[start.isoformat(), end.isoformat(), "hearing", "现场情况复杂"]]


def _clock(case, name, start, end, chance, pauses=()) -> None:
    Clock.objects.create(
        case=case,
        name=name,
        started_at=start,
        ended_at=end,
        due_at=start + timedelta(days=chance.randrange(1, 14)),
        pauses=list(pauses),
        **LIMIT,
    )


def _work(case, office, stage, kind, by, opened, done, chance, *, is_open=False) -> Assignment:
    ended = {} if is_open else {"done_by_id": by.user_id, "done_at": done, "verdict": "pass"}
    return Assignment.objects.create(
        case=case,
        stage=stage,
        kind=kind,
        department=office,
        role="clerk" if kind == "intake" else "leader",
        area_path=case.area_path,
        status="open" if is_open else "done",
        opened_at=opened,
        due_at=opened + timedelta(days=chance.randrange(1, 10)),
        **ended,
    )
