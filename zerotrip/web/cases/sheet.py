"""A case as a sheet: answers beside what they were, materials by name, the clock as it stands."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from zerotrip.cases.models import ProposalKind, ProposalStatus
from zerotrip.cases.states import Result, Status
from zerotrip.catalogue.queries import findings_form_of, form_of, place_name, spec_of, stage_name, whole_form_of
from zerotrip.catalogue.tariffs import work_out
from zerotrip.licences.certificates import labels_of
from zerotrip.licences.reuse.models import Grant
from zerotrip.parties.queries import area_names
from zerotrip.questions import Kind
from zerotrip.web.templatetags.show import spell
from zerotrip.workdays.calendar import working_time_between
from zerotrip.workdays.limits import Unit
from zerotrip.workdays.queries import calendar_for

if TYPE_CHECKING:
    from zerotrip.cases.models import Clock, Material
    from zerotrip.cases.queries import File
    from zerotrip.catalogue.tariffs import WorkedOut
    from zerotrip.questions import Field, Form, Section
    from zerotrip.workdays.limits import Due


@dataclass(frozen=True)
class AnswerLine:
    """One answer as it reads, and as it read in the round before."""

    label: str
    text: str
    place: str = ""
    before: str = ""
    changed: bool = False


@dataclass(frozen=True)
class AnswerSection:
    """A section of answers, with where to change them."""

    title: str
    url: str
    lines: list[AnswerLine]


def shown_answers(file: File, *, compare: bool = False) -> list[AnswerSection]:
    """What was answered, section by section; with ``compare``, beside what the round before said."""
    if file.shown is None:
        return []
    form = form_of(file.case.version_id)
    names = _names_of_areas(form, [r.answers for r in (file.shown, file.before) if r])
    shown = form.show(file.shown.answers, area_name=names)
    earlier = (
        form.show(file.before.answers, area_name=names) if compare and file.before else [(s, []) for s, _l in shown]
    )
    return [
        AnswerSection(
            title=section.title,
            url=_edit_url(file, section),
            lines=_beside(form, lines, before, compare=compare and file.before is not None),
        )
        for (section, lines), (_section, before) in zip(shown, earlier, strict=True)
    ]


Shown = list[tuple[str, "Field", str]]


def _beside(form: Form, lines: Shown, before: Shown, *, compare: bool) -> list[AnswerLine]:
    """Each answer beside the earlier one; what is no longer there comes last."""
    earlier = {place: text for place, _item, text in before}
    here = {place for place, _item, _text in lines}
    gone = [(place, item, "") for place, item, text in before if place not in here and text]
    return [
        AnswerLine(
            label=_label(form, place, item),
            text=text,
            place=place,
            before=earlier.get(place, ""),
            changed=compare and earlier.get(place, "") != text,
        )
        for place, item, text in [*lines, *gone]
    ]


def _label(form: Form, place: str, item: Field) -> str:
    """The label of a field; in a group with the group's and the number of the row: ``设备 1 · 名称``."""
    group, _dot, rest = place.partition(".")
    if not rest:
        return str(item.spec.label)
    row = int(rest.partition(".")[0]) + 1
    return f"{form.fields[group].spec.label} {row} · {item.spec.label}"


def asked(file: File) -> list[tuple[str, str]]:
    """What the open correction asks for: the name of each place, and what to do there."""
    places = file.correction.places if file.correction else {}
    return [(place_name(file.case.version_id, place), message) for place, message in places.items()]


def letters(file: File) -> list[tuple[str, str]]:
    """What the agency wrote to the applicant, by name and kind: see ``licences.letters.letter_of``."""
    found = [(_("容缺受理通知书") if file.make_ups else _("受理通知书"), "acceptance")]
    found = found if file.case.accepted_at else []
    found += _numbered(_("补正告知书"), "correction", [each.round for each in file.corrections])
    found += _numbered(_("特别程序告知书"), "procedure", range(1, len(file.suspensions) + 1))
    found += [
        (str(_TOLD[one.what]), f"told-{at}")
        for at, one in enumerate([one for one in file.heard.tellings if one.to_applicant], 1)
    ]
    extension = file.proposal(ProposalKind.EXTENSION)
    if extension is not None and extension.status == ProposalStatus.APPROVED:
        found.append((_("延长办理期限告知书"), "extension"))
    if file.rehearsed:
        found.append((_("预审意见书"), "rehearsal"))
    if file.decision:
        found.append((_decision_name(file), "decision"))
    slips = [entry.details["changes"] for entry in file.history if entry.action == "confirm_slip"]
    found += _numbered(_("更正通知书"), "slip", range(1, len(slips) + 1))
    found += _numbered(_("更正前的决定书"), "first", [at for at, told in enumerate(slips, 1) if _of_decision(told)])
    if any(entry.action == "licence_revoked" for entry in file.history):
        found.append((_("撤销、撤回或者吊销决定书"), "revocation"))
    return found


_TOLD = {
    "view": gettext_lazy("陈述申辩权利告知书"),
    "right": gettext_lazy("听证权利告知书"),
    "hearing": gettext_lazy("听证通知书"),
}


def _of_decision(changes: list[dict[str, str]]) -> bool:
    """Whether a correction changed what the decision letter says, and not only a certificate."""
    return any(change["place"] in ("reasons", "conditions") for change in changes)


def _numbered(name: str, kind: str, numbers: Iterable[int]) -> list[tuple[str, str]]:
    """Letters of one kind: with their count where there are several."""
    listed = list(dict.fromkeys(numbers))
    if len(listed) < 2:
        return [(name, f"{kind}-{number}") for number in listed]
    several = _("%(name)s（第 %(number)d 次）")
    return [(several % {"name": name, "number": at}, f"{kind}-{number}") for at, number in enumerate(listed, 1)]


def _decision_name(file: File) -> str:
    filing = file.spec.category == "filing"
    names = {
        Result.GRANTED: _("准予备案决定书") if filing else _("准予许可决定书"),
        Result.REFUSED: _("不予备案决定书") if filing else _("不予许可决定书"),
        Result.DECLINED: _("不予受理决定书"),
        Result.TERMINATED: _("终止办理决定书"),
    }
    return names[Result(file.decision.verdict)] if file.decision else ""


def correctable(file: File) -> list[tuple[str, list[AnswerLine]]]:
    """Every field a correction can name, with its answer; a group once, with its rows below one another."""
    form = form_of(file.case.version_id)
    answers = file.shown.answers if file.shown else {}
    names = _names_of_areas(form, [answers])
    found: list[tuple[str, list[AnswerLine]]] = []
    for section, lines in form.show(answers, area_name=names):
        texts: dict[str, dict[str, list[str]]] = {}
        for place, _item, text in lines:
            root, _dot, rest = place.partition(".")
            texts.setdefault(root, {}).setdefault(rest.partition(".")[0], []).append(text)
        asked = [bound.field for bound in form.bind(answers, section=section.id)]
        found.append(
            (
                section.title,
                [
                    AnswerLine(str(item.spec.label), _rows(texts.get(item.id, {})), item.id)
                    for item in asked
                    if item.spec.computed is None and item.kind is not Kind.FILE
                ],
            )
        )
    return found


def _rows(rows: dict[str, list[str]]) -> str:
    return "\n".join(" · ".join(filter(None, texts)) for texts in rows.values())


def _edit_url(file: File, section: Section) -> str:
    if not file.is_applicant or file.case.status != Status.DRAFT:
        return ""
    return reverse("case-section", args=[file.case.number, section.id])


def _names_of_areas(form: Form, rounds: list[dict[str, Any]]) -> Callable[[str], str]:
    codes = {
        value["area"]
        for answers in rounds
        for name, value in answers.items()
        if name in form.fields and form.fields[name].kind is Kind.ADDRESS and isinstance(value, dict)
        if isinstance(value.get("area"), str)
    }
    names = area_names(codes) if codes else {}
    return lambda code: names.get(code, code)


@dataclass(frozen=True)
class ClockView:
    """A running clock as it stands: working time left, how much is used, and its colour."""

    left: timedelta
    percent: int
    tone: str
    day: timedelta

    @property
    def late(self) -> bool:
        """Past its end."""
        return self.left < timedelta()

    @property
    def words(self) -> str:
        """The time left: working days from one day on, else hours and minutes; past the end, plain days."""
        if self.late and self.left <= -timedelta(days=1):
            count = abs(self.left) // timedelta(days=1)
            return ngettext("%(count)s 日", "%(count)s 日", count) % {"count": count}
        if self.late or self.left < self.day:
            return spell(self.left)
        count = self.left // self.day
        return ngettext("%(count)s 个工作日", "%(count)s 个工作日", count) % {"count": count}


def findings(file: File) -> list[tuple[str, str]]:
    """What the opinions that stand found: label and text. Applicants read it once the case is decided."""
    if not file.findings or (file.is_applicant and file.decision is None):
        return []
    form = findings_form_of(file.case.version_id)
    return [(str(field.spec.label), form.text_at(file.findings, name)) for name, field in form.fields.items()]


def amounts(file: File) -> list[tuple[str, WorkedOut]]:
    """What the service costs and what it pays by the answers shown, each with its heading."""
    version_id = file.case.version_id
    spec, form = spec_of(version_id), whole_form_of(version_id)
    if file.shown is None or (spec.tariff is None and spec.pays is None):
        return []
    values = {**form_of(version_id).check(file.shown.answers).values, **file.findings}
    tariffs = ((_("应缴费用"), spec.tariff), (_("预计可领"), spec.pays))
    return [(title, work_out(tariff, form, values)) for title, tariff in tariffs if tariff is not None]


WATCH_FROM = 75
"""Per cent of a limit after which it is watched."""


def clock_view(file: File, now: datetime) -> ClockView | None:
    """How the clock that counts now stands; None while none runs or it is paused."""
    clock = file.running
    if clock is None or clock.due_at is None:
        return None
    calendar = calendar_for(file.case.area_path)
    if clock.unit == Unit.HOURS:
        return _around_the_clock(clock.started_at, clock.due_at, now)
    whole = working_time_between(clock.started_at, clock.due_at, calendar)
    left = working_time_between(now, clock.due_at, calendar) if now <= clock.due_at else clock.due_at - now
    if clock.unit == Unit.WORKING_DAYS and clock.amount:
        # The day it came in on is not counted, and is no more time than the law gives.
        limit = float(clock.amount) * timedelta(minutes=calendar.minutes_a_day)
        whole, left = min(whole, limit), min(left, limit)
    used = 100 if left <= timedelta() or not whole else round(100 * (1 - left / whole))
    tone = "late" if left < timedelta() else "watch" if used >= WATCH_FROM else ""
    return ClockView(left, max(0, min(100, used)), tone, timedelta(minutes=calendar.minutes_a_day))


def _around_the_clock(since: datetime, due_at: datetime, now: datetime) -> ClockView:
    """A clock that nights and holidays do not stop."""
    left = due_at - now
    used = 100 if left <= timedelta() else round(100 * (1 - left / (due_at - since)))
    tone = "late" if left < timedelta() else "watch" if used >= WATCH_FROM else ""
    return ClockView(left, max(0, min(100, used)), tone, timedelta(days=3650))


@dataclass(frozen=True)
class ToldClock:
    """A clock as the desk tells it: what it measures, how it stands, and how its end comes about."""

    named: str
    due_at: datetime | None
    ended_at: datetime | None
    late: bool
    provisional: bool
    basis: dict[str, str]
    derivation: Due


def told_clock(file: File, clock: Clock, now: datetime) -> ToldClock:
    """A clock of the case with its derivation. One of a stage is named after it."""
    named = str(clock.get_name_display())
    work = next((one for one in file.assignments if one.pk == clock.assignment_id), None)
    if work is not None:
        named = stage_name(file.spec, work.stage)
    late = clock.due_at is not None and clock.due_at < (clock.ended_at or now)
    return ToldClock(named, clock.due_at, clock.ended_at, late, clock.provisional, clock.basis, file.explain(clock))


@dataclass(frozen=True)
class Hand:
    """One hand on a drafted decision."""

    by: str
    at: datetime
    approved: bool
    opinion: str


@dataclass(frozen=True)
class Hands:
    """Who drafted a decision, and who approved or returned the draft."""

    by: str
    at: datetime
    hands: list[Hand]


def hands(file: File) -> list[Hands]:
    """The drafts of the decision, each with those who had a hand in it."""
    return [
        Hands(
            file.names.get(draft.drafted_by_id, ""),
            draft.drafted_at,
            [Hand(file.names.get(a.by_id, ""), a.at, a.approved, a.opinion) for a in draft.approvals.all()],
        )
        for draft in file.proposals
        if draft.kind == ProposalKind.DECISION
    ]


@dataclass(frozen=True)
class NamedMaterial:
    """The files of one material: those of the shown round, which of them are new, and those they replaced."""

    name: str
    files: list[Material]
    new: frozenset[UUID] = frozenset()
    gone: tuple[Material, ...] = ()


def named_materials(file: File, *, compare: bool = False) -> list[NamedMaterial]:
    """The files of the shown round under the names of their materials; beside those of the round before."""
    form = form_of(file.case.version_id)
    names = {material.id: str(material.name) for material in file.spec.materials}
    names |= {item.id: str(item.spec.label) for item in form.fields.values() if item.kind is Kind.FILE}
    before = file.files_of(file.before) if compare and file.before else file.materials
    return [
        _compared(names.get(key, key), file.materials.get(key, []), before.get(key, []))
        for key in dict.fromkeys([*file.materials, *before])
    ]


@dataclass(frozen=True)
class ToldProof:
    """A licence that stands in for a material: what it says, and what stands against it."""

    material: str
    grant: Grant
    trouble: str
    waiting: str
    facts: list[tuple[str, str, str]]
    """Label, what the licence says, and what the form says where that is something else."""
    newer: bool
    """The licence was changed or renewed since it was read."""
    differs: list[tuple[str, str, str]]
    """Label, the first answer and a later one, where they are not the same."""


def proofs(file: File, now: datetime) -> list[ToldProof]:
    """The licences that stand in for materials in the shown round, those this reader is concerned with."""
    return [_proof(file, grant, now) for grant in file.proved.values() if isinstance(grant, Grant)]


def _proof(file: File, grant: Grant, now: datetime) -> ToldProof:
    declared = file.spec.material(grant.material)
    form, answers = form_of(file.case.version_id), file.shown.answers if file.shown else {}
    fields = {fact: name for name, fact in declared.licence.fills.items()} if declared.licence else {}
    listed = labels_of(grant.licence) if grant.licence else ()
    labels = {pair[0]: pair[1] for pair in listed} | {
        fact: str(form.fields[name].spec.label) for fact, name in fields.items()
    }
    told = {**grant.facts, **({"valid_until": grant.valid_until.isoformat()} if grant.valid_until else {})}
    facts = [
        (labels.get(fact, _FACTS.get(fact, fact)), text, _other(form, fields.get(fact, ""), answers, text))
        for fact, text in grant.facts.items()
    ]
    second = grant.differs or {}
    return ToldProof(
        material=str(declared.name),
        grant=grant,
        trouble="" if file.case.decided_at else grant.trouble(at=now),
        waiting="" if file.case.decided_at else grant.waiting(at=now),
        facts=facts,
        newer=grant.licence is not None and grant.licence.status == "replaced",
        differs=_differences(told | {"number": grant.number, "holder": grant.holder}, second, labels),
    )


def _other(form: Form, name: str, answers: dict[str, Any], text: str) -> str:
    """What the form says, where it is not what the licence says."""
    said = form.text_at(answers, name) if name and name in answers else text
    return "" if said == text or answers.get(name) == text else said


def _differences(
    first: dict[str, str], second: dict[str, Any], labels: dict[str, str]
) -> list[tuple[str, str, str]]:
    later = {key: str(second.get(key) or "") for key in ("number", "holder", "valid_until")} if second else {}
    later |= second.get("facts", {})
    return [
        (labels.get(key, str(_FACTS.get(key, key))), first.get(key, ""), later[key])
        for key in later
        if first.get(key, "") != later[key]
    ]


_FACTS = {
    "number": gettext_lazy("证照编号"),
    "holder": gettext_lazy("持证人"),
    "valid_until": gettext_lazy("有效期至"),
    "name": gettext_lazy("名称"),
    "representative": gettext_lazy("法定代表人（负责人）"),
    "address": gettext_lazy("住所"),
    "scope": gettext_lazy("经营范围"),
    "capital": gettext_lazy("注册资本"),
    "established": gettext_lazy("成立日期"),
}
"""What facts are called that registries are asked for."""


def _compared(name: str, files: list[Material], before: list[Material]) -> NamedMaterial:
    had, have = {each.blob_id for each in before}, {each.blob_id for each in files}
    return NamedMaterial(
        name,
        files,
        new=frozenset(each.pk for each in files if each.blob_id not in had),
        gone=tuple(each for each in before if each.blob_id not in have),
    )
