"""Fields on a page: what the template needs, and what the page sends back."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from zerotrip.questions import kinds
from zerotrip.questions.checking import Answers, Checker
from zerotrip.questions.fields import FieldSpec, Kind

if TYPE_CHECKING:
    from django.http import QueryDict

    from zerotrip.questions.form import Field


@dataclass
class Bound:
    """A field on a page: what the template needs, with the logic done."""

    field: Field
    place: str
    value: Any
    text: str
    required: bool
    problems: list[str]
    options: list[tuple[str, str, bool]] = dataclasses.field(default_factory=list)
    rows: list[list[Bound]] = dataclasses.field(default_factory=list)
    fixed: str = ""
    """Where the value comes from, if nobody types it: it is shown and not asked."""

    @property
    def shown(self) -> str:
        """The value as it reads."""
        return kinds.display(self.spec, self.value)

    @property
    def spec(self) -> FieldSpec:
        """The declaration: label, help, unit, width …"""
        return self.field.spec

    @property
    def kind(self) -> str:
        """The kind as a plain word, for the template to switch on."""
        return self.field.kind.value

    @property
    def name(self) -> str:
        """The name of the control, and the id the error summary links to."""
        return self.place.replace(".", "-")

    @property
    def described_by(self) -> str:
        """Ids of the help and the problem, for aria-describedby."""
        parts = [f"{self.name}-help"] if self.spec.help and not self.fixed else []
        return " ".join([*parts, f"{self.name}-problem"] if self.problems else parts)

    @property
    def parts(self) -> dict[str, str]:
        """The parts of an address or an enterprise as typed."""
        value = self.value if isinstance(self.value, dict) else {}
        return {key: part if isinstance(part, str) else "" for key, part in value.items()}

    @property
    def input_mode(self) -> str:
        """The keyboard a phone should show."""
        return {Kind.NUMBER: "decimal", Kind.MONEY: "decimal", Kind.PHONE: "tel"}.get(self.field.kind, "text")


def bind(item: Field, value: Any, facts: Answers, place: str, problems: Mapping[str, list[str]]) -> Bound:
    """One field with its answer; ``facts`` are the clean answers it hangs on."""
    if item.spec.computed is not None:
        value = facts.get(item.id)
    bound = Bound(
        field=item,
        place=place,
        value=value,
        text=_typed(value),
        required=item.is_required(facts),
        problems=list(problems.get(place, [])),
    )
    if item.kind in (Kind.CHOICE, Kind.MULTI_CHOICE):
        chosen = value if isinstance(value, list) else [value]
        bound.options = [(c.value, str(c.label), c.value in chosen) for c in item.spec.choices]
    if item.kind is Kind.YES_NO:
        bound.options = [("yes", _("是"), value is True), ("no", _("否"), value is False)]
    if item.kind is Kind.GROUP:
        bound.rows = _bind_rows(item, value, facts, place, problems)
    return bound


def _bind_rows(
    item: Field, value: Any, facts: Answers, place: str, problems: Mapping[str, list[str]]
) -> list[list[Bound]]:
    rows = [row for row in value if isinstance(row, Mapping)] if isinstance(value, list) else []
    rows += [{}] * (max(item.spec.rows_at_least, 1) - len(rows))
    bound: list[list[Bound]] = []
    for number, row in enumerate(rows):
        known = {**facts, **Checker().fields(item.fields, row, facts)}
        bound.append(
            [
                bind(part, row.get(part.id), known, f"{place}.{number}.{part.id}", problems)
                for part in item.fields
                if part.is_asked(known)
            ]
        )
    return bound


def _typed(value: Any) -> str:
    """What the control holds: the text as typed, or the mask of a sealed number."""
    if kinds.is_protected(value):
        return str(value["masked"])
    return kinds.as_typed(value)


def read(item: Field, data: QueryDict, name: str) -> Any:
    """What the page sent for one field, unchecked."""
    if item.kind is Kind.GROUP:
        return _read_rows(item, data, name)
    if item.kind is Kind.MULTI_CHOICE:
        return data.getlist(name)
    if item.kind is Kind.YES_NO:
        return {"yes": True, "no": False}.get(data.get(name, ""))
    if item.kind is Kind.ADDRESS:
        return {"area": data.get(f"{name}-area", ""), "detail": data.get(f"{name}-detail", "")}
    if item.kind is Kind.ENTERPRISE:
        return {"uscc": data.get(f"{name}-uscc", ""), "name": data.get(f"{name}-name", "")}
    return data.get(name, "")


def _read_rows(item: Field, data: QueryDict, name: str) -> list[dict[str, Any]]:
    pattern = re.compile(rf"{re.escape(name)}-([0-9]{{1,3}})-")
    numbers = sorted({int(match[1]) for key in data if (match := pattern.match(key))})
    rows = [
        {part.id: read(part, data, f"{name}-{number}-{part.id}") for part in item.fields}
        for number in numbers[: item.spec.rows_at_most + 1]
        if f"remove-{name}-{number}" not in data
    ]
    return [*rows, {}] if f"add-{name}" in data else rows
