"""What came by e-mail and waits: read it, place its files, answer, put aside."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from zerotrip.cases import actions
from zerotrip.cases.actions.mail import AUTOMATIC, LONGEST, NO_CASE, NOT_OPEN, NOTHING, OWED, STRANGER, UNPLACED
from zerotrip.cases.models import Case, InboundMail, MailFile, MailState
from zerotrip.catalogue.queries import spec_of
from zerotrip.errors import Invalid, NotAllowed, NotFound, Refusal, Refused, Stale
from zerotrip.parties.models import Role
from zerotrip.web.accounts.access import staff_only
from zerotrip.web.cases.files import serve
from zerotrip.web.desk.frame import rail
from zerotrip.web.pages import page_of
from zerotrip.web.portal.cases.forms import uuid_from
from zerotrip.web.requests import Request, typed

PAGE_SIZE = 30
WHY = {
    STRANGER: gettext_lazy("发件人未经核实"),
    NO_CASE: gettext_lazy("没有对应的办件"),
    NOT_OPEN: gettext_lazy("办件现在不用填写或补正"),
    OWED: gettext_lazy("容缺后补的材料，等您收下"),
    UNPLACED: gettext_lazy("有附件没有归入材料"),
    NOTHING: gettext_lazy("没有附件"),
    AUTOMATIC: gettext_lazy("自动回复"),
}
"""Why a message waits, in words."""


def _require_reader(request: Request) -> None:
    if not request.actor.seats_as(Role.CLERK):
        raise NotAllowed(_("来信由受理人员查看。"))


@require_GET
@staff_only
def index(request: Request) -> HttpResponse:
    """The messages that wait, the oldest first; or those that are settled."""
    _require_reader(request)
    settled = request.GET.get("done") == "1"
    seen = InboundMail.objects.visible_to(request.actor).select_related("case", "settled_by__person")
    if settled:
        found = seen.exclude(state=MailState.WAITING).order_by("-received_at", "-pk")
    else:
        found = seen.filter(state=MailState.WAITING).order_by("received_at", "pk")
    page = page_of(request, found, size=PAGE_SIZE)
    context = {
        "page": page,
        "rows": [(mail, WHY.get(mail.why, "")) for mail in page],
        "settled": settled,
        **rail(request, "mail"),
    }
    return render(request, "desk/mail/index.html", context)


@require_http_methods(["GET", "POST"])
@staff_only
def show(request: Request, mail_id: UUID) -> HttpResponse:
    """One message: what it says and what hangs on it, and what the clerk does about it."""
    _require_reader(request)
    mail = _mail(request, mail_id)
    refused: Refusal | None = None
    if request.method == "POST":
        try:
            return _done(request, mail)
        except (Invalid, Refused, Stale) as refusal:
            refused = refusal
    files = [(file, _called(mail.case, file.proposed)) for file in mail.files.select_related("case", "blob")]
    number = typed(request, "number", most=40) or (mail.case.number if mail.case else "")
    context = {
        "mail": mail,
        "why": WHY.get(mail.why, ""),
        "files": files,
        "proposed": [name for file, name in files if name and not file.key] if mail.case else [],
        "names": _names(mail),
        "number": number,
        "typed": request.POST,
        "at_file": typed(request, "file"),
        "refused": refused,
        "problems": refused.problems if isinstance(refused, Invalid) else {},
        "longest": LONGEST,
        "waits": mail.state == MailState.WAITING,
        **rail(request, "mail"),
    }
    return render(request, "desk/mail/show.html", context, status=refused.status if refused else 200)


def _mail(request: Request, mail_id: UUID) -> InboundMail:
    seen = InboundMail.objects.visible_to(request.actor).select_related("case", "account", "settled_by__person")
    mail = seen.filter(pk=mail_id).first()
    if mail is None:
        raise NotFound(_("没有找到这封邮件。"))
    return mail


def _called(case: Case | None, key: str) -> str:
    """The name of the owed material a file is proposed for."""
    return str(spec_of(case.version_id).material(key).name) if case and key else ""


def mailed(case: Case, request: Request) -> list[tuple[MailFile, str]]:
    """What came by e-mail for the owed materials of a case, and waits to be taken, with what it seems to be."""
    waiting = InboundMail.objects.visible_to(request.actor).filter(case=case, state=MailState.WAITING)
    files = MailFile.objects.filter(mail__in=waiting.values("pk"), key="").exclude(proposed="")
    return [(file, _called(case, file.proposed)) for file in files.select_related("mail")]


def _names(mail: InboundMail) -> list[str]:
    """The names of the materials of the case it is about, to choose from; another case's are typed."""
    case: Case | None = mail.case
    return [m.name.zh for m in spec_of(case.version_id).materials] if case else []


def _done(request: Request, mail: InboundMail) -> HttpResponse:
    by, at = request.actor, request.now
    if "accept" in request.POST:
        case = actions.accept_mailed(mail.pk, by=by, at=at).case
        messages.success(request, _("已收为补交材料，等核对。"))
        return redirect("desk-case", case.number) if case else redirect("desk-mail")
    if "answer" in request.POST:
        actions.answer_mail(mail.pk, text=typed(request, "answer"), by=by, at=at)
        messages.success(request, _("已回复。"))
        return redirect("desk-mail")
    if "reason" in request.POST:
        actions.dismiss_mail(mail.pk, reason=typed(request, "reason"), by=by, at=at)
        messages.success(request, _("已放到一边。"))
        return redirect("desk-mail")
    number, material = typed(request, "number", most=40), typed(request, "material", most=200)
    file = uuid_from(typed(request, "file"))
    if file is None:
        raise NotFound(_("没有找到这个文件。"))
    actions.place_file(mail.pk, file, number=number, material=material, by=by, at=at)
    messages.success(request, _("已归入办件 %(number)s。") % {"number": number.upper()})
    return redirect("desk-mail-one", mail.pk)


@require_GET
@staff_only
def file(request: Request, mail_id: UUID, file_id: UUID) -> HttpResponseBase:
    """A file that hangs on a message, as it came."""
    _require_reader(request)
    found = MailFile.objects.select_related("blob").filter(mail=_mail(request, mail_id), pk=file_id).first()
    if found is None or found.blob is None:
        raise NotFound(_("没有找到这个文件。"))
    return serve(found.blob, found.name)
