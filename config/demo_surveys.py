"""The demo's survey: the firms of a subdistrict shared out among those who go there, some asked. Fictitious."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from config.demo_needs import FIRST
from config.demo_prevention import _key

if TYPE_CHECKING:
    from zerotrip.duties.models import Window

DUTY, DAYS, ASKED = "survey-firms", 3, 6
"""The survey, how many days it has left, how many firms have answered."""


def load(*, at: datetime) -> None:
    """Begin it some hours ago: each firm is for the person named for it, the others for the nearest office."""
    from zerotrip.duties.standing import asking
    from zerotrip.parties.access import actor_for
    from zerotrip.parties.models import User
    from zerotrip.prevention.rounds import calling
    from zerotrip.workdays.calendar import CHINA

    leader = User.objects.filter(email="leader@demo.test").first()
    duty = next((row for row in asking.askable() if DUTY in row.slug), None)
    if leader is None or duty is None:  # another pack was loaded
        return
    began, until = at - timedelta(hours=6), at.astimezone(CHINA).date() + timedelta(days=DAYS)
    by = actor_for(leader, at=at)
    window = asking.ask(duty.slug, area=FIRST, until=until, by=by, at=began)
    for named in (True, False):
        calling.share_out(window.pk, area_path=window.area_path, named=named, by=by, at=began)
    _answer(window, at=at)


def _answer(window: Window, *, at: datetime) -> None:
    """Some visitors wrote down what they were told: how many work there."""
    from zerotrip.duties.standing import reporting
    from zerotrip.parties.access import actor_for
    from zerotrip.prevention.models import Caller

    rows = Caller.objects.filter(window=window).select_related("caller").order_by("subject")
    for number, row in enumerate(rows[::2][:ASKED]):
        asked = at - timedelta(minutes=20 * number + 10)
        done = reporting.Done(
            subject=row.subject,
            owner=row.subject,
            area_path=row.area_path,
            at=asked,
            answers={"staff": 12 + 7 * number, "here": 9 + 5 * number},
        )
        by = actor_for(row.caller, at=asked)
        reporting.report(window.requirement, done, key=_key(f"survey {number}"), by=by, at=asked)
