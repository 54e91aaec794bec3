"""A request as it reaches the views: with who acts and when."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Literal

from django.http import HttpRequest
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from zerotrip.errors import Invalid
from zerotrip.workdays.calendar import CHINA

if TYPE_CHECKING:
    from django_htmx.middleware import HtmxDetails

    from zerotrip.parties.access import Actor
    from zerotrip.web.cases.helping import Helping


class Request(HttpRequest):
    """What the middleware has put on every request."""

    actor: Actor
    now: datetime
    unproven: bool
    helping: Helping | None
    htmx: HtmxDetails
    csp_nonce: str


def typed(request: HttpRequest, name: str, *, most: int | None = None) -> str:
    """What was typed into a control: without spaces around it, fit to be stored, cut if ``most`` says so."""
    return storable(request.POST.get(name, "")).strip()[:most]


def storable(text: str) -> str:
    """``text`` without the one character no database takes."""
    return text.replace("\0", "\ufffd")


def paper_language() -> Literal["zh", "en"]:
    """The language in which something is printed: that of whoever prints it."""
    return "en" if (get_language() or "").startswith("en") else "zh"


def today_of(request: Request) -> date:
    """The day it is in China."""
    return request.now.astimezone(CHINA).date()


def summary_of(refused: Invalid | None) -> list[dict[str, str]]:
    """Everything that is wrong in a form that was refused, as links to where; nothing for one that was not."""
    problems = refused.problems if refused else {}
    return [{"text": text, "url": f"#{place}"} for place, texts in problems.items() for text in texts]


def day_or_none(request: Request, name: str) -> date | None:
    """The day that was typed; None for what is none."""
    try:
        return date.fromisoformat(typed(request, name, most=10))
    except ValueError:
        return None


def moment_of(day: str, hour: str) -> datetime | None:
    """A day and an hour as a browser sends them, in China; None where one of them is none."""
    try:
        return datetime.combine(date.fromisoformat(day), time.fromisoformat(hour).replace(tzinfo=None), CHINA)
    except ValueError:
        return None


def day_typed(request: HttpRequest, name: str, *, later: int = 0) -> datetime:
    """The beginning of the day that was typed, in China, or of one ``later``. Raises Invalid at the control."""
    try:
        day = date.fromisoformat(typed(request, name, most=10)) + timedelta(days=later)
    except (ValueError, OverflowError):  # the last day there is has none after it
        text = _("请填写日期。")
        raise Invalid(text, {name: [text]}) from None
    return datetime.combine(day, time(), tzinfo=CHINA)
