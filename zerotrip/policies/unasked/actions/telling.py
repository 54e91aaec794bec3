"""Enterprises are told once when something new fits them: a notice a day at most, which says how many."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, time
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import connection, transaction

from zerotrip.channels.actions import tell
from zerotrip.errors import NotFound
from zerotrip.facts.queries import day_of, vocabulary
from zerotrip.policies.asking import pairs
from zerotrip.policies.evaluating import in_force
from zerotrip.policies.queries import current
from zerotrip.policies.unasked.models import Match, Quiet
from zerotrip.rows import Writes
from zerotrip.workdays.calendar import CHINA

if TYPE_CHECKING:
    from zerotrip.parties.access import Actor

BATCH = 500
"""Enterprises told in one transaction."""


@transaction.atomic
def match(*, at: datetime) -> tuple[int, int]:
    """Compare whom every policy is for with whom it was: how many began, how many ended. One statement.

    Whoever was told of a policy before is not told of it again.
    """
    today, words = day_of(at), vocabulary()
    policies = [policy for policy in current(words) if in_force(policy.spec, today)]
    table = Match._meta.db_table
    with connection.cursor() as cursor:
        if not policies:
            cursor.execute(f'UPDATE "{table}" SET ended_at = %s WHERE ended_at IS NULL', [at])  # noqa: S608
            return 0, cursor.rowcount
        text, params = pairs(policies, words, today=today)
        statement = (
            f"WITH fits AS MATERIALIZED ({text}),"  # noqa: S608
            f' ended AS (UPDATE "{table}" m SET ended_at = %s WHERE ended_at IS NULL AND NOT EXISTS'
            " (SELECT FROM fits WHERE fits.party_id = m.party_id AND fits.policy = m.policy_id) RETURNING 1),"
            f' begun AS (INSERT INTO "{table}" (party_id, policy_id, since, told_at)'
            " SELECT fits.party_id, fits.policy, %s, (SELECT max(told_at)"
            f' FROM "{table}" b WHERE b.party_id = fits.party_id AND b.policy_id = fits.policy)'
            f' FROM fits WHERE NOT EXISTS (SELECT FROM "{table}" h WHERE h.party_id = fits.party_id'
            " AND h.policy_id = fits.policy AND h.ended_at IS NULL)"
            " ON CONFLICT (party_id, policy_id) WHERE ended_at IS NULL DO NOTHING RETURNING 1)"
            " SELECT (SELECT count(*) FROM begun), (SELECT count(*) FROM ended)"
        )
        cursor.execute(statement, [*params, at, at])
        begun, ended = cursor.fetchone()
    return begun, ended


def tell_matches(*, at: datetime) -> int:
    """Tell enterprises of what is new for them, in batches. How many were told."""
    done, last = 0, None
    while True:
        told, last = _tell_some(last, at=at)
        done += told
        if last is None:
            return done


@transaction.atomic
def _tell_some(after: UUID | None, *, at: datetime) -> tuple[int, UUID | None]:
    """The next enterprises with something new, in the order of their keys: none twice on one day."""
    morning = datetime.combine(day_of(at), time(), CHINA)
    new = Match.objects.holding().filter(told_at=None)
    new = new.filter(party__gt=after) if after else new
    parties = list(new.order_by("party").values_list("party", flat=True).distinct()[:BATCH])
    if not parties:
        return 0, None
    told_today = Match.objects.filter(party__in=parties, told_at__gte=morning).values_list("party", flat=True)
    hushed = Quiet.objects.filter(party__in=parties).values_list("party", flat=True)
    wanted = set(parties) - set(told_today) - set(hushed)
    held = list(Match.objects.holding().filter(party__in=wanted, told_at=None).select_for_update())
    _tell(held, at=at)
    Match.objects.filter(pk__in=[one.pk for one in held]).update(told_at=at)
    return len({one.party_id for one in held}), parties[-1]


def _tell(matches: Iterable[Match], *, at: datetime) -> None:
    counts: dict[UUID, int] = {}
    for one in matches:
        counts[one.party_id] = counts.get(one.party_id, 0) + 1
    writes = Writes()
    for party, count in counts.items():
        tell(
            writes,
            party=party,
            template="policies_fit",
            context={"count": count},
            link="/policies/",
            key=f"policies:{party}:{day_of(at)}",
            at=at,
        )
    writes.send()


@transaction.atomic
def hush(party_id: UUID, *, quiet: bool, by: Actor, at: datetime) -> None:
    """An enterprise does not want to be told of policies, or wants to again. Raises NotFound for another's."""
    if party_id not in by.acts_for:
        raise NotFound("party")
    if quiet:
        Quiet.objects.get_or_create(party_id=party_id, defaults={"by_id": by.account, "at": at})
    else:
        Quiet.objects.filter(party=party_id).delete()
