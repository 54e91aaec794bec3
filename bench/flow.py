"""A whole case through the service layer: nine measured steps, each its own transaction."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from tests import world
from zerotrip.cases import actions, outcomes
from zerotrip.cases.models import Case, Material, Verdict
from zerotrip.catalogue.actions import load_pack
from zerotrip.catalogue.models import Service
from zerotrip.parties.access import SYSTEM, Actor
from zerotrip.parties.models import Party, Role, User
from zerotrip.workdays.actions import load_year

SERVICE = "construction-permit"
HOUR = timedelta(hours=1)
CORRECTED = "project_name"


@dataclass(frozen=True)
class District:
    """A district with its offices, and a firm with somebody to act for it."""

    firm: Party
    user: User
    clerk_user: User
    applicant: Actor
    clerk: Actor
    reviewers: dict[str, Actor]
    leader: Actor
    materials: tuple[Material, ...]
    answers: dict[str, Any]


def build() -> District:
    """Load the pack and its people, and one draft whose files all later cases share."""
    for year in (2025, 2026, 2027):
        load_year(year, by=SYSTEM, at=world.MORNING)
    load_pack(world.PACK, by=SYSTEM, at=world.MORNING)
    firm = world.enterprise("济南虚构材料有限公司")
    user = world.agent(world.person("林知远"), firm)
    clerk_user = world.staff("clerk", "approval-bureau", Role.CLERK)
    reviewers = {
        f"{code}-review": world.acting(world.staff(code, code, Role.REVIEWER))
        for code in ("housing", "fire", "civil-defence")
    }
    leader = world.acting(world.staff("leader", "approval-bureau", Role.LEADER))
    applicant = world.acting(user)
    pattern = world.draft(SERVICE, firm, applicant)
    materials = tuple(Material.objects.filter(submission__case=pattern))
    answers = world.plain(world.sample(SERVICE))
    clerk = world.acting(clerk_user)
    return District(firm, user, clerk_user, applicant, clerk, reviewers, leader, materials, answers)


@contextlib.contextmanager
def without_licence(so: bool = True) -> Iterator[None]:
    """Let granted cases bring forth nothing, if ``so``."""
    if not so:
        yield
        return

    def nothing(case: Case, *, by: Actor, at: Any) -> dict[str, Any]:
        return {}

    before = outcomes._handlers["licence"]
    outcomes._handlers["licence"] = nothing
    try:
        yield
    finally:
        outcomes._handlers["licence"] = before


Step = Callable[[str, Callable[[], Any]], Any]
"""Carries out a named step and hands back what it returned."""


def plain(name: str, act: Callable[[], Any]) -> Any:
    """Carry a step out, nothing more."""
    return act()


def whole_case(district: District, step: Step = plain, aside: Step = plain, *, last: str = "deliver") -> Case:
    """Drive a case to its end, or through the step ``last``.

    ``step`` carries out each of the nine measured steps, from submission to issue; ``aside`` opens and
    delivers the case and does what the applicant does in between: filling in, attaching. Rows that a
    page would have at hand are read as part of ``aside``.
    """
    case: Case | None = None
    for name, act, is_step in _steps(district):
        case = (step if is_step else aside)(name, act) or case
        if name == last:
            break
    if case is None:
        raise AssertionError("a case was opened")
    return case


def _steps(district: District) -> Iterator[tuple[str, Callable[[], Any], bool]]:
    at, held = world.MORNING, {}
    d, who = district, district.applicant

    def keep(act: Callable[[], Any]) -> Callable[[], Any]:
        def kept() -> Any:
            held["case"] = act()
            return held["case"]

        return kept

    def look(kind: str) -> Callable[[], None]:
        return lambda: held.update(work=world.open_work(held["case"], kind))

    def attach() -> None:
        _attach(held["case"], d.materials)

    service = Service.objects.select_related("current").get(pk=SERVICE)
    yield "open", keep(lambda: actions.open_case(service=service, applicant=d.firm, by=who, at=at)), False
    yield "fill in", lambda: _save(held["case"], d.answers, 0, who), False
    yield "attach", attach, False
    yield "submit", keep(lambda: actions.submit(held["case"], by=who, at=at)), True
    yield "look", look("intake"), False
    asked = {CORRECTED: "名称与规划许可证不一致，请核对"}
    yield (
        "request_correction",
        keep(lambda: actions.request_correction(held["work"][0], items=asked, by=d.clerk, at=at + HOUR)),
        True,
    )
    changed = {CORRECTED: "新材料产业园一期厂房（改）"}
    yield "mend", lambda: _save(held["case"], changed, 0, who), False
    yield "correct", keep(lambda: actions.correct(held["case"], by=who, at=at + 2 * HOUR)), True
    yield "look", look("intake"), False
    yield "accept", keep(lambda: actions.accept(held["work"][0], by=d.clerk, at=at + 3 * HOUR)), True
    yield "look", look("review"), False
    for work in held.get("work", ()):
        yield (
            "review",
            keep(
                lambda work=work: actions.review(
                    work, verdict=Verdict.PASS, by=d.reviewers[work.stage], at=at + 4 * HOUR, opinion="符合要求"
                )
            ),
            True,
        )
    yield "look", look("decision"), False
    yield "grant", keep(lambda: actions.grant(held["work"][0], by=d.leader, at=at + 5 * HOUR)), True
    yield "issue", keep(lambda: actions.issue(held["case"], by=SYSTEM, at=at + 6 * HOUR)), True
    yield "deliver", keep(lambda: actions.deliver(held["case"], by=SYSTEM, at=at + 6 * HOUR)), False


def _save(case: Case, answers: dict[str, Any], edit: int, by: Actor) -> None:
    actions.save_draft(case, answers, edit=edit, by=by, at=world.MORNING, keep=True)


def _attach(case: Case, materials: tuple[Material, ...]) -> None:
    """Attach files already in the store: hashing and storing them is not what is measured."""
    submission = case.submissions.get()
    Material.objects.bulk_create(
        Material(submission=submission, key=m.key, blob_id=m.blob_id, name=m.name, added_at=m.added_at)
        for m in materials
    )


class Stopwatch:
    """Adds up the time of the steps it carries out."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self, name: str, act: Callable[[], Any]) -> Any:
        """Carry a step out, timed."""
        begun = time.perf_counter()
        try:
            return act()
        finally:
            self.seconds += time.perf_counter() - begun
