"""A form: parsed once, then checked, read from a page, bound to a page, shown and protected."""

from __future__ import annotations

import functools
import operator
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from pydantic import ValidationError

from zerotrip.criteria import FactKind, FactType, Fault, Faults, Rule, Truth
from zerotrip.criteria import parse as parse_rule
from zerotrip.questions import kinds
from zerotrip.questions.fields import FieldSpec, Kind, SectionSpec

if TYPE_CHECKING:
    from django.http import QueryDict

Answers = Mapping[str, Any]
Place = tuple[str | int, ...]

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

NUMBERS = (Kind.NUMBER, Kind.MONEY)


@dataclass(frozen=True)
class Field:
    """One field with its conditions parsed."""

    spec: FieldSpec
    when: Rule | None
    required: Rule | bool
    fields: tuple[Field, ...] = ()
    steers: bool = False
    """Other fields, or their being required, hang on this one."""

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


@dataclass
class Bound:
    """A field on a page: what the template needs, with the logic done."""

    field: Field
    place: str
    value: Any
    text: str
    required: bool
    problems: list[str]
    options: list[tuple[str, str, bool]] = field(default_factory=list)
    rows: list[list[Bound]] = field(default_factory=list)

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
        parts = [f"{self.name}-help"] if self.spec.help else []
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


class Form:
    """Sections of fields."""

    def __init__(self, sections: Sequence[Section]) -> None:
        self.sections = tuple(sections)
        self.fields = {item.id: item for section in self.sections for item in section.fields}

    def check(
        self, answers: object, *, today: date | None = None, files: Collection[str] | None = None
    ) -> Checked:
        """Clean values and problems of ``answers``, whatever they are. Never raises.

        Fields that are not asked are dropped, computed ones worked out. ``files`` are the names of
        file fields that have a file; without it, file fields are not judged.
        """
        given = answers if isinstance(answers, Mapping) else {}
        checker = _Checker(today, files)
        values = checker.fields(self.fields.values(), given, {}, "")
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
        return _vocabulary(self.fields.values())

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
        self, data: QueryDict, *, section: str | None = None, names: Collection[str] | None = None
    ) -> dict[str, Any]:
        """The answers a page sent, unchecked. Rows of groups can be added and removed by buttons."""
        return {
            item.id: _read(item, data, item.id)
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
    ) -> list[Bound]:
        """The fields that are asked now, ready for the page."""
        facts = self.check(answers).values
        return [
            _bind(item, answers.get(item.id), facts, item.id, problems or {})
            for item in self.select(section=section, names=names)
            if item.is_asked(facts)
        ]

    def show(
        self, values: Answers, *, area_name: Callable[[str], str] = str
    ) -> list[tuple[Section, list[tuple[str, Field, str]]]]:
        """What was answered, section by section: place, field, text. Rows of groups one after another."""
        facts = self.check(values).values
        return [
            (section, list(_show(section.fields, values, facts, "", area_name))) for section in self.sections
        ]

    def protect(
        self, answers: Answers, *, seal: Callable[[str], str], mask: Callable[[str], str], before: Answers
    ) -> dict[str, Any]:
        """The answers with every whole identity number sealed: ``{"masked": …, "sealed": …}``.

        A number sent back as its mask is the one kept ``before``.
        """
        return {
            name: _protect(self.fields[name], value, before.get(name), seal, mask)
            if name in self.fields
            else value
            for name, value in answers.items()
        }


class _Checker:
    def __init__(self, today: date | None, files: Collection[str] | None) -> None:
        self.today = today
        self.files = files
        self.problems: dict[str, list[str]] = {}

    def fields(
        self, fields: Collection[Field], given: Mapping[str, Any], above: Answers, prefix: str
    ) -> dict[str, Any]:
        values: dict[str, Any] = {}
        facts: dict[str, Any] = {"today": self.today, **above}
        for item in fields:
            if not item.is_asked(facts):
                continue
            value = self.one(item, given.get(item.id), facts, f"{prefix}{item.id}")
            if not kinds.is_blank(value):
                values[item.id] = facts[item.id] = value
        return values

    def one(self, item: Field, value: Any, facts: Answers, place: str) -> Any:
        if item.spec.computed is not None:
            return _compute(item.spec, facts)
        if item.kind is Kind.FILE:
            if self.files is not None and item.id not in self.files and item.is_required(facts):
                self.problems[place] = [_("请上传“%(label)s”。") % {"label": item.spec.label}]
            return None
        if item.kind is Kind.GROUP:
            return self.rows(item, value, facts, place)
        if kinds.is_blank(value):
            if item.is_required(facts):
                self.problems[place] = [_ask(item)]
            return None
        try:
            return kinds.clean(item.spec, value, today=self.today)
        except kinds.Bad as bad:
            self.problems[place] = [str(bad)]
            return None

    def rows(self, item: Field, value: Any, facts: Answers, place: str) -> list[dict[str, Any]]:
        given = value if isinstance(value, list) else []
        if len(given) > item.spec.rows_at_most:
            self.problems[place] = [_("最多 %(most)d 行。") % {"most": item.spec.rows_at_most}]
            given = given[: item.spec.rows_at_most]
        filled = [row for row in given if isinstance(row, Mapping) and not kinds.is_blank(dict(row))]
        if len(filled) < (item.spec.rows_at_least if item.is_required(facts) else 0):
            self.problems[place] = [_("请至少填写 %(least)d 行。") % {"least": item.spec.rows_at_least}]
        return [
            self.fields(item.fields, row, facts, f"{place}.{number}.") for number, row in enumerate(filled)
        ]


def _ask(item: Field) -> str:
    chosen = item.kind in (Kind.CHOICE, Kind.MULTI_CHOICE, Kind.YES_NO)
    text = _("请选择“%(label)s”。") if chosen else _("请填写“%(label)s”。")
    return text % {"label": item.spec.label}


_COMPUTE: dict[str, Callable[[Decimal, Decimal], Decimal]] = {
    "sum": operator.add,
    "difference": operator.sub,
    "product": operator.mul,
}


def _compute(spec: FieldSpec, facts: Answers) -> str | None:
    """The computed number; None while a part of it is missing. A sum takes missing parts as nothing."""
    assert spec.computed is not None  # noqa: S101  the caller looked
    ((way, names),) = spec.computed.model_dump(exclude_none=True).items()
    parts = [facts.get(name) for name in names]
    if way == "sum":
        parts = [part for part in parts if part is not None]
    if not parts or any(part is None for part in parts):
        return None
    number = functools.reduce(_COMPUTE[way], (Decimal(str(part)) for part in parts))
    return kinds.plain(round(number, spec.decimals))


def _vocabulary(fields: Collection[Field]) -> dict[str, FactType]:
    return {
        item.id: FactType(
            FACT_KINDS[item.kind],
            str(item.spec.label),
            frozenset(choice.value for choice in item.spec.choices) or None,
        )
        for item in fields
        if item.kind in FACT_KINDS
    }


def _read(item: Field, data: QueryDict, name: str) -> Any:
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
        {part.id: _read(part, data, f"{name}-{number}-{part.id}") for part in item.fields}
        for number in numbers[: item.spec.rows_at_most + 1]
        if f"remove-{name}-{number}" not in data
    ]
    return [*rows, {}] if f"add-{name}" in data else rows


def _bind(item: Field, value: Any, facts: Answers, place: str, problems: Mapping[str, list[str]]) -> Bound:
    if item.spec.computed is not None:
        value = facts.get(item.id)
    bound = Bound(
        field=item,
        place=place,
        value=value,
        text=_typed(item, value),
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
        checker = _Checker(None, None)
        known = {**facts, **checker.fields(item.fields, row, facts, "")}
        bound.append(
            [
                _bind(part, row.get(part.id), known, f"{place}.{number}.{part.id}", problems)
                for part in item.fields
                if part.is_asked(known)
            ]
        )
    return bound


def _typed(item: Field, value: Any) -> str:
    """What the control holds: the text as typed, or the mask of a sealed number."""
    if kinds.is_protected(value):
        return str(value["masked"])
    return value if isinstance(value, str) else ""


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
                yield from _show(item.fields, row, {**facts, **row}, f"{place}.{number}.", area_name)


def _protect(
    item: Field, value: Any, before: Any, seal: Callable[[str], str], mask: Callable[[str], str]
) -> Any:
    if item.kind is Kind.GROUP and isinstance(value, list):
        earlier = before if isinstance(before, list) else []
        return [
            {part.id: _protect(part, row.get(part.id), old.get(part.id), seal, mask) for part in item.fields}
            if isinstance(row, Mapping)
            else row
            for row, old in zip(value, _padded(earlier, len(value)), strict=True)
        ]
    if item.kind is not Kind.IDENTITY_NUMBER or not isinstance(value, str) or not value.strip():
        return value
    if kinds.is_protected(before) and value.strip() == before["masked"]:
        return before
    try:
        number = kinds.clean(item.spec, value, today=None)
    except kinds.Bad:
        return value
    return {"masked": mask(number), "sealed": seal(number)}


def _padded(rows: list[Any], length: int) -> list[Mapping[str, Any]]:
    kept: list[Mapping[str, Any]] = [row if isinstance(row, Mapping) else {} for row in rows[:length]]
    return kept + [{}] * (length - len(kept))


def parse(sections: Sequence[Mapping[str, Any]]) -> Form:
    """The form a pack declares. Raises criteria.Faults with everything wrong, each with its path."""
    parser = _Parser()
    parsed = [parser.section(part, index) for index, part in enumerate(sections)]
    if parser.faults:
        raise Faults(parser.faults)
    return Form([section for section in parsed if section is not None])


class _Parser:
    def __init__(self) -> None:
        self.faults: list[Fault] = []
        self.sections: set[str] = set()
        self.seen: dict[str, Field] = {}
        self.steering: set[str] = set()

    def section(self, part: object, index: int) -> Section | None:
        try:
            spec = SectionSpec.model_validate(part)
        except ValidationError as error:
            self.faults += [
                Fault((index, *problem["loc"]), problem["msg"]) for problem in error.errors(include_url=False)
            ]
            return None
        if spec.id in self.sections:
            self.faults.append(Fault((index, "id"), _("“%(name)s”重复。") % {"name": spec.id}))
        self.sections.add(spec.id)
        fields = self.fields(spec.fields, (index, "fields"), self.seen)
        return Section(spec, tuple(self._steer(item) for item in fields))

    def _steer(self, item: Field) -> Field:
        return item if item.id not in self.steering else _with_steers(item)

    def fields(self, specs: Sequence[FieldSpec], path: Place, seen: dict[str, Field]) -> list[Field]:
        made: list[Field] = []
        for index, spec in enumerate(specs):
            place = (*path, index)
            if spec.id in seen:
                self.faults.append(Fault((*place, "id"), _("“%(name)s”重复。") % {"name": spec.id}))
            self.shape(spec, place)
            item = Field(
                spec=spec,
                when=self.rule(spec.when, (*place, "when"), seen) if spec.when is not None else None,
                required=spec.required
                if isinstance(spec.required, bool)
                else self.rule(spec.required, (*place, "required"), seen),
                fields=tuple(self.fields(spec.fields, (*place, "fields"), dict(seen))),
            )
            self.computed(spec, place, seen)
            seen[spec.id] = item
            made.append(item)
        return made

    def rule(self, tree: object, path: Place, seen: Mapping[str, Field]) -> Rule:
        try:
            rule = parse_rule(tree, vocabulary=_vocabulary(seen.values()))
        except Faults as faults:
            self.faults += [Fault((*path, *fault.path), fault.message) for fault in faults.faults]
            return parse_rule({"all": [{"not": {"fact": "x", "is": True}}]}, vocabulary=_NEVER)
        self.steering |= rule.facts()
        return rule

    def computed(self, spec: FieldSpec, place: Place, seen: Mapping[str, Field]) -> None:
        if spec.computed is None:
            return
        if spec.kind not in NUMBERS:
            self.faults.append(Fault((*place, "computed"), _("只有数字和金额能由计算得出。")))
        for way, names in spec.computed.model_dump(exclude_none=True).items():
            for index, name in enumerate(names):
                self.steering.add(name)
                if name not in seen or seen[name].kind not in NUMBERS:
                    reason = _("前面没有数字或金额字段“%(name)s”。") % {"name": name}
                    self.faults.append(Fault((*place, "computed", way, index), reason))

    def shape(self, spec: FieldSpec, place: Place) -> None:
        chooses = spec.kind in (Kind.CHOICE, Kind.MULTI_CHOICE)
        values = [choice.value for choice in spec.choices]
        wrong = {
            "choices": chooses != bool(values) or len(values) != len(set(values)),
            "fields": (spec.kind is Kind.GROUP) != bool(spec.fields)
            or any(part.kind in (Kind.GROUP, Kind.FILE) for part in spec.fields),
            "pattern": bool(spec.pattern) and (spec.kind is not Kind.TEXT or not _compiles(spec.pattern)),
            "at_least": spec.at_least is not None and spec.kind not in NUMBERS,
            "at_most": spec.at_most is not None and spec.kind not in NUMBERS,
            "not_before": spec.not_before is not None and spec.kind is not Kind.DATE,
            "not_after": spec.not_after is not None and spec.kind is not Kind.DATE,
            "rows_at_least": spec.kind is Kind.GROUP and spec.rows_at_least > spec.rows_at_most,
        }
        self.faults += [
            Fault((*place, key), _("“%(key)s”和字段类型不符，或内容有误。") % {"key": key})
            for key, is_wrong in wrong.items()
            if is_wrong
        ]


_NEVER = {"x": FactType(FactKind.BOOLEAN)}


def _compiles(pattern: str | None) -> bool:
    try:
        re.compile(pattern or "")
    except re.error:
        return False
    return True


def _with_steers(item: Field) -> Field:
    return Field(item.spec, item.when, item.required, item.fields, steers=True)
