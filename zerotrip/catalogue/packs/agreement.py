"""Whether the names in a pack agree with one another: what no single file can tell."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from zerotrip import criteria, questions
from zerotrip.catalogue.packs.faults import Fault
from zerotrip.catalogue.packs.folder import imports
from zerotrip.catalogue.packs.scenarios import Scenario, run
from zerotrip.catalogue.packs.shapes import misfits
from zerotrip.catalogue.spec import OUTCOMES, StageKind, Unit
from zerotrip.questions import SectionSpec
from zerotrip.questions.kinds import is_uscc

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from zerotrip.catalogue.packs.documents import Document, Place
    from zerotrip.catalogue.spec import DistrictSpec, ServiceSpec
    from zerotrip.questions import Form

FACTS = frozenset({"applicant.name", "applicant.uscc", "department.name", "case.number", "case.subject"})
"""What a certificate may say beside the answers."""


KNOWN = frozenset(
    {f"applicant.{name}" for name in ("name", "uscc", "enterprise", "phone", "email", "address")}
    | {f"contact.{name}" for name in ("name", "phone", "email")}
)
"""What a field may be filled in with beforehand (``parties.queries.known_facts``)."""


class _Judge:
    """Faults of one file, each at the line of its place."""

    def __init__(self, file: str, document: Document) -> None:
        self.file = file
        self.document = document
        self.faults: list[Fault] = []

    def fault(self, place: Place, reason: str, *, warning: bool = False) -> None:
        path = ".".join(map(str, place))
        self.faults.append(Fault(self.file, self.document.line(place), reason, path=path, warning=warning))

    def unique(self, names: Iterable[str], place: Place, key: str) -> None:
        """Each name once: ``place`` is the list, ``key`` where the name stands in an item."""
        seen: set[str] = set()
        for index, name in enumerate(names):
            if name in seen:
                self.fault((*place, index, key), _("“%(name)s”重复。") % {"name": name})
            seen.add(name)

    def known(self, name: str, among: Iterable[str], place: Place, reason: str) -> None:
        if name not in among:
            self.fault(place, reason % {"name": name})


def district_faults(district: DistrictSpec, document: Document) -> list[Fault]:
    """Faults of ``district.yaml`` beyond its shape."""
    judge = _Judge("district.yaml", document)
    _areas(judge, district)
    _departments(judge, district)
    judge.unique((theme.id for theme in district.themes), ("themes",), "id")
    judge.unique((str(closure.day) for closure in district.closures), ("closures",), "day")
    for index, (before, after) in enumerate(zip(district.hours, district.hours[1:], strict=False), start=1):
        if after.start <= before.end:
            judge.fault(("hours", index), _("办公时间要按先后排列，互不重叠。"))
    return judge.faults


_WIDER = {
    "city": (),
    "district": ("city",),
    "subdistrict": ("district",),
    "community": ("subdistrict",),
    "grid": ("community",),
}


def _areas(judge: _Judge, district: DistrictSpec) -> None:
    levels: dict[str, str] = {}
    judge.unique((area.code for area in district.areas), ("areas",), "code")
    for index, area in enumerate(district.areas):
        place: Place = ("areas", index)
        if area.parent is None and area.level != "city":
            judge.fault(place, _("只有市一级没有上级区划。"))
        elif area.parent is not None and area.parent not in levels:
            judge.fault((*place, "parent"), _("上级区划 %(code)s 不在前面。") % {"code": area.parent})
        elif area.parent is not None and levels[area.parent] not in _WIDER[area.level]:
            judge.fault((*place, "level"), _("级别与上级区划不相接。"))
        if (area.level == "grid") != (len(area.code) == 15):
            judge.fault((*place, "code"), _("网格代码为 15 位，其他区划代码为 12 位。"))
        levels.setdefault(area.code, area.level)
    judge.known(district.area, levels, ("area",), _("没有区划 %(name)s。"))


def _departments(judge: _Judge, district: DistrictSpec) -> None:
    areas = {area.code for area in district.areas}
    homes: dict[str, str] = {}
    judge.unique((department.code for department in district.departments), ("departments",), "code")
    usccs = [(index, department.uscc) for index, department in enumerate(district.departments) if department.uscc]
    for index, uscc in usccs:
        if not is_uscc(uscc):
            judge.fault(("departments", index, "uscc"), _("统一社会信用代码的校验码不对。"))
        if any(other == uscc for earlier, other in usccs if earlier < index):
            judge.fault(("departments", index, "uscc"), _("“%(name)s”重复。") % {"name": uscc})
    for index, department in enumerate(district.departments):
        place: Place = ("departments", index)
        judge.known(department.area, areas, (*place, "area"), _("没有区划 %(name)s。"))
        if department.part_of is not None and homes.get(department.part_of) != department.area:
            reason = _("上级部门“%(name)s”不在前面，或不在同一区划。") % {"name": department.part_of}
            judge.fault((*place, "part_of"), reason)
        homes.setdefault(department.code, department.area)


def service_faults(
    spec: ServiceSpec,
    document: Document,
    file: str,
    *,
    district: DistrictSpec | None,
    templates: Mapping[str, str],
) -> list[Fault]:
    """Faults of a service beyond its shape. Without a district, its names are not judged."""
    judge = _Judge(file, document)
    if district is not None:
        _district_names(judge, spec, district)
    if spec.incomplete is not None:
        return judge.faults
    _whole(judge, spec)
    _stages(judge, spec)
    _limits(judge, spec)
    _materials(judge, spec)
    _outcome(judge, spec, templates)
    form = _form(judge, spec)
    if form is not None:
        _fields(judge, spec, form)
        _material_rules(judge, spec, form)
        _fills(judge, spec, form)
        _upon(judge, spec, form)
    return judge.faults


def _district_names(judge: _Judge, spec: ServiceSpec, district: DistrictSpec) -> None:
    _responsible(judge, spec.department, ("department",), district)
    for index, stage in enumerate(spec.stages):
        _responsible(judge, stage.department, ("stages", index, "department"), district)
    themes = {theme.id for theme in district.themes}
    for index, theme in enumerate(spec.themes):
        judge.known(theme, themes, ("themes", index), _("没有主题“%(name)s”。"))


def _responsible(judge: _Judge, code: str, place: Place, district: DistrictSpec) -> None:
    """A department that can do the work of any case: declared, and over the whole district."""
    homes = {department.code: department.area for department in district.departments}
    judge.known(code, homes, place, _("没有部门“%(name)s”。"))
    if code in homes and homes[code] not in _over(district):
        judge.fault(place, _("部门“%(name)s”不管全区：它的区划要是本区或其上级。") % {"name": code})


def _over(district: DistrictSpec) -> set[str]:
    """The district's area and those above it; every area while the district's is none of them."""
    parents = {area.code: area.parent for area in district.areas}
    found: set[str] = set()
    code: str | None = district.area
    while code in parents and code not in found:
        found.add(code)
        code = parents[code]
    return found or set(parents)


NEEDED = ("statutory", "promised", "form", "stages", "outcome", "subject")
"""What a service that can be applied for has to say."""


def _whole(judge: _Judge, spec: ServiceSpec) -> None:
    declared = judge.document.value
    for key in NEEDED:
        if key not in declared or not getattr(spec, key):
            judge.fault((), _("缺少“%(last)s”。") % {"last": key})


def _limits(judge: _Judge, spec: ServiceSpec) -> None:
    """An extension is in the unit of the limits it is added to; silence that counts needs a limit and a basis."""
    if spec.extension is not None and {spec.statutory.unit, spec.promised.unit} != {spec.extension.unit}:
        judge.fault(("extension", "unit"), _("延期的单位要与法定、承诺时限的单位相同。"))
    for index, stage in enumerate(spec.stages):
        if stage.silence != "remind" and (stage.limit is None or stage.silence_basis is None):
            judge.fault(("stages", index, "silence"), _("逾期视为已有意见的，要写明环节时限和依据。"))
        if stage.join != "all" and len(stage.after) < 2:
            judge.fault(("stages", index, "join"), _("“join”只用于前面有几个环节的环节。"))


def _stages(judge: _Judge, spec: ServiceSpec) -> None:
    names = {stage.id for stage in spec.stages}
    judge.unique((stage.id for stage in spec.stages), ("stages",), "id")
    for index, stage in enumerate(spec.stages):
        for at, name in enumerate(stage.after):
            judge.known(name, names, ("stages", index, "after", at), _("没有环节“%(name)s”。"))
        for at, name in enumerate(stage.materials):
            known = {material.id for material in spec.materials}
            judge.known(name, known, ("stages", index, "materials", at), _("没有材料“%(name)s”。"))
        if (stage.kind is StageKind.INTAKE) == bool(stage.after):
            judge.fault(("stages", index), _("受理环节在最前，其他环节都要写明在哪些环节之后。"))
    for kind, reason in (
        (StageKind.INTAKE, _("要有且只有一个受理环节。")),
        (StageKind.DECISION, _("要有且只有一个决定环节。")),
    ):
        if sum(stage.kind is kind for stage in spec.stages) != 1:
            judge.fault(("stages",), reason)
    _order(judge, spec)


def _order(judge: _Judge, spec: ServiceSpec) -> None:
    """Every stage comes to its turn, and the decision waits for all of them."""
    done: set[str] = set()
    while ready := {stage.id for stage in spec.ready_stages(done)}:
        done |= ready
    for index, stage in enumerate(spec.stages):
        if stage.id not in done:
            judge.fault(("stages", index, "after"), _("这个环节轮不到：各环节互相等待。"))
    awaited = _awaited_by_decision(spec)
    for index, stage in enumerate(spec.stages):
        if stage.kind is not StageKind.DECISION and stage.id not in awaited:
            judge.fault(("stages", index), _("决定不等这个环节：请写进决定或其前面环节的 after。"))


def _awaited_by_decision(spec: ServiceSpec) -> set[str]:
    after = {stage.id: stage.after for stage in spec.stages}
    awaited: set[str] = set()
    waiting = [name for stage in spec.stages if stage.kind is StageKind.DECISION for name in stage.after]
    while waiting:
        if (name := waiting.pop()) not in awaited:
            awaited.add(name)
            waiting.extend(after.get(name, ()))
    return awaited


def _materials(judge: _Judge, spec: ServiceSpec) -> None:
    judge.unique((material.id for material in spec.materials), ("materials",), "id")
    looked_at = {name for stage in spec.stages for name in stage.materials}
    everything = any(stage.kind is StageKind.REVIEW and not stage.materials for stage in spec.stages)
    reviewed = any(stage.kind is StageKind.REVIEW for stage in spec.stages)
    for index, material in enumerate(spec.materials):
        place: Place = ("materials", index)
        if material.tolerable is not None and spec.owing is None:
            judge.fault((*place, "tolerable"), _("有材料可以后补的，要写“owing”：发证怎么办。"))
        if material.required is False and material.tolerable is not None:
            judge.fault((*place, "tolerable"), _("选交的材料不用后补。"))
        if reviewed and not everything and material.id not in looked_at:
            judge.fault(place, _("没有环节看这件材料：请写进一个环节的 materials。"), warning=True)
    if spec.promise is not None:
        known = {material.id for material in spec.materials}
        for at, name in enumerate(spec.promise.waives):
            judge.known(name, known, ("promise", "waives", at), _("没有材料“%(name)s”。"))


def _fills(judge: _Judge, spec: ServiceSpec, form: Form) -> None:
    """What a licence fills in is a field that takes a text or a date."""
    for index, material in enumerate(spec.materials):
        for name in material.licence.fills if material.licence else ():
            place: Place = ("materials", index, "licence", "fills", name)
            judge.known(name, form.fields, place, _("表单里没有“%(name)s”。"))
            if name in form.fields and form.fields[name].kind not in FILLED:
                judge.fault(place, _("“%(name)s”不是文字或日期，不能由证照填写。") % {"name": name})


def _outcome(judge: _Judge, spec: ServiceSpec, templates: Mapping[str, str]) -> None:
    outcome = spec.outcome
    judge.known(outcome.kind, OUTCOMES, ("outcome", "kind"), _("没有结果类型“%(name)s”。"))
    if outcome.kind == "licence":
        for key in _issuing(spec):
            if getattr(outcome, key) is None:
                judge.fault(("outcome",), _("证照要有“%(name)s”。") % {"name": key})
    if outcome.template is not None:
        missing = _("templates/ 里没有 %(name)s。")
        judge.known(outcome.template, templates, ("outcome", "template"), missing)
        for name in imports(outcome.template, templates):
            judge.known(name, templates, ("outcome", "template"), missing)
    if outcome.valid_days is not None and outcome.valid_until is not None:
        judge.fault(("outcome", "valid_until"), _("“valid_days”和“valid_until”只能写一个。"))


def _issuing(spec: ServiceSpec) -> tuple[str, ...]:
    """What the outcome has to say for a licence to be numbered and printed anew.

    One that acts upon a licence keeps its number, and is printed as it was unless it says otherwise.
    """
    upon = spec.outcome.upon
    return ("number", "template") if upon is None or (upon.unlisted and upon.act != "cancel") else ()


SAID_OF_LICENCES = frozenset({"number", "valid_until", "holder"})
"""What every licence says beside its facts."""


def _upon(judge: _Judge, spec: ServiceSpec, form: Form) -> None:
    """What is done to a licence: the keys that go with the act, and fields a licence can fill."""
    upon = spec.outcome.upon
    if upon is None:
        return
    place: Place = ("outcome", "upon")
    if upon.act == "cancel":
        for key in ("number", "template", "valid_days", "valid_until"):
            if getattr(spec.outcome, key) is not None:
                judge.fault(("outcome", key), _("注销不发新证，不写“%(name)s”。") % {"name": key})
        if set(spec.delivery) != {"electronic"}:
            judge.fault(("delivery",), _("注销不发新证，只有电子送达。"))
    if upon.act == "renew" and spec.outcome.valid_days is None and spec.outcome.valid_until is None:
        judge.fault(place, _("延续要写明新的有效期：“valid_days”或“valid_until”。"))
    for key in ("before", "deemed"):
        if upon.act != "renew" and getattr(upon, key) is not None:
            judge.fault((*place, key), _("只有延续才有“%(name)s”。") % {"name": key})
    if upon.before is not None and upon.before.unit is not Unit.CALENDAR_DAYS:
        judge.fault((*place, "before", "unit"), _("提前多久申请按日历日写：calendar_days。"))
    if upon.deemed is not None and upon.before is None:
        judge.fault((*place, "deemed"), _("视为准予延续的，要写明提前多久申请：“before”。"))
    for name, facts in upon.fills.items():
        here: Place = (*place, "fills", name)
        judge.known(name, form.fields, here, _("表单里没有“%(name)s”。"))
        if name in form.fields:
            _filled(judge, form.fields[name].kind, facts, name, here)


def upon_faults(spec: ServiceSpec, document: Document, file: str, *, said: Mapping[str, set[str]]) -> list[Fault]:
    """Facts a form is filled with that no licence of the kind says; ``said``: what they say, by kind."""
    judge = _Judge(file, document)
    known = said.get(spec.licence_kind)
    for name, facts in spec.outcome.upon.fills.items() if spec.outcome.upon and known else ():
        for fact in (facts,) if isinstance(facts, str) else facts:
            place: Place = ("outcome", "upon", "fills", name)
            judge.known(fact, {*(known or ()), *SAID_OF_LICENCES}, place, _("这种证照没有“%(name)s”这一项内容。"))
    return judge.faults


def _filled(judge: _Judge, kind: str, facts: str | tuple[str, ...], name: str, place: Place) -> None:
    """A text takes any fact as it is printed; a date only the last day of the licence."""
    dated = "valid_until" in ((facts,) if isinstance(facts, str) else facts)
    if kind not in ("text", "long_text") and not (kind == "date" and dated):
        judge.fault(place, _("“%(name)s”不是文字，也不是填有效期的日期，不能由证照填写。") % {"name": name})


def _form(judge: _Judge, spec: ServiceSpec) -> Form | None:
    # The shape of each section is judged first, by the same words as all other shapes.
    before = len(judge.faults)
    for index, section in enumerate(spec.form):
        for place, reason in misfits(SectionSpec, section, judge.document, ("form", index)):
            judge.fault(place, reason)
    if len(judge.faults) > before:
        return None
    try:
        form = questions.parse(spec.form)
    except criteria.Faults as error:
        for fault in error.faults:
            judge.fault(("form", *fault.path), fault.message)
        return None
    _prefilled(judge, form)
    return form


def _prefilled(judge: _Judge, form: Form) -> None:
    for index, section in enumerate(form.sections):
        for at, field in enumerate(section.spec.fields):
            if field.default_from is not None:
                place: Place = ("form", index, "fields", at, "default_from")
                judge.known(field.default_from, KNOWN, place, _("没有“%(name)s”这项已知信息。"))


def _fields(judge: _Judge, spec: ServiceSpec, form: Form) -> None:
    fields = form.fields
    missing = _("表单里没有“%(name)s”。")
    judge.known(spec.subject, fields, ("subject",), missing)
    if spec.subject in fields and fields[spec.subject].kind not in SUBJECTS:
        judge.fault(("subject",), _("“%(name)s”不是文字或企业，不能作办件名称。") % {"name": spec.subject})
    if spec.area is not None:
        judge.known(spec.area, fields, ("area",), missing)
        if spec.area in fields and fields[spec.area].kind != "address":
            judge.fault(("area",), _("“%(name)s”不是地址。") % {"name": spec.area})
    for name in spec.outcome.facts:
        for path in spec.outcome.paths(name):
            _fact(judge, path, form, ("outcome", "facts", name))
    if spec.outcome.valid_until is not None:
        _fact(judge, spec.outcome.valid_until, form, ("outcome", "valid_until"), kind="date")


def _fact(judge: _Judge, path: str, form: Form, place: Place, kind: str = "") -> None:
    root, _dot, name = path.partition(".")
    if root == "answers":
        if name not in form.fields:
            judge.fault(place, _("没有“%(path)s”。") % {"path": path})
        elif kind and form.fields[name].kind != kind:
            judge.fault(place, _("“%(path)s”不是日期。") % {"path": path})
    elif path not in FACTS or kind:
        judge.fault(place, _("没有“%(path)s”。") % {"path": path})


FILLED = frozenset({"text", "long_text", "date", "uscc", "number", "money", "phone"})
"""Kinds of field a licence can fill in."""

SUBJECTS = frozenset({"text", "enterprise", "choice"})
"""Kinds of field that can name a case."""


def _material_rules(judge: _Judge, spec: ServiceSpec, form: Form) -> None:
    for index, material in enumerate(spec.materials):
        if isinstance(material.required, bool):
            continue
        try:
            criteria.parse(material.required, vocabulary=form.vocabulary())
        except criteria.Faults as error:
            for fault in error.faults:
                judge.fault(("materials", index, "required", *fault.path), fault.message)


def sample_faults(spec: ServiceSpec, document: Document, file: str) -> list[Fault]:
    """Faults of example answers: what the form would answer to them."""
    judge = _Judge(file, document)
    try:
        form = questions.parse(spec.form)
    except criteria.Faults:
        return []
    for path, messages in form.check(document.value).problems.items():
        for message in messages:
            judge.fault(tuple(_steps(path)), message)
    return judge.faults


def scenario_faults(
    spec: ServiceSpec, sample: dict[str, Any], district: DistrictSpec, document: Document, file: str
) -> list[Fault]:
    """Faults of the scenarios of a service: their shape, and what does not come out as they say."""
    judge = _Judge(file, document)
    if not isinstance(document.value, list):
        judge.fault((), _("应为列表，每项以“- ”开头。"))
        return judge.faults
    for index, told in enumerate(document.value):
        wrong = misfits(Scenario, told, document, (index,))
        for place, reason in wrong:
            judge.fault(place, reason)
        if wrong:
            continue
        scenario = Scenario.model_validate_json(json.dumps(told), strict=True)
        for unmet in run(scenario, spec, sample, district):
            place = (index, "expect", *unmet.key.split("."))
            judge.fault(place, f"{scenario.name}：{unmet.key} {unmet.reason}")
    return judge.faults


def _steps(path: str) -> Iterator[str | int]:
    for step in path.split("."):
        yield int(step) if step.isdecimal() else step
