"""Who a session is of, looked up with their person by a query that is put together once."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from allauth.account import auth_backends
from django.db import DEFAULT_DB_ALIAS

from zerotrip.compiled import Compiled
from zerotrip.parties.models import Party, User

_OWN = [field.attname for field in User._meta.concrete_fields]
_THEIRS = [field.attname for field in Party._meta.concrete_fields]


def _known(user: UUID) -> Any:
    rows = User.objects.filter(pk=user).order_by()
    return rows.values_list(*_OWN, *(f"person__{name}" for name in _THEIRS))


class AuthenticationBackend(auth_backends.AuthenticationBackend):  # type: ignore[misc]
    """Accounts with their person, whose name every page shows."""

    def get_user(self, user_id: UUID) -> User | None:
        """The account, unless it was closed."""
        for row in _KNOWN.rows(user=user_id):
            user = User.from_db(DEFAULT_DB_ALIAS, _OWN, row[: len(_OWN)])
            user.person = Party.from_db(DEFAULT_DB_ALIAS, _THEIRS, row[len(_OWN) :])
            return user if self.user_can_authenticate(user) else None
        return None


_KNOWN = Compiled(_known, user=UUID)
