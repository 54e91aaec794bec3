"""The shape of ``screening.yaml``: how rounds are planned, followed up and told, in a district's own figures."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field, model_validator

from zerotrip.duties.standing.spec import Clock
from zerotrip.prevention.declared import rules_of
from zerotrip.prevention.models import LeftOut
from zerotrip.prevention.screening.tubes import LaboratorySpec, TubesSpec
from zerotrip.questions.words import Part, Slug, Text, Words


class PlanningSpec(Part):
    """How many points, windows and people a round takes.

    The first two figures are those of the national guide, 区域新型冠状病毒核酸检测组织实施指南（第三版）, of
    2022-03-22.
    """

    people_per_point: Annotated[int, Field(ge=100, le=20_000)] = 3000
    people_per_sampler: Annotated[int, Field(ge=20, le=5000)] = 360
    people_per_window_hour: Annotated[int, Field(ge=10, le=1000)] = 100
    """What a window that runs smoothly takes an hour."""
    queue_room: Annotated[int, Field(ge=10, le=2000)] = 200
    """People a point has room for; with so many waiting it is full."""
    long_queue: Annotated[int, Field(ge=1, le=2000)] = 60
    """People waiting from which a queue is called long."""
    registrars_per_sampler: Annotated[Decimal, Field(ge=0, le=10)] = Decimal("1.0")
    keepers_per_sampler: Annotated[Decimal, Field(ge=0, le=20)] = Decimal("2.8")
    """Those who keep order."""
    slot_minutes: Annotated[int, Field(ge=10, le=480)] = 30
    """Grids are asked to come at times that begin on a multiple of this."""
    sources: Annotated[tuple[Text, ...], Field(max_length=20)] = ()

    @model_validator(mode="after")
    def _long_before_full(self) -> PlanningSpec:
        if self.long_queue > self.queue_room:
            raise ValueError("a queue is long before the point is full")
        return self


class OutcomeSpec(Part):
    """What a call to somebody who is missing may end with."""

    id: Slug
    name: Words
    then: Literal["comes", "again", "excuse"]
    """They come; they are called again; they are left out of the round, with a reason and a day."""
    again_minutes: Annotated[int, Field(ge=5, le=2880)] = 60
    """After which, unless they came, they are to be called again."""
    reason: LeftOut | None = None
    """The reason that is filled in where they are left out."""

    @model_validator(mode="after")
    def _only_excused_have_a_reason(self) -> OutcomeSpec:
        if self.reason is not None and self.then != "excuse":
            raise ValueError("a reason goes with excuse")
        return self


class ScreeningSpec(Part):
    """The whole file. Each figure is the district's own choice; those given here count where it says nothing."""

    planning: PlanningSpec = PlanningSpec()
    tubes: TubesSpec = TubesSpec()
    laboratories: Annotated[tuple[LaboratorySpec, ...], Field(max_length=60)] = ()
    outcomes: Annotated[tuple[OutcomeSpec, ...], Field(min_length=1, max_length=12)] = (
        OutcomeSpec(id="comes", name=Words(zh="接通，会来", en="Reached, will come"), then="comes"),
        OutcomeSpec(id="silent", name=Words(zh="没接通", en="Not reached"), then="again"),
        OutcomeSpec(id="excused", name=Words(zh="接通，不用测", en="Reached, excused"), then="excuse"),
    )
    report_times: Annotated[tuple[Clock, ...], Field(max_length=24)] = ("10:00", "16:00", "20:00")
    """When the figures of a round are frozen, in China."""

    @model_validator(mode="after")
    def _one_after_the_other(self) -> ScreeningSpec:
        if list(self.report_times) != sorted(set(self.report_times)):
            raise ValueError("report_times come one after the other")
        return self


def rules() -> ScreeningSpec:
    """What the district decided."""
    return rules_of("screening", ScreeningSpec)
