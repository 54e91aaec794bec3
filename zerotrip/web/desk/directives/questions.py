"""What an answer is asked for: a form of the pack, questions written for this once, or a word only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from zerotrip import questions
from zerotrip.duties.models import Kind
from zerotrip.duties.queries import checklists

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from zerotrip.duties.models import Requirement
    from zerotrip.questions import Form

WORD, OWN = "word", "own"
MOST_QUESTIONS = 20
PREFIX = "own-"

_KINDS = (
    ("long_text", "文字", "Text"),
    ("number", "数字", "Number"),
    ("yes_no", "是或否", "Yes or no"),
    ("date", "日期", "Date"),
)
WRITING: list[dict[str, Any]] = [
    {
        "id": "own",
        "title": {"zh": "自己写问题", "en": "Your own questions"},
        "fields": [
            {
                "id": "questions",
                "kind": "group",
                "label": {"zh": "要反馈什么", "en": "What is asked"},
                "rows_at_most": MOST_QUESTIONS,
                "fields": [
                    {
                        "id": "label",
                        "kind": "text",
                        "label": {"zh": "问什么", "en": "Question"},
                        "max_length": 80,
                    },
                    {
                        "id": "kind",
                        "kind": "choice",
                        "label": {"zh": "怎么答", "en": "Kind of answer"},
                        "choices": [{"value": value, "label": {"zh": zh, "en": en}} for value, zh, en in _KINDS],
                    },
                    {
                        "id": "unit",
                        "kind": "text",
                        "label": {"zh": "单位", "en": "Unit"},
                        "required": False,
                        "max_length": 10,
                        "width": "short",
                    },
                    {
                        "id": "may",
                        "kind": "multi_choice",
                        "label": {"zh": "另外", "en": "Besides"},
                        "required": False,
                        "choices": [{"value": "skip", "label": {"zh": "可以不答", "en": "May be left open"}}],
                    },
                ],
            }
        ],
    }
]
"""The form in which an office writes a form."""


def writing() -> Form:
    """The form in which questions are written."""
    return questions.parse(WRITING)


def offered(kind: Kind) -> list[Requirement]:
    """The forms of the pack for this kind of order. Those for reports serve offices, too."""
    return [*checklists(kind), *(checklists(Kind.REPORT) if kind is Kind.TASK else [])]


def sections(
    chosen: str, written: Mapping[str, Any], standing: Sequence[Requirement], problems: dict[str, list[str]]
) -> list[dict[str, Any]] | None:
    """The sections an order freezes; None for a word only. What is wrong is added to the problems."""
    if chosen == OWN:
        checked = writing().check(written)
        problems.update({f"{PREFIX}{place}": texts for place, texts in checked.problems.items()})
        return None if checked.problems else [_section(checked.values["questions"])]
    if chosen == WORD:
        return None
    found = next((one for one in standing if str(one.pk) == chosen), None)
    if found is None or found.form is None:
        problems["form"] = [_("请选择怎样反馈。")]
        return None
    return list(found.form)


def _section(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Questions as a pack would declare them."""
    fields = []
    for number, row in enumerate(rows, start=1):
        field: dict[str, Any] = {
            "id": f"q{number}",
            "kind": row["kind"],
            "label": {"zh": row["label"]},
            "required": "skip" not in row.get("may", []),
        }
        if row["kind"] == "number" and row.get("unit"):
            field["unit"] = {"zh": row["unit"]}
        fields.append(field)
    return {"id": "own", "title": {"zh": "反馈内容", "en": "Answers"}, "fields": fields}
