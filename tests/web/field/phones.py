"""Phones for tests: what they send, as their scripts do."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.test import Client

from tests import world
from zerotrip.ids import new_id
from zerotrip.parties.access import Actor
from zerotrip.parties.models import User

SOMEWHERE, SOMEBODY = str(UUID(int=1)), str(UUID(int=2))
FIRST_PAGE: dict[str, dict[str, Any]] = {
    "passage": {
        "gate": SOMEWHERE,
        "plate": "鲁A12345",
        "driver": "虚构司机",
        "phone": "13800001111",
        "origin": "虚构市",
        "goods": "none",
        "to_name": "",
        "temperature": "36.5",
        "colour": "green",
        "disinfected": False,
        "refused": "",
    },
    "leaving": {"passage": SOMEWHERE},
    "report": {"window": 1, "subject": SOMEWHERE, "answers": {"told": "无"}},
    "sample": {"point": SOMEWHERE, "tube": "ZT1", "capacity": 10, "person": SOMEBODY},
    "seal": {"point": SOMEWHERE, "tube": "ZT1", "capacity": 10},
    "door": {"site": SOMEWHERE, "number": "", "colour": "green", "temperature": "", "mask": True, "report": False},
    "finding": {"inspection": SOMEWHERE, "item": "keeper", "found": "defect", "note": "门口没有人"},
    "receipt": {"leaflet": SOMEWHERE, "person": SOMEBODY, "name": "虚构甲", "on_behalf": ""},
    "aside": {"record": SOMEWHERE, "kind": "sample", "refused": "没有这个采样点。", "why": "已另采"},
}
"""What the first page of each kind sent. Phones may still hold it: only add to this."""


def milliseconds(at: datetime) -> int:
    return round(at.timestamp() * 1000)


def made_at(at: datetime) -> UUID:
    """A key as a phone makes it at a moment."""
    drawn = uuid4().int & ((1 << 76) - 1) & ~(3 << 62)
    return UUID(int=(milliseconds(at) << 80) | (7 << 76) | (2 << 62) | drawn)


def record(kind: str, payload: dict[str, Any], *, at: datetime, **more: Any) -> dict[str, Any]:
    """A record of an outbox."""
    made = {"at": milliseconds(at), "ticks": 0, "page": "made"}
    told = {"id": str(made_at(at)), "kind": kind, "made": made, "off": 0, "payload": payload, "photos": []}
    return told | more


@dataclass
class Phone:
    """A phone somebody is signed in on."""

    who: Actor
    number: str | None = None
    client: Client = field(default_factory=lambda: Client(HTTP_HOST="localhost"))

    def __post_init__(self) -> None:
        world.sign_in(self.client, User.objects.get(pk=self.who.user_id))

    def post(self, url: str, body: dict[str, Any], *, status: int = 200) -> dict[str, Any]:
        answer = self.client.post(url, json.dumps(body), content_type="application/json")
        assert answer.status_code == status, answer.content.decode()[:500]
        return answer.json()

    def takes(self, *tasks: str, at: datetime, status: int = 200, **where: str) -> dict[str, Any]:
        """What it is given along for some tasks."""
        sent = {"at": milliseconds(at), "ticks": 0, "page": "sent"}
        body = {"key": str(new_id()), "phone": self.number, "sent": sent, "tasks": list(tasks), **where}
        return self.post("/field/take/", body, status=status)

    def sends(self, *records: dict[str, Any], at: datetime, status: int = 200, **more: Any) -> dict[str, Any]:
        """What the server says of a batch."""
        sent = {"at": milliseconds(at), "ticks": 0, "page": "sent"}
        told = {"phone": self.number, "account": str(self.who.user_id), "sent": sent, "records": list(records)}
        body = told | more
        told = self.post("/field/sync/", body, status=status)
        self.number = told.get("phone", self.number)
        return told

    def states(self, *records: dict[str, Any], at: datetime) -> list[str]:
        return [verdict["state"] for verdict in self.sends(*records, at=at)["verdicts"]]
