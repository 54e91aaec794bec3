"""What departments decide about proposed policies: publish one, or let it go."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from zerotrip.errors import NotAllowed, NotFound, Stale
from zerotrip.ledger import actions as ledger
from zerotrip.parties.models import Party, Role
from zerotrip.policies.loading import note, publish_version
from zerotrip.policies.models import Act, Policy, PolicyVersion, Publication

if TYPE_CHECKING:
    from zerotrip.parties.access import Actor

DECIDING = (Role.LEADER, Role.HEAD, Role.ADMINISTRATOR)
"""Who decides what people are told: those who lead a department, or administer it."""


def may_decide(actor: Actor) -> bool:
    """Whether this person may publish or discard what is proposed."""
    return actor.is_system or bool(actor.seats_as(*DECIDING))


@transaction.atomic
def publish(slug: str, *, version: UUID, by: Actor, at: datetime, reason: str = "") -> Policy:
    """Make the proposed version of a policy the one people are told of.

    What was granted stays on the version it was granted under. The same version again changes nothing.
    Raises NotFound, NotAllowed, and Stale where another version is proposed by now.
    """
    policy = _held(slug, by=by)
    if policy.current_id == version:
        return policy
    proposed = _proposed(policy, version)
    policy.proposed = None
    publish_version(policy, proposed, by=by, at=at, reason=reason)
    return policy


@transaction.atomic
def discard(slug: str, *, version: UUID, by: Actor, at: datetime, reason: str) -> Policy:
    """Let the proposed version of a policy go: what is published stays. The same again changes nothing.

    Raises NotFound, NotAllowed, and Stale where another version is proposed by now.
    """
    policy = _held(slug, by=by)
    last = Publication.objects.filter(policy=policy, version=version).order_by("-at").first()
    if policy.proposed_id is None and last is not None and last.act == Act.DISCARD:
        return policy
    proposed = _proposed(policy, version)
    note(policy, proposed.pk, Act.DISCARD, by=by, at=at, reason=reason)
    policy.proposed = None
    policy.save(update_fields=["proposed"])
    return policy


def _held(slug: str, *, by: Actor) -> Policy:
    """The policy, locked. Raises NotAllowed for somebody who may not decide."""
    policy = Policy.objects.visible_to(by) if not by.is_system else Policy.objects.all()
    held = policy.select_for_update(of=("self",)).filter(slug=slug).first()
    if held is None:
        raise NotFound(_("没有找到这项政策。"))
    if not may_decide(by):
        raise NotAllowed(_("公布或不采用政策，由部门负责人或管理员决定。"))
    return held


def _proposed(policy: Policy, version: UUID) -> PolicyVersion:
    found = policy.proposed
    if found is None or found.pk != version:
        raise Stale(_("这项政策的修订稿已经变了，请看过现在的再决定。"))
    return found


@transaction.atomic
def note_export(slug: str, *, rows: int, wish: dict[str, str], by: Actor, at: datetime) -> None:
    """Write down, with the department of whoever did it, that a list of enterprises was taken out.

    Raises NotAllowed for somebody without a seat.
    """
    if not by.seats:
        raise NotAllowed(_("这是工作人员的页面，您没有岗位。"))
    office = Party.objects.select_for_update(of=("self",)).get(pk=by.seats[0].department_id)
    ledger.append(office, "policy_list", by=by, at=at, details={"policy": slug, "rows": rows, "filter": wish})
    office.save(update_fields=["ledger_length", "ledger_head"])
