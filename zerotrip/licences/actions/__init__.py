"""Every write to licences."""

from zerotrip.licences.actions.choosing import open_upon
from zerotrip.licences.actions.editions import LARGEST, fulfil, next_edition_of
from zerotrip.licences.actions.issuing import issue, next_number, nothing_more, produce
from zerotrip.licences.actions.revoking import confirm_revocation, propose_revocation, turn_revocation_down
from zerotrip.licences.actions.slips import confirm_slip, propose_slip, turn_slip_down
from zerotrip.licences.actions.stopping import keep, resume, stop, suspend

__all__ = [
    "LARGEST",
    "confirm_revocation",
    "confirm_slip",
    "fulfil",
    "issue",
    "keep",
    "next_edition_of",
    "next_number",
    "nothing_more",
    "open_upon",
    "produce",
    "propose_revocation",
    "propose_slip",
    "resume",
    "stop",
    "suspend",
    "turn_revocation_down",
    "turn_slip_down",
]
