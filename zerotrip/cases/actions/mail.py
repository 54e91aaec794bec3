"""Materials that come by e-mail: taken to their case, or laid before a clerk. A message alone never hands in."""

from __future__ import annotations

import io
import re
from contextlib import ExitStack
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid5

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from zerotrip.cases.access import may_act, power_in, why_keep_out
from zerotrip.cases.actions.draft import attach, judged
from zerotrip.cases.actions.owed import make_up, wanted
from zerotrip.cases.models import Case, Correction, Door, InboundMail, MailFile, MailState, Material, Submission
from zerotrip.cases.states import Status
from zerotrip.catalogue.queries import spec_of
from zerotrip.channels.actions import post, tell
from zerotrip.channels.models import Transport
from zerotrip.errors import Invalid, NotAllowed, NotFound, Refusal, Refused, Stale, TooLarge, WrongType
from zerotrip.files.actions import store
from zerotrip.files.naming import clean_name
from zerotrip.files.store import open_blob
from zerotrip.ledger import actions as ledger
from zerotrip.parties.access import actor_for
from zerotrip.parties.models import Deed, User
from zerotrip.rows import Writes

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime
    from uuid import UUID

    from zerotrip.catalogue.spec import Material as MaterialSpec
    from zerotrip.channels.inbound import File, Mail
    from zerotrip.parties.access import Actor

STRANGER, NO_CASE, NOT_OPEN, OWED, UNPLACED, NOTHING, AUTOMATIC = (
    "stranger",
    "no_case",
    "not_open",
    "owed",
    "unplaced",
    "nothing",
    "automatic",
)
"""Why a message waits for a clerk."""
WHYS = {
    NO_CASE: ("没有写明办件编号", "it names no case of yours"),
    NOT_OPEN: ("办件现在不用填写或补正", "the case waits for nothing from you at present"),
    OWED: ("附件是容缺后补的材料，要由工作人员收下", "what is to be made up later has to be taken by our staff"),
    NOTHING: ("没有附件", "nothing is attached"),
}
"""What the sender is told of it: Chinese, English."""
LONGEST = 4000
"""Characters of an answer, or of a reason."""


@transaction.atomic
def receive_mail(mail: Mail, *, at: datetime) -> InboundMail:
    """Keep a message, and put what hangs on it with the materials of its case where that is certain.

    Certain is: our mail server vouches for the sender, whose account may act for the applicant, and the
    case is a draft or to be corrected. What is owed is laid before a clerk with the material it seems to
    be, to take in one press. Everything else waits for a clerk too. The same message counts once.
    """
    kept = _keep(mail, at)
    if kept is None:
        return InboundMail.objects.get(message_id=mail.message_id)
    why = _why_not(kept, mail, at)
    files = [_keep_file(kept, file, at) for file in mail.files]
    if not why and kept.case is not None and kept.account is not None:
        by = actor_for(kept.account, at=at)
        _take(kept.case, kept, files, by=by, at=at)
        why = UNPLACED if mail.more or any(not file.key for file in files) else ""
    elif kept.account is not None and why in WHYS:
        if why == OWED and kept.case is not None:
            _propose(kept.case, kept, files)
        _tell_kept(kept.account, kept, why, at)
    kept.why = why
    if not why:
        kept.state, kept.settled_at = MailState.PLACED, at
    kept.save(update_fields=["why", "state", "settled_at"])
    return kept


def _keep(mail: Mail, at: datetime) -> InboundMail | None:
    """The row of a message; None when it came before."""
    proven = mail.proven and not mail.automatic
    account = User.objects.filter(email=mail.sender, email_verified=True, is_active=True) if proven else None
    case = Case.objects.select_related("applicant").filter(number=mail.number).first() if mail.number else None
    row = InboundMail(
        message_id=mail.message_id,
        sender=mail.sender,
        account=account.select_related("person").first() if account is not None else None,
        subject=mail.subject,
        text=mail.text,
        case=case,
        department_id=case.department_id if case else None,
        area_path=case.area_path if case else "",
        received_at=at,
        purge_at=at + timedelta(days=settings.MAIL_KEEP),
    )
    InboundMail.objects.bulk_create([row], ignore_conflicts=True)
    return InboundMail.objects.select_related("case", "account__person").filter(pk=row.pk).first()


def _why_not(kept: InboundMail, mail: Mail, at: datetime) -> str:
    """Why nothing of a message is taken to a case by itself, or nothing."""
    if mail.automatic:
        return AUTOMATIC
    if kept.account is None:
        return STRANGER
    case = kept.case
    if case is None or not _is_theirs(case, actor_for(kept.account, at=at)):
        return NO_CASE  # whoever asks about somebody else's case learns nothing of it
    if case.status not in (Status.DRAFT, Status.CORRECTING):
        return OWED if mail.files and wanted(case) else NOT_OPEN
    return "" if mail.files else NOTHING


def _is_theirs(case: Case, sender: Actor) -> bool:
    """Whether a sender may add to a case: for themselves or under a mandate, not as the clerk at a counter."""
    power = power_in(case, sender)
    deed = Deed.FILL if case.status == Status.DRAFT else Deed.CORRECT
    return may_act(case, sender, deed) and not (power is not None and power.assists)


def _keep_file(kept: InboundMail, file: File, at: datetime) -> MailFile:
    """One attachment, judged: kept, or only its name and why it was refused."""
    name = file.name or _("附件")
    try:
        blob = store(io.BytesIO(file.content), at=at)
    except Refusal as refusal:
        row = MailFile.objects.create(mail=kept, name=name[:200], reason=refusal.message[:200])
        row.english = _english(refusal)
        return row
    return MailFile.objects.create(mail=kept, name=clean_name(name, blob.media_type)[:200], blob=blob)


def _english(refusal: Refusal) -> str:
    """Why a file was refused, in a few words: the refusal itself is in the language of this moment."""
    if isinstance(refusal, TooLarge):
        return "too large"
    if isinstance(refusal, WrongType):
        return "not a kind of file we take"
    return "cannot be taken"


def _take(case: Case, kept: InboundMail, files: list[MailFile], *, by: Actor, at: datetime) -> None:
    """Put files with the materials they name; what names none goes to the one that is missing, or that there is."""
    materials = spec_of(case.version_id).materials
    loose = []
    for file in files:
        if file.blob is None:
            continue
        found = material_named(file.name, kept.text, materials)
        if found is None:
            loose.append(file)
        else:
            _try(case, file, found.id, by=by, at=at)
    fitting = _missing(case, at) or list(materials)
    for file in loose:
        if len(fitting) == 1:
            _try(case, file, fitting[0].id, by=by, at=at)
        else:
            file.reason, file.english = _("看不出是哪件材料"), "names no material"
            file.save(update_fields=["reason"])
    if any(file.key for file in files):
        _note(case, files, by=by, at=at)
    _tell_taken(case, files, key=f"mail:{kept.pk}", at=at)


def _propose(case: Case, kept: InboundMail, files: list[MailFile]) -> None:
    """Say which owed material each file seems to be: the one it names, or the only one that is owed.

    A file that names another material of the service is proposed for none.
    """
    owed, materials = wanted(case), spec_of(case.version_id).materials
    for file in files:
        if file.blob_id is None:
            continue
        named = material_named(file.name, kept.text, materials)
        found = named or (owed[0] if len(owed) == 1 else None)
        if found is not None and found in owed:
            file.proposed = found.id
            file.save(update_fields=["proposed"])


def material_named(name: str, text: str, materials: Collection[MaterialSpec]) -> MaterialSpec | None:
    """The material that a file's name says it is, else what stands before that name in the message; or None."""
    before = [line.partition(name)[0] for line in text.splitlines() if name and name in line]
    for said in [name.rpartition(".")[0] or name, *before]:
        words = _plain(said)
        contained = sorted((m for m in materials if _plain(m.name.zh) in words), key=lambda m: -len(m.name.zh))
        if contained:
            longest = [m for m in contained if len(_plain(m.name.zh)) == len(_plain(contained[0].name.zh))]
            if len(longest) == 1:
                return longest[0]
            continue
        containing = [m for m in materials if len(words) >= 4 and words in _plain(m.name.zh)]
        if len(containing) == 1:
            return containing[0]
    return None


def _plain(text: str) -> str:
    return re.sub(r"[\W_]+", "", text).lower()


def _missing(case: Case, at: datetime) -> list[MaterialSpec]:
    """The materials that are still to come before a case can be handed in."""
    submission = Submission.objects.select_related("case").get(case=case, submitted_at=None)
    _values, problems = judged(submission, at=at)
    return [m for m in spec_of(case.version_id).materials if f"material:{m.id}" in problems]


def _try(case: Case, file: MailFile, key: str, *, by: Actor, at: datetime) -> None:
    try:
        _attach(case, file, key, by=by, at=at)
    except Refusal as refusal:
        file.reason, file.english = refusal.message[:200], _english(refusal)
        file.save(update_fields=["reason"])


def _attach(case: Case, file: MailFile, key: str, *, by: Actor, at: datetime) -> None:
    """Add one kept file to a material. In a correction it takes the place of what was handed in before."""
    if file.blob_id is None:
        raise Refused(_("这个文件没有保存。"))
    with transaction.atomic():
        _clear(case, key, file)
        with open_blob(file.blob_id) as stream:
            attach(case, key, stream, name=file.name, by=by, at=at)
        Submission.objects.filter(case=case, submitted_at=None).update(door=Door.MAIL)
        file.case, file.key, file.reason = case, key, ""
        file.save(update_fields=["case", "key", "reason"])


def _clear(case: Case, key: str, file: MailFile) -> None:
    """Take the old files of a material that is to be corrected out of the open round alone."""
    correction = Correction.objects.open().filter(case=case).first()
    if correction is None or f"material:{key}" not in correction.places:
        return
    earlier = Material.objects.filter(submission__case=case, submission__submitted_at__isnull=False, key=key)
    Material.objects.filter(
        submission__case=case, submission__submitted_at=None, key=key, blob__in=earlier.values("blob")
    ).exclude(blob=file.blob_id).delete()


def _note(case: Case, files: list[MailFile], *, by: Actor, at: datetime) -> None:
    held = Case.objects.select_for_update(of=("self",)).get(pk=case.pk)
    placed = [{"material": file.key, "name": file.name} for file in files if file.key]
    ledger.append(held, "mail", by=by, at=at, details={"mail": str(files[0].mail_id), "files": placed})
    held.save(update_fields=["ledger_length", "ledger_head"])


def _tell_taken(case: Case, files: list[MailFile], *, key: str, at: datetime) -> None:
    """Tell the applicant what was taken, what was not and why, and what is still missing."""
    spec = spec_of(case.version_id)
    names = {m.id: m.name for m in spec.materials}
    taken = [file for file in files if file.key]
    left = [file for file in files if not file.key]
    missing = _missing(case, at)
    context: dict[str, Any] = {
        "number": case.number,
        "service": spec.name.model_dump(),
        "taken": _listed(
            [f"{names[f.key].zh}（{f.name}）" for f in taken],
            [f"{names[f.key].en or names[f.key].zh} ({f.name})" for f in taken],
        ),
        "left": _listed(
            [f"{f.name}（{f.reason.rstrip('。')}）" for f in left], [f"{f.name} ({f.english})" for f in left]
        ),
        "missing": _listed([m.name.zh for m in missing], [m.name.en or m.name.zh for m in missing]),
    }
    writes, link = Writes(), f"/cases/{case.number}/"
    tell(writes, party=case.applicant_id, template="mail_taken", context=context, link=link, key=key, at=at)
    writes.send()


def _tell_made_up(case: Case, files: list[MailFile], *, key: str, at: datetime) -> None:
    """Tell the applicant what was taken for what was owed, and what is still to come."""
    spec = spec_of(case.version_id)
    names = {m.id: m.name for m in spec.materials}
    taken, left = list(dict.fromkeys(file.key for file in files)), wanted(case)
    context: dict[str, Any] = {
        "number": case.number,
        "service": spec.name.model_dump(),
        "taken": _listed([names[k].zh for k in taken], [names[k].en or names[k].zh for k in taken]),
        "missing": _listed([m.name.zh for m in left], [m.name.en or m.name.zh for m in left]),
    }
    writes, link = Writes(), f"/cases/{case.number}/"
    tell(writes, party=case.applicant_id, template="mail_made_up", context=context, link=link, key=key, at=at)
    writes.send()


def _listed(chinese: list[str], english: list[str]) -> dict[str, str]:
    return {"zh": "、".join(chinese) or "无", "en": ", ".join(english) or "none"}


def _tell_kept(account: User, kept: InboundMail, why: str, at: datetime) -> None:
    chinese, english = WHYS[why]
    context = {"subject": kept.subject, "why": {"zh": chinese, "en": english}}
    writes = Writes()
    key = f"mail:{kept.pk}"
    tell(writes, party=account.person_id, template="mail_kept", context=context, link="", key=key, at=at)
    writes.send()


def _open(mail_id: UUID, by: Actor) -> InboundMail:
    """A message that waits, locked. Raises NotFound for another office's, Stale when it was settled."""
    seen = InboundMail.objects.visible_to(by).select_for_update(of=("self",)).select_related("account", "case")
    found = seen.filter(pk=mail_id).first()
    if found is None:
        raise NotFound(_("没有找到这封邮件。"))
    if found.state != MailState.WAITING:
        raise Stale(_("这封邮件已经处理过了。"))
    return found


@transaction.atomic
def place_file(mail_id: UUID, file_id: UUID, *, number: str, material: str, by: Actor, at: datetime) -> InboundMail:
    """Put a file with a material of a case, as the clerk read it. Placed already, nothing changes.

    In the sender's name when their address is proven and they may act in the case; else only under the
    mandate that the applicant gave this clerk, as at the counter. Raises Invalid at its place.
    """
    mail = _open(mail_id, by)
    file = mail.files.select_related("blob").filter(pk=file_id, blob__isnull=False).first()
    if file is None:
        raise NotFound(_("没有找到这个文件。"))
    if file.key:
        return mail
    case = Case.objects.filter(number=number.strip().upper()).first()
    sender = actor_for(mail.account, at=at) if mail.account else None
    theirs = case is not None and sender is not None and _is_theirs(case, sender)
    if case is None or (not theirs and not may_act(case, by, Deed.FILL)):
        text = _(
            "没有找到这个办件，或者发件人不能代表申请人。请让申请人从自己的邮箱发送，或者先在“窗口收件”取得同意。"
        )
        raise Invalid(text, {"number": [text]})
    if material not in {m.id for m in spec_of(case.version_id).materials}:
        chosen = next((m for m in spec_of(case.version_id).materials if m.name.zh == material.strip()), None)
        if chosen is None:
            text = _("这个事项没有这件材料，请从列出的材料里选。")
            raise Invalid(text, {"material": [text]})
        material = chosen.id
    acting = sender if theirs and sender is not None else by
    open_ = case.status in (Status.DRAFT, Status.CORRECTING)
    try:
        if open_:
            _attach(case, file, material, by=acting, at=at)
        else:
            _make_up(case, material, [file], by=acting, at=at)
    except (Refused, Stale, NotAllowed) as refusal:
        raise Invalid(refusal.message, {"material": [refusal.message]}) from refusal
    _note(case, [file], by=by, at=at)
    if not mail.files.filter(key="").exists():
        _settle(mail, MailState.PLACED, "", by, at)
    if open_:
        _tell_taken(case, [file], key=f"mail:{file.pk}", at=at)
    else:
        _tell_made_up(case, [file], key=f"mail:{file.pk}", at=at)
    return mail


@transaction.atomic
def accept_mailed(mail_id: UUID, *, by: Actor, at: datetime) -> InboundMail:
    """Take what a message proposes for owed materials, as if its sender had made them up online.

    It is compared like every make-up, by whoever does that. Raises Stale when nothing of it is owed any more,
    NotAllowed for a clerk who is on the applicant's side, Refused when the sender may not act any more.
    """
    mail = _open(mail_id, by)
    found = mail.files.select_related("blob").filter(key="", blob__isnull=False).exclude(proposed="")
    files, case = list(found), mail.case
    sender = actor_for(mail.account, at=at) if mail.account else None
    if case is None or not files:
        raise Stale(_("这封邮件没有可以收下的后补材料。"))
    if why := why_keep_out(case, by):
        raise NotAllowed(why)
    if sender is None or not _is_theirs(case, sender):
        raise Refused(_("发件人不能再代表申请人，请与申请人联系。"))
    for key in dict.fromkeys(file.proposed for file in files):
        _make_up(case, key, [file for file in files if file.proposed == key], by=sender, at=at)
    _note(case, files, by=by, at=at)
    if not mail.files.filter(key="", blob__isnull=False).exists():
        _settle(mail, MailState.PLACED, "", by, at)
    _tell_made_up(case, files, key=f"mail:{mail.pk}:made-up", at=at)
    return mail


def _make_up(case: Case, key: str, files: list[MailFile], *, by: Actor, at: datetime) -> None:
    """Hand files in for a material that is owed. Raises Stale when it is not, or was made up meanwhile."""
    held = Case.objects.select_for_update(of=("self",)).get(pk=case.pk)
    if key not in {material.id for material in wanted(held)}:
        name = spec_of(held.version_id).material(key).name
        raise Stale(_("“%(name)s”已经不用再补交。") % {"name": name})
    with ExitStack() as opened:
        uploads = [
            (opened.enter_context(open_blob(file.blob_id)), file.name) for file in files if file.blob_id is not None
        ]
        record = uuid5(files[0].mail_id, key + files[0].pk.hex)
        make_up(held, key, uploads, by=by, at=at, record=record, door=Door.MAIL)
    for file in files:
        file.case, file.key, file.reason = held, key, ""
        file.save(update_fields=["case", "key", "reason"])


@transaction.atomic
def answer_mail(mail_id: UUID, *, text: str, by: Actor, at: datetime) -> InboundMail:
    """Answer a message by e-mail; that settles it. Raises Invalid, Refused without an address, Stale."""
    mail = _open(mail_id, by)
    _require(text, "answer")
    if not mail.sender:
        raise Refused(_("这封邮件没有可以回复的地址。"))
    post(
        transport=Transport.EMAIL,
        to=mail.sender,
        subject=_("回复：%(subject)s") % {"subject": mail.subject},
        body=text.strip(),
        at=at,
        purge_at=mail.purge_at,
    )
    return _settle(mail, MailState.ANSWERED, text, by, at)


@transaction.atomic
def dismiss_mail(mail_id: UUID, *, reason: str, by: Actor, at: datetime) -> InboundMail:
    """Put a message aside with a reason. Raises Invalid without one, Stale when it was settled."""
    mail = _open(mail_id, by)
    _require(reason, "reason")
    return _settle(mail, MailState.DISMISSED, reason, by, at)


def _require(text: str, place: str) -> None:
    if not text.strip():
        message = _("请填写内容。")
    elif len(text) > LONGEST:
        message = _("请不要超过 %(most)d 字，现在有 %(count)d 字。") % {"most": LONGEST, "count": len(text)}
    else:
        return
    raise Invalid(message, {place: [message]})


def _settle(mail: InboundMail, state: MailState, said: str, by: Actor, at: datetime) -> InboundMail:
    mail.state, mail.said, mail.settled_by_id, mail.settled_at = state, said.strip(), by.account, at
    mail.save(update_fields=["state", "said", "settled_by", "settled_at"])
    return mail


@transaction.atomic
def purge_mail(*, at: datetime) -> int:
    """Wipe sender, text and files of messages once their time is over; what was placed stays with its case."""
    due = InboundMail.objects.filter(purge_at__lte=at, purged_at=None)
    MailFile.objects.filter(mail__in=due.values("pk")).delete()
    return due.update(sender="", account=None, subject="", text="", said="", purged_at=at)
