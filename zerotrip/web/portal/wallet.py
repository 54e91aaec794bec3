"""The licence wallet: what one holds, how long it holds, and what it was used for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.core.paginator import Paginator
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from zerotrip.catalogue.queries import services_upon
from zerotrip.licences.reuse.queries import fetched_for, uses_of, wallet
from zerotrip.licences.states import FITTING, Standing
from zerotrip.web.accounts.access import signed_in
from zerotrip.web.requests import Request

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from django.http import HttpResponse

    from zerotrip.catalogue.models import ServiceVersion
    from zerotrip.licences.models import Licence
    from zerotrip.licences.reuse.models import Grant

PAGE_SIZE = 30
SOON = 90
"""Days before its end from which a licence is said to end soon."""


@dataclass(frozen=True)
class Card:
    """A licence in the wallet."""

    licence: Licence
    standing: Standing
    left: int | None
    """Days to its last one; None without an end, or when it holds no more."""
    uses: list[Grant]
    said: str = ""
    """What it is worth, in a word."""
    services: tuple[ServiceVersion, ...] = ()
    """What can be done about it."""

    @property
    def words(self) -> dict[str, str]:
        """What it is called, in both languages."""
        return {"zh": self.licence.title, "en": self.licence.title_en}

    @property
    def tone(self) -> str:
        """The colour of its tag."""
        if self.standing != Standing.VALID:
            return "late"
        return "warn" if self.ends_soon else "ok"

    @property
    def ends_soon(self) -> bool:
        """Whether it is time to think of its renewal."""
        return self.left is not None and self.left <= SOON


@require_GET
@signed_in
def licences(request: Request) -> HttpResponse:
    """The licences of those I act for, those that end soon first, each with what it was used for."""
    page = Paginator(wallet(request.actor, at=request.now), PAGE_SIZE).get_page(request.GET.get("page"))
    held = list(page.object_list)
    uses = uses_of(held, request.actor) if held else {}
    today = timezone.localdate(request.now)
    upon = services_upon() if held else {}
    cards = [
        Card(
            each,
            standing := each.standing(request.now),
            _left(each, standing, today),
            uses.get(each.pk, []),
            each.standing_said(request.now),
            tuple(_offered(each, standing, upon)),
        )
        for each in held
    ]
    context = {"page": page, "cards": cards, "fetched": fetched_for(request.actor), "section": "licences"}
    return render(request, "portal/licences.html", context)


def _left(licence: Licence, standing: Standing, today: date) -> int | None:
    if standing != Standing.VALID or licence.valid_until is None:
        return None
    return (licence.valid_until - today).days


def _offered(
    licence: Licence, standing: Standing, upon: dict[str, list[ServiceVersion]]
) -> Iterator[ServiceVersion]:
    """The services that can act upon a licence as it stands."""
    for version in upon.get(licence.kind, []):
        acts = version.spec.outcome.upon
        if acts is not None and standing in FITTING[acts.act]:
            yield version
