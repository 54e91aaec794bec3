"""A licence on its way on paper, and a courier that does not exist."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests import world
from tests.district import District
from zerotrip.cases import actions as cases
from zerotrip.cases.models import Case, Verdict
from zerotrip.licences.post import actions
from zerotrip.licences.post.couriers import Report
from zerotrip.licences.post.models import Label, Shipment
from zerotrip.licences.post.states import EventKind, Source
from zerotrip.parties.access import SYSTEM

AT = world.MORNING
"""When the licence is issued."""
ANNA = {"recipient": "林知远", "phone": "13800000001", "address": "济南市示范区虚构路 1 号 2 单元"}


def later(**how: float) -> datetime:
    """So long after the licence was issued."""
    return AT + timedelta(**how)


@pytest.fixture
def granted(district: District) -> Callable[..., Case]:
    """Makes cases that are granted, wanted by post unless said otherwise."""

    def make(way: str = "post", **to: str) -> Case:
        service = "construction-permit" if way == "counter" else "pesticide-change"
        case = world.draft(service, district.firm, district.applicant)
        actions.choose(case, way=way, to={**ANNA, **to}, by=district.applicant, at=AT)
        cases.submit(case, by=district.applicant, at=AT)
        (intake,) = world.open_work(case)
        cases.accept(intake, by=district.clerk, at=AT)
        hands = {
            "agriculture": district.agriculture,
            "housing": district.housing,
            "fire": district.fire,
            "civil-defence": district.defence,
        }
        for work in world.open_work(case, "review"):
            cases.review(work, verdict=Verdict.PASS, by=hands[work.department.code], at=AT)
        (decision,) = world.open_work(case)
        return cases.grant(decision, by=district.leader, at=AT)

    return make


@pytest.fixture
def parcel(granted) -> Callable[..., Shipment]:
    """Makes parcels of issued licences."""

    def make(way: str = "post", **to: str) -> Shipment:
        case = granted(way, **to)
        cases.issue(case, by=SYSTEM, at=AT)
        return Shipment.objects.get(case=case)

    return make


@pytest.fixture
def sent(district: District, parcel) -> Callable[..., Shipment]:
    """Makes parcels that are with the courier."""

    def make(**to: str) -> Shipment:
        shipment = parcel(**to)
        batch = actions.make_batch([shipment.pk], by=district.clerk, at=later(minutes=1))
        actions.hand_over(batch, number_of(shipment), by=district.clerk, at=later(minutes=2))
        return fresh(shipment)

    return make


def fresh(shipment: Shipment) -> Shipment:
    """As it now stands."""
    return Shipment.objects.select_related("case").get(pk=shipment.pk)


def number_of(shipment: Shipment) -> str:
    """The tracking number that counts."""
    return Label.objects.get(shipment=shipment, ended_at=None).tracking


def told(
    shipment_or_number: Shipment | str, kind: EventKind | str, at: datetime, id: str = "", **more: Any
) -> Report:
    """What a courier says."""
    tracking = shipment_or_number if isinstance(shipment_or_number, str) else number_of(shipment_or_number)
    return Report(id=id or f"{kind}-{at:%d%H%M%S}", tracking=tracking, kind=kind, at=at, **more)


def hear(*reports: Report, at: datetime | None = None) -> actions.Taken:
    """The courier says it."""
    return actions.take(reports, source=Source.WEBHOOK, at=at or later(days=9))
