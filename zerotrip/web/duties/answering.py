"""The form of what somebody owes: read from a page, shown with its problems, begun with what is there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from zerotrip.catalogue.queries import district_path
from zerotrip.duties.actions import answering
from zerotrip.duties.queries import form_of, gathered, totals
from zerotrip.errors import Invalid, Refused, Stale
from zerotrip.files.attaching import PLACE
from zerotrip.ids import new_id
from zerotrip.parties.queries import area_choices
from zerotrip.questions import Kind
from zerotrip.web.attaching import Attaching, attached
from zerotrip.web.portal.cases.forms import Problem, uuid_from
from zerotrip.web.requests import Request, typed

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpResponse

    from zerotrip.duties.models import Obligation, Record
    from zerotrip.questions import Bound, Form

PREFIX = "a-"
"""Before the names of the controls: the page has others of its own."""


@dataclass(kw_only=True)
class FilledPage:
    """A form as it was filled in, with what is wrong in it."""

    form: Form | None
    answers: dict[str, Any]
    note: str = ""
    key: UUID
    problems: Mapping[str, list[str]] = field(default_factory=dict)
    message: str = ""
    files: Attaching = field(default_factory=lambda: Attaching(PLACE))
    takes_note: ClassVar[bool] = True
    """Whether a word goes beside the form."""

    @property
    def needs_files(self) -> bool:
        """Whether files have to be there."""
        return False

    @property
    def takes_receipt(self) -> bool:
        """Whether whoever receives something confirms it on the page."""
        return False

    def is_handed_in(self, request: Request) -> bool:
        """Whether the page was sent to be filed, and not to go on typing."""
        rows = self.form is not None and self.form.asks_for_rows(request.POST)
        return request.method == "POST" and not request.htmx and not rows

    @property
    def bound(self) -> list[Bound]:
        """The fields that are asked now."""
        if self.form is None:
            return []
        problems = {f"{PREFIX}{place}": texts for place, texts in self.problems.items()}
        return self.form.bind(self.answers, problems=problems, prefix=PREFIX)

    @cached_property
    def areas(self) -> list[tuple[str, str, int]]:
        """The places of a field that asks for an address."""
        asks = self.form is not None and any(item.kind is Kind.ADDRESS for item in self.form.fields.values())
        return area_choices(district_path()) if asks else []

    @property
    def changes(self) -> bool:
        """Whether what is asked hangs on what is answered."""
        return self.form is not None and any(item.when is not None for item in self.form.fields.values())

    @property
    def summary(self) -> list[Problem]:
        """What is wrong, each with a link to its control, in the order of the page."""
        fields = self.form.fields if self.form is not None else {}
        order = [*fields, "note", "code", PLACE]
        first = [place.split(".", 1)[0] for place in order]
        places = sorted(self.problems, key=lambda place: _place(place.split(".", 1)[0], first))
        found = []
        for place in places:
            name = place.split(".", 1)[0]
            label = str(fields[name].spec.label) if name in fields else ""
            anchor = f"#{PREFIX}{place.replace('.', '-')}" if name in fields else f"#{place}"
            found += [Problem(_named(label, text), anchor) for text in self.problems[place]]
        return found


@dataclass(kw_only=True)
class AnswerPage(FilledPage):
    """What somebody answers to an order, with what is wrong in it."""

    obligation: Obligation

    @classmethod
    def begun(cls, obligation: Obligation, last: Record | None) -> AnswerPage:
        """As it was answered last; empty but for what the form begins with the first time."""
        form = form_of(obligation.requirement)
        answers = last.answers if last is not None else form.initial() if form is not None else {}
        note = last.note if last is not None else ""
        return cls(obligation=obligation, form=form, answers=answers, note=note, key=new_id())

    @classmethod
    def sent(cls, request: Request, obligation: Obligation) -> AnswerPage:
        """What the page sent."""
        form = form_of(obligation.requirement)
        answers = form.read_post(request.POST, prefix=PREFIX) if form is not None else {}
        key = uuid_from(typed(request, "key")) or new_id()
        return cls(
            obligation=obligation,
            form=form,
            answers=answers,
            note=typed(request, "note"),
            key=key,
            files=attached(request),
        )

    @classmethod
    def filed(
        cls, request: Request, obligation: Obligation, show: Callable[..., HttpResponse]
    ) -> HttpResponse | None:
        """Hand in what the page sent: None, or the page once more, to go on typing or with what was wrong.

        ``show`` takes the answer, and ``status`` or ``refused``.
        """
        page = cls.sent(request, obligation)
        if not page.is_handed_in(request):
            return show(page)
        try:
            page.file(request)
        except Invalid as refused:
            page.problems, page.message = refused.problems, refused.message
            return show(page, status=422)
        except (Refused, Stale) as refusal:
            return show(page, refused=refusal)
        return None

    def bring_together(self, said: Mapping[UUID, Record], names: Mapping[UUID, str]) -> None:
        """Fill in what several below said: numbers added up, words one after the other with who said them."""
        if self.form is None:
            return
        self.answers = {**self.answers, **totals(self.form, said)}
        for one in gathered(self.form, said):
            if one.field.kind in (Kind.TEXT, Kind.LONG_TEXT) and one.said:
                told = [f"{names[key]}：{text}" for key, text in one.said if text]
                self.answers[one.field.id] = ("\n" if one.field.kind is Kind.LONG_TEXT else "；").join(told)

    def file(self, request: Request) -> Obligation:
        """Hand it in. Raises as ``answering.answer``."""
        return answering.answer(
            self.obligation,
            self.answers,
            note=self.note,
            files=self.files.handed(),
            key=self.key,
            by=request.actor,
            at=request.now,
        )


def _place(name: str, order: list[str]) -> int:
    return order.index(name) if name in order else len(order)


def _named(label: str, text: str) -> str:
    return _("%(name)s：%(text)s") % {"name": label, "text": text} if label and f"“{label}”" not in text else text
