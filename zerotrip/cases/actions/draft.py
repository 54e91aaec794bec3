"""The applicant's side before a submission: open, fill in, attach."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import IO, TYPE_CHECKING, Any
from uuid import UUID

from django.db import IntegrityError, connection, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from zerotrip.cases import proofs
from zerotrip.cases.access import power_in, require_may_act
from zerotrip.cases.actions.bars import require_may_apply
from zerotrip.cases.actions.places import require_left
from zerotrip.cases.models import Assistance, Case, Correction, Door, Material, Mode, Submission
from zerotrip.cases.rules import editable_places
from zerotrip.cases.states import Status, Step
from zerotrip.catalogue.queries import district, form_of, needed_materials, spec_of
from zerotrip.catalogue.windows import missed
from zerotrip.errors import NotAllowed, NotFound, Refused, Stale
from zerotrip.files.actions import store
from zerotrip.files.binding import bind
from zerotrip.files.content import PDF
from zerotrip.files.naming import clean_name
from zerotrip.files.store import open_blob
from zerotrip.ids import new_id
from zerotrip.ledger import actions as ledger
from zerotrip.parties import seals
from zerotrip.parties.models import Deed, Given
from zerotrip.parties.queries import area_path_of, departments, known_facts
from zerotrip.questions import Kind
from zerotrip.rows import fetch
from zerotrip.workdays.queries import calendar_for

if TYPE_CHECKING:
    from zerotrip.catalogue.models import Service
    from zerotrip.catalogue.spec import Material as MaterialSpec
    from zerotrip.catalogue.windows import Missed
    from zerotrip.files.store import Readable
    from zerotrip.parties.access import Actor
    from zerotrip.parties.models import Party
    from zerotrip.questions import Form


@transaction.atomic
def open_case(
    *,
    service: Service,
    applicant: Party,
    by: Actor,
    at: datetime,
    case_id: UUID | None = None,
    door: Door = Door.PORTAL,
) -> Case:
    """Begin a draft on the service's current version. The same ``case_id`` opens only one case.

    Raises NotAllowed when ``by`` may not act for the applicant, Refused when the service is not
    offered, not meant for this kind of applicant, or the applicant is barred from it; Stale when ``case_id``
    is of something else.
    """
    case_id = case_id or new_id()
    if not by.may_act(Deed.FILL, party=applicant.pk, service=service.pk, case=case_id):
        raise NotAllowed(_("您不能代表该申请人办理。"))
    if service.current is not None and spec_of(service.current.pk).need is not None:
        raise Refused(_("企业诉求请在“企业诉求”里提出。"))
    return begin_draft(service=service, applicant=applicant, by=by, at=at, case_id=case_id, door=door)


def begin_draft(
    *,
    service: Service,
    applicant: Party,
    by: Actor,
    at: datetime,
    case_id: UUID,
    door: Door,
    assisted: bool = False,
) -> Case:
    """A draft on the service's current version, whoever asked; the caller has seen that they may.

    ``assisted``: not the applicant's side types it. Raises as ``open_case``.
    """
    version = service.current
    if version is None:
        raise Refused(_("这个事项目前不再受理，请查看替代事项或咨询窗口。"))
    spec = spec_of(version.pk)
    if spec.incomplete is not None:
        raise Refused(_("这个事项还没有开放网上申请：%(why)s") % {"why": spec.incomplete})
    if applicant.kind not in spec.audience:
        raise Refused(
            _("这个事项不面向“%(kind)s”申请人，请换一个申请人身份。") % {"kind": applicant.get_kind_display()}
        )
    require_may_apply(spec, applicant.pk, at=at)
    require_left(spec, at=at)
    place = district(service.pack)
    department = departments([spec.department], area_path=area_path_of(place.area))[spec.department]
    case = Case(
        pk=case_id,
        number=next_number(place.case_prefix, at),
        version=version,
        applicant=applicant,
        opened_by_id=by.account,
        department_id=department.pk,
        area_path=department.area_path,
        door=door,
        subject=applicant.name,
        opened_at=at,
    )
    try:
        with transaction.atomic():
            ledger.append(case, Step.OPEN, by=by, at=at, details={"service": spec.id, "version": version.number})
            case.save(force_insert=True)
    except IntegrityError:
        found = Case.objects.filter(pk=case.pk, applicant=applicant).first()
        if found is None:
            raise Stale(_("这一页已经用过，请重新打开后再试。")) from None
        return found
    assisted = assisted or handed_in_at(case, by) is not Door.PORTAL
    known = known_facts(applicant, by, at, assisted=assisted)
    answers = form_of(version.pk).initial(known=known)
    submission = Submission.objects.create(case=case, answers=answers, started_at=at)
    note_help(submission, by=by, at=at)
    return case


def next_number(prefix: str, at: datetime) -> str:
    """The next case number of the year, such as ``ZQ-2026-000318``. Gaps are allowed, repeats are not."""
    year = timezone.localtime(at).year
    with connection.cursor() as cursor:
        cursor.execute("SELECT cases_next_number(%s)", [year])
        (number,) = cursor.fetchone()
    return f"{prefix}-{year}-{number:06}"


@transaction.atomic
def save_draft(
    case: Case,
    answers: Mapping[str, Any],
    *,
    edit: int,
    by: Actor,
    at: datetime,
    keep: bool = False,
    window: str = "",
    leaving: bool = True,
) -> Submission:
    """Keep what the applicant has typed so far, complete or not.

    ``edit`` is the save the writer saw; Stale says that another window has saved since. A page that
    saves by itself names itself by ``window``, so that its own saves on the way are no conflict, until
    it is ``leaving``: what it sent before and arrives later is then refused. During a correction only
    the named places change. With ``keep``, answers not given stay as they are. What a licence fills in
    is as the licence says, whatever was sent.
    """
    submission = open_round(case, by, at)
    places = editable_places(submission.case, unlocked_places(submission, at=at))
    merged = {**submission.answers, **answers} if keep else dict(answers)
    if places is not None:
        merged = {**submission.answers, **{name: merged[name] for name in merged if name in _roots(places)}}
    merged |= proofs.filled_by(proofs.of_submission(submission))
    merged = sealed(form_of(case.version_id), merged, before=submission.answers)
    seen = Q(edit=edit) | Q(window=window) if window else Q(edit=edit)
    changed = Submission.objects.filter(seen, pk=submission.pk, submitted_at=None).update(
        answers=merged, edit=F("edit") + 1, window="" if leaving else window
    )
    if not changed:
        raise Stale(_("这份草稿已在另一个窗口修改过。您刚才填写的内容还在页面上，请核对后再保存。"))
    submission.refresh_from_db(fields=["answers", "edit"])
    return submission


def sealed(form: Form, answers: Mapping[str, Any], *, before: Mapping[str, Any]) -> dict[str, Any]:
    """The answers as they may be stored: identity numbers sealed, with a mask to show."""
    return form.protect(answers, seal=seals.seal, mask=seals.mask, before=before)


def _roots(places: frozenset[str]) -> set[str]:
    """The top-level fields that hold these places: ``owners.0.name`` unlocks ``owners``."""
    return {place.split(".", 1)[0] for place in places if not place.startswith("material:")}


def unlocked_places(submission: Submission, *, at: datetime) -> frozenset[str]:
    """What an open correction lets the applicant change: what it names, and what else keeps the case back.

    A corrected answer may bring up new questions and materials, and a date may have gone by meanwhile;
    were these locked, the correction could never be handed in.
    """
    case = submission.case
    if case.mode != Mode.FORMAL and case.status not in (Status.DRAFT, Status.CORRECTING):
        return frozenset(f"material:{m.id}" for m in spec_of(case.version_id).materials if m.rehearsal)
    correction = Correction.objects.open().filter(case=submission.case_id).first()
    if correction is None:
        return frozenset()
    _values, problems = judged(submission, at=at)
    return frozenset(correction.places) | frozenset(problems)


def judged(submission: Submission, *, at: datetime) -> tuple[dict[str, Any], dict[str, list[str]]]:
    """The clean answers of a round, and every field and material that is missing or wrong."""
    version_id = submission.case.version_id
    attached = {material.key for material in fetch(Material, submission_id=submission.pk)}
    proved = proofs.of_submission(submission)
    answers = {**submission.answers, **proofs.filled_by(proved)}
    checked = form_of(version_id).check(answers, today=timezone.localdate(at), files=attached)
    problems = dict(checked.problems)
    for material in needed_materials(version_id, checked.values):
        if material.id in attached or comes_later(submission, material):
            continue
        proof = proved.get(material.id)
        trouble = proof.trouble(at=at) if proof else _("请上传“%(name)s”。") % {"name": material.name}
        if trouble:
            problems[f"material:{material.id}"] = [trouble]
    for each in out_of_time(submission, checked.values, at=at):
        if each.refuses:
            problems.setdefault(each.place, []).append(each.reason)
    return checked.values, problems


def out_of_time(submission: Submission, values: Mapping[str, Any], *, at: datetime) -> list[Missed]:
    """Why it is too early or too late to hand in. Asked of the first round only: what was in time stays so."""
    case = submission.case
    windows = spec_of(case.version_id).apply
    if not windows or submission.round > 1:
        return []
    calendar = calendar_for(case.area_path)
    return list(missed(windows, form_of(case.version_id), values, on=timezone.localdate(at), calendar=calendar))


def comes_later(submission: Submission, material: MaterialSpec) -> bool:
    """Whether a material that is not there may be missing now: promised, waived, or still open in a rehearsal."""
    case = submission.case
    if submission.owed.get(material.id) == "commitment":
        return material.tolerable is not None and "commitment" in material.tolerable.against
    if submission.committed:
        promise = spec_of(case.version_id).promise
        return promise is not None and material.id in promise.waives
    return case.mode != Mode.FORMAL and bool(material.rehearsal)


def open_round(case: Case, by: Actor, at: datetime) -> Submission:
    """The round the applicant, or whoever helps them, is filling in; a helper's first touch is kept.

    Raises NotAllowed, or Stale when it was handed in.
    """
    require_may_act(case, by, Deed.FILL if case.status == Status.DRAFT else Deed.CORRECT)
    submission = Submission.objects.select_related("case").filter(case=case, submitted_at=None).first()
    if submission is None:
        raise Stale(_("办件已经提交，现在不能修改。请刷新后查看最新情况。"))
    note_help(submission, by=by, at=at)
    case.ledger_length, case.ledger_head = submission.case.ledger_length, submission.case.ledger_head
    return submission


def note_help(submission: Submission, *, by: Actor, at: datetime) -> None:
    """Keep who types a round in the applicant's name, and journal it, once for each round.

    ``submission.case`` has the journal as it then stands.
    """
    case = submission.case
    power = power_in(case, by)
    if power is None:
        return
    mine = {"account_id": by.account, "kind": power.kind, "round": submission.round}
    if Assistance.objects.filter(case=case, **mine).exists():
        return
    held = Case.objects.select_for_update(of=("self",)).get(pk=case.pk)
    _kept, made = Assistance.objects.get_or_create(
        case=held, **mine, defaults={"mandate_id": power.mandate_id, "began_at": at}
    )
    if made:
        details = {"round": submission.round, "kind": power.kind, "given": power.given}
        ledger.append(held, "fill_in", by=by, at=at, details=details)
        held.save(update_fields=["ledger_length", "ledger_head"])
    case.ledger_length, case.ledger_head = held.ledger_length, held.ledger_head


def handed_in_at(case: Case, by: Actor) -> Door:
    """The door of a round that ``by`` hands in: where the clerk who keyed it in heard it, else the portal."""
    power = power_in(case, by)
    if power is None or not power.assists:
        return Door.PORTAL
    return Door.PHONE if power.given == Given.PHONE else Door.DESK


@transaction.atomic
def attach(case: Case, key: str, stream: Readable, *, name: str, by: Actor, at: datetime) -> Material:
    """Add a file to one of the service's materials. The same content twice is one file.

    Raises TooLarge, WrongType or Refused from the file store, and Refused when the material is
    unknown, locked or already has as many files as it takes.
    """
    Case.objects.select_for_update(of=("self",)).get(pk=case.pk)
    submission = open_round(case, by, at)
    most = _most_files(case, key)
    _require_open(submission, key, at)
    blob = store(stream, at=at)
    existing = list(submission.materials.filter(key=key))
    same = next((m for m in existing if m.blob_id == blob.pk), None)
    if same is not None:
        return same
    if len(existing) >= most:
        raise Refused(_("这件材料最多 %(count)d 个文件，请先删除一个。") % {"count": most})
    return Material.objects.create(
        submission=submission, key=key, blob=blob, name=clean_name(name, blob.media_type), added_at=at
    )


@transaction.atomic
def attach_pages(
    case: Case, key: str, photographs: Sequence[IO[bytes]], *, name: str, by: Actor, at: datetime
) -> Material:
    """Add photographed pages to one of the service's materials: one document, longer with each page.

    ``name`` is what the document is called; the next pages go behind those in the one of this name.
    Raises as ``attach`` does.
    """
    Case.objects.select_for_update(of=("self",)).get(pk=case.pk)
    submission = open_round(case, by, at)
    _require_open(submission, key, at)
    before = submission.materials.filter(key=key, name=name, blob__media_type=PDF).last()
    if before is None and submission.materials.filter(key=key).count() >= (most := _most_files(case, key)):
        raise Refused(_("这件材料最多 %(count)d 个文件，请先删除一个。") % {"count": most})
    pages = b""
    if before is not None:
        with open_blob(before.blob_id) as file:
            pages = file.read()
    blob = store(io.BytesIO(bind(photographs, before=pages)), at=at)
    if before is not None:
        before.delete()
    return Material.objects.create(submission=submission, key=key, blob=blob, name=name, added_at=at)


def _require_open(submission: Submission, key: str, at: datetime, *, adding: bool = True) -> None:
    places = editable_places(submission.case, unlocked_places(submission, at=at))
    if places is not None and f"material:{key}" not in places:
        raise Refused(_("这件材料不在补正范围内，不能修改。"))
    if adding and key in proofs.of_submission(submission):
        raise Refused(_("这件材料由电子证照代替，不用上传。要自己上传的，请先取消使用电子证照。"))


def _most_files(case: Case, key: str) -> int:
    """How many files a material, or a file field of the form, takes."""
    for material in spec_of(case.version_id).materials:
        if material.id == key:
            return material.files
    item = form_of(case.version_id).fields.get(key)
    if item is None or item.kind is not Kind.FILE:
        raise NotFound(_("这个事项没有这件材料。"))
    return item.spec.rows_at_most


@transaction.atomic
def detach(material: Material, *, by: Actor, at: datetime) -> None:
    """Take a file out of the draft again. Earlier rounds keep theirs."""
    case = Case.objects.select_for_update(of=("self",)).get(submissions=material.submission_id)
    submission = open_round(case, by, at)
    _require_open(submission, material.key, at, adding=False)
    submission.materials.filter(pk=material.pk).delete()
