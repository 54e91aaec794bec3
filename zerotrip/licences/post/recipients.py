"""To whom a parcel goes: what is asked, checked as every other form is."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from zerotrip.questions import parse

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.http import QueryDict

    from zerotrip.questions import Bound, Form

FIELDS = ("recipient", "phone", "address")
PLACE = "delivery_"
"""Before the name of each in forms, beside whatever else a page asks."""


@cache
def recipient_form() -> Form:
    """The three things a courier needs to know."""
    return parse(
        [
            {
                "id": "recipient",
                "title": {"zh": "收件信息", "en": "Recipient"},
                "fields": [
                    {
                        "id": PLACE + "recipient",
                        "kind": "text",
                        "label": {"zh": "收件人", "en": "Recipient"},
                        "max_length": 60,
                        "autocomplete": "shipping name",
                        "width": "half",
                    },
                    {
                        "id": PLACE + "phone",
                        "kind": "phone",
                        "label": {"zh": "联系电话", "en": "Phone"},
                        "help": {"zh": "只给快递员联系您用。", "en": "Only for the courier to reach you."},
                        "autocomplete": "shipping tel",
                        "width": "half",
                    },
                    {
                        "id": PLACE + "address",
                        "kind": "text",
                        "label": {"zh": "收件地址", "en": "Address"},
                        "help": {
                            "zh": "省、市、区县、街道和门牌号都写上。",
                            "en": "Province, city, district, street and house number.",
                        },
                        "max_length": 200,
                        "autocomplete": "shipping street-address",
                    },
                ],
            }
        ]
    )


def checked(told: Mapping[str, Any]) -> tuple[dict[str, str], dict[str, list[str]]]:
    """What was told of the recipient, clean, and what is wrong with it, by its place in forms."""
    found = recipient_form().check({PLACE + name: told.get(name) for name in FIELDS})
    return {name: str(found.values.get(PLACE + name) or "") for name in FIELDS}, found.problems


def typed(data: QueryDict) -> dict[str, Any]:
    """What a page sent of the recipient."""
    return {place.removeprefix(PLACE): value for place, value in recipient_form().read_post(data).items()}


def bound(told: Mapping[str, Any], problems: Mapping[str, list[str]]) -> list[Bound]:
    """The three questions with what was told, ready for the page."""
    return recipient_form().bind({PLACE + name: told.get(name) for name in FIELDS}, problems=problems)
