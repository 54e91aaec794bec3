"""What a page says of licences that stand in for materials, or could."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from zerotrip.cases import proofs
from zerotrip.cases.actions.confirming import refused_materials
from zerotrip.licences.reuse.models import Grant
from zerotrip.licences.reuse.queries import Offer, offers
from zerotrip.web.requests import typed
from zerotrip.web.templatetags.show import say

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from zerotrip.cases.models import Case, Submission
    from zerotrip.web.requests import Request


@dataclass(frozen=True)
class Offered:
    """What could stand in for each material, and for which the applicant wants to upload all the same."""

    offers: Mapping[str, Offer] = field(default_factory=dict)
    own: str = ""
    """The material for which an upload is wanted."""
    down: str = ""
    """The material about which the registry gave no answer."""
    number: str = ""
    """What was typed as the number of its licence."""
    keyed_in: bool = False
    """A clerk keys in: the applicant is asked on a page of its own."""
    refused: Collection[str] = ()
    """The materials for which the applicant said no there."""


NOTHING = Offered()


def offered(request: Request, case: Case, *, down: str = "") -> Offered:
    """What could stand in for the materials of an open round; one query where the service reuses any."""
    own = request.GET.get("own", "")[:60]
    found, number = offers(case, at=request.now), typed(request, "number", most=80)
    keyed_in = request.helping is not None and request.helping.assists
    refused = refused_materials(case) if keyed_in and found else ()
    return Offered(found, own, down, number, keyed_in, refused)


def fixed_fields(case: Case, submission: Submission) -> dict[str, str]:
    """The fields a licence fills in, with what is said below each."""
    found = proofs.in_round(proofs.of_case(case), submission.round)
    notes: dict[str, str] = {}
    for grant in found.values():
        if isinstance(grant, Grant):
            words = _("取自%(title)s（电子证照），不用填。") % {"title": say(grant.words)}
            notes |= dict.fromkeys(grant.filled, words)
    return notes
