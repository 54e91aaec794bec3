"""``projects.yaml`` of packs: judged, loaded into numbered editions, and read again."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from zerotrip import criteria, questions
from zerotrip.catalogue.actions import canonical, digest_of
from zerotrip.catalogue.packs.judging import perhaps
from zerotrip.catalogue.packs.parts import Changes, PackPart, register
from zerotrip.catalogue.packs.shapes import misfits
from zerotrip.errors import NotFound
from zerotrip.projects.models import Scheme
from zerotrip.projects.spec import PROJECT_NAME, ProjectsSpec
from zerotrip.questions import SectionSpec

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from uuid import UUID

    from zerotrip.catalogue.packs import Pack
    from zerotrip.catalogue.packs.judging import Judge
    from zerotrip.parties.access import Actor
    from zerotrip.projects.spec import PermitSpec
    from zerotrip.questions.form import Field

FILE = "projects"


def register_part() -> None:
    """Let packs declare their projects."""
    register(PackPart(FILE, ProjectsSpec, _judge, _load, _stored, folder=False))


def _judge(found: Mapping[str, ProjectsSpec], pack: Pack, judges: Mapping[str, Judge]) -> None:
    for name, spec in found.items():
        _Judging(spec, pack, judges[name]).all()


class _Judging:
    """Whether the names in a declaration agree with one another and with the rest of the pack."""

    def __init__(self, spec: ProjectsSpec, pack: Pack, judge: Judge) -> None:
        self.spec, self.pack, self.judge = spec, pack, judge

    def all(self) -> None:
        spec, judge = self.spec, self.judge
        for key in ("kinds", "phases", "permits", "joint", "problems", "capital"):
            judge.unique((one.id for one in getattr(spec, key)), (key,), "id")
        if not self.form():
            return
        for index, permit in enumerate(spec.permits):
            self.permit(permit, index)
        self.circles()
        offices = [one.code for one in self.pack.district.departments]
        for index, problem in enumerate(spec.problems):
            self.condition(problem.when, ("problems", index, "when"))
            judge.known(problem.department, offices, ("problems", index, "department"), _("没有部门“%(name)s”。"))
            self.need(problem.need, ("problems", index, "need"))
        if spec.problems[-1].when is not None:
            reason = _("最后一类问题不能有条件：别的都不符合时归它。")
            judge.fault(("problems", len(spec.problems) - 1, "when"), reason)

    def form(self) -> bool:
        """Whether the form can be parsed; if not, its faults are added."""
        before = len(self.judge.faults)
        for index, section in enumerate(self.spec.form):
            for place, reason in misfits(SectionSpec, section, self.judge.document, ("form", index)):
                self.judge.fault(place, reason)
        if len(self.judge.faults) > before:
            return False
        try:
            questions.parse(self.spec.form)
        except criteria.Faults as error:
            for fault in error.faults:
                self.judge.fault(("form", *fault.path), fault.message)
        return len(self.judge.faults) == before

    def permit(self, permit: PermitSpec, index: int) -> None:
        place: tuple[str | int, ...] = ("permits", index)
        judge, spec = self.judge, self.spec
        judge.known(permit.service, self.pack.services, (*place, "service"), _("没有事项“%(name)s”。"))
        phases = [phase.id for phase in spec.phases]
        judge.known(permit.phase, phases, (*place, "phase"), _("没有阶段“%(name)s”。"))
        for at, name in enumerate(permit.after):
            ids = [one.id for one in spec.permits]
            judge.known(name, ids, (*place, "after", at), _("没有许可“%(name)s”。"))
            earlier = spec.permit(name)
            both = earlier is not None and {earlier.phase, permit.phase} <= set(phases)
            if earlier and both and phases.index(earlier.phase) > phases.index(permit.phase):
                told = _("“%(name)s”在更后面的阶段，不能排在前面。")
                judge.fault((*place, "after", at), told % {"name": name})
        if permit.joint is not None:
            groups = [one.id for one in spec.joint]
            judge.known(permit.joint, groups, (*place, "joint"), _("没有联合验收“%(name)s”。"))
        self.condition(permit.when, (*place, "when"))
        if permit.not_before is not None:
            days = [name for name, fact in spec.vocabulary.items() if fact.kind is criteria.FactKind.DATE]
            judge.known(permit.not_before, days, (*place, "not_before"), _("没有日期“%(name)s”。"))
        self.early(permit, place)
        self.fills(permit, place)

    def early(self, permit: PermitSpec, place: tuple[str | int, ...]) -> None:
        service = self.pack.services.get(permit.service)
        if permit.early and service and not any(material.rehearsal for material in service.materials):
            reason = _("事项“%(name)s”没有可以先行预审的材料，不能提前开始。") % {"name": permit.service}
            self.judge.fault((*place, "early"), reason)

    def need(self, name: str, place: tuple[str | int, ...]) -> None:
        """A problem becomes a need that asks for nothing a project does not know."""
        self.judge.known(name, self.pack.services, place, _("没有事项“%(name)s”。"))
        service = self.pack.services.get(name)
        if service is None or service.incomplete is not None:
            return
        if service.need is None:
            self.judge.fault(place, _("“%(name)s”不是企业诉求的主题。") % {"name": name})
            return
        told = (service.subject, service.area)
        fields = questions.parse(service.form).fields.values()
        more = [f.id for f in fields if f.spec.required is True and not _is_told(f) and f.id not in told]
        if more:
            words = {"name": name, "fields": "、".join(more)}
            self.judge.fault(place, _("“%(name)s”还要必填“%(fields)s”，项目问题带不出来。") % words)

    def fills(self, permit: PermitSpec, place: tuple[str | int, ...]) -> None:
        service = self.pack.services.get(permit.service)
        if service is None or service.incomplete is not None:
            return
        asked = questions.parse(service.form).fields
        known = {**self.spec.parsed_form.fields, PROJECT_NAME: None}
        for field, fact in permit.fills.items():
            if field not in asked:
                told = _("事项的表单里没有“%(name)s”。") % {"name": field} + perhaps(field, asked)
                self.judge.fault((*place, "fills", field), told)
            if fact not in known:
                told = _("没有“%(name)s”这个事实或字段。") % {"name": fact} + perhaps(fact, known)
                self.judge.fault((*place, "fills", field), told)

    def condition(self, tree: dict[str, Any] | None, place: tuple[str | int, ...]) -> None:
        if tree is None:
            return
        try:
            criteria.parse(tree, vocabulary=self.spec.vocabulary)
        except criteria.Faults as error:
            for fault in error.faults:
                self.judge.fault((*place, *fault.path), fault.message)

    def circles(self) -> None:
        """The first permit that comes, in some steps, after itself, with the way round."""
        after = {permit.id: permit.after for permit in self.spec.permits}
        for index, permit in enumerate(self.spec.permits):
            if way := _way_back(permit.id, after):
                told = _("绕成了圈，互相等待：%(names)s。")
                self.judge.fault(("permits", index, "after"), told % {"names": " → ".join(way)})
                return


def _is_told(field: Field) -> bool:
    """Whether a problem says this of itself: what it is about, and whom to call."""
    return field.kind == "long_text" or (field.spec.default_from or "").startswith("contact.")


def _way_back(start: str, after: Mapping[str, Sequence[str]]) -> list[str]:
    """How a permit comes after itself, from step to step; nothing if it does not."""
    seen: set[str] = set()
    ways = [[start]]
    while ways:
        way = ways.pop()
        for name in after.get(way[-1], ()):
            if name == start:
                return [*way, start]
            if name not in seen:
                seen.add(name)
                ways.append([*way, name])
    return []


def _load(found: Mapping[str, ProjectsSpec], pack: Pack, by: Actor, at: datetime) -> Changes:
    """A new edition when the content changed; one that was withdrawn ends what can be registered."""
    changes = Changes()
    current = Scheme.objects.filter(pack=pack.spec.id).order_by("-number").first()
    spec = found.get(FILE)
    digest = digest_of(canonical(spec)) if spec is not None else ""
    if digest == (current.digest if current else ""):
        return changes
    number = current.number + 1 if current else 1
    definition = canonical(spec) if spec is not None else {}
    Scheme.objects.create(
        pack=pack.spec.id,
        number=number,
        digest=digest,
        definition=definition,
        area=pack.district.area,
        loaded_at=at,
    )
    (changes.made if spec is not None else changes.withdrawn).append(FILE)
    return changes


def _stored(pack: str) -> Mapping[str, ProjectsSpec]:
    current = Scheme.objects.filter(pack=pack).order_by("-number").first()
    return {FILE: spec_of(current.pk)} if current and current.digest else {}


@lru_cache(maxsize=64)
def spec_of(scheme_id: UUID) -> ProjectsSpec:
    """The declaration of an edition, parsed once a process: editions never change."""
    definition = Scheme.objects.values_list("definition", flat=True).get(pk=scheme_id)
    return ProjectsSpec.model_validate(definition)


def scheme_at(pack: str, *, at: datetime | None = None) -> ProjectsSpec:
    """What a pack declares of projects: now, or as it stood at ``at``. Raises NotFound when it declares nothing.

    Of a moment before the first edition, the first.
    """
    editions = Scheme.objects.filter(pack=pack).exclude(digest="").order_by("-number")
    then = editions.filter(loaded_at__lte=at).values_list("pk", flat=True).first() if at else None
    last = editions.order_by("number" if at else "-number")
    found = then or last.values_list("pk", flat=True).first()
    if found is None:
        raise NotFound(_("服务包没有声明重点项目，请先在 projects.yaml 里写明。"))
    return spec_of(found)


def packs_of_projects() -> dict[str, ProjectsSpec]:
    """The packs that declare projects now, with what they declare. One query."""
    rows = Scheme.objects.order_by("pack", "-number").distinct("pack").values_list("pack", "pk", "digest")
    return {pack: spec_of(pk) for pack, pk, digest in rows if digest}
