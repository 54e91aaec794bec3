"""What pages of prevention have in common: they are there while an event of their measure is."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar, cast

from zerotrip.prevention.events.rules import measures_for, require_any_held, require_held
from zerotrip.web.accounts.access import staff_only
from zerotrip.web.requests import today_of

if TYPE_CHECKING:
    from django.http.response import HttpResponseBase

    from zerotrip.prevention.models import Measure
    from zerotrip.web.requests import Request

View = TypeVar("View", bound=Callable[..., "HttpResponseBase"])


def during(*measures: Measure | None) -> Callable[[View], View]:
    """Let staff in whose area one of the measures reaches, until what it holds is purged.

    To others there is no such page.

    None: any measure, for what serves all of them, such as rosters and sites.

    Whether something may still be written is asked by the action (``require_in_force``).
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def wrapped(request: Request, *args: Any, **kwargs: Any) -> HttpResponseBase:
            today = today_of(request)
            if measures == (None,):
                require_any_held(request.actor, on=today)
            elif len(measures) == 1 or not set(measures) & set(measures_for(request.actor, on=today)):
                require_held(request.actor, cast("Measure", measures[0]), on=today)
            return view(request, *args, **kwargs)

        return staff_only(cast(View, wrapped))

    return decorate
