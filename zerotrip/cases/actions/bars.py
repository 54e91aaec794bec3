"""Bars from applying again: what false materials and fraud lead to (行政许可法 arts. 78, 79), and their end."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zerotrip.cases.access import works_on
from zerotrip.cases.models import Bar, BarKind, Case
from zerotrip.catalogue.queries import spec_of
from zerotrip.channels.actions import tell
from zerotrip.errors import Invalid, NotAllowed, NotFound, Refused, Stale
from zerotrip.ledger import actions as ledger
from zerotrip.parties.models import LEADING_ROLES
from zerotrip.questions.words import Words
from zerotrip.rows import Writes, fetch
from zerotrip.workdays.calendar import CHINA
from zerotrip.workdays.limits import months_after

if TYPE_CHECKING:
    from collections.abc import Collection
    from uuid import UUID

    from zerotrip.cases.actions.step import Work
    from zerotrip.catalogue.spec import ServiceSpec
    from zerotrip.parties.access import Actor

MONTHS = {BarKind.FALSE: 12, BarKind.FRAUD: 36}
"""How long each lasts, in months: set by the law, not by a pack."""
ARTICLES = {BarKind.FALSE: gettext_lazy("第七十八条"), BarKind.FRAUD: gettext_lazy("第七十九条")}


def require_licence(work: Work) -> None:
    """Raise Refused unless the case is about a licence: the articles speak of no other decision."""
    if work.spec.category != "permit":
        raise Refused(_("只有行政许可适用《行政许可法》第七十八条。"))


def ends(kind: BarKind, at: datetime) -> datetime:
    """When a bar that begins at ``at`` is over: with the last day of its years (民法典 arts. 201, 202)."""
    last = months_after(at.astimezone(CHINA).date(), MONTHS[kind])
    return datetime.combine(last + timedelta(days=1), time(), tzinfo=CHINA)


def bar(writes: Writes, case: Case, kind: BarKind, *, reason: str, at: datetime) -> Bar | None:
    """Bar the applicant of a case from its licence, where that directly concerns safety; tell them. Else None.

    What the case brought about is in the same transaction, which its row's lock belongs to.
    """
    spec = case.spec
    if spec.safety is None:
        return None
    made = Bar(
        kind=kind,
        party_id=case.applicant_id,
        case_id=case.pk,
        licence=spec.barred_as,
        named=spec.outcome.name.model_dump(),
        reason=reason,
        since=at,
        until=ends(kind, at),
    )
    writes.insert(made)
    tell(
        writes,
        party=case.applicant_id,
        template="barred",
        context={"number": case.number, "licence": made.named, "until": made.until},
        link=f"/cases/{case.number}/",
        key=f"{case.pk}:barred:{kind}",
        at=at,
    )
    return made


def barred(spec: ServiceSpec, parties: Collection[UUID], *, at: datetime) -> dict[UUID, Bar]:
    """Those of ``parties`` who may not apply for what a service issues or acts upon, each with the longest bar.

    Giving a licence up is open to everybody.
    """
    upon = spec.outcome.upon
    if not parties or spec.category != "permit" or (upon is not None and upon.act == "cancel"):
        return {}
    found = fetch(Bar, party_id=list(parties), licence=spec.barred_as, lifted_at=None)
    return {each.party_id: each for each in sorted(found, key=lambda one: one.until) if each.holds(at)}


def why_barred(found: Bar) -> str:
    """Why, until when, by which article, and what can be done about it."""
    told = _(
        "申请人因%(ground)s，%(day)s前不能再次申请“%(licence)s”（《行政许可法》%(article)s，办件 %(number)s）。"
        "认为原决定有误的，可以依法申请行政复议或者提起行政诉讼；原决定被撤销或者更正的，限制随之解除。"
    )
    return told % {
        "ground": BarKind(found.kind).label,
        "day": formats.date_format(timezone.localtime(found.until), "DATE_FORMAT"),
        "licence": Words.model_validate(found.named),
        "article": ARTICLES[BarKind(found.kind)],
        "number": found.case.number,
    }


def require_may_apply(spec: ServiceSpec, party: UUID, *, at: datetime) -> None:
    """Raise Refused while the party is barred from this licence."""
    if (found := barred(spec, [party], at=at).get(party)) is not None:
        raise Refused(why_barred(found))


def require_may_hand_in(case: Case, *, at: datetime) -> None:
    """Raise Invalid, at the place that says when to apply, while the applicant is barred from this licence."""
    found = barred(spec_of(case.version_id), [case.applicant_id], at=at).get(case.applicant_id)
    if found is not None:
        text = why_barred(found)
        raise Invalid(text, {"apply": [text]})


def may_lift(case: Case, actor: Actor) -> bool:
    """Whether ``actor`` lifts bars that come from a case: who leads the department, on nobody's side."""
    return works_on(case, actor, LEADING_ROLES)


@transaction.atomic
def lift_bar(bar: Bar, *, reason: str, by: Actor, at: datetime) -> Bar:
    """End a bar, because what it rests on was corrected, or annulled on review. The party is told.

    Raises NotAllowed unless ``by`` leads the department, Invalid without a reason, Stale when it is over.
    """
    case = Case.objects.select_for_update(of=("self",)).filter(pk=bar.case_id).first()
    found = Bar.objects.filter(pk=bar.pk).first()
    if case is None or found is None:
        raise NotFound(_("没有找到这项限制。"))
    if not may_lift(case, by):
        raise NotAllowed(_("解除限制由作出决定的部门的负责人办理，申请人一方的应当回避。"))
    if found.lifted_at is not None and found.lifted_by_id == by.user_id and found.lifted_because == reason.strip():
        return found
    if not found.holds(at):
        raise Stale(_("这项限制已经解除或者到期。"))
    if not reason.strip():
        raise Invalid(_("请写明理由。"), {"reason": [_("请写明原决定怎样被撤销或者更正，申请人会看到。")]})
    found.lifted_at, found.lifted_by_id, found.lifted_because = at, by.account, reason.strip()
    found.save(update_fields=["lifted_at", "lifted_by", "lifted_because"])
    ledger.append(case, "lift_bar", by=by, at=at, reason=found.lifted_because, details={"kind": found.kind})
    case.save(update_fields=["ledger_length", "ledger_head"])
    _tell_lifted(case, found, at=at)
    return found


def _tell_lifted(case: Case, found: Bar, *, at: datetime) -> None:
    writes = Writes()
    tell(
        writes,
        party=found.party_id,
        template="bar_lifted",
        context={
            "number": case.number,
            "what": found.named or {"zh": "告知承诺", "en": "commitments"},
            "reason": found.lifted_because,
        },
        link=f"/cases/{case.number}/",
        key=f"{found.pk}:lifted",
        at=at,
    )
    writes.send()
