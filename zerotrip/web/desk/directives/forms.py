"""Giving an order: a directive with its first task, a further part of one, a notice or a report by itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from zerotrip.duties.actions import ordering
from zerotrip.duties.actions.ordering import Asked, Order
from zerotrip.duties.models import Kind, Status
from zerotrip.duties.queries import load_order
from zerotrip.duties.rules import issuing_seats, may_manage
from zerotrip.errors import Invalid, NotAllowed, NotFound
from zerotrip.ids import new_id
from zerotrip.parties.models import Party
from zerotrip.web.accounts.access import staff_only
from zerotrip.web.desk.directives import questions
from zerotrip.web.desk.directives.whom import Firms, Whom, filters, firms, none_found, places, ticked_in, whom
from zerotrip.web.desk.frame import rail
from zerotrip.web.duties.days import DayOff, day_off, settled
from zerotrip.web.portal.cases.forms import Problem, uuid_from
from zerotrip.web.requests import Request, moment_of, today_of, typed
from zerotrip.workdays.queries import calendar_for

if TYPE_CHECKING:
    from zerotrip.duties.models import Requirement
    from zerotrip.parties.access import Seat
    from zerotrip.questions import Bound

AROUND = ("source", "title", "text", "what", "day", "hour", "usccs")
USUAL = 3
"""Working days that are given unless another day is chosen."""
GIVEN = {Kind.TASK: "task", Kind.REPORT: "report", Kind.RECEIPT: "receipt"}


@dataclass
class OrderPage:
    """The form of an order, with what is typed in it and what is wrong."""

    request: Request
    kind: Kind
    seat: Seat
    part_of: Requirement | None = None
    more_of: Requirement | None = None
    """An order others are to be asked, too: all but whom and by when stands."""
    problems: dict[str, list[str]] = field(default_factory=dict)
    message: str = ""

    @property
    def sent(self) -> bool:
        """Whether the page was sent."""
        return self.request.method == "POST"

    @cached_property
    def key(self) -> UUID:
        """Makes the same press twice one order."""
        return uuid_from(typed(self.request, "key")) or new_id()

    @cached_property
    def typed(self) -> dict[str, str]:
        """What is typed around the form."""
        if self.sent:
            return {name: typed(self.request, name, most=40_000) for name in AROUND}
        calendar = calendar_for(self.seat.area_path)
        last = calendar.working_day_after(today_of(self.request), USUAL)
        around = dict.fromkeys(AROUND, "")
        return around | {"day": last.isoformat(), "hour": f"{calendar.closes(last):%H:%M}"}

    @cached_property
    def office(self) -> Party:
        """In whose name it is given."""
        return Party.objects.only("name", "name_en").get(pk=self.seat.department_id)

    @property
    def directs(self) -> bool:
        """Whether it is a new directive, with its first task."""
        return self.kind is Kind.TASK and self.part_of is None and self.more_of is None

    @property
    def asks_firms(self) -> bool:
        """Whether it is asked of enterprises."""
        return self.kind in (Kind.REPORT, Kind.RECEIPT)

    @property
    def asks_form(self) -> bool:
        """Whether an answer may have a form: a notice is only signed."""
        return self.kind is not Kind.RECEIPT and self.more_of is None

    @cached_property
    def whom(self) -> Whom:
        """Who can be asked, and who is ticked."""
        there = self.more_of.obligations.exclude(status=Status.DROPPED) if self.more_of is not None else None
        without = [str(key) for key in there.values_list("owner", flat=True)] if there is not None else []
        ticked = ticked_in(self.request) if self.sent else set()
        return whom(self.seat, self.request.actor, ticked=ticked, at=self.request.now, without=without)

    @cached_property
    def firms(self) -> Firms:
        """The enterprises that were searched for."""
        return firms(self.request, self.seat)

    @cached_property
    def filters(self) -> dict[str, Any]:
        """The controls enterprises are searched by."""
        return filters(self.request)

    @cached_property
    def places(self) -> dict[str, Any]:
        """The controls enterprises are chosen by through their sites."""
        return places(self.request)

    @cached_property
    def chosen(self) -> list[UUID]:
        """Those it goes to."""
        return self.firms.keys if self.asks_firms else self.whom.chosen

    @property
    def count_said(self) -> str:
        """To how many it goes."""
        if self.asks_firms:
            count = self.firms.count
            return ngettext("将发给 %(count)d 家企业", "将发给 %(count)d 家企业", count) % {"count": count}
        count = len(self.chosen)
        if not count:
            return _("还没有选对象")
        return ngettext("将发给 %(count)d 个对象", "将发给 %(count)d 个对象", count) % {"count": count}

    @cached_property
    def standing(self) -> list[Requirement]:
        """The forms of the pack."""
        return questions.offered(self.kind) if self.asks_form else []

    @property
    def form_chosen(self) -> str:
        """Which form is chosen."""
        usual = str(self.standing[0].pk) if self.standing else questions.WORD
        return typed(self.request, "form", most=40) if self.sent else usual

    @cached_property
    def written(self) -> dict[str, Any]:
        """The questions that were written."""
        if not self.sent:
            return {"questions": [{"kind": "number"}]}
        return questions.writing().read_post(self.request.POST, prefix=questions.PREFIX)

    @property
    def bound(self) -> list[Bound]:
        """The controls in which questions are written."""
        return questions.writing().bind(self.written, problems=self.problems, prefix=questions.PREFIX)

    @property
    def checked(self) -> bool:
        """Whether answers are to be looked at."""
        return typed(self.request, "checked") == "1" if self.sent else self.kind is Kind.TASK

    @cached_property
    def due_at(self) -> datetime | None:
        """By when; None for what is no day or hour."""
        return moment_of(self.typed["day"], self.typed["hour"])

    @cached_property
    def day_off(self) -> DayOff | None:
        """What is asked of a day on which offices are closed."""
        return day_off(self.request, self.due_at, self.seat.area_path)

    @property
    def asks_again(self) -> bool:
        """Whether to ask once more before so many are told: all firms of an area, or more than is usual."""
        found = self.firms
        if not self.asks_firms or not found.count or found.too_many:
            return False
        return not found.narrowed or found.count > settings.ORDER_ASKS_ABOVE

    @property
    def sure(self) -> bool:
        """Whether that was ticked, for as many as it goes to."""
        told = typed(self.request, "everyone", most=8)
        return told.isascii() and told.isdigit() and int(told) >= self.firms.count

    def _unsure(self) -> str:
        """What is said where it was not."""
        count = {"count": self.firms.count}
        if not self.firms.narrowed:
            return _("没有选地区以外的条件，会发给全部 %(count)d 家企业。确认全部都发的，请打勾再发。") % count
        return _("会发给 %(count)d 家企业。确认要发这么多的，请打勾再发。") % count

    def give(self) -> Requirement:
        """Give the order. Raises Invalid with all that is wrong, and as the actions do."""
        by, at, office = self.request.actor, self.request.now, self.seat.department_id
        problems: dict[str, list[str]] = {}
        sections = None
        if self.asks_form:
            sections = questions.sections(self.form_chosen, self.written, self.standing, problems)
        if self.asks_firms and (wrong := none_found(self.firms)):
            problems["owners"] = wrong
        elif self.asks_again and not self.sure:
            problems["owners"] = [self._unsure()]
        due_at = self._settled(problems) or at + timedelta(hours=1)  # refused below all the same
        asked = [Asked(key, due_at) for key in self.chosen]
        if problems:
            problems = {**self._else_wrong(asked), **problems}
            raise Invalid(_("还没有发出，有 %(count)d 处需要补充或修改。") % {"count": len(problems)}, problems)
        if self.more_of is not None:
            if not asked:
                text = _("请至少选一个对象。")
                raise Invalid(text, {"owners": [text]})
            ordering.ask_also(self.more_of, asked, by=by, at=at)
            return self.more_of
        part = self._part(sections)
        if self.directs:
            return ordering.direct(self._directive(), part, asked, office=office, key=self.key, by=by, at=at)
        return ordering.issue(part, asked, office=office, key=self.key, by=by, at=at, part_of=self.part_of)

    def _settled(self, problems: dict[str, list[str]]) -> datetime | None:
        """By when it is meant to be; what is wrong with that is added to the problems."""
        if self.due_at is None:
            problems["due"] = [_("请填写日期和时间。")]
            return None
        try:
            return settled(self.request, self.due_at, self.seat.area_path)
        except Invalid as unsaid:
            problems |= unsaid.problems
            return self.due_at

    def _else_wrong(self, asked: list[Asked]) -> dict[str, list[str]]:
        """What is wrong besides with what was typed in the fields every order has."""
        if self.more_of is not None:
            return {}
        orders = [self._directive()] if self.directs else [self._part(None)]
        found = ordering.problems_of(orders[0])
        if not asked:
            found["owners"] = [_("请至少选一个对象。")]
        return found

    def _directive(self) -> Order:
        said = self.typed
        return Order(Kind.DIRECTIVE, said["title"], text=said["text"], source=said["source"])

    def _part(self, sections: list[dict[str, Any]] | None) -> Order:
        said = self.typed
        directs = self.directs
        return Order(
            self.kind,
            (said["what"] or said["title"]) if directs else said["title"],
            text="" if directs else said["text"],
            source="" if directs or self.part_of is not None else said["source"],
            form=sections,
            checked=self.asks_form and self.checked,
            population=self.firms.population if self.asks_firms else {},
        )

    def refuse(self, refused: Invalid) -> None:
        """Show what does not pass."""
        self.problems, self.message = refused.problems, refused.message

    @property
    def summary(self) -> list[Problem]:
        """What is wrong, each with a link to its control, in the order of the page."""
        order = ["source", "title", "text", "what", "owners", "due", "form", "own-questions"]
        first = {place: place.split(".", 1)[0] for place in self.problems}
        places = sorted(self.problems, key=lambda one: order.index(first[one]) if first[one] in order else 99)
        return [Problem(text, f"#{place.replace('.', '-')}") for place in places for text in self.problems[place]]


def _seat(request: Request, office: UUID | None) -> Seat:
    """The seat an order is given from. Raises NotAllowed for whoever may give none."""
    seats = issuing_seats(Kind.DIRECTIVE, request.actor)
    if not seats:
        raise NotAllowed(_("交办由部门负责人发出。"))
    return next((seat for seat in seats if seat.department_id == office), seats[0])


def _kind(request: Request) -> Kind:
    asked = typed(request, "kind") or request.GET.get("kind", "")
    return next((kind for kind, word in GIVEN.items() if word == asked), Kind.TASK)


@require_http_methods(["GET", "POST"])
@staff_only
def new(request: Request) -> HttpResponse:
    """A directive with its first task; or a notice or a report by itself."""
    asked = uuid_from(typed(request, "office") or request.GET.get("office"))
    page = OrderPage(request, _kind(request), _seat(request, asked))
    return _answer(request, page)


@require_http_methods(["GET", "POST"])
@staff_only
def add(request: Request, order_id: UUID) -> HttpResponse:
    """A further task, notice or report under a directive."""
    directive = _managed(request, order_id)
    if directive.kind != Kind.DIRECTIVE:
        raise NotFound(_("没有找到这件交办事项。"))
    page = OrderPage(request, _kind(request), _seat(request, directive.issuer_id), part_of=directive)
    return _answer(request, page)


@require_http_methods(["GET", "POST"])
@staff_only
def more(request: Request, order_id: UUID) -> HttpResponse:
    """Others who are asked the same, too."""
    part = _managed(request, order_id)
    if part.kind not in GIVEN:
        raise NotFound(_("没有找到这件交办事项。"))
    page = OrderPage(request, Kind(part.kind), _seat(request, part.issuer_id), part.part_of, more_of=part)
    return _answer(request, page)


def _managed(request: Request, order_id: UUID) -> Requirement:
    order = load_order(order_id, request.actor)
    if not may_manage(order, request.actor):
        raise NotAllowed(_("由发出的人或本部门负责人管理，办结后不能再改。"))
    return order


def _answer(request: Request, page: OrderPage) -> HttpResponse:
    if request.method != "POST":
        return _show(request, page)
    if "count" in request.GET:
        return render(request, "desk/directives/count.html", {"page": page})
    if "count" in request.POST or questions.writing().asks_for_rows(request.POST):
        return _show(request, page)
    try:
        made = page.give()
    except Invalid as refused:
        page.refuse(refused)
        return _show(request, page, status=422)
    count = len(page.chosen)
    said = ngettext("已发给 %(count)d 个对象，会收到消息。", "已发给 %(count)d 个对象，会收到消息。", count)
    messages.success(request, said % {"count": count})
    return redirect("desk-directive", made.part_of_id or made.pk)


def _show(request: Request, page: OrderPage, *, status: int = 200) -> HttpResponse:
    address, word = reverse("desk-directive-new"), GIVEN[page.kind]
    offices = {seat.department_id: seat.department for seat in issuing_seats(Kind.DIRECTIVE, request.actor)}
    if page.part_of is not None or page.more_of is not None:
        offices = {}
    context = {
        "page": page,
        "word": word,
        "others": [
            (name, f"{address}?{urlencode({'kind': word, 'office': office})}")
            for office, name in offices.items()
            if office != page.seat.department_id
        ],
        "today": today_of(request).isoformat(),
        **rail(request, "directives"),
    }
    return render(request, "desk/directives/new.html", context, status=status)
