"""Every write to facts: what packs declare, what is stated, what counts."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid5

from django.db import transaction
from django.utils.translation import gettext as _

from zerotrip.errors import Invalid, NotAllowed, NotFound
from zerotrip.facts import columns, models
from zerotrip.facts.models import Fact, Standing
from zerotrip.facts.queries import day_of, vocabulary
from zerotrip.facts.spec import FactsSpec
from zerotrip.facts.vocabulary import KINDS, NUMERIC, Unfit, Vocabulary, ends_a_period, value_of
from zerotrip.facts.worth import known
from zerotrip.ledger import actions as ledger
from zerotrip.parties.models import Party, PartyKind

if TYPE_CHECKING:
    from zerotrip.facts.spec import FactSpec
    from zerotrip.parties.access import Actor

BATCH = 500
"""Enterprises derived in one transaction."""


@dataclass(frozen=True)
class Statement:
    """What somebody says of a party, as it was written."""

    name: str
    value: Any
    """None takes back what the same source stated of that day."""
    as_of: date
    source: str
    unit: str = ""
    """Where it is not the fact's own."""
    note: str = ""


@transaction.atomic
def declare(pack: str, spec: FactsSpec | None, *, at: datetime) -> bool:
    """Make the facts of a pack the ones there are; None takes them away. Whether anything changed.

    What counts of every enterprise is then derived anew, by the worker.
    """
    row = models.Declaration.objects.select_for_update().filter(pack=pack, current=True).first()
    definition = spec.model_dump(mode="json", exclude_defaults=True) if spec else {}
    digest = hashlib.sha256(json.dumps(definition, ensure_ascii=False, sort_keys=True).encode()).hexdigest()
    if (row.digest if row else "") == (digest if spec else ""):
        return False
    models.Declaration.objects.filter(pack=pack, current=True).update(current=False)
    if spec:
        models.Declaration.objects.create(pack=pack, definition=definition, digest=digest, loaded_at=at)
    columns.arrange(vocabulary().facts.values())
    Standing.objects.update(derive_on=date.min)
    return True


@transaction.atomic
def record(
    party_id: UUID, statements: Sequence[Statement], *, by: Actor, at: datetime, key: UUID, reason: str = ""
) -> list[Fact]:
    """Write down what is said of a party; all of it or nothing. The same key again changes nothing.

    Raises Invalid with the messages by name of the fact, NotFound, and NotAllowed for somebody who may not
    say so: staff of another area, or anybody but the party itself for what a party says of itself.
    """
    party = Party.objects.select_for_update(of=("self",)).filter(pk=party_id, ended_at=None).first()
    if party is None:
        raise NotFound(_("没有找到这家企业。"))
    words = vocabulary()
    _require_may_state(party, statements, words, by=by)
    facts = _checked(party, statements, words, by=by, at=at, key=key)
    there = list(Fact.objects.filter(pk__in=[fact.pk for fact in facts]))
    if there:
        return there
    Fact.objects.bulk_create(facts)
    told = {"key": str(key), "facts": sorted({fact.name for fact in facts})}
    ledger.append(party, "facts", by=by, at=at, reason=reason, details=told)
    party.save(update_fields=["ledger_length", "ledger_head"])
    derive([party], at=at, words=words)
    return facts


def _require_may_state(party: Party, statements: Iterable[Statement], words: Vocabulary, *, by: Actor) -> None:
    if by.is_system:
        return
    own = party.pk in by.acts_for
    seated = party.kind == PartyKind.ENTERPRISE and any(
        party.area_path.startswith(seat.area_path) for seat in by.seats
    )
    if not own and not seated:
        raise NotFound(_("没有找到这家企业。"))
    for one in statements:
        source = words.sources.get(one.source)
        if source is not None and source.own != own:
            raise NotAllowed(_("这项只能由企业自己填报。") if source.own else _("您只能以自己的名义填报。"))


def _checked(
    party: Party, statements: Iterable[Statement], words: Vocabulary, *, by: Actor, at: datetime, key: UUID
) -> list[Fact]:
    problems: dict[str, list[str]] = {}
    found: list[Fact] = []
    for one in statements:
        try:
            value = checked(one, words, kind=str(party.kind), today=day_of(at))
        except Unfit as unfit:
            problems.setdefault(one.name, []).append(str(unfit))
            continue
        found.append(
            Fact(
                id=uuid5(key, f"{party.pk}:{one.name}:{one.source}:{one.as_of}"),
                party=party,
                name=one.name,
                value=value,
                source=one.source,
                as_of=one.as_of,
                note=one.note,
                recorded_by_id=by.user_id,
                recorded_at=at,
            )
        )
    if problems:
        raise Invalid(_("有 %(count)d 项没有填对。") % {"count": len(problems)}, problems)
    return found


def checked(one: Statement, words: Vocabulary, *, kind: str, today: date) -> Any:
    """The value of a statement as it is kept. Raises Unfit with what is wrong with it."""
    spec = words.facts.get(one.name)
    if spec is None or kind not in spec.of:
        raise Unfit(_("没有“%(name)s”这个事实。") % {"name": one.name})
    if spec.computed is not None:
        raise Unfit(_("“%(label)s”由其他事实推算，不用填报。") % {"label": spec.label})
    if one.source not in words.sources or (spec.sources and one.source not in spec.sources):
        raise Unfit(_("“%(label)s”不能来自“%(source)s”。") % {"label": spec.label, "source": one.source})
    if one.as_of > today:
        raise Unfit(_("日期还没有到：%(day)s。") % {"day": one.as_of})
    if not ends_a_period(spec, one.as_of):
        raise Unfit(_("“%(label)s”要写所属期的最后一天。") % {"label": spec.label})
    return None if one.value is None else value_of(spec, one.value, unit=one.unit)


def derive(parties: Iterable[Party], *, at: datetime, words: Vocabulary | None = None) -> None:
    """Work out what counts of these enterprises and keep it, within the caller's transaction."""
    words = words or vocabulary()
    firms = {party.pk: party for party in parties if party.kind == PartyKind.ENTERPRISE}
    stated: dict[UUID, list[Fact]] = {key: [] for key in firms}
    for fact in Fact.objects.filter(party__in=firms, recorded_at__lte=at):
        stated[fact.party_id].append(fact)
    specs = words.of_kind(PartyKind.ENTERPRISE)
    names = tuple(spec.id for spec in specs)
    rows = []
    for key, firm in firms.items():
        found = known(words, stated[key], today=day_of(at), area_path=firm.area_path)
        again = found.until + timedelta(days=1) if found.until else None
        values = (_stored(spec, found.worths[spec.id].value) for spec in specs)
        rows.append((key, firm.area_path, at, again, *values))
    columns.write(names, rows)


def _stored(spec: FactSpec, value: Any) -> Any:
    if value is None:
        return None
    if KINDS[spec.kind] in NUMERIC:
        return Decimal(value)
    return date.fromisoformat(value) if spec.kind == "date" else value


def derive_due(*, at: datetime, most: int = 100_000) -> int:
    """Derive the enterprises of which something is no longer so, in batches. Returns how many."""
    done = 0
    while done < most:
        count = _derive_some(at=at)
        done += count
        if count < BATCH:
            break
    return done


@transaction.atomic
def _derive_some(*, at: datetime) -> int:
    due = Standing.objects.filter(derive_on__lte=day_of(at)).order_by("derive_on", "party_id")
    keys = list(due.select_for_update(skip_locked=True).values_list("party_id", flat=True)[:BATCH])
    derive(Party.objects.filter(pk__in=keys), at=at)
    return len(keys)
