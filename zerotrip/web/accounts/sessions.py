"""Sessions as Django keeps them in the database, looked up by a query that is put together once."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib.sessions.backends import db
from django.utils import timezone

from zerotrip.compiled import Compiled


def _kept(key: str, now: datetime) -> Any:
    sessions = db.SessionStore.get_model_class().objects
    return sessions.filter(session_key=key, expire_date__gt=now).values_list("session_data")


class SessionStore(db.SessionStore):
    """The session of a browser."""

    def load(self) -> dict[str, Any]:
        """What is kept; nothing, under a new key, where it is over or was never there."""
        for (data,) in _KEPT.rows(key=self.session_key, now=timezone.now()) if self.session_key else ():
            return self.decode(data)
        self._session_key = None
        return {}


_KEPT = Compiled(_kept, key=str, now=datetime)
