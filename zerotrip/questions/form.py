"""A form: parsed once, then checked, read from a page, bound to a page, shown and protected."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from zerotrip.criteria import FactKind, FactType, Rule, Truth
from zerotrip.questions import binding, kinds, sealing
from zerotrip.questions.checking import Answers, Checker
from zerotrip.questions.fields import FieldSpec, Kind, SectionSpec

if TYPE_CHECKING:
    from django.http import QueryDict

    from zerotrip.questions.binding import Bound

FACT_KINDS: dict[Kind, FactKind] = {
    Kind.TEXT: FactKind.TEXT,
    Kind.NUMBER: FactKind.NUMBER,
    Kind.MONEY: FactKind.MONEY,
    Kind.DATE: FactKind.DATE,
    Kind.CHOICE: FactKind.CHOICE,
    Kind.MULTI_CHOICE: FactKind.SET,
    Kind.YES_NO: FactKind.BOOLEAN,
}
"""Fields that criteria can ask about."""


@dataclass(frozen=True)
class Field:
    """One field with its conditions parsed."""

    spec: FieldSpec
    when: Rule | None
    required: Rule | bool
    fields: tuple[Field, ...] = ()
    since: Field | None = None
    """The date this one may not precede."""

    @property
    def id(self) -> str:
        """The name of the field."""
        return self.spec.id

    @property
    def kind(self) -> Kind:
        """What it asks for."""
        return self.spec.kind

    def is_asked(self, facts: Answers) -> bool:
        """Whether it is asked, given what was answered before."""
        return self.when is None or self.when.explain(facts).truth is Truth.YES

    def is_required(self, facts: Answers) -> bool:
        """Whether it must be answered, given what was answered before."""
        if isinstance(self.required, bool):
            return self.required
        return self.required.explain(facts).truth is Truth.YES


@dataclass(frozen=True)
class Section:
    """Fields on one page."""

    spec: SectionSpec
    fields: tuple[Field, ...]

    @property
    def id(self) -> str:
        """The name of the section."""
        return self.spec.id

    @property
    def title(self) -> str:
        """The title in the reader's language."""
        return str(self.spec.title)


@dataclass(frozen=True)
class Checked:
    """What a check gives back: clean values of the fields that are asked, and problems by place."""

    values: dict[str, Any]
    problems: dict[str, list[str]]


class Form:
    """Sections of fields."""

    def __init__(self, sections: Sequence[Section]) -> None:
        self.sections = tuple(sections)
        self.fields = {item.id: item for section in self.sections for item in section.fields}

    def check(self, answers: object, *, today: date | None = None, files: Collection[str] | None = None) -> Checked:
        """Clean values and problems of ``answers``, whatever they are. Never raises.

        Fields that are not asked are dropped, computed ones worked out. ``files`` are the names of
        file fields that have a file; without it, file fields are not judged.
        """
        given = answers if isinstance(answers, Mapping) else {}
        checker = Checker(today, files)
        values = checker.fields(self.fields.values(), given, {})
        return Checked(values, checker.problems)

    def initial(self, *, known: Mapping[str, Mapping[str, Any]] | None = None) -> dict[str, Any]:
        """The answers a new draft begins with: defaults and what is known of the applicant."""
        known = known or {}
        values: dict[str, Any] = {}
        for item in self.fields.values():
            value: Any = item.spec.default
            if item.spec.default_from:
                who, what = item.spec.default_from.split(".")
                value = known.get(who, {}).get(what) or value
            if value is not None:
                values[item.id] = value
        return values

    def vocabulary(self) -> dict[str, FactType]:
        """The fields criteria may ask about, with their types."""
        return vocabulary_of(self.fields.values())

    def places(self) -> tuple[str, ...]:
        """The names of all fields."""
        return tuple(self.fields)

    def text_at(self, values: Answers, name: str) -> str:
        """The value of a field as one line of text."""
        return kinds.display(self.fields[name].spec, values.get(name)).replace("\n", " ")

    def select(self, *, section: str | None = None, names: Collection[str] | None = None) -> list[Field]:
        """The fields of one section, or those of these names, in order."""
        fields = [f for part in self.sections if section in (None, part.id) for f in part.fields]
        return [item for item in fields if names is None or item.id in names]

    def read_post(
        self,
        data: QueryDict,
        *,
        section: str | None = None,
        names: Collection[str] | None = None,
        prefix: str = "",
    ) -> dict[str, Any]:
        """The answers a page sent, unchecked. Rows of groups can be added and removed by buttons. ``prefix``
        stands before the names of the controls."""
        return {
            item.id: binding.read(item, data, f"{prefix}{item.id}")
            for item in self.select(section=section, names=names)
            if item.kind is not Kind.FILE and item.spec.computed is None
        }

    @staticmethod
    def asks_for_rows(data: QueryDict) -> bool:
        """Whether the page's button was one that adds or removes a row."""
        return any(key.startswith(("add-", "remove-")) for key in data)

    def bind(
        self,
        answers: Answers,
        *,
        section: str | None = None,
        names: Collection[str] | None = None,
        problems: Mapping[str, list[str]] | None = None,
        prefix: str = "",
    ) -> list[Bound]:
        """The fields that are asked now, ready for the page. ``prefix`` stands before the names of the controls."""
        facts = self.check(answers).values
        return [
            binding.bind(item, answers.get(item.id), facts, f"{prefix}{item.id}", problems or {})
            for item in self.select(section=section, names=names)
            if item.is_asked(facts)
        ]

    def show(
        self, values: Answers, *, area_name: Callable[[str], str] = str
    ) -> list[tuple[Section, list[tuple[str, Field, str]]]]:
        """What was answered, section by section: place, field, text. Rows of groups one after another."""
        facts = self.check(values).values
        return [(section, list(_show(section.fields, values, facts, "", area_name))) for section in self.sections]

    def protect(
        self, answers: Answers, *, seal: Callable[[str], str], mask: Callable[[str], str], before: Answers
    ) -> dict[str, Any]:
        """The answers as they may be stored: every whole identity number as ``{"masked": …, "sealed": …}``.

        A number sent back as its mask, or sealed, is the one kept ``before``; a seal from elsewhere is
        dropped. What the database refuses, such as NUL, becomes U+FFFD and fails the check.
        """
        keeper = sealing.Keeper(seal, mask)
        return {
            name: keeper.protect(self.fields[name], value, before.get(name)) if name in self.fields else value
            for name, value in sealing.storable(dict(answers)).items()
        }


def vocabulary_of(fields: Iterable[Field]) -> dict[str, FactType]:
    """The types of those fields that criteria may ask about."""
    return {
        item.id: FactType(
            FACT_KINDS[item.kind],
            str(item.spec.label),
            frozenset(choice.value for choice in item.spec.choices) or None,
        )
        for item in fields
        if item.kind in FACT_KINDS
    }


def _show(
    fields: Collection[Field],
    values: Answers,
    facts: Answers,
    prefix: str,
    area_name: Callable[[str], str],
) -> Iterator[tuple[str, Field, str]]:
    for item in fields:
        if not item.is_asked(facts):
            continue
        place, value = f"{prefix}{item.id}", values.get(item.id)
        if item.kind is not Kind.GROUP:
            if item.kind is not Kind.FILE:
                shown = facts.get(item.id) if item.spec.computed else value
                yield place, item, kinds.display(item.spec, shown, area_name=area_name)
            continue
        for number, row in enumerate(value if isinstance(value, list) else []):
            if isinstance(row, Mapping):
                known = {**facts, **Checker().fields(item.fields, row, facts)}
                yield from _show(item.fields, row, known, f"{place}.{number}.", area_name)
