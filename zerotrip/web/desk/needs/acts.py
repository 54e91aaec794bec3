"""What whoever helps with a need can do on its page: the next thing open, everything else a press away."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.utils.translation import gettext as _

from zerotrip.cases import actions
from zerotrip.cases.actions import targets
from zerotrip.cases.models import TAKING_ROLES
from zerotrip.cases.states import Step
from zerotrip.catalogue.models import Service
from zerotrip.errors import Invalid
from zerotrip.parties.queries import seats_over
from zerotrip.web.attaching import attached
from zerotrip.web.cases.asking import subjects
from zerotrip.web.desk.acts import Act, Control, common, text
from zerotrip.web.desk.needs.matched import outcome_words
from zerotrip.web.portal.cases.forms import uuid_from
from zerotrip.web.requests import typed

if TYPE_CHECKING:
    from zerotrip.cases.models import Assignment, Case
    from zerotrip.cases.queries import File
    from zerotrip.cases.routing import Target
    from zerotrip.files.attaching import Handed
    from zerotrip.web.requests import Request


def acts(file: File, steps: Iterable[Step], request: Request) -> list[Act]:
    """What can be done in one piece of help; the usual one is the next the firm waits for."""
    able = set(steps)
    if not able & {Step.RESOLVE, Step.ANSWER, Step.MOVE}:
        return []
    usual = next((step for step in (Step.ANSWER, Step.PLAN, Step.RESOLVE) if step in able), None)
    people = _people(file.case, request) if able & {Step.ASK_HELPER, Step.HAND_ON, Step.MOVE} else ()
    came = outcome_words(file.case, request.actor) if Step.RESOLVE in able else ""
    found = [
        (Step.ANSWER, _said("answer", _("答复企业"), "text", _("怎么答复（企业会看到）"))),
        (Step.PLAN, _said("plan", _("告诉企业方案"), "text", _("怎么解决、什么时候办好（企业会看到）"))),
        (Step.RESOLVE, _said("resolve", _("帮办完成"), "outcome", _("办成了什么（企业会看到，并请它确认）"), came)),
        (Step.REPORT, _said("report", _("通报进展"), "text", _("进展（企业会看到）"))),
        (Step.ADD, _added()),
        (Step.ASK_HELPER, _given("ask-helper", _("请人协办"), Control("what", _("请对方做什么")), people)),
        (Step.HAND_ON, _given("hand-on", _("转给别人办"), Control("reason", _("为什么转办")), people)),
        (Step.MOVE, _given("move", _("改由别人帮办"), Control("reason", _("为什么调整")), people)),
        _split(),
        (Step.DECLINE_HELP, _said("decline-help", _("退回，不能办"), "reason", _("为什么不能办（企业不会看到）"))),
        (Step.CANNOT, _said("cannot", _("未能解决，办结"), "reasons", _("原因，企业还可以怎么做（企业会看到）"))),
    ]
    able_acts = [replace(act, usual=step is usual) for step, act in found if step in able]
    return sorted(able_acts, key=lambda act: not act.usual)


def _said(path: str, button: str, name: str, label: str, value: str = "") -> Act:
    """An act that asks for a text, begun with what is known."""
    against = path in ("decline-help", "cannot")
    return Act(path, button, (Control(name, label, rows=3, value=value),), against=against, files=not against)


def _added() -> Act:
    return Act(
        "add",
        _("代企业补充"),
        (Control("text", _("企业又说了什么"), required=False, rows=3),),
        note=_("企业来电、当面说的情况和给的照片、文件，记在这里；其他帮办人和企业都会收到消息。"),
        files=True,
    )


def _given(path: str, button: str, why: Control, people: tuple[tuple[str, str], ...]) -> Act:
    """An act that asks for somebody, and why."""
    whom = Control("whom", _("给谁"), "choice", options=(("", _("请选择")), *people))
    return Act(path, button, (whom, why))


def _split() -> tuple[Step, Act]:
    among = tuple((version.service_id, str(version.spec.name)) for version in subjects())
    return Step.SPLIT, Act(
        "split",
        _("拆出一件"),
        (
            Control("subject", _("拆出的是哪方面"), "choice", options=among),
            Control("title", _("用一句话说说"), rows=1),
            Control("detail", _("具体情况")),
        ),
        note=_("企业一次说了几件事的，拆成几件，各分给各的人，各算各的时间。"),
    )


def _people(case: Case, request: Request) -> tuple[tuple[str, str], ...]:
    """Offices and teams as a whole, then people, that serve the place of a need; without oneself."""
    seats = seats_over(TAKING_ROLES, area_path=case.area_path, at=request.now)
    offices = {f"d:{one.organisation_id}": one.organisation.name for one in seats}
    people = {
        f"p:{one.person.account.pk}": f"{one.person.name}（{one.organisation.name}）"
        for one in seats
        if one.person.account.pk != request.actor.user_id
    }
    return (*sorted(offices.items(), key=lambda each: each[1]), *sorted(people.items(), key=lambda each: each[1]))


def whom(request: Request, work: Assignment) -> Target:
    """Whoever was chosen. Raises Invalid at the control when nobody was, Refused when it cannot be them."""
    kind, _colon, key = typed(request, "whom", most=60).partition(":")
    chosen = uuid_from(key)
    if chosen is None or kind not in ("p", "d"):
        message = _("请选择给谁。")
        raise Invalid(message, {"whom": [message]})
    return target_of(kind, chosen, work, request)


def target_of(kind: str, chosen: UUID, work: Assignment, request: Request) -> Target:
    """A person or an office by its key."""
    find = targets.of_person if kind == "p" else targets.of_office
    return find(chosen, area_path=work.area_path, at=request.now)


def _split_out(r: Request, a: Assignment) -> Case:
    into = Service.objects.offered().select_related("current").filter(pk=typed(r, "subject", most=60)).first()
    if into is None:
        message = _("请选择一项。")
        raise Invalid(message, {"subject": [message]})
    return actions.split_need(a, into=into, title=text(r, "title")[:60], detail=text(r, "detail"), **common(r))


def _files(request: Request) -> Sequence[Handed]:
    """What was handed in beside the words. Raises Invalid while something is wrong with it."""
    return attached(request).handed()


ACTIONS: dict[str, Callable[[Any, Any], Case]] = {
    "answer": lambda r, a: actions.answer_need(a, text=text(r, "text"), files=_files(r), **common(r)),
    "plan": lambda r, a: actions.plan_need(a, text=text(r, "text"), files=_files(r), **common(r)),
    "report": lambda r, a: actions.report_need(a, text=text(r, "text"), files=_files(r), **common(r)),
    "resolve": lambda r, a: actions.resolve_need(a, outcome=text(r, "outcome"), files=_files(r), **common(r)),
    "add": lambda r, a: actions.add_to_need(
        a.case, text=text(r, "text"), files=_files(r), assignment=a, **common(r)
    ),
    "ask-helper": lambda r, a: actions.ask_helper(a, to=whom(r, a), what=text(r, "what"), **common(r)),
    "hand-on": lambda r, a: actions.hand_on(a, to=whom(r, a), reason=text(r, "reason"), **common(r)),
    "move": lambda r, a: actions.move_need(a, to=whom(r, a), reason=text(r, "reason"), **common(r)),
    "split": _split_out,
    "decline-help": lambda r, a: actions.decline_help(a, reason=text(r, "reason"), **common(r)),
    "cannot": lambda r, a: actions.cannot_resolve(a, reasons=text(r, "reasons"), **common(r)),
}
"""The steps of helping by the word in their address."""
STEPS: dict[str, Step] = {
    "answer": Step.ANSWER,
    "plan": Step.PLAN,
    "report": Step.REPORT,
    "add": Step.ADD,
    "resolve": Step.RESOLVE,
    "ask-helper": Step.ASK_HELPER,
    "hand-on": Step.HAND_ON,
    "move": Step.MOVE,
    "split": Step.SPLIT,
    "decline-help": Step.DECLINE_HELP,
    "cannot": Step.CANNOT,
}
