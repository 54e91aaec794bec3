"""What the answers of a report become: facts on the record of the enterprise, and, above, needs with an owner.

Whoever can make something of an answer registers here, at start-up, once for each kind. A report that is sent
again makes nothing anew, and one that puts another right makes the same thing right.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid5

from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext as _

from zerotrip.catalogue.packs.vocabulary import vocabulary_of
from zerotrip.duties.models import Report
from zerotrip.duties.standing.declared import spec_of
from zerotrip.errors import Invalid
from zerotrip.facts.actions import Statement, record
from zerotrip.facts.queries import vocabulary
from zerotrip.workdays.calendar import CHINA

if TYPE_CHECKING:
    from collections.abc import Mapping

    from zerotrip.catalogue.packs.folder import Pack
    from zerotrip.duties.models import Requirement
    from zerotrip.duties.standing.spec import BecomesSpec
    from zerotrip.parties.access import Actor


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer that becomes something."""

    duty: str
    """Under which name its reports are kept."""
    name: str
    """What the duty is called."""
    field: str
    label: str
    value: Any
    """None: it is not answered, or not any more."""
    answers: Mapping[str, Any]
    party: UUID
    root: UUID
    """The report it was answered in first: those that put it right have the same."""
    report: UUID
    on: date
    """The day it was so."""


Become = Callable[["BecomesSpec", Answered, "Actor", datetime], None]
"""Makes something of an answer. Raises Invalid with what is wrong at its field."""
Judge = Callable[["BecomesSpec", "Pack"], str]
"""What is wrong with a declaration in a pack; empty: nothing."""
_KINDS: dict[str, tuple[Become, Judge]] = {}
LONGEST = 20
"""Reports that put each other right."""


def register(kind: str, become: Become, judge: Judge) -> None:
    """Say what becomes of answers declared as ``kind``. Raises ImproperlyConfigured for a second one."""
    if _KINDS.setdefault(kind, (become, judge)) != (become, judge):
        raise ImproperlyConfigured(f"answers become {kind} twice")


def wrong_in(spec: BecomesSpec, pack: Pack) -> str:
    """What is wrong with a declaration in a pack; empty: nothing."""
    kind = "fact" if spec.fact is not None else "need"
    if kind not in _KINDS:
        return _("没有人处理这种结果。")
    return _KINDS[kind][1](spec, pack)


def follow(requirement: Requirement, report: Report, *, by: Actor, at: datetime) -> None:
    """Make of a report what its answers become, within the caller's transaction. Raises Invalid by field."""
    spec = spec_of(requirement)
    if not spec.becomes:
        return
    first = _root(report)
    problems: dict[str, list[str]] = {}
    for field, becomes in spec.becomes.items():
        value = report.answers.get(field)
        answered = Answered(
            duty=report.duty,
            name=str(spec.name),
            field=field,
            label=spec.label_of(field),
            value=None if value in ("", [], {}) else value,
            answers=report.answers,
            party=report.subject,
            root=first.pk,
            report=report.pk,
            on=first.at.astimezone(CHINA).date(),
        )
        try:
            _KINDS["fact" if becomes.fact is not None else "need"][0](becomes, answered, by, at)
        except Invalid as wrong:
            problems[field] = [text for texts in wrong.problems.values() for text in texts] or [wrong.message]
    if problems:
        raise Invalid(_("还不能提交。"), problems)


def _root(report: Report) -> Report:
    """The report that was put right by this one, or by those it puts right."""
    for _step in range(LONGEST):
        before = Report.objects.filter(pk=report.corrects).first() if report.corrects else None
        if before is None:
            return report
        report = before
    return report


def state(spec: BecomesSpec, answered: Answered, by: Actor, at: datetime) -> None:
    """State a fact, dated and sourced; what better sources say stays what counts, and the difference is shown."""
    if spec.fact is None or spec.source is None:
        raise AssertionError("a fact has a name and a source")
    corrects = answered.root != answered.report
    if answered.value is None and not corrects:
        return
    own = answered.party in by.acts_for
    sources = vocabulary().sources
    source = next((key for key, each in sources.items() if each.own), "") if own else spec.source
    told = Statement(spec.fact, answered.value, answered.on, source, note=answered.name[:400])
    record(answered.party, [told], by=by, at=at, key=uuid5(answered.report, answered.field))


def judge_fact(spec: BecomesSpec, pack: Pack) -> str:
    """A fact that is not declared, is worked out, is one of a period, or does not take that source."""
    words = vocabulary_of(pack)
    fact = words.facts.get(spec.fact or "")
    if fact is None or "enterprise" not in fact.of:
        return _("没有企业的事实“%(name)s”。") % {"name": spec.fact}
    if fact.computed is not None or fact.per:
        return _("事实“%(name)s”不能由一次填报得出。") % {"name": spec.fact}
    if spec.source not in words.sources or (fact.sources and spec.source not in fact.sources):
        return _("事实“%(name)s”不能来自“%(source)s”。") % {"name": spec.fact, "source": spec.source}
    return ""


register("fact", state, judge_fact)
