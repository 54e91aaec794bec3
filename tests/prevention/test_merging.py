"""The same people come of the same rows: in whatever order, however often, and as a reference in Python says."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from itertools import count

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.prevention.emergency import declared
from tests.prevention.handing_in import number, row, taken
from zerotrip.parties import seals
from zerotrip.prevention.models import Person, RosterRow

pytestmark = pytest.mark.django_db

NUMBERS = [number(serial) for serial in range(1, 4)]
PASSPORTS = ["E1000001", "E1000002", "E1000003"]
NAMES, PHONES = ["张虚构", "李假设"], ["13900000001", "13900000002"]


@dataclass
class Known:
    """Somebody, in the reference."""

    key: int
    numbers: set[str] = field(default_factory=set)
    documents: set[str] = field(default_factory=set)
    calls: set[tuple[str, str]] = field(default_factory=set)

    @property
    def identity(self):
        return (
            frozenset(self.numbers),
            frozenset(self.documents),
            frozenset(self.calls) if not self.strong else None,
        )

    @property
    def strong(self) -> bool:
        return bool(self.numbers or self.documents)


Line = tuple[str, str, str, str]
"""Name, number, document, phone."""
UNMERGED = object()


class Reference:
    """The rule, row by row, in plain Python: who each row of a file is about."""

    def __init__(self) -> None:
        self.people: list[Known] = []
        self.keys = count()

    def take(self, lines: list[Line]) -> list[object]:
        beside: dict[str, set[str]] = defaultdict(set)
        papers: dict[str, set[str]] = defaultdict(set)
        for _name, ric, paper, _phone in lines:
            if ric and paper:
                beside[paper].add(ric)
                papers[ric].add(paper)
        holder = {paper: person for person in self.people for paper in person.documents}
        owner = {ric: person for person in self.people for ric in person.numbers}

        def by_number(ric):
            if ric in owner:
                return owner[ric]
            holders = {holder[paper].key: holder[paper] for paper in papers[ric] if paper in holder}
            if not holders:
                return None
            (first, *more) = holders.values()
            alone = all(beside[paper] == {ric} for paper in papers[ric] if paper in holder)
            return UNMERGED if more or first.numbers or not alone else first

        def by_paper(paper):
            if paper in holder:
                return holder[paper]
            if len(beside[paper]) > 1:
                return UNMERGED
            return by_number(*beside[paper]) if beside[paper] else None

        def strong(line):
            _name, ric, paper, _phone = line
            found = [by_number(ric)] * bool(ric) + [by_paper(paper)] * bool(paper)
            if UNMERGED in found or len({id(one) for one in found}) > 1:
                return UNMERGED
            return found[0]

        def bond(line):
            _name, ric, paper, _phone = line
            return ric or next(iter(beside[paper])) if ric or len(beside[paper]) == 1 else paper

        meant = {place: strong(line) for place, line in enumerate(lines) if line[1] or line[2]}
        claims: dict[str, set[int]] = defaultdict(set)
        weak = {one.key: one for one in self.people if not one.strong}
        for place, found in meant.items():
            if found is None:
                name, _ric, _paper, phone = lines[place]
                claims[bond(lines[place])] |= {
                    key for key, one in weak.items() if phone and (name, phone) in one.calls
                }
        fresh: dict[object, Known] = {}
        for claimant, keys in claims.items():
            sole = len(keys) == 1 and sum(keys <= others for others in claims.values()) == 1
            fresh[claimant] = weak[next(iter(keys))] if sole else self.new()
        for place, found in meant.items():
            if found is None:
                meant[place] = fresh[bond(lines[place])]
        by_call: dict[tuple[str, str], dict[int, Known]] = defaultdict(dict)
        for person in self.people:
            for call in person.calls:
                by_call[call][person.key] = person
        for place, found in meant.items():
            if found is not UNMERGED and lines[place][3]:
                by_call[lines[place][0], lines[place][3]][found.key] = found
        made: dict[tuple[str, str], Known] = {}
        for place, (name, ric, paper, phone) in enumerate(lines):
            if not ric and not paper:
                found = by_call.get((name, phone), {})
                if len(found) > 1:
                    meant[place] = UNMERGED
                elif found:
                    (meant[place],) = found.values()
                else:
                    made.setdefault((name, phone), Known(-1))
                    if made[name, phone].key < 0:
                        made[name, phone] = self.new()
                    meant[place] = made[name, phone]
        self.learn(lines, meant)
        return [meant[place] for place in range(len(lines))]

    def new(self) -> Known:
        person = Known(next(self.keys))
        self.people.append(person)
        return person

    def learn(self, lines, meant) -> None:
        """What is not known of somebody yet is taken from the first row that says it."""
        for place, (name, ric, paper, phone) in enumerate(lines):
            person = meant[place]
            if person is UNMERGED:
                continue
            if ric and not person.numbers:
                person.numbers = {ric}
            if paper and not person.documents:
                person.documents = {paper}
            if phone and not person.calls:
                person.calls = {(person_name(person, name), phone)}
            person.__dict__.setdefault("named", name)


def person_name(person: Known, name: str) -> str:
    """Somebody keeps the name they came with."""
    return person.__dict__.setdefault("named", name)


@st.composite
def files(draw, *, most: int = 7, times: int = 3):
    line = st.tuples(
        st.sampled_from(NAMES),
        st.sampled_from(["", *NUMBERS]),
        st.sampled_from(["", *PASSPORTS]),
        st.sampled_from(["", *PHONES]),
    ).filter(lambda one: any(one[1:]))
    return draw(st.lists(st.lists(line, min_size=1, max_size=most), min_size=1, max_size=times))


def handed(lines, district):
    rows = [row(name, ric=ric, kind="护照", document=paper, phone=phone) for name, ric, paper, phone in lines]
    return taken(rows, district.clerk)


def told(file) -> list[object]:
    """Who each row is about, as it was told."""
    rows = RosterRow.objects.filter(file=file).order_by("number")
    return [UNMERGED if one.verdict in ("conflict", "ambiguous") else one.person_id for one in rows]


def alike(found: list[object], meant: list[object]) -> bool:
    """Whether the same rows are about the same people."""
    pairs = list(zip(found, [one if one is UNMERGED else one.key for one in meant], strict=True))
    return len(set(pairs)) == len({a for a, _b in pairs}) == len({b for _a, b in pairs}) and all(
        (a is UNMERGED) == (b is UNMERGED) for a, b in pairs
    )


def everybody():
    """All there are, by what they are known by."""
    rows = Person.objects.values_list("ric_digest", "document_digest", "name_key", "phone")
    return sorted(
        (bytes(ric or b""), bytes(paper or b""), "" if ric or paper else name + phone)
        for ric, paper, name, phone in rows
    )


class _Undone(Exception):
    pass


@pytest.fixture
def once(district):
    """Run something whose writes are undone, for each example."""
    declared(district)

    def run(what):
        try:
            with transaction.atomic():
                what()
                raise _Undone
        except _Undone:
            pass

    return run


SLOWLY = settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@SLOWLY
@given(handed_in=files())
def test_rows_are_about_whom_the_reference_says(district, once, handed_in):
    def check():
        reference = Reference()
        for lines in handed_in:
            meant = reference.take(lines)
            assert alike(told(handed(lines, district)), meant), (lines, [getattr(m, "key", None) for m in meant])
        assert Person.objects.count() == len(reference.people)

    once(check)


@SLOWLY
@given(lines=files(times=1).map(lambda found: found[0]), data=st.data())
def test_the_order_of_rows_and_handing_them_in_again_change_nothing(district, once, lines, data):
    def check():
        seen = []
        for order in (lines, data.draw(st.permutations(lines))):
            handed(order, district)
            seen.append(everybody())
            handed(order, district)
            assert everybody() == seen[-1], "handed in again"
            Person.objects.all().delete()
        assert known(seen[0]) == known(seen[1])

    once(check)


def known(people):
    """By number, else by document, else by name and phone: of two documents, the first one read is kept."""
    return sorted(repr(ric or paper or call) for ric, paper, call in people)


TRUTHS = [
    ("张虚构", NUMBERS[0], "", PHONES[0]),
    ("李假设", NUMBERS[1], "", PHONES[0]),
    ("JOHN DOE", "", PASSPORTS[0], PHONES[1]),
    ("王乌有", "", "", PHONES[1]),
    ("赵某", NUMBERS[2], "", ""),
]


@SLOWLY
@given(
    order=st.permutations(TRUTHS + [(name, "", "", phone) for name, _n, _d, phone in TRUTHS if phone]),
    data=st.data(),
)
def test_files_in_any_order_come_to_the_same_people(district, once, order, data):
    """Whoever is known by number or document here and by name and phone there is one, whichever came first."""
    cuts = sorted(data.draw(st.lists(st.integers(0, len(order)), max_size=3)))

    def check():
        for first, after in zip([0, *cuts], [*cuts, len(order)], strict=True):
            if order[first:after]:
                handed(order[first:after], district)
        assert everybody() == sorted(
            (
                seals.digest(ric) if ric else b"",
                seals.digest(f"passport:{paper}") if paper else b"",
                "" if ric or paper else name + phone,
            )
            for name, ric, paper, phone in TRUTHS
        )

    once(check)
