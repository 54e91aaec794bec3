"""The applicant's own yes where a clerk does the typing: a code sent to their phone, or their signature."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from zerotrip.cases import proofs
from zerotrip.cases.access import power_in, require_may_act
from zerotrip.cases.models import Case, Confirmation, Material, Means, Purpose
from zerotrip.cases.models.doors import MOST_TRIES
from zerotrip.cases.states import Status
from zerotrip.catalogue.queries import spec_of
from zerotrip.channels.actions import send_code
from zerotrip.channels.models import Transport
from zerotrip.channels.transports import Undeliverable
from zerotrip.errors import Invalid, NotFound, Refused
from zerotrip.files.actions import store
from zerotrip.ledger import actions as ledger
from zerotrip.parties import seals
from zerotrip.parties.mandates import confirm_mandate
from zerotrip.parties.models import Deed, Mandate, User
from zerotrip.parties.queries import accounts_of
from zerotrip.rows import fetch

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from uuid import UUID

    from zerotrip.cases.models import Submission
    from zerotrip.files.store import Readable
    from zerotrip.parties.access import Actor

VALID = timedelta(minutes=10)
"""How long a code may be told."""


@dataclass(frozen=True, slots=True)
class Addressee:
    """Somebody on the applicant's side whom a code can be sent to."""

    account: UUID
    name: str
    address: str
    transport: Transport
    language: str

    @property
    def masked(self) -> str:
        """The address as a clerk sees it: ``139****0001``, ``l***@example.test``."""
        if self.transport == Transport.SMS:
            return f"{self.address[:3]}****{self.address[-4:]}"
        name, _at, host = self.address.partition("@")
        return f"{name[:1]}***@{host}"


def addressees(case: Case, *, at: datetime) -> list[Addressee]:
    """Who can say yes for the applicant: they, those who act for them, those they mandated for this case."""
    service = spec_of(case.version_id).id
    mandates = Mandate.objects.in_force(at).filter(principal=case.applicant_id, kind="delegated")
    agents = mandates.filter(Q(case=case.pk) | Q(services__contains=[service])).values("agent")
    return _reached(Q(pk__in=accounts_of(case.applicant_id, at=at)) | Q(pk__in=agents))


def principals(mandate: Mandate, *, at: datetime) -> list[Addressee]:
    """Who can say yes to a mandate for its principal: they, or those who act for them; its agent never."""
    return _reached(Q(pk__in=accounts_of(mandate.principal_id, at=at)) & ~Q(pk=mandate.agent_id))


def _reached(wanted: Q) -> list[Addressee]:
    accounts = User.objects.filter(wanted, is_active=True).order_by("created_at", "pk")
    found = []
    for account in accounts:
        transport, address = (Transport.SMS, account.phone) if account.phone else (Transport.EMAIL, account.email)
        if address:
            found.append(Addressee(account.pk, account.person.name, address, transport, account.language))
    return found


def fingerprint(submission: Submission) -> str:
    """The digest of all that a round says: answers, materials, what comes later, how it is to be handled."""
    files = sorted((material.key, material.blob_id) for material in fetch(Material, submission_id=submission.pk))
    proved = sorted(proofs.of_submission(submission))
    said = [submission.answers, files, proved, submission.owed, submission.committed, submission.case.mode]
    return hashlib.sha256(json.dumps(said, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def confirmed(submission: Submission) -> Confirmation | None:
    """The applicant's yes to a round as it is now, if they gave it."""
    return Confirmation.objects.filter(
        case=submission.case_id,
        purpose=Purpose.HAND_IN,
        fingerprint=fingerprint(submission),
        confirmed_at__isnull=False,
    ).first()


def require_confirmed(submission: Submission, *, by: Actor) -> None:
    """Refuse what a clerk keyed in and the applicant has not said yes to, as it is now. Raises Invalid."""
    power = power_in(submission.case, by)
    if power is None or not power.assists or confirmed(submission) is not None:
        return
    text = _("请先由申请人确认：把验证码发到申请人手机，或打印申请表由申请人签字后上传。内容改动后要重新确认。")
    raise Invalid(text, {"confirmation": [text]})


@dataclass(frozen=True, slots=True)
class Reading:
    """What an applicant is asked: whether a licence may be read for a material, in these words."""

    material: str
    sentence: Mapping[str, str]

    @property
    def fingerprint(self) -> str:
        """The digest of exactly this: another licence, or another material, is another question."""
        return hashlib.sha256(f"{self.material}\0{self.sentence['zh']}".encode()).hexdigest()


def ask_code(
    case: Case, purpose: Purpose, *, to: Addressee, by: Actor, at: datetime, reading: Reading | None = None
) -> Confirmation:
    """Send a code to somebody on the applicant's side, who tells it if they agree; ``reading`` is what a
    licence is to be read for. Not within a transaction: the message goes out at once. Raises Refused when
    it cannot be sent.
    """
    asked = Confirmation(
        case=case,
        purpose=purpose,
        fingerprint=_fingerprint(case, purpose, reading),
        about=reading.material if reading else "",
    )
    told = {
        "number": case.number,
        "service": spec_of(case.version_id).name,
        "link": f"{settings.SITE_URL}/cases/{case.number}/",
    }
    return _send(asked, to, told | {"sentence": reading.sentence if reading else {}}, by=by, at=at)


def ask_mandate_code(mandate: Mandate, *, to: Addressee, by: Actor, at: datetime) -> Confirmation:
    """Send a code to the principal of a mandate a clerk recorded. As ``ask_code``."""
    told = {"agent": mandate.agent.person.name, "principal": mandate.principal.name, "until": mandate.during.upper}
    return _send(Confirmation(mandate=mandate, purpose=Purpose.MANDATE), to, told, by=by, at=at)


def _send(asked: Confirmation, to: Addressee, told: Mapping[str, Any], *, by: Actor, at: datetime) -> Confirmation:
    code = f"{secrets.randbelow(1_000_000):06}"
    asked.means, asked.sent_to, asked.account_id = Means.CODE, to.masked, to.account
    asked.asked_by_id, asked.asked_at, asked.expires_at = by.account, at, at + VALID
    asked.code_digest = _digest(asked, code)
    asked.save(force_insert=True)
    with translation.override(to.language):
        subject = str(_("窗口办理确认码"))
        words = {**told, "code": code, "minutes": VALID.seconds // 60}
        if sentence := told.get("sentence"):
            words["sentence"] = sentence["zh" if to.language.startswith("zh") else "en"]
        if "until" in told:
            words["until"] = date_format(timezone.localtime(told["until"] - timedelta(minutes=1)), "DATE_FORMAT")
        body = _words(Purpose(asked.purpose)) % words
    try:
        send_code(transport=to.transport, to=to.address, subject=subject, body=body, at=at, valid=VALID)
    except Undeliverable as error:
        raise Refused(_("确认码没有发出去，请稍后再试，或者改为纸上签字。")) from error
    return asked


def _fingerprint(case: Case, purpose: Purpose, reading: Reading | None) -> str:
    if reading is not None:
        return reading.fingerprint
    return fingerprint(_round(case)) if purpose == Purpose.HAND_IN else ""


def _words(purpose: Purpose) -> str:
    if purpose == Purpose.TAKE_OVER:
        return _(
            "%(code)s 是确认码，%(minutes)d 分钟内有效。告诉窗口工作人员，即同意由其接着办理您的办件"
            " %(number)s（%(service)s），当天有效。不是您本人要求的，请勿告诉任何人。"
        )
    if purpose == Purpose.REUSE:
        return _(
            "%(code)s 是确认码，%(minutes)d 分钟内有效。告诉窗口工作人员，即%(sentence)s"
            "办件 %(number)s。不同意的，不要告诉，改为提交材料即可。"
        )
    if purpose == Purpose.MANDATE:
        return _(
            "%(code)s 是确认码，%(minutes)d 分钟内有效。告诉窗口工作人员，即同意授权%(agent)s"
            "以“%(principal)s”的名义代办，到 %(until)s为止，随时可以收回。不是您本人要求的，请勿告诉任何人。"
        )
    return _(
        "%(code)s 是确认码，%(minutes)d 分钟内有效。窗口已录入您的申请 %(number)s（%(service)s）。"
        "核对无误后把确认码告诉工作人员，即确认内容真实并提交；也可以自己登录核对、修改和提交：%(link)s"
    )


def agreed(case: Case, reading: Reading) -> Confirmation | None:
    """The applicant's yes to reading a licence, if that is the last they said about this material."""
    last = _answers(case).filter(about=reading.material).last()
    return last if last and last.confirmed_at and last.fingerprint == reading.fingerprint else None


def refused_materials(case: Case) -> set[str]:
    """The materials for which the applicant said no to reading a licence, and not yes since."""
    last = {one.about: one for one in _answers(case)}
    return {key for key, one in last.items() if one.refused_at}


def _answers(case: Case) -> QuerySet[Confirmation]:
    """What the applicant said to reading licences, yes and no, in order."""
    said = Confirmation.objects.filter(case=case.pk, purpose=Purpose.REUSE)
    return (
        said.annotate(said_at=Coalesce("confirmed_at", "refused_at"))
        .exclude(said_at=None)
        .order_by("said_at", "pk")
    )


@transaction.atomic
def refuse_reading(case: Case, reading: Reading, *, by: Actor, at: datetime) -> Confirmation:
    """Keep that the applicant does not let a licence be read: the paper is asked for."""
    held = Case.objects.select_for_update(of=("self",)).get(pk=case.pk)
    require_may_act(held, by, Deed.CORRECT if held.status == Status.CORRECTING else Deed.FILL)
    said = Confirmation.objects.create(
        case=held,
        purpose=Purpose.REUSE,
        means=Means.SPOKEN,
        about=reading.material,
        fingerprint=reading.fingerprint,
        asked_by_id=by.account,
        asked_at=at,
        refused_at=at,
    )
    name = spec_of(held.version_id).material(reading.material).name.zh
    details = {"name": name, "material": reading.material}
    ledger.append(held, "reading_refused", by=by, at=at, details=details)
    held.save(update_fields=["ledger_length", "ledger_head"])
    return said


def _digest(asked: Confirmation, code: str) -> bytes:
    return seals.digest(f"{asked.pk}:{code}")


def confirm_by_code(confirmation_id: UUID, code: str, *, by: Actor, at: datetime) -> Confirmation:
    """Take the code the applicant told. Not within a transaction: a wrong one counts although it is refused.

    Raises NotFound for another's, Invalid for a wrong code, Refused when it is too late or was tried too often.
    """
    mine = Confirmation.objects.filter(pk=confirmation_id, means=Means.CODE, asked_by=by.account)
    asked = mine.select_related("case").first()
    if asked is None or asked.expires_at is None or asked.code_digest is None:
        raise NotFound(_("没有找到这个确认码，请重新发送。"))
    if asked.confirmed_at is not None:
        return asked
    if at > asked.expires_at or not mine.filter(tries__lt=MOST_TRIES).update(tries=F("tries") + 1):
        raise Refused(_("确认码已经过期，或者输错太多次。请重新发送。"))
    if not hmac.compare_digest(bytes(asked.code_digest), _digest(asked, code.strip())):
        text = _("确认码不对，请再核对一次。")
        raise Invalid(text, {"code": [text]})
    with transaction.atomic():
        cases = Case.objects.select_for_update(of=("self",))
        case = cases.filter(pk=asked.case_id).first() if asked.case_id else None
        if mine.filter(confirmed_at=None).update(confirmed_at=at):
            if case is not None:
                _journal(case, asked, by=by, at=at)
            elif asked.mandate_id is not None and asked.account_id is not None:
                confirm_mandate(asked.mandate_id, confirmed_by=asked.account_id, by=by, at=at)
    asked.confirmed_at = at
    return asked


@transaction.atomic
def confirm_on_paper(
    case: Case, purpose: Purpose, stream: Readable, *, by: Actor, at: datetime, reading: Reading | None = None
) -> Confirmation:
    """Keep the page the applicant signed: the printed application, the authority to go on with it, or the
    sentence that lets a licence be read.

    Raises as ``files.actions.store`` does for what is no picture or PDF.
    """
    held = Case.objects.select_for_update(of=("self",)).get(pk=case.pk)
    paper = store(stream, at=at)
    signed = Confirmation.objects.create(
        case=held,
        purpose=purpose,
        means=Means.PAPER,
        fingerprint=_fingerprint(held, purpose, reading),
        about=reading.material if reading else "",
        paper=paper,
        asked_by_id=by.account,
        asked_at=at,
        confirmed_at=at,
    )
    _journal(held, signed, by=by, at=at)
    return signed


def _round(case: Case) -> Submission:
    found = case.submissions.select_related("case").filter(submitted_at=None).first()
    if found is None:
        raise Refused(_("办件已经提交，现在不用确认。"))
    return found


def _journal(case: Case, given: Confirmation, *, by: Actor, at: datetime) -> None:
    details = {"purpose": given.purpose, "means": given.means, "to": given.sent_to}
    if given.about:
        details["material"] = given.about
    ledger.append(case, "confirmed", by=by, at=at, details=details)
    case.save(update_fields=["ledger_length", "ledger_head"])
