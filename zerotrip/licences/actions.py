"""Every write to licences."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from zerotrip.cases.models import Assignment, Case, Decision
from zerotrip.cases.queries import found_in
from zerotrip.cases.states import Result
from zerotrip.cases.states import Status as CaseStatus
from zerotrip.catalogue import numbers
from zerotrip.channels.actions import tell
from zerotrip.errors import Invalid, NotFound, Refused
from zerotrip.files import actions as files
from zerotrip.files.content import PDF
from zerotrip.ledger import actions as ledger
from zerotrip.licences.access import require_may_stop
from zerotrip.licences.certificates import answers_of, date_in, draw, facts_of
from zerotrip.licences.identifiers import DEMONSTRATION_TYPE, identifier, new_serial
from zerotrip.licences.models import Counter, Licence
from zerotrip.licences.states import TRANSITIONS, Status
from zerotrip.rows import Writes

if TYPE_CHECKING:
    from datetime import date, datetime

    from zerotrip.catalogue.spec import ServiceSpec
    from zerotrip.parties.access import Actor

_NOTICES = {"suspend": "licence_suspended", "resume": "licence_resumed", "revoke": "licence_revoked"}
LARGEST = 50 * 1024 * 1024
"""Bytes of a certificate."""


@transaction.atomic
def issue(*, case: Case, by: Actor, at: datetime) -> Licence:
    """The licence of a granted case: printed, signed and numbered once, however often this is called.

    Numbers have no gaps: the counter stays locked until the transaction ends. Raises Refused when
    the case was not granted.
    """
    locked = Case.objects.select_for_update(of=("self",)).select_related("applicant", "department").get(pk=case.pk)
    if (existing := Licence.objects.filter(case=locked).first()) is not None:
        return existing
    if locked.result != Result.GRANTED or locked.status == CaseStatus.CLOSED:
        raise Refused(_("这个办件没有准予，不能发证。"))
    licence = _draft(locked, timezone.localtime(at).date(), at)
    licence.blob = files.store(io.BytesIO(draw(licence, at=at)), at=at, allowed={PDF}, limit=LARGEST)
    details = {"number": licence.number, "sha256": licence.blob_id, "case": locked.number}
    ledger.append(licence, "issue", by=by, at=at, details=details)
    licence.save(force_insert=True)
    return licence


def produce(case: Case, *, by: Actor, at: datetime) -> dict[str, Any]:
    """Issue the licence of a case: what the journal of the case keeps of it."""
    licence = issue(case=case, by=by, at=at)
    return {"licence": str(licence.pk), "number": licence.number}


def nothing_more(case: Case, *, by: Actor, at: datetime) -> dict[str, Any]:
    """The outcome of a service whose decision letter is all there is."""
    return {"letter": "decision"}


def keep(case: Case, what: str, *, reason: str, by: Actor, at: datetime) -> None:
    """Nothing was issued that could be suspended or revoked: the journal of the case says what happened."""


def _draft(case: Case, day: date, at: datetime) -> Licence:
    spec, answers = case.spec, answers_of(case)
    outcome = spec.outcome
    return Licence(
        kind=spec.licence_kind,
        number=next_number(outcome.number, day=day) if outcome.number else case.number,
        identifier=identifier(kind=_type_code(spec), issuer=_issuer_code(case), serial=new_serial()),
        title=outcome.name.zh,
        title_en=outcome.name.en,
        holder=case.applicant,
        issuer=case.department,
        area_path=case.area_path,
        case=case,
        version_id=case.version_id,
        facts={**facts_of(case, answers), **_conditions(case)},
        issued_at=at,
        valid_from=day,
        valid_until=_valid_until(spec, {**answers, **found_in(Assignment.objects.filter(case=case))}, day),
    )


def _conditions(case: Case) -> dict[str, str]:
    """What the grant hangs on, for the certificate to say."""
    conditions = Decision.objects.filter(case=case).values_list("conditions", flat=True).first()
    return {"conditions": conditions} if conditions else {}


def _type_code(spec: ServiceSpec) -> str:
    """The code of the licence type where the pack states it, else one that is plainly nobody's."""
    return spec.codes.get("licence_type", DEMONSTRATION_TYPE)


def _issuer_code(case: Case) -> str:
    """The USCC of the issuer, or the six digits of its district."""
    return case.department.uscc or case.department.area_path.rstrip("/").rsplit("/", 1)[-1][:6]


def _valid_until(spec: ServiceSpec, answers: dict[str, Any], day: date) -> date | None:
    """The last day: as the application says, or so many days with the first one counted."""
    if spec.outcome.valid_until:
        stated = date_in(answers, spec.outcome.valid_until)
        if stated is not None and stated < day:
            raise Refused(_("申请中填写的有效期已过，不能发证。"))
        return stated
    return spec.outcome.last_day(day)


@transaction.atomic
def next_number(scheme: str, *, day: date) -> str:
    """The next number of ``scheme`` in the year of ``day``. Rolled back, it is given again."""
    table = connection.ops.quote_name(Counter._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} AS counter (scheme, year, last) VALUES (%s, %s, 1)"  # noqa: S608
            " ON CONFLICT (scheme, year) DO UPDATE SET last = counter.last + 1 RETURNING last",
            [scheme, day.year],
        )
        (last,) = cursor.fetchone()
    return numbers.write(scheme, day=day, seq=last)


def suspend(licence: Licence, *, reason: str, by: Actor, at: datetime) -> Licence:
    """Stop a licence for a time. See ``revoke`` for what it raises."""
    return _change("suspend", licence, reason=reason, by=by, at=at)


def resume(licence: Licence, *, reason: str, by: Actor, at: datetime) -> Licence:
    """Let a suspended licence hold again. See ``revoke`` for what it raises."""
    return _change("resume", licence, reason=reason, by=by, at=at)


def revoke(licence: Licence, *, reason: str, by: Actor, at: datetime) -> Licence:
    """Take a licence back for good (《行政许可法》第六十九条).

    Raises NotAllowed unless ``by`` leads the issuer, Invalid without a reason, Refused when the
    licence is not in a status from which this is possible.
    """
    return _change("revoke", licence, reason=reason, by=by, at=at)


def stop(case: Case, what: str, *, reason: str, by: Actor, at: datetime) -> None:
    """Suspend or revoke the licence of a case, as the rules of its service say; none, or one that was, stays."""
    licence = Licence.objects.filter(case=case).first()
    if licence is not None and licence.status in TRANSITIONS[what][0]:
        _change(what, licence, reason=reason, by=by, at=at, by_rule=True)


@transaction.atomic
def _change(step: str, licence: Licence, *, reason: str, by: Actor, at: datetime, by_rule: bool = False) -> Licence:
    locked = Licence.objects.select_for_update(of=("self",)).filter(pk=licence.pk).first()
    if locked is None:
        raise NotFound(_("没有找到这份证照。"))
    if not by_rule:
        require_may_stop(locked, by)
    sources, to = TRANSITIONS[step]
    if locked.status not in sources:
        raise Refused(_("证照现在是“%(status)s”，不能这样做。") % {"status": locked.get_status_display()})
    if not (because := reason.strip()):
        raise Invalid(_("请写明理由。"), {"reason": [_("请写明理由。")]})
    stopped = to is not Status.VALID
    ledger.append(locked, step, by=by, at=at, reason=because, details={"from": locked.status, "to": to.value})
    locked.status = to
    locked.stopped_at = at if stopped else None
    locked.stopped_by_id = by.user_id if stopped else None
    locked.stopped_because = because if stopped else ""
    locked.save(
        update_fields=[
            "status",
            "stopped_at",
            "stopped_by",
            "stopped_because",
            "ledger_length",
            "ledger_head",
        ]
    )
    _tell_holder(_NOTICES[step], locked, because, at)
    return locked


def _tell_holder(template: str, licence: Licence, reason: str, at: datetime) -> None:
    """Queue a notice to everybody who acts for the holder, in this transaction."""
    title = {"zh": licence.title, "en": licence.title_en}
    writes = Writes()
    tell(
        writes,
        party=licence.holder_id,
        template=template,
        context={"title": title, "number": licence.number, "reason": reason},
        link=f"/licences/{licence.pk}/",
        key=f"{licence.pk}:{licence.ledger_length}",
        at=at,
    )
    writes.send()
