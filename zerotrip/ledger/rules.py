"""What an entry of the journal needs."""

from __future__ import annotations

from django.utils.translation import gettext as _

from zerotrip.errors import Invalid

LONGEST_REASON = 400


def reason_of(text: str) -> str:
    """The reason somebody typed, in one line. Raises Invalid for none, or one over ``LONGEST_REASON``."""
    reason = " ".join(text.split())
    if not reason or len(reason) > LONGEST_REASON:
        told = _("请写明理由（最多 %(most)d 字）。") % {"most": LONGEST_REASON}
        raise Invalid(told, {"reason": [told]})
    return reason
