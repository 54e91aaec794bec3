"""Two enterprises that turn out to be one: what hangs on the one moves to the other, and can move back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models import ForeignKey, Q
from django.utils.translation import gettext as _

from zerotrip.enterprises.access import may_merge
from zerotrip.enterprises.models import Merger
from zerotrip.errors import Invalid, NotAllowed, Refused
from zerotrip.facts.actions import derive
from zerotrip.facts.models import Standing
from zerotrip.ledger import actions as ledger
from zerotrip.parties.models import Membership, MembershipKind, Party, PartyKind

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import Model

    from zerotrip.parties.access import Actor

LONGEST_REASON = 400


@dataclass(frozen=True)
class Held:
    """How many rows of one kind hang on a party."""

    place: str
    """``app.Model.field``."""
    count: int


def _places() -> Iterator[tuple[str, type[Model], ForeignKey[Any, Any]]]:
    """Every foreign key to a party, whichever app declares it, but for what is derived or about mergers."""
    for relation in Party._meta.get_fields(include_hidden=True):
        field = getattr(relation, "field", None)
        model = getattr(relation, "related_model", None)
        if not relation.auto_created or not isinstance(field, ForeignKey) or model in (Standing, Merger, None):
            continue
        if field.name == "merged_into":
            continue
        yield f"{model._meta.label}.{field.name}", model, field


def holdings(party: Party) -> list[Held]:
    """What hangs on a party, counted: a look ahead at what a merger moves."""
    counted = (
        Held(place, model._default_manager.filter(**{field.name: party}).count())
        for place, model, field in _places()
    )
    return [held for held in counted if held.count]


@transaction.atomic
def merge(survivor_id: UUID, loser_id: UUID, *, reason: str, by: Actor, at: datetime) -> Merger:
    """All that hangs on ``loser`` hangs on ``survivor`` from now on; ``loser`` has ended and points there.

    The same merger again is the one that is there. Who acts for both goes on acting for the survivor; what a
    constraint does not let the survivor have twice stays where it is and is told. Raises Invalid without a
    reason, NotAllowed for whoever does not lead over both, Refused when one of them is no enterprise or ended.
    """
    reason = " ".join(reason.split())
    if not reason or len(reason) > LONGEST_REASON:
        text = _("请写明为什么是同一家（最多 %(most)d 字）。") % {"most": LONGEST_REASON}
        raise Invalid(text, {"reason": [text]})
    survivor, loser = _locked(survivor_id, loser_id)
    if (found := Merger.objects.standing().filter(survivor=survivor, loser=loser).first()) is not None:
        return found
    _require_two(survivor, loser, by=by)
    ended = _end_shared(survivor, loser, at=at)
    moved, stayed = _move(loser, survivor)
    loser.ended_at, loser.merged_into = at, survivor
    merger = Merger.objects.create(
        survivor=survivor,
        loser=loser,
        reason=reason,
        moved=moved,
        stayed=stayed,
        ended=ended,
        merged_by_id=by.account,
        merged_at=at,
    )
    told = {"merger": str(merger.pk), "moved": {place: len(keys) for place, keys in moved.items()}}
    _journal(survivor, "merge", by=by, at=at, reason=reason, details=told | {"loser": loser.uscc})
    _journal(loser, "merged", by=by, at=at, reason=reason, details=told | {"survivor": survivor.uscc})
    Standing.objects.filter(party=loser).delete()
    derive([survivor], at=at)
    return merger


def _locked(*keys: UUID) -> list[Party]:
    rows = Party.objects.select_for_update(of=("self",)).filter(pk__in=keys).order_by("pk")
    found = {row.pk: row for row in rows}
    if len(found) < len(set(keys)) or len(set(keys)) < 2:
        raise Refused(_("请选择两家不同的企业。"))
    return [found[key] for key in keys]


def _require_two(survivor: Party, loser: Party, *, by: Actor) -> None:
    if survivor.kind != PartyKind.ENTERPRISE or loser.kind != PartyKind.ENTERPRISE:
        raise Refused(_("只有企业可以合并。"))
    if survivor.ended_at is not None or loser.ended_at is not None:
        raise Refused(_("其中一家已经合并或注销，请刷新后再看。"))
    if not may_merge(by, survivor, loser):
        raise NotAllowed(_("合并由管辖两家企业的负责人办理。"))


def _end_shared(survivor: Party, loser: Party, *, at: datetime) -> list[str]:
    """End what the survivor has too, so that it goes on with it: an agent of both; somebody named to help with a
    subject the survivor has somebody for. And whoever is named for the one and acts for the other: one firm's agent
    is not its helper."""
    kept = Membership.objects.in_force(at).filter(organisation=survivor)
    lost = Membership.objects.in_force(at).filter(organisation=loser)
    agents, helpers = Q(kind=MembershipKind.AGENT), Q(kind=MembershipKind.HELPER)
    shared = Q(
        pk__in=lost.filter(
            agents & Q(person__in=kept.filter(agents).values("person"))
            | helpers & Q(subject__in=kept.filter(helpers).values("subject"))
            | helpers & Q(person__in=kept.filter(agents).values("person"))
        ).values("pk")
    ) | Q(pk__in=kept.filter(helpers, person__in=lost.filter(agents).values("person")).values("pk"))
    ended = []
    for membership in Membership.objects.filter(shared).order_by("pk").select_for_update():
        if membership.during.lower is not None and membership.during.lower >= at:
            continue
        membership.during = DateTimeTZRange(membership.during.lower, at)
        membership.save(update_fields=["during"])
        ended.append(str(membership.pk))
    return ended


def _move(
    source: Party, target: Party, only: Mapping[str, list[str]] | None = None
) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """Let rows that point to ``source`` point to ``target``: which did, and which a constraint held back.

    With ``only``, no others than these. What somebody has with both stays: it has ended there.
    """
    moved: dict[str, list[str]] = {}
    stayed: dict[str, list[str]] = {}
    for place, model, field in _places():
        rows = model._default_manager.filter(**{field.name: source})
        if only is not None:
            rows = rows.filter(pk__in=only.get(place, []))
        keys = [str(key) for key in rows.order_by("pk").values_list("pk", flat=True)]
        if not keys:
            continue
        gone = _moved(model, field.name, keys, target)
        moved |= {place: gone} if gone else {}
        left = [key for key in keys if key not in set(gone)]
        stayed |= {place: left} if left else {}
    return moved, stayed


def _moved(model: type[Model], name: str, keys: list[str], target: Party) -> list[str]:
    """Move all at once, or, where the target cannot have them all, one by one."""
    rows = model._default_manager
    try:
        with transaction.atomic():
            rows.filter(pk__in=keys).update(**{name: target})
    except IntegrityError:
        if len(keys) == 1:
            return []
        return [key for one in keys for key in _moved(model, name, [one], target)]
    return keys


def _journal(
    party: Party, action: str, *, by: Actor, at: datetime, reason: str = "", details: dict[str, Any] | None = None
) -> None:
    ledger.append(party, action, by=by, at=at, reason=reason, details=details)
    party.save(update_fields=["ended_at", "merged_into", "ledger_length", "ledger_head"])


@transaction.atomic
def unmerge(merger_id: UUID, *, by: Actor, at: datetime) -> tuple[Merger, int]:
    """They are two after all: exactly what moved moves back. Also how many rows could not, for they moved on.

    What came to the survivor since stays with it. Raises Refused when one of the two has gone elsewhere since,
    or the number of the loser was registered anew; NotAllowed as ``merge``.
    """
    merger = Merger.objects.select_for_update(of=("self",)).filter(pk=merger_id).first()
    if merger is None or merger.undone_at is not None:
        raise Refused(_("这次合并已经撤销。"))
    survivor, loser = _locked(merger.survivor_id, merger.loser_id)
    if survivor.ended_at is not None:
        raise Refused(_("%(name)s后来又并入了另一家，请先撤销那一次合并。") % {"name": survivor.name})
    if not may_merge(by, survivor, loser):
        raise NotAllowed(_("合并由管辖两家企业的负责人办理。"))
    if Party.objects.live().filter(uscc=loser.uscc).exists():
        raise Refused(_("代码 %(uscc)s 后来又登记了一家，请先处理那一家。") % {"uscc": loser.uscc})
    loser.ended_at = loser.merged_into = None
    _journal(loser, "unmerged", by=by, at=at, details={"merger": str(merger.pk)})
    _journal(survivor, "unmerge", by=by, at=at, details={"merger": str(merger.pk), "loser": loser.uscc})
    back, _stayed = _move(survivor, loser, only=merger.moved)
    for membership in Membership.objects.filter(pk__in=merger.ended, during__endswith=merger.merged_at):
        _go_on(membership)
    merger.undone_at, merger.undone_by_id = at, by.account
    merger.save(update_fields=["undone_at", "undone_by"])
    derive([survivor, loser], at=at)
    return merger, sum(map(len, merger.moved.values())) - sum(map(len, back.values()))


def _go_on(membership: Membership) -> None:
    """What a merger ended goes on, unless somebody else came in its place since."""
    membership.during = DateTimeTZRange(membership.during.lower, None)
    try:
        with transaction.atomic():
            membership.save(update_fields=["during"])
    except IntegrityError:
        return
