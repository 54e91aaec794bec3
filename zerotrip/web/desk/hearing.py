"""Hearing people in a piece of work: those concerned, the notices, their answers, the hearing and its minutes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from zerotrip.cases import actions, queries
from zerotrip.cases.access import why_keep_out
from zerotrip.cases.actions.hearing import FITS, earliest, may_add_scan, may_preside
from zerotrip.cases.models import Answer, Channel, Concerned, Ground, Hearing, HearingNotice, Telling
from zerotrip.cases.rules import may
from zerotrip.cases.states import Step
from zerotrip.errors import Invalid, NotFound, Refusal
from zerotrip.files.actions import store
from zerotrip.files.naming import clean_name
from zerotrip.ids import new_id
from zerotrip.licences import letters
from zerotrip.web.accounts.access import staff_only
from zerotrip.web.cases.access import staff_case, workable_assignment
from zerotrip.web.cases.files import pdf, serve
from zerotrip.web.cases.heard import sheet_of
from zerotrip.web.desk.acts import common, text
from zerotrip.web.desk.frame import rail
from zerotrip.web.portal.cases.forms import uuid_from
from zerotrip.web.requests import Request, day_or_none, typed
from zerotrip.workdays.calendar import CHINA

if TYPE_CHECKING:
    from django.http import HttpResponseBase

    from zerotrip.cases.models import Assignment
    from zerotrip.cases.queries import File
    from zerotrip.files.models import Blob


@dataclass(frozen=True)
class Asked:
    """One thing to fill in, with what was typed and what was wrong with it."""

    name: str
    label: str
    kind: str = "text"
    options: tuple[tuple[str, str], ...] = ()
    value: str = ""
    hint: str = ""
    required: bool = True
    most: int = 4000
    rows: int = 2
    """Of something long."""
    problems: tuple[str, ...] = ()


@dataclass(frozen=True)
class Form:
    """Something that can be done on the page."""

    do: str
    button: str
    fields: tuple[Asked, ...] = ()
    about: str = ""
    note: str = ""
    opened: bool = False
    bare: bool = False
    """One button, without anything to unfold."""

    @property
    def sends_files(self) -> bool:
        """Whether a file can be chosen in it."""
        return any(each.kind == "file" for each in self.fields)

    @property
    def place(self) -> str:
        """What tells its controls from those of the other forms of the page."""
        return f"{self.do}-{self.about}" if self.about else self.do


@require_http_methods(["GET", "POST"])
@staff_only
def hearing(request: Request, assignment_id: UUID) -> HttpResponse:
    """Record and tell those concerned, note what they answer, call the hearing, keep its minutes."""
    assignment = workable_assignment(request, assignment_id)
    case = staff_case(request, assignment.case.number)
    if request.method == "GET" and not may(Step.HEAR, case, request.actor, assignment):
        return redirect("desk-case", case.number)
    refused = None
    if request.method == "POST":
        do = _DOES.get(typed(request, "do", most=12))
        if do is None:
            raise NotFound(_("没有这个操作。"))
        try:
            do(request, assignment)
        except Invalid as invalid:
            refused = invalid
        else:
            messages.success(request, _("%(number)s：已记录。") % {"number": case.number})
            return redirect("desk-hearing", assignment_id)
    file = queries.file_of(case, request.actor, at_desk=True)
    page = _Page(request, file, assignment, refused)
    context = {
        "case": case,
        "file": file,
        "assignment": assignment,
        "heard": page.sheet,
        "waits": file.heard.waits(file.spec, at=request.now),
        "page": page,
        "key": uuid4(),
        "refused": refused,
        "has_hearing": file.spec.procedure("hearing") is not None,
        "may_add_scan": may_add_scan(case, file.heard.hearing, request.actor),
        **rail(request, ""),
    }
    return render(request, "desk/hearing.html", context, status=422 if refused else 200)


@require_GET
@staff_only
def letter(request: Request, telling_id: UUID) -> HttpResponse:
    """What somebody concerned or the applicant was told, in writing, to be posted or handed over."""
    telling = Telling.objects.visible_to(request.actor).filter(pk=telling_id).select_related("case").first()
    if telling is None:
        raise NotFound(_("没有找到这份告知。"))
    case = staff_case(request, telling.case.number)
    if reason := why_keep_out(case, request.actor):
        raise NotFound(reason)
    written = letters.telling_letter(telling)
    return pdf(letters.draw(written, at=request.now), f"{written.title}-{case.number}.pdf")


@require_GET
@staff_only
def scan(request: Request, hearing_id: UUID) -> HttpResponseBase:
    """The minutes as they were signed."""
    held = _held(request, hearing_id)
    if held.scan is None:
        raise NotFound(_("没有找到这个文件。"))
    return serve(held.scan, clean_name(_("听证笔录"), held.scan.media_type))


@require_http_methods(["GET", "POST"])
@staff_only
def add_scan(request: Request, hearing_id: UUID) -> HttpResponse:
    """Add the signed paper to minutes that were put on file without it."""
    held = _held(request, hearing_id)
    refused = None
    if request.method == "POST":
        try:
            paper = _scan(request)
            if paper is None:
                message = _("请选择文件。")
                raise Invalid(message, {"scan": [message]})
            actions.add_scan(held, paper, by=request.actor, at=request.now)
        except Invalid as invalid:
            refused = invalid
        else:
            messages.success(request, _("%(number)s：已记录。") % {"number": held.case.number})
            return redirect("desk-case", held.case.number)
    elif not may_add_scan(held.case, held, request.actor):
        return redirect("desk-case", held.case.number)
    context = {"case": held.case, "hearing": held, "refused": refused, **rail(request, "")}
    return render(request, "desk/hearing_scan.html", context, status=422 if refused else 200)


def _held(request: Request, hearing_id: UUID) -> Hearing:
    """A hearing this member of staff may read about. Raises NotFound."""
    held = Hearing.objects.visible_to(request.actor).filter(pk=hearing_id).select_related("case", "scan").first()
    if held is None:
        raise NotFound(_("没有找到这场听证。"))
    held.case = staff_case(request, held.case.number)
    if reason := why_keep_out(held.case, request.actor):
        raise NotFound(reason)
    return held


class _Page:
    """The forms of the page, each with what was typed into it before a refusal."""

    def __init__(self, request: Request, file: File, assignment: Assignment, refused: Invalid | None) -> None:
        self._request, self._file, self._assignment, self._refused = request, file, assignment, refused
        self._heard, self._hearing = file.heard, file.heard.hearing
        self.sheet = sheet_of(file, now=request.now, doing=True)
        self.held = self._hearing is not None and self._hearing.kept_at is not None

    def record(self) -> Form:
        """Record somebody concerned."""
        fields = (
            Asked("name", _("姓名或者单位名称"), most=80),
            Asked("contact", _("电话或者通信地址"), hint=_("（只给承办人看）"), most=120),
            Asked("interest", _("涉及什么重大利益"), "long"),
            Asked("concerned", "", "hidden", value=str(new_id())),
        )
        return self._form("record", _("登记利害关系人"), fields)

    def neighbours(self) -> list[tuple[Any, list[Form]]]:
        """Those concerned, each with what can be done about them."""
        return [(each, list(self._about(each.one))) for each in (self.sheet.neighbours if self.sheet else [])]

    def _about(self, one: Concerned) -> Iterator[Form]:
        view = self._heard.told(HearingNotice.VIEW, one.pk)
        if view is None:
            yield self._form("tell", _("书面告知"), (self._way("via", one),), about=str(one.pk), plain=True)
            if not any(each.concerned_id == one.pk for each in self._heard.tellings):
                yield self._form("forget", _("登记错了，删除"), about=str(one.pk), bare=True)
        elif not view.answer:
            yield self._answer(view, _("登记意见"))

    def rights(self) -> list[tuple[Any, Form | None]]:
        """Those told that they may ask for a hearing, with a form for what they answer."""
        return [(each, self._of_right(each.telling)) for each in (self.sheet.rights if self.sheet else [])]

    def notices(self) -> list[Any]:
        """The notices of the time and place that count, each with its addressee."""
        return self.sheet.notices if self.sheet else []

    def _of_right(self, telling: Telling) -> Form | None:
        if self.held or telling.answer == Answer.WAIVED:
            return None
        if telling.answer == Answer.ASKED:
            return self._answer(telling, _("登记撤回要求"), only=(Answer.WAIVED,))
        return self._answer(telling, _("登记答复"))

    def _answer(self, telling: Telling, button: str, *, only: tuple[Answer, ...] = ()) -> Form:
        fits = only or FITS[HearingNotice(telling.what)]
        today = timezone.localtime(self._request.now).date()
        fields = [
            Asked("answer", _("答复"), "choice", tuple((each.value, str(each.label)) for each in fits)),
            Asked("view", _("说了什么"), "long", required=False, hint=_("（陈述意见的必填）")),
            Asked("on", _("哪天答复的"), "date", value=today.isoformat()),
        ]
        return self._form("answer", button, tuple(fields), about=str(telling.pk))

    def tell_right(self) -> Form | None:
        """Tell whoever was not told yet that they may ask for a hearing."""
        accord = self._file.spec.hearing is not None and self._file.spec.hearing.held != "asked"
        untold = self._heard.untold(HearingNotice.RIGHT)
        nobody = not untold and self._heard.told(HearingNotice.RIGHT, None) is not None
        if self.held or nobody or accord or (self._hearing and self._hearing.ground != Ground.ASKED):
            return None
        fields = tuple(self._way(f"via-{one.pk}", one, named=True) for one in untold)
        note = _("申请人在网上告知；被告知之日起五个工作日内可以要求听证（《行政许可法》第四十七条）。")
        return self._form("right", _("告知听证权利"), fields, note=note)

    def call(self) -> Form | None:
        """Notify time and place; anew once it was called."""
        asked = self._file.spec.hearing is not None and self._file.spec.hearing.held == "asked"
        if self.held or (self._hearing is None and asked and not self._accord()):
            return None
        calls = self._hearing.calls if self._hearing else 0
        first = earliest(self._file.case, at=self._request.now)
        rule = self._file.spec.procedure("hearing")
        own = self._hearing is None or self._hearing.ground != Ground.ASKED
        fields = [
            Asked("begins_on", _("日期"), "date", hint=_("（最早 %(day)s）") % {"day": first.isoformat()}),
            Asked("begins_at", _("时间"), "time", value="09:30"),
            Asked("place", _("地点"), most=200, value=self._hearing.place if self._hearing else ""),
            Asked("presider", _("主持人"), "choice", self._presiders(), hint=_("（没有审查过这个办件的人）")),
            Asked("amount", _("需要多少时间"), "number", value=f"{rule.most.amount:g}" if rule else ""),
            Asked(
                "closed_because",
                _("不公开举行的原因"),
                required=False,
                hint=_("（涉及国家秘密、商业秘密或者个人隐私时填写；不填即公开举行）"),
            ),
            Asked("announced", _("在哪里公告"), required=own, hint="" if own else _("（必要时）")),
            *(self._way(f"via-{one.pk}", one, named=True) for one in self._heard.concerned),
            Asked("calls", "", "hidden", value=str(calls)),
        ]
        note = _(
            "通知要在举行七个工作日以前；通知时开始暂停计时，笔录存档时恢复（《行政许可法》第四十五条、第四十八条）。"
        )
        if own:
            note = _("没有人要求听证：这是依职权举行，要向社会公告（《行政许可法》第四十六条）。") + note
        button = _("改期，重新通知") if calls else _("通知听证的时间和地点")
        return self._form("call", button, tuple(fields), note=note)

    def _accord(self) -> bool:
        """Whether nobody asked, and the agency may yet hold one in the public interest."""
        return not self._heard.asked_for()

    def recusal(self) -> Form | None:
        """Note that somebody concerned asks for another to preside."""
        hearing = self._hearing
        if hearing is None or not hearing.is_called or self.held or hearing.recusal_is_open:
            return None
        people = tuple((str(one.pk), one.name) for one in self._heard.concerned)
        if not people:
            return None
        fields = (Asked("concerned", _("谁申请"), "choice", people), Asked("reason", _("理由"), "long"))
        return self._form("recusal", _("登记回避申请"), fields)

    def settle(self) -> Form | None:
        """Answer a request for another to preside."""
        if self._hearing is None or not self._hearing.recusal_is_open:
            return None
        taken = {str(self._hearing.presided_by_id), str(self._hearing.called_by_id)}
        others = tuple(pair for pair in self._presiders() if pair[0] not in taken)
        fields = (
            Asked("presider", _("决定"), "choice", (("", _("不予回避")), *others), required=False),
            Asked("answer", _("理由（申请人会看到）"), "long"),
        )
        return self._form("settle", _("答复回避申请"), fields, note=_("选一位就是准予回避，由其主持。"), plain=True)

    def minutes(self) -> Form | None:
        """Put the minutes on file, once the hearing began."""
        hearing = self._hearing
        if hearing is None or hearing.begins_at is None or self.held or self._request.now < hearing.begins_at:
            return None
        late = _("（扫描件或者照片；不在手边可以以后补充）")
        fields = (
            Asked("minutes", _("听证笔录"), "long", most=20000, rows=10),
            Asked("signed", _("签字或者盖章的人（一行一位）"), "long"),
            Asked("refused", _("拒绝签字的人（一行一位，写明原因）"), "long", required=False),
            Asked("scan", _("签字的笔录"), "file", required=False, hint=late),
        )
        note = _("笔录交参加人确认无误后签字或者盖章；决定根据笔录作出（《行政许可法》第四十八条）。")
        return self._form("minutes", _("笔录存档"), fields, note=note, plain=True)

    def _presiders(self) -> tuple[tuple[str, str], ...]:
        free = may_preside(self._file.case, self._file.assignments, by=self._request.actor, at=self._request.now)
        return tuple((str(user.pk), user.person.name) for user in free)

    def _way(self, name: str, one: Concerned, *, named: bool = False) -> Asked:
        ways = [way for way in Channel if way is not Channel.PORTAL or one.party_id is not None]
        options = tuple((way.value, capfirst(str(way.label))) for way in ways)
        label = _("怎样告知%(name)s") % {"name": one.name} if named else _("告知方式")
        return Asked(name, label, "choice", options)

    def _form(
        self, do: str, button: str, fields: tuple[Asked, ...] = (), *, about: str = "", note: str = "", **how: bool
    ) -> Form:
        """The form, open with what was typed where this is the one that was refused."""
        post = self._request.POST
        mine = self._refused is not None and (post.get("do"), post.get("about", "")) == (do, about)
        problems = self._refused.problems if mine and self._refused else {}
        shown = tuple(
            replace(
                each,
                value=post.get(each.name, each.value) if mine else each.value,
                problems=tuple(problems.get(each.name, self._sent_again(each) if mine else ())),
            )
            for each in fields
        )
        opened = mine or how.get("plain", False)
        return Form(do, button, shown, about, note, opened=opened, bare=how.get("bare", False))

    def _sent_again(self, asked: Asked) -> list[str]:
        """What no page can keep of a refused form: a file that was chosen."""
        lost = asked.kind == "file" and asked.name in self._request.FILES
        return [_("这次没有保存，请重新选择文件。")] if lost else []


def _record(request: Request, assignment: Assignment) -> None:
    actions.record_concerned(
        assignment,
        name=typed(request, "name"),
        contact=typed(request, "contact"),
        interest=text(request, "interest"),
        concerned=uuid_from(request.POST.get("concerned")) or new_id(),
        **common(request),
    )


def _tell(request: Request, assignment: Assignment) -> None:
    actions.tell_concerned(assignment, _about(request), via=typed(request, "via", most=10), **common(request))


def _answered(request: Request, assignment: Assignment) -> None:
    actions.note_answer(
        assignment,
        _about(request),
        answer=typed(request, "answer", most=8),
        words=text(request, "view"),
        on=day_or_none(request, "on"),
        **common(request),
    )


def _call(request: Request, assignment: Assignment) -> None:
    try:
        amount = float(typed(request, "amount", most=12))
    except ValueError:
        amount = 0
    actions.call_hearing(
        assignment,
        begins_at=_moment(request),
        place=typed(request, "place"),
        presider=uuid_from(request.POST.get("presider")),
        amount=amount if amount < 10_000 else 0,
        closed_because=text(request, "closed_because"),
        announced=text(request, "announced"),
        ways=_ways(request),
        calls=int(found) if (found := typed(request, "calls", most=4)).isdecimal() else -1,
        **common(request),
    )


def _recusal(request: Request, assignment: Assignment) -> None:
    concerned = uuid_from(request.POST.get("concerned"))
    if concerned is None:
        message = _("请选择一项。")
        raise Invalid(message, {"concerned": [message]})
    actions.note_recusal(assignment, concerned, reason=text(request, "reason"), **common(request))


def _settle(request: Request, assignment: Assignment) -> None:
    presider = uuid_from(request.POST.get("presider"))
    actions.settle_recusal(assignment, answer=text(request, "answer"), presider=presider, **common(request))


def _minutes(request: Request, assignment: Assignment) -> None:
    actions.keep_minutes(
        assignment,
        minutes=typed(request, "minutes", most=20000),
        signed=text(request, "signed"),
        refused=text(request, "refused"),
        scan=_scan(request),
        **common(request),
    )


def _scan(request: Request) -> Blob | None:
    """The signed paper that was sent, if any. Raises Invalid at its control for one that is refused."""
    found = request.FILES.getlist("scan")[:1]
    try:
        return store(found[0], at=request.now) if found else None
    except Refusal as refusal:
        raise Invalid(refusal.message, {"scan": [refusal.message]}) from refusal


_DOES: dict[str, Callable[[Request, Assignment], Any]] = {
    "record": _record,
    "forget": lambda r, a: actions.forget_concerned(a, _about(r), **common(r)),
    "tell": _tell,
    "right": lambda r, a: actions.tell_right(a, ways=_ways(r), **common(r)),
    "answer": _answered,
    "call": _call,
    "recusal": _recusal,
    "settle": _settle,
    "minutes": _minutes,
}
"""What the page can do, by the word its forms send."""


def _about(request: Request) -> UUID:
    found = uuid_from(request.POST.get("about"))
    if found is None:
        raise NotFound(_("没有找到这位利害关系人，可能已被删除。"))
    return found


def _ways(request: Request) -> dict[UUID, str]:
    """How each of those concerned is told, by their key."""
    named = {uuid_from(name.removeprefix("via-")): name for name in request.POST if name.startswith("via-")}
    return {key: typed(request, name, most=10) for key, name in named.items() if key is not None}


def _moment(request: Request) -> datetime | None:
    """The day and time that were typed, in China."""
    try:
        at = datetime.fromisoformat(f"{typed(request, 'begins_on', most=10)}T{typed(request, 'begins_at', most=5)}")
    except ValueError:
        return None
    return at.replace(tzinfo=CHINA)
