"""How pages on phones are answered: in JSON, with a state they know what to do about."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar

from django.http import JsonResponse
from django.utils.translation import gettext as _
from pydantic import BaseModel, ValidationError

from zerotrip.errors import Invalid, NotAllowed, Refusal, TooLarge

if TYPE_CHECKING:
    from zerotrip.web.requests import Request

LARGEST = 512 * 1024
"""Bytes of what a phone sends at once, without photographs."""
Told = TypeVar("Told", bound=BaseModel)
Door = Callable[..., JsonResponse]


def for_phones(door: Door) -> Door:
    """Answer in JSON: nobody signed in, or without the second factor, is told so and keeps what they have."""

    @wraps(door)
    def wrapped(request: Request, *args: Any, **kwargs: Any) -> JsonResponse:
        try:
            _require_somebody(request)
            return door(request, *args, **kwargs)
        except Refusal as refusal:
            return refused(refusal)

    return wrapped


def refused(refusal: Refusal) -> JsonResponse:
    """Why something was not done."""
    told: dict[str, Any] = {"state": refusal.context.get("phone", "refused"), "reason": refusal.message}
    if isinstance(refusal, Invalid):
        told["fields"] = refusal.problems
    return JsonResponse(told, status=refusal.status)


def _require_somebody(request: Request) -> None:
    if request.actor.user_id is None or request.unproven:
        raise NotAllowed(_("登录已过期，请重新登录。没交上去的都还在这部手机里。"), phone="sign-in")


def told(request: Request, shape: type[Told]) -> Told:
    """What a phone sent. Raises TooLarge, Invalid."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not length.isdigit() or int(length) > LARGEST:
        raise TooLarge(_("一次传来的内容太多。"))
    try:
        return shape.model_validate_json(request.body)
    except ValidationError as error:
        raise Invalid(_("内容不完整，读不出来。"), problems_of(error)) from error


def problems_of(error: ValidationError) -> dict[str, list[str]]:
    """What is wrong with what a phone sent, by place."""
    return {".".join(map(str, one["loc"])): [one["msg"]] for one in error.errors(include_url=False)[:20]}
