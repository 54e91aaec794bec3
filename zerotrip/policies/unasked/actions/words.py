"""What enterprises and staff are told of grants."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.core.signing import BadSignature, Signer

from zerotrip.channels.actions import tell, tell_staff
from zerotrip.parties.models import WORKING_ROLES
from zerotrip.policies.queries import spec_of
from zerotrip.rows import Writes

if TYPE_CHECKING:
    from datetime import datetime

    from zerotrip.policies.unasked.models import Grant, Run


_SALT = "zerotrip.subsidy"


def link_of(grant: Grant) -> str:
    """Where an enterprise reads of its grant: signed, so that a little of it shows before signing in."""
    return f"/subsidy/{Signer(salt=_SALT).sign(str(grant.pk))}/"


def grant_in(token: str) -> UUID | None:
    """The grant a link is about; None for one that we did not make."""
    try:
        return UUID(Signer(salt=_SALT).unsign(token))
    except (BadSignature, ValueError):
        return None


def tell_firm(grant: Grant, run: Run, template: str, *, at: datetime, key: str = "", **more: Any) -> None:
    """Tell those who act for the enterprise of a grant."""
    tell_firms([grant], run, template, at=at, key=key, **more)


def tell_firms(
    grants: Iterable[Grant], run: Run, template: str, *, at: datetime, key: str = "", **more: Any
) -> None:
    """Tell those who act for the enterprises of some grants, once for each key. Jobs are sent together."""
    writes = Writes()
    policy = spec_of(run.version_id).name.model_dump()
    for grant in grants:
        tell(
            writes,
            party=grant.party_id,
            template=template,
            context={"policy": policy, "amount": f"{grant.amount or 0:,.2f}", **more},
            link=link_of(grant),
            key=f"{grant.pk}:{key or template}",
            at=at,
        )
    writes.send()


def tell_office(run: Run, template: str, *, at: datetime, key: str, **more: Any) -> None:
    """Tell those who work on runs in the department that pays."""
    writes = Writes()
    tell_staff(
        writes,
        department=run.department_id,
        area_path=run.area_path,
        roles=WORKING_ROLES,
        template=template,
        context={"policy": spec_of(run.version_id).name.model_dump(), **more},
        link=f"/desk/unasked/{run.pk}/",
        key=f"{run.pk}:{key}",
        at=at,
    )
    writes.send()
