"""Leaflets, and people and sites they are for, for the tests."""

from __future__ import annotations

from datetime import timedelta
from itertools import count
from typing import Any

from tests import world
from tests.duties.standing.roster import declared, spec
from tests.prevention import emergency
from tests.prevention.test_population import enrolled, somebody
from zerotrip.ids import new_id
from zerotrip.prevention.leaflets import actions, sending
from zerotrip.prevention.leaflets.audience import Audience
from zerotrip.prevention.models import Leaflet, Person, Receipt, Site
from zerotrip.prevention.rosters.identity import name_key
from zerotrip.workdays.calendar import CHINA

AREA = "370199000000"
SAID: dict[str, Any] = {"kind": "notice", "title": "虚构明白纸", "text": "第一条。\n第二条。"}
_phones = count(13800000001)


def duty(**more: Any) -> None:
    """The pack asks people, and sites, to read what they are sent."""
    said = {"act": "receipt", "by_hand": True} | more
    declared(spec("notice-people", who="person", **said), spec("notice-sites", who="site", **said))


def person(name: str = "甲", *, phone: bool = True, **more: Any) -> Person:
    """Somebody at home in a grid; with a phone or without."""
    number = "" if phone else f"37019919800101{next(_phones) % 10000:04}"
    found = somebody(name, phone=str(next(_phones)) if phone else "", number=number)
    found.name_key = name_key(name)
    found.save(update_fields=["name_key"])
    enrolled(found, **more)
    return found


def made(district, *, at=world.MORNING, to: dict[str, Any] | None = None, **more: Any) -> Leaflet:
    """A leaflet the clerk wrote, for everybody of the area unless told otherwise; nobody was sent it yet."""
    said = SAID | {"until": at.astimezone(CHINA).date() + timedelta(days=2)} | more
    replaces = said.pop("replaces", None)
    written = actions.Written(**said)
    return actions.send(
        written, Audience(**{"area": AREA} | (to or {})), key=new_id(), by=district.clerk, at=at, replaces=replaces
    )


def sent(district, *, at=world.MORNING, **more: Any) -> Leaflet:
    """A leaflet that went out, where the pack and an event ask for it."""
    duty()
    emergency.declared(district, at=at)
    leaflet = made(district, at=at, **more)
    sending.work(leaflet.pk, at=at)
    return Leaflet.objects.select_related("window").get(pk=leaflet.pk)


def receipt(leaflet: Leaflet, subject: Person | Site) -> Receipt:
    return Receipt.objects.get(leaflet=leaflet, subject=subject.pk)
