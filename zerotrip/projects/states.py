"""Where an investor's lead stands, and where it may go."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Stage(models.TextChoices):
    """How far an investor has come."""

    CONTACT = "contact", _("初次接洽")
    NEGOTIATING = "negotiating", _("洽谈中")
    SIGNED = "signed", _("已签约")
    LANDED = "landed", _("已落地")
    LOST = "lost", _("未成")


TRANSITIONS: dict[Stage, frozenset[Stage]] = {
    Stage.CONTACT: frozenset({Stage.CONTACT, Stage.NEGOTIATING, Stage.SIGNED, Stage.LOST}),
    Stage.NEGOTIATING: frozenset({Stage.NEGOTIATING, Stage.SIGNED, Stage.LOST}),
    Stage.SIGNED: frozenset({Stage.SIGNED, Stage.LANDED, Stage.LOST}),
    Stage.LANDED: frozenset(),
    Stage.LOST: frozenset({Stage.NEGOTIATING}),
}
"""Present stage → stages of the next step. A step in the same stage is a note; whoever was lost may come back."""

UNDER_WAY = (Stage.CONTACT, Stage.NEGOTIATING, Stage.SIGNED)
"""Those somebody has to follow."""
