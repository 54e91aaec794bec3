"""Two phones away from the network: whatever their outboxes go through, the server ends at the same rows.

Nothing is lost, nothing doubled, and what is not taken in is named with its reason.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests import world
from tests.duties.standing import roster
from tests.prevention.emergency import declared
from tests.prevention.gates import passing
from tests.prevention.inspections import looking
from tests.prevention.leaflets import sent
from tests.prevention.screening import sampling
from tests.prevention.venues import doors
from tests.web.field.phones import FIRST_PAGE, Phone, milliseconds, record
from zerotrip.duties.models import Due, Report
from zerotrip.duties.standing.materialising import open_window
from zerotrip.duties.standing.schedule import Span
from zerotrip.facts.models import Standing
from zerotrip.prevention.inspections import actions as inspections
from zerotrip.prevention.leaflets import sending
from zerotrip.prevention.models import (
    Declared,
    Inspection,
    InspectionItem,
    Leaflet,
    Passage,
    Person,
    Receipt,
    Sample,
    Site,
    Tube,
    VenueScan,
)

pytestmark = pytest.mark.django_db
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SLOW = (timedelta(), timedelta(minutes=9))
"""By how much the clocks of the two phones are behind."""
TOGETHER = (
    ("sample", "seal"),
    ("passage", "leaving", "leaving"),
    ("finding", "finding", "receipt"),
    ("door", "report"),
    tuple(FIRST_PAGE),
)
"""Kinds that get in each other's way, and all of them."""
Deed = tuple[int, str, int, bool]
"""On which phone, what, of whom or what, and whether it is the odd case: taken out, ill, a wrong name."""


@dataclass
class Place:
    """Where both work, and what they have to do there."""

    gate: Site
    door: Site
    point: Site
    people: list[Person]
    firm: str
    window: int
    leaflet: Leaflet
    inspection: Inspection

    def did(self, kind: str, which: int, odd: bool, passages: list[str]) -> dict[str, Any]:
        """The payload of a record."""
        usual = dict(FIRST_PAGE[kind])
        tube = {"point": str(self.point.pk), "tube": "ZT0001", "capacity": 5}
        who = self.people[which]
        match kind:
            case "passage":
                return usual | {"gate": str(self.gate.pk), "temperature": "38.5" if odd else "36.5"}
            case "leaving":
                return {"passage": passages[-1 - which % len(passages[-2:])] if passages else usual["passage"]}
            case "door":
                return usual | {"site": str(self.door.pk), "number": "x" if odd else f"1390000000{which}"}
            case "report":
                answers = {} if odd else {"told": f"第 {which} 次"}
                return {"window": self.window, "subject": self.firm, "answers": answers}
            case "sample":
                return tube | {"person": str(who.pk), "out": odd}
            case "seal":
                return tube
            case "finding":
                item = looking.RULES["lists"][0]["items"][which % 3]["id"]
                told = {"found": "defect", "note": f"第 {which} 次看"} if odd else {"found": "ok", "note": ""}
                return {"inspection": str(self.inspection.pk), "item": item, **told}
            case "receipt":
                told = {"name": "别人" if odd else who.name, "on_behalf": ""}
                return {"leaflet": str(self.leaflet.pk), "person": str(who.pk), **told}
            case "aside":
                return usual
        raise AssertionError(kind)

    def records(self, deeds: list[Deed], now: datetime) -> list[tuple[int, dict[str, Any]]]:
        """What two phones wrote down, a second apart, one by a clock that is behind and knows by how much."""
        begun, made, passages = now - timedelta(hours=5), [], []
        for place, (phone, kind, which, odd) in enumerate(deeds):
            at = begun + timedelta(seconds=place)
            one = record(kind, self.did(kind, which, odd, passages), at=at)
            passages += [one["id"]] if kind == "passage" and not odd else []
            behind = milliseconds(EPOCH + SLOW[phone])
            made.append((phone, one | {"made": one["made"] | {"at": milliseconds(at) - behind}, "off": behind}))
        return made

    def rows(self) -> dict[str, Any]:
        """What the server has."""
        tube = Tube.objects.filter(pk="ZT0001").first()
        (due,) = Due.objects.filter(window=self.window)
        return {
            "passages": set(Passage.objects.values_list("pk", "entered_at", "left_at", "left_id")),
            "doors": set(VenueScan.objects.values_list("pk", "at", "outcome")),
            "reports": set(Report.objects.values_list("pk", "at")),
            "done": due.done,
            "in tubes": set(Sample.objects.values_list("person", "counts")),
            "tube": (tube.taken, tube.over, tube.sealed_at) if tube else None,
            "found": set(InspectionItem.objects.values_list("item", "found", "note", "found_at")),
            "read": set(
                Receipt.objects.filter(read_at__isnull=False).values_list("subject", "read_at", "signature")
            ),
        }


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture
def place(district, now) -> Place:
    begun = now - timedelta(days=1)
    declared(district, at=begun)
    Declared.objects.update_or_create(pack="tests", name="inspections", defaults={"definition": looking.RULES})
    people, point, door = sampling.people(8), sampling.point(), doors.site()
    Standing.objects.create(party=district.firm, area_path=district.firm.area_path, derived_at=world.MORNING)
    asked = {"id": "told", "kind": "text", "label": {"zh": "说明"}}
    sections = [{"id": "day", "title": {"zh": "今天"}, "fields": [asked]}]
    leaflets = roster.spec("notice-people", who="person", act="receipt", by_hand=True)
    duty, _leaflets = roster.declared(roster.spec(sections=sections, records=3), leaflets)
    window = open_window(duty, Span(begun, now + timedelta(hours=3)), area_path=world.DISTRICT, at=begun)
    leaflet = sent.made(district, at=begun)
    sending.work(leaflet.pk, at=begun)
    two = {"second": district.leader.account, "by": district.clerk, "at": begun}
    return Place(
        gate=passing.gate(),
        door=door,
        point=point,
        people=people,
        firm=str(district.firm.pk),
        window=window.pk,
        leaflet=leaflet,
        inspection=inspections.start(door.pk, checklist="venue", key=sent.new_id(), **two),
    )


@st.composite
def outboxes(draw):
    """What two phones did, and how their batches arrive: cut, mixed, doubled, late."""
    kinds = draw(st.sampled_from(TOGETHER))
    deed = st.tuples(st.integers(0, 1), st.sampled_from(kinds), st.integers(0, 7), st.booleans())
    deeds = draw(st.lists(deed, min_size=4, max_size=10))
    order = draw(st.permutations(range(len(deeds))))
    again = draw(st.lists(st.sampled_from(range(len(deeds))), max_size=6))
    cuts = draw(st.sets(st.integers(1, 15), max_size=4))
    return deeds, [*order, *again], cuts


def handed_in(phones, batches, now) -> dict[str, dict[str, Any]]:
    """The last verdict of each record, sent batch by batch, what was put off once more until nothing changes."""
    last: dict[str, dict[str, Any]] = {}
    waiting, turn = list(batches), 0
    while waiting:
        batch, turn = waiting.pop(0), turn + 1
        for number, phone in enumerate(phones):
            mine = [one for whose, one in batch if whose == number]
            # The phone's clock as it sends says something else each time; the moment stays.
            at = now + timedelta(seconds=turn) - SLOW[number]
            for verdict in phone.sends(*mine, at=at)["verdicts"] if mine else ():
                last[verdict["id"]] = verdict
        if not waiting and turn <= len(batches):
            put_off = [pair for each in batches for pair in each if last[pair[1]["id"]]["state"] == "later"]
            waiting = [put_off] if put_off else []
    return last


def named(verdicts: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """What phones were told in the end: taken in, or why not and where."""
    return {
        key: "in" if one["state"] in ("accepted", "already") else (one["state"], one["reason"], one.get("fields"))
        for key, one in verdicts.items()
    }


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(outboxes())
@example(([(0, "passage", 0, False), (0, "leaving", 0, False), (1, "leaving", 0, False)], [0, 2, 1], {1, 2}))
@example(([(0, "finding", 0, True), (1, "finding", 0, False)], [1, 0], {1}))
def test_any_interleaving_of_two_outboxes_ends_at_the_same_rows(place, district, now, drawn):
    deeds, arrives, cuts = drawn
    phones = (Phone(district.clerk), Phone(district.leader))
    records = place.records(deeds, now)
    with transaction.atomic():
        told = named(handed_in(phones, [[pair] for pair in records], now))
        wanted = place.rows()
        transaction.set_rollback(True)
    by_kind = {
        kind: {one["id"] for _phone, one in records if one["kind"] == kind and told[one["id"]] == "in"}
        for kind in FIRST_PAGE
    }
    assert {str(row[0]) for row in wanted["passages"]} == by_kind["passage"]
    assert {str(row[0]) for row in wanted["doors"]} == by_kind["door"]
    assert {str(row[0]) for row in wanted["reports"]} == by_kind["report"]
    assert all(reason for _state, reason, _fields in (each for each in told.values() if each != "in"))
    for phone in phones:
        phone.number = None
    with transaction.atomic():
        edges = [0, *sorted(cut for cut in cuts if cut < len(arrives)), len(arrives)]
        batches = [[records[which] for which in arrives[a:b]] for a, b in pairwise(edges)]
        assert named(handed_in(phones, batches, now)) == told
        found = place.rows()
        transaction.set_rollback(True)
    assert found == wanted
