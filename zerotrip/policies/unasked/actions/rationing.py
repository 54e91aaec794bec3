"""Where there are only so many places or so much money, a run is cut in the declared order, and keeps to them."""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db.models import Count, Exists, F, OuterRef, Q, Sum
from django.utils.translation import gettext as _

from zerotrip.catalogue.tariffs import money as yuan
from zerotrip.facts.queries import day_of
from zerotrip.policies.models import Policy
from zerotrip.policies.queries import spec_of
from zerotrip.policies.unasked.models import LIVE, Grant, GrantStatus, Run, RunStatus
from zerotrip.policies.unasked.ranking import Ranked, Standing, order_of, ranked, room_of
from zerotrip.rows import change_many
from zerotrip.workdays.calendar import CHINA

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID

    from zerotrip.policies.spec import Limited

AT_ONCE = 2_000
"""Grants changed by one statement."""


def ration(run: Run) -> dict[str, Any]:
    """Cut a locked run, whose amounts are worked out, to what is left of a limit. What was taken, as it is kept.

    Under the lock of the policy: two runs never count the same place. Empty where nothing is limited.
    """
    limited = spec_of(run.version_id).limited
    if limited is None:
        return {}
    Policy.objects.select_for_update(of=("self",), no_key=True).get(pk=run.policy_id)
    places, money = used(run, limited)
    standing = list(_standing(run, limited))
    amounts = {one.key: one.amount for one in standing}
    found = list(ranked(standing, room_of(limited, places=places, money=money)))
    _keep(found, limited)
    taken = [one.key for one in found if not one.lacks]
    return {
        "used_places": places,
        "used_money": f"{money:.2f}",
        "places": len(taken),
        "money": f"{sum((amounts[key] for key in taken), Decimal(0)):.2f}",
        "left_out": len(found) - len(taken),
    }


def used(run: Run, limited: Limited) -> tuple[int, Decimal]:
    """How many places and how much money other runs of the policy have taken, in the same time.

    What a bank returned counts while it can be paid to another account.
    """
    same = {name: OuterRef(name) for name in ("policy", "party", "period")}
    again = Grant.objects.live().filter(**same).exclude(run=run)
    waits = Q(status=GrantStatus.RETURNED, run__status=RunStatus.CLOSED) & ~Exists(again)
    rows = Grant.objects.filter(Q(status__in=LIVE) | waits, policy=run.policy_id, run__ready_at__isnull=False)
    since, until = _time(limited.per, day_of(run.as_of))
    if since is not None and until is not None:
        rows = rows.filter(evaluated_at__gte=since, evaluated_at__lt=until)
    found = rows.exclude(run=run).aggregate(places=Count("pk"), money=Sum("amount"))
    return found["places"], found["money"] or Decimal(0)


def _time(per: str, day: date) -> tuple[datetime | None, datetime | None]:
    """From when to when a limit is counted; nothing where it is once for all."""
    if not per:
        return None, None
    months = {"year": 12, "quarter": 3, "month": 1}[per]
    first = (day.month - 1) // months * months
    start = day.year * 12 + first
    begun, over = (date(at // 12, at % 12 + 1, 1) for at in (start, start + months))
    return datetime.combine(begun, time(), CHINA), datetime.combine(over, time(), CHINA)


def _standing(run: Run, limited: Limited) -> Iterable[Standing[UUID]]:
    """Those of a run who are to have a sum, by the facts it is frozen with."""
    names = [rank.fact for rank in limited.rank]
    values = {f"rank_{at}": F(f"facts__{name}__value") for at, name in enumerate(names)}
    rows = Grant.objects.filter(run=run, status=GrantStatus.PROPOSED).annotate(**values).order_by("pk")
    for key, amount, *told in rows.values_list("pk", "amount", *values).iterator(chunk_size=AT_ONCE):
        yield Standing(key, amount or Decimal(0), order_of(dict(zip(names, told, strict=True)), limited.rank))


def _keep(found: list[Ranked[UUID]], limited: Limited) -> None:
    """Write down where each stands, and why it did not reach them."""
    for start in range(0, len(found), AT_ONCE):
        some = {one.key: one for one in found[start : start + AT_ONCE]}
        grants = list(Grant.objects.only("status", "reason", "rank").filter(pk__in=some))
        for grant in grants:
            one = some[grant.pk]
            grant.rank = one.rank
            if one.lacks:
                grant.status, grant.reason = GrantStatus.WITHHELD, _why(one, limited)
        change_many(grants, "status", "reason", "rank")


def _why(one: Ranked[UUID], limited: Limited) -> str:
    if one.lacks == "order":
        return _("排先后要用的事实还不知道，排不进名单")
    limit = _("%(count)d 个名额") % {"count": limited.places} if one.lacks == "places" else ""
    limit = limit or _("总额 %(sum)s") % {"sum": yuan(limited.budget or Decimal(0))}
    told = {"rank": one.rank, "limit": limit, "level": one.level}
    if one.level:
        return _("并列第 %(rank)d 位的有 %(level)d 家，%(limit)s余下的不够都给，都不列入") % told
    return _("排在第 %(rank)d 位，%(limit)s已经用完") % told
