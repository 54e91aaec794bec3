"""The outcome of a granted case: a licence, the next edition of one, or the end of one."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from zerotrip.cases.actions.owed import OWED, owed_by
from zerotrip.cases.models import Assignment, Case, Decision
from zerotrip.cases.queries import found_in
from zerotrip.cases.states import Result
from zerotrip.cases.states import Status as CaseStatus
from zerotrip.catalogue import numbers
from zerotrip.errors import Refused
from zerotrip.files import actions as files
from zerotrip.files.content import PDF
from zerotrip.ledger import actions as ledger
from zerotrip.licences.actions.editions import LARGEST, next_edition_of
from zerotrip.licences.actions.stopping import change, locked
from zerotrip.licences.certificates import answers_of, date_in, draw, facts_of
from zerotrip.licences.identifiers import DEMONSTRATION_TYPE, identifier, new_serial
from zerotrip.licences.models import CANCELLED, Concern, Counter, Licence
from zerotrip.licences.queries import current_of
from zerotrip.licences.states import TRANSITIONS, Ground, Origin, Status

if TYPE_CHECKING:
    from datetime import date, datetime

    from zerotrip.catalogue.spec import ServiceSpec
    from zerotrip.parties.access import Actor


@transaction.atomic
def issue(*, case: Case, by: Actor, at: datetime) -> Licence:
    """The licence of a granted case: printed, signed and numbered once, however often this is called.

    Numbers have no gaps: the counter stays locked until the transaction ends. Where the case is about a
    licence, its next edition. Raises Refused when the case was not granted.
    """
    held = _granted(case)
    if (existing := Licence.objects.filter(case=held).first()) is not None:
        return existing
    concerned = _concerned(held)
    if concerned is not None:
        return _next_edition(held, concerned, by=by, at=at)
    licence = _draft(held, timezone.localtime(at).date(), at)
    licence.blob = files.store(io.BytesIO(draw(licence, at=at)), at=at, allowed={PDF}, limit=LARGEST)
    details = {"number": licence.number, "sha256": licence.blob_id, "case": held.number}
    ledger.append(licence, "issue", by=by, at=at, details=details)
    licence.save(force_insert=True)
    return licence


@transaction.atomic
def produce(case: Case, *, by: Actor, at: datetime) -> dict[str, Any]:
    """Issue, change or end the licence a granted case is about: what the journal of the case keeps of it.

    A licence that was ended by its issuer after the grant is not brought back: nothing is printed.
    """
    concerned, upon = _concerned(_granted(case)), case.spec.outcome.upon
    if concerned is not None and upon is not None and upon.act == "cancel":
        return _cancel(concerned, case, by=by, at=at)
    if concerned is not None and concerned.status == Status.REVOKED and concerned.case_id != case.pk:
        return {"number": concerned.number, "not_printed": concerned.ground}
    licence = issue(case=case, by=by, at=at)
    return {"licence": str(licence.pk), "number": licence.number}


def nothing_more(case: Case, *, by: Actor, at: datetime) -> dict[str, Any]:
    """The outcome of a service whose decision letter is all there is."""
    return {"letter": "decision"}


def _granted(case: Case) -> Case:
    """The case, locked. Raises Refused unless it was granted and is not over."""
    related = ("applicant", "department")
    held = Case.objects.select_for_update(of=("self",)).select_related(*related).get(pk=case.pk)
    over = held.status == CaseStatus.CLOSED and not Licence.objects.filter(case=held).exists()
    if held.result != Result.GRANTED or over:
        raise Refused(_("这个办件没有准予，不能发证。"))
    return held


def _concerned(case: Case) -> Licence | None:
    """The present edition of the licence a case is about, locked; None for a case that issues one anew."""
    concern = Concern.objects.filter(case=case).select_related("licence").first()
    return locked(current_of(concern.licence)) if concern else None


def _next_edition(case: Case, held: Licence, *, by: Actor, at: datetime) -> Licence:
    """What the act of the service makes of the licence."""
    spec, answers, today = case.spec, answers_of(case), timezone.localtime(at).date()
    upon = spec.outcome.upon
    if upon is None:
        raise AssertionError("a case about a licence acts upon it")
    origin, reason = Origin(upon.act), f"{spec.name.zh}（办件 {case.number}）"
    if origin is Origin.REISSUE:
        return next_edition_of(held, origin, facts=held.facts, case=case, by=by, at=at, reason=reason)
    kept = {name: text for name, text in held.facts.items() if name != "conditions"}
    span: dict[str, Any] = {}
    if origin is Origin.RENEW:
        ends = held.valid_until or today
        span = {
            "valid_from": min(today, ends + timedelta(days=1)),
            "valid_until": _valid_until(case, answers, ends + timedelta(days=1)),
        }
    return next_edition_of(
        held,
        origin,
        facts={**kept, **facts_of(case, answers), **_conditions(case)},
        case=case,
        version_id=case.version_id if spec.outcome.template else None,
        by=by,
        at=at,
        reason=reason,
        **span,
    )


def _cancel(held: Licence, case: Case, *, by: Actor, at: datetime) -> dict[str, Any]:
    """End the licence as its holder asked (《行政许可法》第七十条)."""
    if held.status in TRANSITIONS["revoke"][0]:
        with translation.override("zh-hans"):  # kept in one language, whoever confirms it
            reason = str(CANCELLED) % {"number": case.number}
        change("revoke", held, reason=reason, by=by, at=at, ground=Ground.CANCEL)
    return {"licence": str(held.pk), "number": held.number, "cancelled": True}


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
        valid_until=_valid_until(case, answers, day),
    )


def _conditions(case: Case) -> dict[str, str]:
    """What the grant hangs on, for the certificate to say: not what has come meanwhile."""
    conditions = Decision.objects.filter(case=case).values_list("conditions", flat=True).first() or ""
    if OWED in conditions and not owed_by(case.pk, case.spec, case.version_id):
        conditions = "\n".join(line for line in conditions.splitlines() if not line.startswith(OWED))
    return {"conditions": conditions} if conditions else {}


def _type_code(spec: ServiceSpec) -> str:
    """The code of the licence type where the pack states it, else one that is plainly nobody's."""
    return spec.codes.get("licence_type", DEMONSTRATION_TYPE)


def _issuer_code(case: Case) -> str:
    """The USCC of the issuer, or the six digits of its district."""
    return case.department.uscc or case.department.area_path.rstrip("/").rsplit("/", 1)[-1][:6]


def _valid_until(case: Case, answers: dict[str, Any], day: date) -> date | None:
    """The last day: as the application or the review says, or so many days with the first one counted."""
    outcome = case.spec.outcome
    if outcome.valid_until:
        found = found_in(Assignment.objects.filter(case=case)) if outcome.valid_until.startswith("found.") else {}
        stated = date_in({**answers, **found}, outcome.valid_until)
        if stated is not None and stated < day:
            raise Refused(_("申请中填写的有效期已过，不能发证。"))
        return stated
    return outcome.last_day(day)


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
