"""Every write to the use of licences: consent, take it back, hear what the registry says."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from zerotrip.cases.access import power_in
from zerotrip.cases.actions.confirming import Reading, agreed
from zerotrip.cases.actions.draft import open_round, sealed, unlocked_places
from zerotrip.cases.actions.owed import owe_unproved
from zerotrip.cases.models import DESK_ROLES, Case, Confirmation, Submission
from zerotrip.cases.proofs import Proof
from zerotrip.cases.rules import editable_places
from zerotrip.catalogue.queries import form_of, spec_of
from zerotrip.channels.actions import tell_staff
from zerotrip.errors import Invalid, NotFound, Refused
from zerotrip.ledger import actions as ledger
from zerotrip.licences.models import Licence
from zerotrip.licences.registries import Answer, Asked, Unanswered, registry
from zerotrip.licences.reuse.models import Fault, Grant, Proven
from zerotrip.licences.reuse.rules import consent_of, ends_too_early, fault_of, held_to, why_not
from zerotrip.parties.models import Party, PartyKind
from zerotrip.questions import FieldSpec, Kind, Words, kinds
from zerotrip.rows import Writes

if TYPE_CHECKING:
    from zerotrip.catalogue.spec import Material, Reuse
    from zerotrip.parties.access import Actor

log = logging.getLogger(__name__)

AGAIN = timedelta(days=1)
"""How long after an answer the registry is asked once more while the case is open."""
FIRST, LONGEST = timedelta(minutes=1), timedelta(hours=6)
"""How long is waited after the first silence, doubled each time, and at most."""
MOST_TRIES = 14
"""Silences after which a licence nobody confirmed counts as not proved: about two days."""


_NUMBER = FieldSpec(id="number", kind=Kind.TEXT, label=Words(zh="证照编号"), max_length=80)


class Down(Refused):
    """The registry does not answer now (409): the applicant can name the number, and the case goes on."""


@transaction.atomic
def use(case: Case, material: str, licence: Licence, *, by: Actor, at: datetime) -> Grant:
    """Let a licence held here stand in for a material of the open round. Twice is once.

    Raises Refused for a licence of another holder or kind, one that is suspended, revoked, expired or
    expires too early, and for a material that is not open.
    """
    submission, declared, reuse = _open(case, material, by=by, at=at)
    if (present := _present(submission, material)) is not None and present.licence_id == licence.pk:
        return present
    held = Licence.objects.select_for_update(of=("self",)).select_related("holder", "issuer").get(pk=licence.pk)
    if held.holder_id != case.applicant_id or held.kind not in reuse.kinds:
        raise Refused(_("这份证照不能代替“%(name)s”。") % {"name": declared.name})
    if reason := why_not(held, until=held_to(submission.case, material, at=at), at=at):
        raise Refused(reason)
    title = {"zh": held.title, "en": held.title_en}
    facts = {**held.facts, **_plain(held.number, held.holder.name, held.valid_until)}
    grant = Grant(
        licence=held,
        kind=held.kind,
        number=held.number,
        identifier=held.identifier,
        title=held.title,
        title_en=held.title_en,
        holder=held.holder.name,
        issuer=held.issuer.name,
        valid_until=held.valid_until,
        facts=held.facts,
        filled=_filled(submission, reuse, facts, at=at),
        consent=consent_of(submission.case, declared, title, held.number),
        status=Proven.VERIFIED,
        verified_at=at,
    )
    _begin(grant, submission, declared, by=by, at=at)
    details = {"case": case.number, "material": material, "service": spec_of(case.version_id).name.zh}
    ledger.append(held, "used", by=by, at=at, details=details)
    held.save(update_fields=["ledger_length", "ledger_head"])
    return grant


def fetch(case: Case, material: str, *, by: Actor, at: datetime, key: str, number: str = "") -> Grant:
    """Let the registry's licence of the applicant stand in for a material; ``number`` asks for a certain one.

    Asks before anything is locked. Raises Down when the registry does not answer as agreed, Refused when it
    has no licence that will do.
    """
    with transaction.atomic():
        submission, declared, reuse = _open(case, material, by=by, at=at)
        _require_agreed(submission.case, material, consent_of(submission.case, declared), by=by)
    found = _ask(case, reuse, number=number, key=key, at=at)
    return _take_up(case, material, found, by=by, at=at)


@transaction.atomic
def _take_up(case: Case, material: str, found: Answer, *, by: Actor, at: datetime) -> Grant:
    submission, declared, reuse = _open(case, material, by=by, at=at)
    present = _present(submission, material)
    if present is not None and present.number == found.number and present.status == Proven.VERIFIED:
        return present
    until = held_to(submission.case, material, at=at)
    if not found.holds(timezone.localtime(at).date()):
        raise Refused(_("证照库里的%(title)s已经失效，不能代替材料，请上传。") % {"title": found.title})
    if reason := ends_too_early(found.valid_until, until):
        raise Refused(reason)
    grant = Grant(
        status=Proven.VERIFIED,
        verified_at=at,
        ask_at=at + AGAIN,
        consent=consent_of(submission.case, declared),
        **_said(found),
    )
    facts = {**found.facts, **_plain(found.number, found.holder.name, found.valid_until)}
    grant.filled = _filled(submission, reuse, facts, at=at)
    _begin(grant, submission, declared, by=by, at=at)
    return grant


@transaction.atomic
def name_number(case: Case, material: str, number: str, *, by: Actor, at: datetime) -> Grant:
    """Let a licence stand in provisionally: the registry does not answer, its number is named.

    It is verified later; until then nothing is granted on it. Raises Invalid without a number.
    """
    submission, declared, reuse = _open(case, material, by=by, at=at)
    try:
        clean = kinds.clean(_NUMBER, number, today=None) if number.strip() else ""
    except kinds.Bad as bad:
        raise Invalid(str(bad), {f"material:{material}": [str(bad)]}) from bad
    if not clean or not reuse.registry:
        text = _("请填写证照编号。")
        raise Invalid(text, {f"material:{material}": [text]})
    present = _present(submission, material)
    if present is not None and present.number == clean and present.licence_id is None:
        return present
    grant = Grant(
        kind=reuse.kinds[0],
        number=clean,
        title=declared.name.zh[:120],
        title_en=declared.name.en[:160],
        consent=consent_of(submission.case, declared),
        status=Proven.PROVISIONAL,
        ask_at=at + FIRST,
    )
    _begin(grant, submission, declared, by=by, at=at)
    return grant


@transaction.atomic
def take_back(case: Case, material: str, *, by: Actor, at: datetime) -> None:
    """Take a consent back before handing in: the material can be uploaded again. What was filled in stays."""
    submission, declared, _reuse = _open(case, material, by=by, at=at)
    present = _present(submission, material)
    if present is None:
        return
    _end(present, submission.round)
    _note(submission.case, "licence_use_ended", present, by=by, at=at)
    if present.licence_id is not None:
        held = Licence.objects.select_for_update(of=("self",)).get(pk=present.licence_id)
        ledger.append(held, "use_ended", by=by, at=at, details={"case": case.number, "material": declared.id})
        held.save(update_fields=["ledger_length", "ledger_head"])


def replace(writes: Writes, proof: Proof, round_: int, by: Actor, at: datetime) -> None:
    """End a use in favour of what a round hands in. See ``cases.proofs.Keeper``."""
    if isinstance(proof, Grant):
        proof.ended_round = round_
        writes.change(proof, "ended_round")


def verify(grant: Grant, *, by: Actor, at: datetime) -> Grant:
    """Ask the registry about a use, and take down what it says. Nothing is locked while it is asked."""
    asked = registry()
    if asked is None:
        return grant
    try:
        found = asked.find(_question(grant), at=at)
    except Unanswered as unanswered:
        log.warning("the licence registry on %s: %s", grant.pk, unanswered)
        return hear_nothing(grant, unanswered, by=by, at=at)
    return hear(grant, found, by=by, at=at)


@transaction.atomic
def hear(grant: Grant, found: Answer, *, by: Actor, at: datetime) -> Grant:
    """Take an answer down. The same answer again changes nothing; another one never takes the first one's place."""
    held = _locked(grant)
    if held is None:
        return grant
    held.tries, held.ask_at = 0, at + AGAIN
    if not found.holds(timezone.localtime(at).date()):
        return _fail(held, Fault.NOT_VALID, by=by, at=at)
    if held.status == Proven.PROVISIONAL:
        return _confirm(held, found, by=by, at=at)
    held.verified_at = at
    said = _said(found)
    if _as_kept(said) != _as_kept({name: getattr(held, name) for name in said}):
        _keep_other(held, _as_kept(said), by=by, at=at)
    held.save(update_fields=["tries", "ask_at", "verified_at", "differs", "differs_at"])
    return held


def _confirm(held: Grant, found: Answer, *, by: Actor, at: datetime) -> Grant:
    for name, value in _said(found).items():
        setattr(held, name, value)
    held.status, held.verified_at = Proven.VERIFIED, at
    if (fault := fault_of(held, at=at)) is not Fault.NONE:
        return _fail(held, fault, by=by, at=at)
    held.save()
    _note(held.case, "licence_verified", held, by=by, at=at)
    return held


@transaction.atomic
def hear_nothing(grant: Grant, unanswered: Unanswered, *, by: Actor, at: datetime) -> Grant:
    """The registry did not answer as agreed: it is asked again later, or the use fails for good."""
    held = _locked(grant)
    if held is None:
        return grant
    held.tries += 1
    if unanswered.permanent or (held.status == Proven.PROVISIONAL and held.tries >= MOST_TRIES):
        return _fail(held, unanswered.fault, by=by, at=at)
    held.ask_at = at + min(FIRST * 2 ** (held.tries - 1), LONGEST)
    held.save(update_fields=["tries", "ask_at"])
    return held


@transaction.atomic
def look_at(grant: Grant, *, by: Actor, at: datetime) -> Grant:
    """A licence held here that was stopped, or has expired, proves nothing any more."""
    held = _locked(grant)
    if held is None or held.status != Proven.VERIFIED:
        return grant
    fault = fault_of(held, at=at)
    return held if fault is Fault.NONE else _fail(held, fault, by=by, at=at)


def _fail(held: Grant, fault: Fault, *, by: Actor, at: datetime) -> Grant:
    """The use proves nothing: staff are told, and the material is owed once the case was accepted."""
    held.status, held.fault = Proven.FAILED, fault
    held.ask_at = None
    held.save()
    case = held.case
    _note(case, "licence_failed", held, by=by, at=at, reason=str(fault.label))
    if case.submitted_at is None or case.decided_at is not None:
        return held
    owe_unproved(case, by=by, at=at, reason=str(fault.label))
    _tell_office(held, "staff_licence_failed", at=at, key=f"{held.pk}:failed")
    return held


def _keep_other(held: Grant, said: dict[str, Any], *, by: Actor, at: datetime) -> None:
    """A second answer that says something else: kept beside the first, once, and shown to staff."""
    if held.differs == said:
        return
    held.differs, held.differs_at = said, at
    _note(held.case, "licence_differs", held, by=by, at=at)
    if held.case.submitted_at is not None:
        _tell_office(held, "staff_licence_differs", at=at, key=f"{held.pk}:{held.case.ledger_length}")


def _tell_office(held: Grant, template: str, *, at: datetime, key: str) -> None:
    case, spec = held.case, spec_of(held.case.version_id)
    writes = Writes()
    tell_staff(
        writes,
        department=case.department_id,
        area_path=case.area_path,
        roles=sorted(DESK_ROLES),
        template=template,
        context={
            "number": case.number,
            "service": spec.name.model_dump(),
            "material": spec.material(held.material).name.model_dump(),
            "licence": held.number,
        },
        link=f"/desk/cases/{case.number}/",
        key=key,
        at=at,
    )
    writes.send()


def _locked(grant: Grant) -> Grant | None:
    """The use with its case locked, unless it was ended or the case is over."""
    case = Case.objects.select_for_update(of=("self",)).get(pk=grant.case_id)
    held = Grant.objects.select_for_update(of=("self",)).select_related("licence").filter(pk=grant.pk).first()
    if held is None or held.ended_round is not None or held.status == Proven.FAILED or case.closed_at is not None:
        return None
    held.case = case
    return held


def _open(case: Case, material: str, *, by: Actor, at: datetime) -> tuple[Submission, Material, Reuse]:
    """The open round with its case locked, and what the pack says of the material."""
    locked = Case.objects.select_for_update(of=("self",)).select_related("applicant", "department").get(pk=case.pk)
    submission = open_round(locked, by, at)
    submission.case = locked
    declared = next((m for m in spec_of(locked.version_id).materials if m.id == material), None)
    if declared is None or declared.licence is None:
        raise NotFound(_("这个事项没有这件材料。"))
    places = editable_places(locked, unlocked_places(submission, at=at))
    opened = {f"material:{material}", *declared.licence.fills}
    if places is not None and not opened & {place.split(".", 1)[0] for place in places}:
        raise Refused(_("这件材料不在补正范围内，不能修改。"))
    return submission, declared, declared.licence


def _present(submission: Submission, material: str) -> Grant | None:
    return Grant.objects.live().filter(case=submission.case_id, material=material).first()


def _begin(grant: Grant, submission: Submission, declared: Material, *, by: Actor, at: datetime) -> None:
    """Write a use down in place of the one there was, fill the form in, and journal it."""
    case, round_ = submission.case, submission.round
    said = _require_agreed(case, declared.id, grant.consent, by=by)
    if (present := _present(submission, declared.id)) is not None:
        _end(present, round_)
    grant.case, grant.material, grant.round = case, declared.id, round_
    grant.consented_by_id, grant.consented_at = by.account, at
    if said is not None:
        grant.confirmation, grant.consented_at = said, said.confirmed_at or at
        grant.consented_by_id = said.account_id or by.account
    grant.save(force_insert=True)
    submission.owed = {key: how for key, how in submission.owed.items() if key != declared.id}
    answers = {**submission.answers, **grant.filled}
    submission.answers = sealed(form_of(case.version_id), answers, before=submission.answers)
    submission.save(update_fields=["owed", "answers"])
    _note(case, "licence_used", grant, by=by, at=at)


def _require_agreed(case: Case, material: str, consent: Mapping[str, str], *, by: Actor) -> Confirmation | None:
    """How the applicant agreed to exactly this, where a clerk keys in for them; None on their own side.

    Raises Refused while they did not: their yes to the whole application does not let a licence be read.
    """
    power = power_in(case, by)
    if power is None or not power.assists:
        return None
    said = agreed(case, Reading(material, consent))
    if said is None:
        raise Refused(_("请先由申请人单独同意读取电子证照：发确认码，或者签字。不同意的，请收材料。"))
    return said


def _end(grant: Grant, round_: int) -> None:
    grant.ended_round = round_
    grant.save(update_fields=["ended_round"])


def _note(case: Case, action: str, grant: Grant, *, by: Actor, at: datetime, reason: str = "") -> None:
    details = {"name": f"{grant.title} {grant.number}", "material": grant.material, "grant": str(grant.pk)}
    ledger.append(case, action, by=by, at=at, reason=reason, details=details)
    case.save(update_fields=["ledger_length", "ledger_head"])


def _ask(case: Case, reuse: Reuse, *, number: str, key: str, at: datetime) -> Answer:
    """The registry's licence of the applicant, of the first kind it has."""
    asked, holder = registry(), Party.objects.get(pk=case.applicant_id)
    if asked is None or not reuse.registry or holder.kind != PartyKind.ENTERPRISE:
        raise Refused(_("这件材料不能向证照库调取，请上传。"))
    purpose = spec_of(case.version_id).name.zh
    silent: Unanswered | None = None
    for kind in reuse.kinds:
        question = Asked(key=f"{key}:{kind}", kind=kind, holder=holder.uscc, number=number, purpose=purpose)
        try:
            return asked.find(question, at=at)
        except Unanswered as unanswered:
            log.warning("the licence registry on %s: %s", case.number, unanswered)
            silent = silent if silent and not silent.permanent else unanswered
    if silent is not None and silent.permanent:
        raise Refused(_("证照库里没有查到可以代替这件材料的证照，请上传。")) from silent
    raise Down(_("证照库暂时没有应答。您可以填写证照编号先办，我们稍后自动核验；也可以直接上传。")) from silent


def _question(grant: Grant) -> Asked:
    spec = spec_of(grant.case.version_id)
    holder = Party.objects.values_list("uscc", flat=True).get(pk=grant.case.applicant_id)
    return Asked(
        key=f"{grant.pk}:{grant.tries}:{int((grant.ask_at or grant.consented_at).timestamp())}",
        kind=grant.kind,
        holder=holder,
        number=grant.number,
        purpose=spec.name.zh,
    )


def _said(found: Answer) -> dict[str, Any]:
    """What an answer says, as the columns of a use."""
    return {
        "kind": found.kind,
        "number": found.number,
        "identifier": found.identifier,
        "title": found.title,
        "title_en": found.title_en,
        "holder": found.holder.name,
        "issuer": found.issuer,
        "valid_until": found.valid_until,
        "facts": dict(found.facts),
    }


def _as_kept(said: Mapping[str, Any]) -> dict[str, Any]:
    """What was said in plain JSON, to compare and to keep."""
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in said.items()}


def _plain(number: str, holder: str, valid_until: date | None) -> dict[str, str]:
    """What every licence says besides its facts."""
    end = {"valid_until": valid_until.isoformat()} if valid_until else {}
    return {"number": number, "holder": holder, **end}


def _filled(submission: Submission, reuse: Reuse, facts: Mapping[str, str], *, at: datetime) -> dict[str, Any]:
    """What a licence fills in: every fact its field takes. What does not fit is left to the applicant."""
    form, today = form_of(submission.case.version_id), timezone.localtime(at).date()
    values: dict[str, Any] = {}
    for name, fact in reuse.fills.items():
        if name in form.fields and facts.get(fact):
            try:
                values[name] = kinds.clean(form.fields[name].spec, facts[fact], today=today)
            except kinds.Bad:
                continue
    return values
