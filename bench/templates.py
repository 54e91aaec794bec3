"""A driven case as text with places, and what a clone puts into them."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.db import connection
from django.db.models import AutoField, CharField, Model, Q, UniqueConstraint
from psycopg import sql

from zerotrip.cases import clocks
from zerotrip.cases.models import Case, Clock
from zerotrip.duties.models import Obligation, Record
from zerotrip.ledger.actions import canonical
from zerotrip.ledger.models import Chained, Entry
from zerotrip.workdays.queries import calendar_for

if TYPE_CHECKING:
    from uuid import UUID

    from bench.patterns import Office, Pattern, Side

HERE: dict[type[Model], str] = {Obligation: "subject"}
"""What belongs to a case by its key alone."""
_MOMENT = r"(?P<moment>20\d\d-\d\d-\d\d[ T]\d\d:\d\d:\d\d)"
_UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_DAY = r"(?P<day>(?<![\d-])20\d\d-\d\d-\d\d(?![\d-]))"
Rows = dict[type[Model], dict[Any, Model]]


class Template:
    """A pattern as text: for each table its rows, for each chain of the journal its lines."""

    def __init__(self, pattern: Pattern, office: Office, side: Side) -> None:
        case = pattern.case
        self.stand, self.share = pattern.stand, pattern.share
        self.opened_at = _plain(case.opened_at)
        self.moments: dict[str, tuple[str, datetime]] = {}
        self.days: dict[str, tuple[str, datetime]] = {}
        self.ids: list[str] = []
        self.unique: dict[str, str] = {}
        self.staff: list[tuple[tuple[Any, str], int, str, str]] = []
        rows = _rows_of(case)
        tables = {model: _copied(model, found) for model, found in rows.items() if found}
        chains = [(row, _entry_lines(row.pk)) for row in _each(rows) if isinstance(row, Chained)]
        said = "".join([*tables.values(), *(line for _row, lines in chains for line in lines)])
        self._places = self._named(case, rows, office, side, said)
        self._anything = self._recogniser()
        self.chains = [self._chain(row, lines) for row, lines in chains]
        self.tables = {model: self._text(text) for model, text in tables.items()}
        self._clocks = [clock for clock in rows.get(Clock, {}).values() if isinstance(clock, Clock)]
        self._calendar = calendar_for(case.area_path)
        self._due: dict[int, dict[str, str]] = {}

    @property
    def exact(self) -> bool:
        """Whether minutes matter: a clock counts hours, or half days."""
        return any("day" not in clock.unit or clock.amount % 1 for clock in self._clocks)

    def _named(self, case: Case, rows: Rows, office: Office, side: Side, said: str) -> dict[str, str]:
        """The texts of the pattern that are replaced, each with the name of its place; ``said``: all of it."""
        applicant = side.firm if case.applicant_id == side.firm.pk else side.person
        self.is_firm = applicant is side.firm
        places = {str(applicant.pk): "applicant", applicant.name: "applicant_name", case.number: "number"}
        places |= {str(side.actor.user_id): "agent", side.actor.name: "agent_name"}
        for post, people in office.staff.items():
            for number, user in enumerate(people):
                if str(user.pk) not in said and user.person.name not in said:
                    continue
                ours = f"s{len(self.staff)}", f"n{len(self.staff)}"
                places |= {str(user.pk): ours[0], user.person.name: ours[1]}
                self.staff.append((post, number, *ours))
        for row in _each(rows):
            if _has_key_of_its_own(type(row)) and str(row.pk) not in places:
                self.ids.append(f"u{len(self.ids)}")
                places[str(row.pk)] = self.ids[-1]
            for text in (str(getattr(row, name)) for name in _unique_texts(type(row))):
                if text not in places:
                    places[text] = f"q{len(self.unique)}"
                    self.unique[places[text]] = text
        for row in _each(rows):
            if isinstance(row, Chained):
                places[bytes(row.ledger_head).hex()] = f"head_{places[str(row.pk)]}"
        if len(case.subject) > 3:
            places.setdefault(case.subject, "subject")
        if case.area_path.count("/") > 3:
            places[case.area_path] = "area"
        return places

    def _recogniser(self) -> re.Pattern[str]:
        """Finds what is replaced. Keys are looked up, all else is spelled out, the longest first."""
        written = (text for text in self._places if not re.fullmatch(_UUID, text))
        return re.compile("|".join([_MOMENT, _UUID, *map(re.escape, sorted(written, key=len, reverse=True)), _DAY]))

    def _chain(self, row: Chained, written: list[str]) -> tuple[str, list[tuple[str, str]]]:
        """The place of the head of a chain; of each entry what is digested, and its line in the table."""
        entries = Entry.objects.filter(subject=row.pk).order_by("seq")
        lines = []
        for entry, line in zip(entries, written, strict=True):
            parts = line.split(bytes(entry.digest).hex())
            lines.append((self._text(canonical(entry)), "%(digest)s".join(map(self._text, parts))))
        return self._places[bytes(row.ledger_head).hex()], lines

    def _text(self, text: str) -> str:
        return self._anything.sub(self._place, text.replace("%", "%%"))

    def _place(self, found: re.Match[str]) -> str:
        text = found[0]
        if found["moment"]:
            name = self.moments.setdefault(text, (f"t{len(self.moments)}", datetime.fromisoformat(text)))[0]
        elif found["day"]:
            name = self.days.setdefault(text, (f"d{len(self.days)}", datetime.fromisoformat(text)))[0]
        elif (name := self._places.get(text, "")) == "":
            return text
        return f"%({name})s"

    def due(self, weeks: int) -> dict[str, str]:
        """When the clocks end of a clone that began so many weeks earlier, by what the pattern says."""
        if weeks not in self._due:
            back, found = timedelta(weeks=weeks), {}
            for clock in self._clocks:
                moved = copy.copy(clock)
                moved.started_at = clock.started_at - back
                moved.pauses = [[_back(a, back), _back(b, back), *rest] for a, b, *rest in clock.pauses]
                moved.extensions = [[_back(at, back), *rest] for at, *rest in clock.extensions]
                clocks.reset(moved, self._calendar)
                for before, after in ((clock.due_at, moved.due_at), (clock.warn_at, moved.warn_at)):
                    if before and after:
                        found |= {_plain(before).isoformat(m): _plain(after).isoformat(m) for m in " T"}
            self._due[weeks] = found
        return self._due[weeks]


def _each(rows: Rows) -> Iterator[Model]:
    for found in rows.values():
        yield from found.values()


def _back(moment: str | None, by: timedelta) -> str | None:
    return (datetime.fromisoformat(moment) - by).isoformat() if moment else None


def _plain(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(tzinfo=None)


def owned_models() -> list[type[Model]]:
    """The models whose rows belong to a case, parents before children: found by their foreign keys."""
    owned: list[type[Model]] = [Case, *HERE, Record]
    growing = True
    while growing:
        growing = False
        for model in apps.get_models():
            if model not in owned and model._meta.managed and _ways_to(model, owned):
                owned.append(model)
                growing = True
    return owned


def _ways_to(model: type[Model], owned: Sequence[type[Model]]) -> list[str]:
    """The foreign keys of a model into what a case owns."""
    return [
        item.attname
        for item in model._meta.concrete_fields
        if item.remote_field is not None
        and item.remote_field.model in owned
        and item.remote_field.model is not model
    ]


def _rows_of(case: Case) -> Rows:
    """Everything that belongs to a case, by model and key."""
    owned = owned_models()
    rows: Rows = {Case: {case.pk: case}}
    for model in owned[1:]:
        wanted = Q(**{HERE[model]: case.pk}) if model in HERE else Q(pk__in=[])
        for way in _ways_to(model, owned):
            parent = model._meta.get_field(way.removesuffix("_id")).related_model
            wanted |= Q(**{f"{way}__in": list(rows.get(parent, {}))})
        rows[model] = {row.pk: row for row in model._default_manager.filter(wanted)}
    return rows


def _has_key_of_its_own(model: type[Model]) -> bool:
    """Whether the key of a row is its own, and not that of what it belongs to or one that is counted up."""
    return model._meta.pk.remote_field is None and not isinstance(model._meta.pk, AutoField)


def _unique_texts(model: type[Model]) -> list[str]:
    """The columns of text that tell rows apart, of which a clone needs its own."""
    names = [
        f.attname
        for f in model._meta.concrete_fields
        if f.unique and isinstance(f, CharField) and not f.primary_key
    ]
    for constraint in model._meta.constraints:
        if isinstance(constraint, UniqueConstraint) and constraint.fields:
            fields = [model._meta.get_field(name) for name in constraint.fields]
            if all(item.remote_field is None and isinstance(item, CharField) for item in fields):
                names.append(fields[-1].attname)
    return names


def columns(model: type[Model]) -> list[str]:
    """The columns that are written: all but those the database counts up itself."""
    return [item.column for item in model._meta.concrete_fields if item.column and not isinstance(item, AutoField)]


def _copied(model: type[Model], keys: Iterable[Any]) -> str:
    """Rows as COPY writes them."""
    query = sql.SQL("COPY (SELECT {} FROM {} WHERE {} = ANY({})) TO STDOUT").format(
        sql.SQL(", ").join(map(sql.Identifier, columns(model))),
        sql.Identifier(model._meta.db_table),
        sql.Identifier(model._meta.pk.column),
        list(keys),
    )
    return _copy_out(query)


def _entry_lines(subject: UUID) -> list[str]:
    query = sql.SQL("COPY (SELECT {} FROM ledger_entry WHERE subject = {} ORDER BY seq) TO STDOUT").format(
        sql.SQL(", ").join(map(sql.Identifier, columns(Entry))), subject
    )
    return _copy_out(query).splitlines(keepends=True)


def _copy_out(query: sql.Composed) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL timezone TO 'UTC'" if connection.in_atomic_block else "SET timezone TO 'UTC'")
        with cursor.copy(query) as found:
            return b"".join(bytes(part) for part in found).decode()
