"""The form of several needs on one page: each subject's own questions, and once where it is and whom to call."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from zerotrip.cases.actions.needs import MOST, Asked, begun_answers, prefix_of
from zerotrip.catalogue.queries import current_services, form_of
from zerotrip.errors import Invalid
from zerotrip.files.attaching import PLACE
from zerotrip.parties.models import Area
from zerotrip.parties.queries import area_choices
from zerotrip.web.attaching import Attaching, attaching
from zerotrip.web.portal.cases.forms import Problem

if TYPE_CHECKING:
    from datetime import datetime

    from django.http import QueryDict

    from zerotrip.catalogue.models import ServiceVersion
    from zerotrip.catalogue.spec import ServiceSpec
    from zerotrip.parties.access import Actor
    from zerotrip.parties.models import Party
    from zerotrip.questions import Bound, Form

SHARED = "contact"
"""The section that is asked once for all needs of a request: where it is, and whom to call."""


def subjects() -> list[ServiceVersion]:
    """The subjects needs can be raised in, in the order of their names in the pack."""
    return [v for v in current_services() if v.spec.need is not None and v.spec.incomplete is None]


@dataclass
class OneNeed:
    """One need of the page: its subject and the questions of its own."""

    place: int
    version: ServiceVersion
    answers: dict[str, Any]
    problems: Mapping[str, list[str]]
    files: Attaching

    @property
    def spec(self) -> ServiceSpec:
        """Its subject."""
        return self.version.spec

    @property
    def form(self) -> Form:
        """The questions of its subject."""
        return form_of(self.version.pk)

    @cached_property
    def own(self) -> list[Bound]:
        """What is asked of it alone."""
        return self._bound([s.id for s in self.form.sections if s.id != SHARED])

    @cached_property
    def shared(self) -> list[Bound]:
        """What is asked once for all."""
        return self._bound([SHARED])

    def _bound(self, sections: Iterable[str]) -> list[Bound]:
        form, prefix = self.form, prefix_of(self.place)
        known = {section.id for section in form.sections}
        return [
            bound
            for section in sections
            if section in known
            for bound in form.bind(self.answers, section=section, problems=self.problems, prefix=prefix)
        ]

    def shared_names(self) -> set[str]:
        """The fields that are asked once for all."""
        return {field.id for section in self.form.sections if section.id == SHARED for field in section.fields}


class NeedsPage:
    """What the page of a request holds: a need for each subject chosen, with what was typed."""

    def __init__(
        self,
        chosen: Sequence[str],
        *,
        firm: Party | None,
        actor: Actor,
        now: datetime,
        sent: QueryDict | None = None,
        problems: Mapping[str, list[str]] | None = None,
        least: int = 1,
    ) -> None:
        self.versions, self.least = subjects(), least
        by_slug = {version.service_id: version for version in self.versions}
        listed = [by_slug[slug] for slug in chosen if slug in by_slug][:MOST]
        self.problems = dict(problems or {})
        self.needs: list[OneNeed] = []
        for place, version in enumerate(listed):
            begun = begun_answers(version.service, firm, by=actor, at=now) if firm else {}
            answers = {**begun, **self._sent(place, version, sent)} if sent is not None else begun
            name = f"{prefix_of(place)}{PLACE}"
            files = attaching(sent, name, by=actor, at=now) if sent is not None else Attaching(name)
            files.problems += [text for text in self.problems.get(name, []) if text not in files.problems]
            self.needs.append(OneNeed(place, version, answers, self.problems, files))
        self._share()

    @staticmethod
    def _sent(place: int, version: ServiceVersion, sent: QueryDict) -> dict[str, Any]:
        """What was typed, where this need was on the page at all: one just added was not."""
        prefix = prefix_of(place)
        if not any(key.startswith(prefix) for key in sent):
            return {}
        return form_of(version.pk).read_post(sent, prefix=prefix)

    def _share(self) -> None:
        """What is asked once holds for all."""
        for need in self.needs[1:]:
            first = self.needs[0].answers
            need.answers |= {name: first[name] for name in need.shared_names() if name in first}

    @property
    def areas(self) -> list[tuple[str, str, int]]:
        """The areas to choose a place from."""
        path = Area.objects.filter(level="district").order_by("path").values_list("path", flat=True).first() or "/"
        return area_choices(path)

    @property
    def shared(self) -> list[Bound]:
        """What is asked once for all."""
        return self.needs[0].shared if self.needs else []

    @property
    def addable(self) -> list[tuple[str, str]]:
        """The subjects that can be added."""
        return [(v.service_id, str(v.spec.name)) for v in self.versions] if len(self.needs) < MOST else []

    def asked(self) -> list[Asked]:
        """The needs as they were typed, to be raised. Raises Invalid while something is wrong with their files."""
        if wrong := {need.files.name: need.files.problems for need in self.needs if need.files.problems}:
            raise Invalid(_("有文件没有收下，其他内容都还在。"), wrong)
        return [Asked(need.version.service, need.answers, files=need.files.handed()) for need in self.needs]

    @property
    def summary(self) -> list[Problem]:
        """Each problem once, with a link to its field."""
        found: list[Problem] = []
        for need in self.needs:
            prefix = prefix_of(need.place)
            for place, texts in self.problems.items():
                name = place.removeprefix(prefix).split(".", 1)[0]
                if not place.startswith(prefix) or (need.place and name in need.shared_names()):
                    continue
                label = need.form.fields[name].spec.label if name in need.form.fields else _("照片、文件")
                words = {"subject": need.spec.name, "name": label, "text": texts[0]}
                text = _("%(name)s：%(text)s") if len(self.needs) == 1 else _("%(subject)s · %(name)s：%(text)s")
                found.append(Problem(text % words, f"#{place.replace('.', '-')}"))
        return found
