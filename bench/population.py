"""A district after some years: many cases, cloned by the database from a few that were really driven.

A clone has rows of its own in every table its pattern has rows in, moved in time, with an applicant
of its own. Digests of its journal are those of the pattern.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.db import connection
from django.db.models import Model

from bench.flow import District
from tests import world
from zerotrip.cases import actions
from zerotrip.cases.models import Assignment, Case, Clock, Decision, Material, Submission
from zerotrip.ledger.models import Entry
from zerotrip.licences.models import Licence
from zerotrip.parties.access import SYSTEM
from zerotrip.parties.models import Party, PartyKind

ENTERPRISES = 2_500
SHARES = {"closed": 88, "submitted": 3, "correcting": 1, "reviewing": 5, "deciding": 1, "withdrawn": 2}
"""Of a hundred cases."""


def grow(district: District, cases: int, at: datetime) -> dict[str, Case]:
    """Let there be so many cases. Returns the patterns by where they stand."""
    patterns = {standing: _driven(district, standing, at) for standing in SHARES}
    world.tell_queued()
    firms = [district.firm, *_firms()]
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE firms (n bigint, id uuid)")
        with cursor.copy("COPY firms FROM STDIN") as copy:
            for row in enumerate([firm.pk for firm in firms], 1):
                copy.write_row(row)
        cursor.execute(_COPIES)
        first = 0
        for standing, share in SHARES.items():
            count = cases * share // 100
            days = 700 if patterns[standing].status == "closed" else 12
            cursor.execute(_COPY, [patterns[standing].pk, ENTERPRISES, days, first, first + count - 1])
            first += count
        cursor.execute("CREATE INDEX ON copies (old); ANALYZE copies")
        for statement in _clones():
            cursor.execute(statement)
        cursor.execute("ANALYZE")
    return patterns


_COPIES = "CREATE TEMP TABLE copies (n bigint, old uuid, new uuid, firm uuid, back interval)"
_COPY = """
INSERT INTO copies
SELECT n, %s,
       (lpad(to_hex((extract(epoch FROM now()) * 1000)::bigint), 12, '0') || '7'
        || substr(md5('case' || n), 1, 3) || '8' || substr(md5('case' || n), 4, 15))::uuid,
       (SELECT id FROM firms f WHERE f.n = 1 + series.n %% %s),
       make_interval(mins => (n * 7919 %% (%s * 1440))::int)
FROM generate_series(%s::bigint, %s::bigint) AS series (n)
"""


def _driven(district: District, standing: str, at: datetime) -> Case:
    """A case of the firm that stands there."""
    service = "construction-permit" if standing == "reviewing" else "investment-filing"
    case = world.draft(service, district.firm, district.applicant, at=at)
    actions.submit(case, by=district.applicant, at=at)
    work = world.open_work(case)[0]
    if standing == "withdrawn":
        return actions.withdraw(case, by=district.applicant, at=at)
    if standing == "correcting":
        return actions.request_correction(work, items={"project_name": "请核对"}, by=district.clerk, at=at)
    if standing == "submitted":
        return Case.objects.get(pk=case.pk)
    case = actions.accept(work, by=district.clerk, at=at)
    if standing == "closed":
        actions.grant(world.open_work(case)[0], by=district.leader, at=at)
        actions.issue(case, by=SYSTEM, at=at)
        return actions.deliver(case, by=SYSTEM, at=at)
    return case


def _firms() -> list[Party]:
    return Party.objects.bulk_create(
        Party(
            kind=PartyKind.ENTERPRISE,
            name=f"济南虚构{serial:04}号贸易有限公司",
            uscc=world.uscc(10_000 + serial),
            area_path=world.DISTRICT,
            created_at=world.MORNING,
        )
        for serial in range(ENTERPRISES - 1)
    )


def _clones() -> Iterator[str]:
    number = "'SF-0000-' || lpad(c.n::text, 6, '0')"
    yield _clone(Case, "id", {"id": "c.new", "number": number, "applicant_id": "c.firm"})
    for model in (Submission, Assignment, Clock, Decision):
        fresh = {} if model is Decision else {"id": _fresh("t.id")}
        if model is Clock:  # those of stages belong to the cloned work
            fresh["assignment_id"] = _fresh("t.assignment_id")
        yield _clone(model, "case_id", {"case_id": "c.new", **fresh})
    yield _clone(Entry, "subject", {"subject": "c.new"})
    yield _clone(
        Licence,
        "case_id",
        {
            "id": _fresh("t.id"),
            "case_id": "c.new",
            "holder_id": "c.firm",
            "number": "t.number || '-' || c.n",
            "identifier": "t.identifier || c.n",
            "token": "substr(md5('token' || c.n), 1, 22)",
        },
    )
    columns = [field.column for field in Material._meta.concrete_fields]
    changed = {"id": _fresh("t.id"), "submission_id": _fresh("t.submission_id"), "added_at": "t.added_at - c.back"}
    values = ", ".join(changed.get(column, f"t.{column}") for column in columns)
    yield (
        f"INSERT INTO cases_material ({', '.join(columns)}) SELECT {values} FROM cases_material t"
        " JOIN cases_submission s ON s.id = t.submission_id JOIN copies c ON c.old = s.case_id"
    )


def _fresh(old: str) -> str:
    """An identifier of the clone's row: the same wherever the row is spoken of."""
    return f"md5({old}::text || c.n)::uuid"


def _clone(model: type[Model], case: str, changed: dict[str, str]) -> str:
    """The statement that clones the rows of a table; every moment moves back with the case."""
    columns, values = [], []
    for field in model._meta.concrete_fields:
        moved = field.get_internal_type() == "DateTimeField"
        columns.append(f'"{field.column}"')
        values.append(changed.get(field.column, f't."{field.column}"' + " - c.back" * moved))
    return (
        f"INSERT INTO {model._meta.db_table} ({', '.join(columns)}) SELECT {', '.join(values)}"
        f" FROM {model._meta.db_table} t JOIN copies c ON c.old = t.{case}"
    )
