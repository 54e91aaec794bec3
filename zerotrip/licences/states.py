"""What a licence is worth, stored and as of a moment, and which changes there are."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Status(models.TextChoices):
    """What the issuer last decided about a licence."""

    VALID = "valid", _("有效")
    SUSPENDED = "suspended", _("已暂停")
    REVOKED = "revoked", _("已撤销")


class Standing(models.TextChoices):
    """What a licence is worth at a moment: the status, and whether the dates hold."""

    VALID = "valid", _("有效")
    FUTURE = "future", _("尚未生效")
    EXPIRED = "expired", _("已过期")
    SUSPENDED = "suspended", _("已暂停")
    REVOKED = "revoked", _("已撤销")


TRANSITIONS: dict[str, tuple[frozenset[Status], Status]] = {
    "suspend": (frozenset({Status.VALID}), Status.SUSPENDED),
    "resume": (frozenset({Status.SUSPENDED}), Status.VALID),
    "revoke": (frozenset({Status.VALID, Status.SUSPENDED}), Status.REVOKED),
}
"""Step → from which statuses, to which. A revoked licence stays revoked."""
