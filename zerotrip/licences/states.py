"""What a licence is worth, stored and as of a moment, and which changes there are."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Status(models.TextChoices):
    """What the issuer last decided about a licence."""

    VALID = "valid", _("有效")
    SUSPENDED = "suspended", _("已暂停")
    REVOKED = "revoked", _("已撤销")
    REPLACED = "replaced", _("已被新版本取代")


class Ground(models.TextChoices):
    """How a licence was ended for good; each has its own word in the law."""

    NONE = "", "—"
    ANNUL = "annul", _("撤销")
    WITHDRAW = "withdraw", _("撤回")
    PENALTY = "penalty", _("吊销")
    CANCEL = "cancel", _("注销")


ENDED = {
    Ground.ANNUL: _("已撤销"),
    Ground.WITHDRAW: _("已撤回"),
    Ground.PENALTY: _("已吊销"),
    Ground.CANCEL: _("已注销"),
}
"""What a licence ended on a ground is called."""


class Origin(models.TextChoices):
    """How an edition of a licence came to be."""

    ISSUE = "issue", _("核发")
    CHANGE = "change", _("变更换发")
    RENEW = "renew", _("延续换发")
    REISSUE = "reissue", _("补发")
    CORRECT = "correct", _("更正换发")
    FULFIL = "fulfil", _("条件已满足，换发")


class Standing(models.TextChoices):
    """What a licence is worth at a moment: the status, and whether the dates hold."""

    VALID = "valid", _("有效")
    FUTURE = "future", _("尚未生效")
    EXPIRED = "expired", _("已过期")
    SUSPENDED = "suspended", _("已暂停")
    REVOKED = "revoked", _("已撤销")
    REPLACED = "replaced", _("已被新版本取代")


TRANSITIONS: dict[str, tuple[frozenset[Status], Status]] = {
    "suspend": (frozenset({Status.VALID}), Status.SUSPENDED),
    "resume": (frozenset({Status.SUSPENDED}), Status.VALID),
    "revoke": (frozenset({Status.VALID, Status.SUSPENDED}), Status.REVOKED),
    "replace": (frozenset({Status.VALID, Status.SUSPENDED}), Status.REPLACED),
}
"""Step → from which statuses, to which. A licence that was revoked or replaced stays so."""

FITTING: dict[str, frozenset[Standing]] = {
    "change": frozenset({Standing.VALID, Standing.FUTURE}),
    "renew": frozenset({Standing.VALID}),
    "reissue": frozenset({Standing.VALID, Standing.FUTURE}),
    "cancel": frozenset({Standing.VALID, Standing.FUTURE, Standing.SUSPENDED, Standing.EXPIRED}),
}
"""What a licence has to be worth for a service to act upon it."""


def diagram() -> str:
    """The table as a Mermaid state diagram."""
    lines = ["stateDiagram-v2", f"    [*] --> {Status.VALID}: issue"]
    lines += [
        f"    {source} --> {to}: {step}"
        for step, (sources, to) in TRANSITIONS.items()
        for source in sorted(sources)
    ]
    lines += [f"    {status} --> [*]" for status in (Status.REVOKED, Status.REPLACED)]
    return "\n".join(lines)
