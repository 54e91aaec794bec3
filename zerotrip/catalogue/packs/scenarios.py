"""Scenarios: given these answers at this moment, this is asked, this happens, this is the day. Run by the check.

They need no database: the calendar is the one shipped, with the closures and office hours of the district.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Annotated, Any

from django.utils.translation import gettext as _
from pydantic import Field, StringConstraints

from zerotrip import criteria, questions
from zerotrip.catalogue.packs.variants import terms
from zerotrip.catalogue.spec import DistrictSpec, ServiceSpec, StageKind
from zerotrip.catalogue.tariffs import money, work_out
from zerotrip.catalogue.windows import missed
from zerotrip.questions.words import Name, Part, Slug, Text
from zerotrip.workdays.calendar import CHINA, SpecialDay, WorkCalendar
from zerotrip.workdays.holidays import NOTICES, days_of
from zerotrip.workdays.limits import Due, due

if TYPE_CHECKING:
    from zerotrip.catalogue.spec import Limit, Material
    from zerotrip.catalogue.tariffs import Tariff
    from zerotrip.questions import Form

Moment = Annotated[str, StringConstraints(pattern=r"^\d{4}-\d{2}-\d{2} \d{2}:\d{2}\Z")]
"""Local time, such as ``2026-03-03 09:30``."""


class Expected(Part):
    """What is to come of it. What is left out is not looked at."""

    refused: tuple[Text, ...] | None = None
    """Fields and materials that keep the application back, ``material:contract`` for the latter; ``apply``
    when it is not the time of the year. An application outside a window is kept back by the field it is
    counted from."""
    materials: tuple[Name, ...] | None = None
    """The materials asked for, in any order: all that are needed, without those a commitment waives."""
    warned: tuple[Name, ...] | None = None
    """Where the applicant is told that it is early or late, and may hand in all the same."""
    not_asked: tuple[Name, ...] = ()
    """Fields that are not asked."""
    stages: tuple[tuple[Slug, ...], ...] | None = None
    """The stages in the order they open: those side by side in one list."""
    due: Moment | None = None
    """By the promise."""
    answer_due: Moment | None = None
    """Of a need: by when somebody answers."""
    plan_due: Moment | None = None
    """Of a need: by when there is a plan."""
    statutory_due: Moment | None = None
    owed: dict[Name, Moment] | None = None
    """Materials that come later, and by when."""
    check_due: Moment | None = None
    """The check after a commitment, counted from ``now``."""
    variant: Text | None = None
    """The variant the answers make it."""
    fee: Text | None = None
    """What is to be paid, as ``1280.00``."""
    pays: Text | None = None
    """What is paid to the applicant."""
    outcome: Text | None = None
    """Chinese name of what a grant brings."""
    valid_until: date | None = None
    """Last day of what is issued on the day of ``now``."""


class Scenario(Part):
    """One story of a service."""

    name: Text
    now: Moment
    """When the application is handed in and accepted, local time."""
    answers: dict[Name, Any] = Field(default_factory=dict)
    """Over the sample of the service; null takes an answer away."""
    found: dict[Name, Any] = Field(default_factory=dict)
    """What the reviews find, by field."""
    later: tuple[Name, ...] = ()
    """Materials the applicant says come later."""
    commit: bool = False
    green: bool = False
    holds: tuple[Slug, ...] = ()
    """Kinds of licence the applicant holds, in force for long enough, and lets stand in for materials."""
    expect: Expected


@dataclass(frozen=True)
class Unmet:
    """An expectation that was not met: which, and why."""

    key: str
    reason: str


def run(
    scenario: Scenario, spec: ServiceSpec, sample: Mapping[str, Any], district: DistrictSpec
) -> Iterator[Unmet]:
    """What of the scenario does not come out as it says, each with what came out instead."""
    yield from _Story(scenario, spec, sample, calendar_of(district)).unmet()


def calendar_of(district: DistrictSpec) -> WorkCalendar:
    """The calendar of a district that is not loaded: the shipped holidays, its hours, its closures."""
    special = dict(_holidays())
    special.update({each.day: SpecialDay(working=False, name=each.name.zh) for each in district.closures})
    hours = tuple((span.start, span.end) for span in district.hours)
    return WorkCalendar(special=special, official_years=frozenset(NOTICES), office_hours=hours)


GUESSED = 3
"""Years after the last notice whose holidays are guessed, as an installation does: fixed days and the moon."""


@lru_cache(maxsize=1)
def _holidays() -> dict[date, SpecialDay]:
    years = range(min(NOTICES), max(NOTICES) + GUESSED + 1)
    return {day: special for year in years for day, special in days_of(year).items()}


class _Story:
    """A scenario as it is told, and what comes of it."""

    def __init__(
        self, scenario: Scenario, spec: ServiceSpec, sample: Mapping[str, Any], calendar: WorkCalendar
    ) -> None:
        self.scenario, self.calendar = scenario, calendar
        self.form: Form = questions.parse(spec.form)
        self.now = datetime.fromisoformat(scenario.now).replace(tzinfo=CHINA)
        told = {**sample, **scenario.answers}
        self.told = {name: value for name, value in told.items() if value is not None}
        self.checked = self.form.check(self.told, today=self.now.date())
        self.variant, left_out = terms(spec, self.form, self.checked.values)
        self.spec = spec.as_for(self.variant, frozenset(left_out))
        missing = missed(spec.apply, self.form, self.checked.values, on=self.now.date(), calendar=calendar)
        self.untimely = list(missing)
        refused = {each.place: [each.reason] for each in self.untimely if each.refuses}
        self.problems = {**self.checked.problems, **refused}
        self.whole = questions.parse([*spec.form, *self.spec.finding_sections()])
        self.found = questions.parse(self.spec.finding_sections()).check(scenario.found, today=self.now.date())
        self.values = {**self.checked.values, **self.found.values}
        self.needed = [each for each in spec.materials if self._needs(each)]

    def _needs(self, material: Material) -> bool:
        if self.scenario.commit and self.spec.promise and material.id in self.spec.promise.waives:
            return False
        if material.licence is not None and set(material.licence.kinds) & set(self.scenario.holds):
            return False
        if isinstance(material.required, bool):
            return material.required
        rule = criteria.parse(material.required, vocabulary=self.form.vocabulary())
        return rule.explain(self.checked.values).truth is criteria.Truth.YES

    def unmet(self) -> Iterator[Unmet]:
        """Each expectation against what came out."""
        expect = self.scenario.expect
        yield from self._impossible()
        if expect.refused is not None:
            yield from self._same("refused", sorted(expect.refused), sorted(self.problems))
        elif self.problems:
            told = "；".join(f"{place}：{texts[0]}" for place, texts in self.problems.items())
            yield Unmet("answers", _("这些答案提交不了：%(problems)s") % {"problems": told})
        if expect.materials is not None:
            yield from self._same("materials", sorted(expect.materials), sorted(m.id for m in self.needed))
        yield from self._not_asked()
        if expect.stages is not None:
            got = self._waves()
            yield from self._same("stages", [sorted(wave) for wave in expect.stages], got)
        yield from self._days()
        if expect.warned is not None:
            places = sorted(each.place for each in self.untimely if not each.refuses)
            yield from self._same("warned", sorted(expect.warned), places)
        if expect.variant is not None:
            yield from self._same("variant", expect.variant, self.variant)
        yield from self._amount("fee", expect.fee, self.spec.tariff)
        yield from self._amount("pays", expect.pays, self.spec.pays)
        if expect.outcome is not None:
            yield from self._same("outcome", expect.outcome, self.spec.outcome.name.zh)
        if expect.valid_until is not None:
            yield from self._same("valid_until", str(expect.valid_until), str(self._valid_until() or ""))

    def _impossible(self) -> Iterator[Unmet]:
        tolerable = {material.id for material in self.spec.materials if material.tolerable}
        if self.scenario.found and self.found.problems:
            told = "；".join(f"{place}：{texts[0]}" for place, texts in self.found.problems.items())
            yield Unmet("found", _("认定的内容不对：%(problems)s") % {"problems": told})
        for name in self.scenario.later:
            if name not in tolerable:
                yield Unmet("later", _("材料“%(name)s”不能容缺后补。") % {"name": name})
        asked = {kind for material in self.spec.reusing if material.licence for kind in material.licence.kinds}
        for kind in self.scenario.holds:
            if kind not in asked:
                yield Unmet("holds", _("没有材料可以用“%(name)s”这种证照代替。") % {"name": kind})
        if self.scenario.commit and self.spec.promise is None:
            yield Unmet("commit", _("这个事项没有写“promise”，不能告知承诺。"))
        if self.scenario.green and self.spec.green is None:
            yield Unmet("green", _("这个事项没有写“green”，没有绿色通道时限。"))

    def _same(self, key: str, expected: Any, got: Any) -> Iterator[Unmet]:
        if expected != got:
            words = {"expected": _plain(expected), "got": _plain(got)}
            yield Unmet(key, _("应为 %(expected)s，实为 %(got)s。") % words)

    def _not_asked(self) -> Iterator[Unmet]:
        for name in self.scenario.expect.not_asked:
            field = self.form.fields.get(name)
            if field is None:
                yield Unmet("not_asked", _("表单里没有“%(name)s”。") % {"name": name})
            elif field.is_asked(self.checked.values):
                yield Unmet("not_asked", _("“%(name)s”要填。") % {"name": name})

    def _waves(self) -> list[list[str]]:
        """The stages as they open when every opinion is favourable."""
        if self.scenario.commit:
            by_kind = {kind: [s.id for s in self.spec.stages if s.kind is kind] for kind in StageKind}
            return [by_kind[StageKind.INTAKE], by_kind[StageKind.DECISION]]
        waves: list[list[str]] = []
        done: set[str] = set()
        while ready := sorted(stage.id for stage in self.spec.ready_stages(done)):
            waves.append(ready)
            done |= set(ready)
        return waves

    def _days(self) -> Iterator[Unmet]:
        expect, spec = self.scenario.expect, self.spec
        promised = spec.green.promised if self.scenario.green and spec.green else spec.promised
        yield from self._day("due", expect.due, promised)
        yield from self._day("statutory_due", expect.statutory_due, spec.statutory)
        if spec.need is not None:
            yield from self._day("answer_due", expect.answer_due, spec.need.answer)
            yield from self._day("plan_due", expect.plan_due, spec.need.plan)
        if expect.check_due is not None and spec.promise is not None:
            yield from self._day("check_due", expect.check_due, spec.promise.check)
        if expect.owed is None:
            return
        owed = {m.id: m.tolerable.within for m in spec.materials if m.tolerable and m.id in self.scenario.later}
        yield from self._same("owed", sorted(expect.owed), sorted(owed))
        for name, moment in expect.owed.items():
            if name in owed:
                yield from self._day(f"owed.{name}", moment, owed[name])

    def _day(self, key: str, expected: str | None, limit: Limit) -> Iterator[Unmet]:
        if expected is None:
            return
        found = due(start=self.now, amount=limit.amount, unit=limit.unit, calendar=self.calendar)
        got = f"{found.at.astimezone(CHINA):%Y-%m-%d %H:%M}" if found.at else ""
        if got != expected:
            words = {"expected": expected, "got": got, "why": _derived(found)}
            yield Unmet(key, _("应为 %(expected)s，实为 %(got)s：%(why)s") % words)

    def _amount(self, key: str, expected: str | None, tariff: Tariff | None) -> Iterator[Unmet]:
        if expected is None:
            return
        if tariff is None:
            declared = {"fee": "tariff"}.get(key, key)
            yield Unmet(key, _("这个事项没有写“%(key)s”：金额怎么算。") % {"key": declared})
            return
        found = work_out(tariff, self.whole, self.values)
        got = "" if found.total is None else f"{found.total:.2f}"
        if got != expected:
            why = "；".join(
                f"{line.name} {line.how or money(line.amount)} = {line.amount:.2f}" for line in found.lines
            )
            if found.missing:
                why = _("还没有填：%(labels)s") % {"labels": _("、").join(found.missing)}
            words = {"expected": expected, "got": got, "why": why}
            yield Unmet(key, _("应为 %(expected)s，实为 %(got)s：%(why)s") % words)

    def _valid_until(self) -> date | None:
        outcome = self.spec.outcome
        if outcome.valid_until is not None:
            stated = self.values.get(outcome.valid_until.partition(".")[2])
            return date.fromisoformat(stated) if stated else None
        return outcome.last_day(self.now.date())


def _plain(value: Any) -> str:
    """A list as a pack writes it."""
    if isinstance(value, list):
        return "[" + ", ".join(_plain(part) for part in value) + "]"
    return str(value)


def _derived(found: Due) -> str:
    return "；".join(line.words for line in found.lines)
