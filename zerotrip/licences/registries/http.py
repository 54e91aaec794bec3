"""A registry over HTTP: signed JSON both ways. docs/operations.md has the format."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings

from zerotrip.licences.registries import Answer, Asked, Unanswered, believed
from zerotrip.licences.reuse.models import Fault
from zerotrip.signed import Asking, Unbelieved

PATIENCE = 3
"""Seconds the registry has for the whole of an answer: somebody is waiting for the page."""
LARGEST = 64 * 1024
"""Bytes of an answer."""
TIMESTAMP, SIGNATURE = "X-Registry-Timestamp", "X-Registry-Signature"


class Http:
    """Asks over HTTP."""

    patience = PATIENCE

    def find(self, asked: Asked, *, at: datetime) -> Answer:
        """See ``Registry``."""
        told = {
            "id": asked.key,
            "kind": asked.kind,
            "holder": {"uscc": asked.holder},
            "number": asked.number,
            "purpose": asked.purpose,
        }
        registry = Asking(
            settings.LICENCE_REGISTRY_URL,
            settings.LICENCE_REGISTRY_SECRET,
            (TIMESTAMP, SIGNATURE),
            self.patience,
            LARGEST,
        )
        try:
            read = registry.ask(told, at=at)
        except Unbelieved as error:
            raise Unanswered(str(error)) from error
        if read is None:
            raise Unanswered("The registry has no such licence.", permanent=True, fault=Fault.UNKNOWN)
        if not isinstance(read.get("licence"), dict):
            raise Unanswered("The answer is to another question.")
        return believed(read["licence"], asked)
