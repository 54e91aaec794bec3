"""Declared sections into a form, with everything that is wrong at once."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from pydantic import ValidationError

from zerotrip.criteria import FactKind, FactType, Fault, Faults, Rule
from zerotrip.criteria import parse as parse_rule
from zerotrip.questions import kinds
from zerotrip.questions.fields import FieldSpec, Kind, SectionSpec
from zerotrip.questions.form import Field, Form, Section, vocabulary_of

Place = tuple[str | int, ...]

NUMBERS = (Kind.NUMBER, Kind.MONEY)
TEXTS = (Kind.TEXT, Kind.LONG_TEXT)
_NEVER = {"x": FactType(FactKind.BOOLEAN)}


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
        return Section(spec, tuple(fields))

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
                since=self.since(spec, place, seen),
            )
            self.computed(spec, place, seen)
            seen[spec.id] = item
            made.append(item)
        return made

    def rule(self, tree: object, path: Place, seen: Mapping[str, Field]) -> Rule:
        try:
            rule = parse_rule(tree, vocabulary=vocabulary_of(seen.values()))
        except Faults as faults:
            self.faults += [Fault((*path, *fault.path), fault.message) for fault in faults.faults]
            return parse_rule({"all": [{"not": {"fact": "x", "is": True}}]}, vocabulary=_NEVER)
        if any(leaf.wanted(None) is None for leaf in rule.leaves()):
            # An answered question must not vanish overnight, nor a new one be missing from a sent form.
            self.faults.append(Fault(path, _("问什么不能随日期改变，条件里不能写 today。")))
        return rule

    def since(self, spec: FieldSpec, place: Place, seen: Mapping[str, Field]) -> Field | None:
        name = spec.not_before_field
        if name is None:
            return None
        earlier = seen.get(name)
        if earlier is None or earlier.kind is not Kind.DATE or spec.kind is not Kind.DATE:
            reason = _("前面没有日期字段“%(name)s”，或这里不是日期。") % {"name": name}
            self.faults.append(Fault((*place, "not_before_field"), reason))
            return None
        return earlier

    def computed(self, spec: FieldSpec, place: Place, seen: Mapping[str, Field]) -> None:
        if spec.computed is None:
            return
        if spec.kind not in NUMBERS:
            self.faults.append(Fault((*place, "computed"), _("只有数字和金额能由计算得出。")))
        way, names = spec.computed.parts
        for index, name in enumerate(names):
            group, _dot, column = name.partition(".")
            found = seen.get(group)
            if way in ("rows", "total"):
                columns = {part.id: part for part in found.fields} if found and found.kind is Kind.GROUP else {}
                if not columns or (
                    way == "total" and (column not in columns or columns[column].kind not in NUMBERS)
                ):
                    reason = _("前面没有表格“%(group)s”，或它没有数字列“%(column)s”。")
                    words = {"group": group, "column": column}
                    self.faults.append(Fault((*place, "computed", way), reason % words))
            elif way == "days":
                if found is None or found.kind is not Kind.DATE:
                    reason = _("前面没有日期字段“%(name)s”。")
                    self.faults.append(Fault((*place, "computed", way, index), reason % {"name": name}))
            elif found is None or found.kind not in NUMBERS:
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
            "max_length": spec.max_length is not None and spec.kind not in TEXTS,
            "default": spec.default is not None and not _is_clean(spec),
            "rows_at_least": spec.kind is Kind.GROUP and spec.rows_at_least > spec.rows_at_most,
        }
        self.faults += [
            Fault((*place, key), _("“%(key)s”和字段类型不符，或内容有误。") % {"key": key})
            for key, is_wrong in wrong.items()
            if is_wrong
        ]


def _compiles(pattern: str | None) -> bool:
    try:
        re.compile(pattern or "")
    except re.error:
        return False
    return True


def _is_clean(spec: FieldSpec) -> bool:
    if spec.kind in (Kind.FILE, Kind.GROUP, Kind.IDENTITY_NUMBER) or spec.computed is not None:
        return False
    try:
        kinds.clean(spec, spec.default, today=None)
    except (kinds.Bad, re.error):
        return False
    return True
