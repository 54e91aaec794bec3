"""What was applied for and granted counts too: the same policy is not paid once more for the same period."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from zerotrip.errors import Refused
from zerotrip.facts.queries import day_of
from zerotrip.ledger import actions as ledger
from zerotrip.parties.access import SYSTEM
from zerotrip.policies.models import Policy
from zerotrip.policies.queries import spec_of
from zerotrip.policies.unasked.models import Grant, GrantStatus
from zerotrip.policies.unasked.periods import period_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from zerotrip.cases.models import Case


def _policies(case: Case, *, at: datetime) -> Iterator[tuple[str, str]]:
    """The policies whose benefit comes without application too that a case applies for, with the period."""
    rows = Policy.objects.published().filter(current__definition__apply__service=case.spec.id)
    for slug, version in rows.values_list("slug", "current"):
        unasked = spec_of(version).unasked
        if unasked is not None and unasked.by == "us":
            yield slug, period_of(unasked.period, day_of(at))


def take_up_case(case: Case, *, at: datetime) -> list[Grant]:
    """A case is granted: nobody gets the same for the same period from a run. Within the caller's transaction.

    Raises Refused where a run was first. The same again changes nothing.
    """
    made = []
    for slug, period in _policies(case, at=at):
        if Grant.objects.filter(case=case, policy=slug).exists():
            continue
        grant = Grant(
            policy_id=slug,
            case=case,
            party_id=case.applicant_id,
            department_id=case.department_id,
            area_path=case.area_path,
            period=period,
            status=GrantStatus.AGREED,
            evaluated_at=at,
        )
        ledger.append(grant, "applied", by=SYSTEM, at=at, details={"case": case.number, "period": period})
        try:
            with transaction.atomic():
                grant.save(force_insert=True)
        except IntegrityError:
            raise Refused(_("申请人这一期已经享受这项政策，或者正在免申发放，不能重复给予。")) from None
        made.append(grant)
    return made
