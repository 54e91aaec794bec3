"""What rules may ask about a firm, and what is known of one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from zerotrip.criteria import FactKind, FactType

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

SIZES = {"large": _("大型"), "medium": _("中型"), "small": _("小型"), "micro": _("微型")}
"""The size classes of the statistical standard."""


def vocabulary() -> dict[str, FactType]:
    """The facts rules may ask about, with their types."""
    return {
        "industry": FactType(FactKind.TREE, _("行业"), key=lambda code: code.upper() if code else None),
        "size": FactType(FactKind.CHOICE, _("规模"), frozenset(SIZES), names=SIZES),
        "above_scale": FactType(FactKind.BOOLEAN, _("规上企业")),
        "foreign_invested": FactType(FactKind.BOOLEAN, _("外资企业")),
    }


def facts_of(party: UUID) -> Mapping[str, object]:
    """What is known of an enterprise. What is not known is not there, and no rule that asks about it fits."""
    return {}
