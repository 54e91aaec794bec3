"""A warning stands while its rule holds: each night those that have turned are closed, with their figures."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from zerotrip.cases.models import Assignment, AssignmentStatus
from zerotrip.catalogue.spec import StageKind
from zerotrip.channels.actions import tell
from zerotrip.criteria import Faults, Rule, Truth, select
from zerotrip.duties.actions.owing import keep, tell_owner
from zerotrip.duties.models import Kind, Obligation, Requirement, Status
from zerotrip.facts.columns import columns
from zerotrip.facts.models import Fact, Standing
from zerotrip.facts.queries import day_of, vocabulary
from zerotrip.facts.worth import known
from zerotrip.parties.access import SYSTEM
from zerotrip.relief.visits.declared import spec_of
from zerotrip.relief.visits.showing import kept_figures, then_and_now
from zerotrip.rows import Writes

if TYPE_CHECKING:
    from zerotrip.facts.vocabulary import Vocabulary
    from zerotrip.facts.worth import Known
    from zerotrip.parties.access import Actor

BATCH = 500
"""Warnings closed in one transaction."""
STANDING = (Status.OPEN, Status.HANDED_IN)
"""Of a warning: nobody has decided yet, or the firm is followed."""


def turn_all(*, at: datetime) -> int:
    """Close the warnings the rules of which hold no more, one statement for each edition. Returns how many.

    What is unknown has not turned: a firm that reports nothing is followed on.
    """
    words, turned = vocabulary(), 0
    stand = Obligation.objects.filter(kind=Kind.WARNING, status__in=STANDING)
    for row in Requirement.objects.filter(pk__in=stand.values("requirement")).order_by("pk"):
        try:
            rule = words.rule(spec_of(row).when)
        except Faults:  # a fact it asks about is declared no more: nobody can tell
            continue
        holds = select(rule, columns(words), today=day_of(at))
        well = Standing.objects.annotate(holds=holds).filter(holds=False).values("party")
        keys = list(stand.filter(requirement=row, about__in=well).order_by("pk").values_list("pk", flat=True))
        for start in range(0, len(keys), BATCH):
            turned += _turn(row, rule, words, keys[start : start + BATCH], at=at)
    return turned


@transaction.atomic
def _turn(row: Requirement, rule: Rule, words: Vocabulary, keys: Sequence[UUID], *, at: datetime) -> int:
    """Close these where their figures, looked at once more, still say so."""
    rows = Obligation.objects.filter(pk__in=keys, status__in=STANDING)
    held = list(rows.select_for_update(of=("self",)).select_related("about").order_by("pk"))
    stated: dict[UUID, list[Fact]] = defaultdict(list)
    for fact in Fact.objects.filter(party__in=[one.about_id for one in held], recorded_at__lte=at):
        stated[fact.party_id].append(fact)
    writes, turned = Writes(), 0
    for one in held:
        if one.about is None:
            continue
        one.requirement = row
        found = known(words, stated[one.about.pk], today=day_of(at), area_path=one.about.area_path)
        if rule.explain(found.facts(day_of(at))).truth is not Truth.NO:
            continue
        turn(writes, one, found, by=SYSTEM, at=at)
        turned += 1
    writes.send()
    return turned


def turn(writes: Writes, held: Obligation, found: Known, *, by: Actor, at: datetime) -> None:
    """Close a locked warning with the figures it turned upon; whoever helps the firm is told, once each."""
    words = vocabulary()
    rule = words.rule(spec_of(held.requirement).when)
    kept = kept_figures(rule, found, words)
    figures = then_and_now(held.context.get("figures", []), kept, words)
    held.context = {**held.context, "turned": {"at": at.isoformat(), "figures": kept, "said": figures}}
    writes.change(held, "context")
    keep(writes, held, by=by, at=at, note=_("指标已恢复"), recovered=True)
    tell_owner(writes, held, "warning_turned", key=f"{held.pk}:turned", at=at, figures=figures)
    context = {**held.context, "what": held.words, "figures": figures}
    for person, number in _helpers(held).items():  # the same key: nobody is told twice
        link = f"/desk/cases/{number}/"
        tell(
            writes,
            party=person,
            template="warning_turned",
            context=context,
            link=link,
            key=f"{held.pk}:turned",
            at=at,
        )


def _helpers(held: Obligation) -> dict[UUID, str]:
    """The people who help with what came out of visits since the warning, each with the number of a need; but for
    whoever decides on the warning."""
    visits = Obligation.objects.filter(kind=Kind.VISIT, about=held.about_id, opened_at__gte=held.opened_at)
    work = Assignment.objects.filter(
        case__need__source="visit",
        case__need__source_id__in=visits.values("pk"),
        kind=StageKind.HELP.value,
        status__in=(AssignmentStatus.OPEN, AssignmentStatus.DONE),
        assignee__isnull=False,
    )
    people = work.exclude(assignee__person=held.owner_id).order_by("case__number")
    return dict(people.values_list("assignee__person", "case__number"))
