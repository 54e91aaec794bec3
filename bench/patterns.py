"""Cases that were really driven, by every open service of a pack, to everywhere a case can stand.

They are what the loader clones: each has gone through the actions of the product, so that its rows are
rows as the product writes them, its journal too.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any

import yaml

from tests import world
from zerotrip.cases import actions
from zerotrip.cases.models import Assignment, Case, Material, Procedure, Verdict
from zerotrip.cases.states import Result
from zerotrip.catalogue.models import Service
from zerotrip.catalogue.queries import needed_materials, spec_of
from zerotrip.parties.access import SYSTEM, Actor
from zerotrip.parties.models import Party, PartyKind, Role, User
from zerotrip.workdays.calendar import CHINA

if TYPE_CHECKING:
    from pathlib import Path

    from zerotrip.catalogue.spec import ServiceSpec

STANDS = {
    "closed": 46.0,
    "closed, corrected": 24.0,
    "closed, long": 16.0,
    "ended": 7.0,
    "submitted": 2.0,
    "correcting": 0.7,
    "reviewing": 2.6,
    "deciding": 1.5,
    "green": 0.2,
}
"""Of a hundred cases. Whatever is not closed or ended is open."""
OPEN = frozenset({"submitted", "correcting", "reviewing", "deciding", "green"})
STAFF = 8
"""Members of staff of each role in each department; at least two, for work is passed on."""
ROLES = (Role.CLERK, Role.REVIEWER, Role.LEADER, Role.HEAD)
ENDINGS = ("refused", "declined", "withdrawn")


@dataclass(frozen=True)
class Pattern:
    """A driven case, and which share of all cases are like it."""

    case: Case
    stand: str
    share: float


@dataclass
class Office:
    """Everybody who works for the district, by department and role; the first of each drives the patterns."""

    staff: dict[tuple[Any, str], list[User]] = field(default_factory=dict)
    supervisor: User | None = None

    @classmethod
    def manned(cls, staff: int = STAFF) -> Office:
        """People for every role of every department there is."""
        office = cls()
        words = {Role.CLERK: "受理", Role.REVIEWER: "审查", Role.LEADER: "科长", Role.HEAD: "局长"}
        departments = Party.objects.filter(kind=PartyKind.DEPARTMENT).order_by("code", "area_path")
        for place, department in enumerate(departments):
            for role in ROLES:
                office.staff[department.pk, role.value] = [
                    _named(
                        world.staff(
                            f"{department.code}-{place}-{role.value}-{number}",
                            department.code,
                            role,
                            area_path=department.area_path,
                        ),
                        f"{words[role]}员{place:02}{number:02}",
                    )
                    for number in range(staff)
                ]
        office.supervisor = world.staff("district-supervisor", "approval-bureau", Role.SUPERVISOR)
        return office

    def turn(self, work: Assignment) -> Actor:
        """Whoever's turn it is with this work."""
        return world.acting(self.staff[work.department_id, work.role][0])

    def another(self, work: Assignment) -> Actor:
        """A colleague of theirs."""
        return world.acting(self.staff[work.department_id, work.role][-1])

    def manager(self, department: Any) -> Actor:
        """Who says who does the work of a department."""
        return world.acting(self.staff[department, Role.LEADER.value][0])


def _named(user: User, name: str) -> User:
    user.person.name = name
    user.person.save(update_fields=["name"])
    return user


@dataclass(frozen=True)
class Side:
    """An applicant of each kind, and who acts for them."""

    firm: Party
    person: Party
    actor: Actor


def _is_approval(spec: ServiceSpec) -> bool:
    """Whether cases of a service go from intake to a decision; needs of enterprises go another way."""
    return spec.incomplete is None and spec.need is None


def drive(pack: Path, office: Office, side: Side, *, now: datetime, services: int | None = None) -> list[Pattern]:
    """Drive every open service of the pack, or the first few, to every stand. Open ones stand so at ``now``."""
    chance = random.Random(20260101)
    offered = [
        service
        for service in Service.objects.exclude(current=None).select_related("current").order_by("pk")
        if service.current is not None and _is_approval(spec_of(service.current.pk))
    ][:services]
    patterns = []
    for place, service in enumerate(offered):
        sample = world.plain(yaml.safe_load((pack / "samples" / f"{service.pk}.yaml").read_text("utf-8")))
        track = _Track(service, sample, office, side, chance)
        for stand, share in STANDS.items():
            days = 60 if stand not in OPEN else 6 + place % 3
            begin = _morning(now - timedelta(days=days + place % 5))
            if (case := track.drive(stand, begin, now=now, ending=ENDINGS[place % 3])) is not None:
                patterns.append(Pattern(case, stand, share))
    return patterns


def _morning(moment: datetime) -> datetime:
    """Nine o'clock of that day; of the Monday after, on a weekend."""
    day = moment.astimezone(CHINA).date()
    day += timedelta(days=max(0, 7 - day.weekday()) if day.weekday() > 4 else 0)
    return datetime.combine(day, time(9), CHINA)


class _Track:
    """Drives one service."""

    def __init__(
        self, service: Service, sample: dict[str, Any], office: Office, side: Side, chance: random.Random
    ) -> None:
        if service.current is None:
            raise AssertionError("only what is offered is driven")
        self._service, self._sample, self._office, self._chance = service, sample, office, chance
        self._spec: ServiceSpec = spec_of(service.current.pk)
        self._applicant = side.firm if "enterprise" in self._spec.audience else side.person
        self._by = side.actor
        self._files: list[Material] = []
        self._at = self._now = world.MORNING

    def drive(self, stand: str, begin: datetime, *, now: datetime, ending: str) -> Case | None:
        """A case that stands so; None where the service has no such stand."""
        self._at, self._now = begin, now
        self._open = stand in OPEN
        case = self._submitted()
        if stand == "submitted":
            return self._fresh(case)
        if stand == "green":
            work = self._work(case)[0]
            leader = self._office.manager(work.department_id)
            actions.put_in_green(
                case, contact=self._office.turn(work), reason="重点项目", by=leader, at=self._later()
            )
            return self._fresh(case)
        if stand in ("correcting", "closed, corrected", "closed, long", "reviewing"):
            self._correction(case, answered=stand != "correcting")
            if stand == "correcting":
                return self._fresh(case)
        if stand == "ended":
            return self._end(case, ending)
        self._act(case, lambda work, by: actions.accept(work, by=by, at=self._later()))
        if stand == "reviewing":
            return self._under_review(case)
        if stand == "closed, long":
            self._long(case)
        self._review(case)
        if stand == "deciding":
            return self._fresh(case)
        return self._decided(case)

    def _later(self) -> datetime:
        """The time goes on, through office hours; what is open stands so before now."""
        if self._open:
            self._at += min(timedelta(hours=2), (self._now - self._at) / 8)
        else:
            self._at += timedelta(minutes=self._chance.randint(20, 200))
        local = self._at.astimezone(CHINA)
        if local.hour >= 17 and not self._open:
            self._at = _morning(self._at + timedelta(days=1))
        return self._at.replace(microsecond=0)

    def _submitted(self) -> Case:
        case = actions.open_case(service=self._service, applicant=self._applicant, by=self._by, at=self._later())
        answers = {**self._sample, self._spec.subject: self._sample.get(self._spec.subject, "")}
        saved = actions.save_draft(case, answers, edit=0, by=self._by, at=self._later())
        if not self._files:
            for material in needed_materials(case.version_id, saved.answers):
                name = f"{material.name.zh}.pdf"
                actions.attach(case, material.id, world.pdf(material.id), name=name, by=self._by, at=self._later())
            self._files = list(Material.objects.filter(submission=saved))
        else:
            Material.objects.bulk_create(
                Material(submission=saved, key=m.key, blob_id=m.blob_id, name=m.name, added_at=self._at)
                for m in self._files
            )
        return actions.submit(case, by=self._by, at=self._later())

    def _fresh(self, case: Case) -> Case:
        return Case.objects.get(pk=case.pk)

    def _work(self, case: Case, kind: str = "") -> list[Assignment]:
        return world.open_work(case, kind)

    def _act(self, case: Case, act: Callable[[Assignment, Actor], object], *, kind: str = "") -> None:
        """Each open work passes through some hands, as it does, before it is done."""
        for work in self._work(case, kind):
            by = self._office.turn(work)
            leader = self._office.manager(work.department_id)
            other = self._office.another(work)
            for _pass in range(self._chance.choice((2, 2, 3))):
                actions.assign(work, to=other, by=leader, at=self._later())
                actions.give_back(work, by=other, at=self._later())
            actions.take(work, by=by, at=self._later())
            act(Assignment.objects.get(pk=work.pk), by)

    def _correction(self, case: Case, *, answered: bool) -> None:
        items = {self._spec.subject: "与附件不一致，请核对"}
        self._act(case, lambda work, by: actions.request_correction(work, items=items, by=by, at=self._later()))
        if answered:
            actions.correct(case, by=self._by, at=self._later(), keep=world.asked(case))

    def _review(self, case: Case) -> None:
        for _round in range(len(self._spec.stages)):
            if not self._work(case, "review"):
                return
            self._act(case, self._opinion, kind="review")

    def _opinion(self, work: Assignment, by: Actor) -> None:
        """By one, or by two where the stage wants two."""
        actions.review(work, verdict=Verdict.PASS, by=by, at=self._later(), opinion="符合")
        if Assignment.objects.values_list("first_by", flat=True).get(pk=work.pk) is not None:
            actions.confirm_review(work, by=self._office.another(work), at=self._later())

    def _under_review(self, case: Case) -> Case:
        """Somewhere in the middle: one opinion given, a procedure under way where the service has one."""
        work = next(iter(self._work(case, "review") or self._work(case)))
        by = self._office.turn(work)
        actions.take(work, by=by, at=self._later())
        if self._spec.procedures and self._chance.random() < 0.5:
            procedure = self._spec.procedures[0]
            amount = float(procedure.most.amount)
            kind = Procedure(procedure.kind)
            actions.suspend(work, kind=kind, reason="需要现场核实", amount=amount, by=by, at=self._later())
        return self._fresh(case)

    def _long(self, case: Case) -> None:
        """What takes time: a special procedure with its result, and an extension, where the service has them."""
        work = next(iter(self._work(case, "review") or self._work(case)))
        by = self._office.turn(work)
        for procedure in self._spec.procedures[:1]:
            kind, amount = Procedure(procedure.kind), float(procedure.most.amount)
            actions.suspend(work, kind=kind, reason="需要现场核实", amount=amount, by=by, at=self._later())
            actions.resume(work, kind=kind, outcome="符合要求", by=by, at=self._later())
        if self._spec.extension is not None:
            actions.ask_extension(work, reason="情况复杂，需要进一步核实", by=by, at=self._later())
            for asked in self._work(case, "approval"):
                actions.extend(asked, by=self._office.turn(asked), at=self._later())

    def _end(self, case: Case, ending: str) -> Case:
        work = self._work(case)[0]
        if ending == "withdrawn":
            return actions.withdraw(case, by=self._by, at=self._later(), reason="计划有变")
        if ending == "declined":
            by = self._office.turn(work)
            return actions.decline(work, reasons="不属于本机关职权", by=by, at=self._later())
        self._act(case, lambda one, by: actions.accept(one, by=by, at=self._later()))
        self._review(case)
        return self._decided(case, Result.REFUSED)

    def _decided(self, case: Case, verdict: Result = Result.GRANTED) -> Case:
        reasons = "" if verdict is Result.GRANTED else "不符合规定条件"
        for work in self._hands(case):
            by = self._office.turn(work)
            if self._spec.approval.levels:
                if work.role == self._spec.approval.draft:
                    actions.draft_decision(work, verdict=verdict, reasons=reasons, by=by, at=self._later())
                else:
                    actions.approve(work, by=by, at=self._later())
            elif verdict is Result.GRANTED:
                actions.grant(work, by=by, at=self._later())
            else:
                actions.refuse(work, reasons=reasons, by=by, at=self._later())
        if verdict is Result.GRANTED:
            actions.issue(case, by=SYSTEM, at=self._later())
            actions.deliver(case, by=SYSTEM, at=self._later())
        return self._fresh(case)

    def _hands(self, case: Case) -> Iterator[Assignment]:
        """The decision, as often as it is somebody's turn."""
        for _level in range(1 + len(self._spec.approval.levels)):
            yield from self._work(case, "decision")[:1]


def events(patterns: list[Pattern]) -> float:
    """Entries of the journal a case has on average, as the shares have it."""
    longest = {p.case.pk: p.case.ledger_length for p in patterns}
    total = sum(p.share for p in patterns)
    return sum(p.share * longest[p.case.pk] for p in patterns) / total
