"""Whether the names in a pack agree with one another: what no single file can tell."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from zerotrip import criteria, questions
from zerotrip.catalogue.packs.acting import acting_faults, issuing
from zerotrip.catalogue.packs.faults import Fault
from zerotrip.catalogue.packs.folder import imports
from zerotrip.catalogue.packs.judging import Judge as _Judge
from zerotrip.catalogue.packs.judging import perhaps
from zerotrip.catalogue.packs.lettering import letter_faults
from zerotrip.catalogue.packs.needing import need_faults
from zerotrip.catalogue.packs.options import option_faults
from zerotrip.catalogue.packs.scenarios import Scenario, run
from zerotrip.catalogue.packs.shapes import misfits
from zerotrip.catalogue.spec import OUTCOMES, StageKind
from zerotrip.questions import SectionSpec
from zerotrip.questions.kinds import is_uscc
from zerotrip.workdays.limits import Unit

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from zerotrip.catalogue.packs.documents import Document, Place
    from zerotrip.catalogue.spec import DistrictSpec, Outcome, ServiceSpec
    from zerotrip.questions import Form

FACTS = frozenset({"applicant.name", "applicant.uscc", "department.name", "case.number", "case.subject"})
"""What a certificate may say beside the answers."""

AMOUNTS = {"case.fee": "tariff", "case.pays": "pays"}
"""What it may say where the service has a tariff."""


KNOWN = frozenset(
    {f"applicant.{name}" for name in ("kind", "name", "uscc", "enterprise", "phone", "email", "address")}
    | {f"contact.{name}" for name in ("name", "phone", "email")}
)
"""What a field may be filled in with beforehand (``parties.queries.known_facts``)."""


def district_faults(district: DistrictSpec, document: Document) -> list[Fault]:
    """Faults of ``district.yaml`` beyond its shape."""
    judge = _Judge("district.yaml", document)
    _areas(judge, district)
    _departments(judge, district)
    _escalations(judge, district)
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
    homes: set[tuple[str, str]] = set()
    judge.unique((f"{one.code} {one.area}" for one in district.departments), ("departments",), "code")
    usccs = [(index, department.uscc) for index, department in enumerate(district.departments) if department.uscc]
    for index, uscc in usccs:
        if not is_uscc(uscc):
            judge.fault(("departments", index, "uscc"), _("统一社会信用代码的校验码不对。"))
        if any(other == uscc for earlier, other in usccs if earlier < index):
            judge.fault(("departments", index, "uscc"), _("“%(name)s”重复。") % {"name": uscc})
    for index, department in enumerate(district.departments):
        place: Place = ("departments", index)
        judge.known(department.area, areas, (*place, "area"), _("没有区划 %(name)s。"))
        if department.part_of is not None and (department.part_of, department.area) not in homes:
            reason = _("上级部门“%(name)s”不在前面，或不在同一区划。") % {"name": department.part_of}
            judge.fault((*place, "part_of"), reason)
        homes.add((department.code, department.area))


def _escalations(judge: _Judge, district: DistrictSpec) -> None:
    """Whoever is told of what stays late is declared too, and over the whole district."""
    codes = {department.code for department in district.departments if department.area in _over(district)}
    for index, department in enumerate(district.departments):
        if department.escalate is not None and department.escalate.to is not None:
            place: Place = ("departments", index, "escalate", "to")
            judge.known(department.escalate.to, codes, place, _("没有部门“%(name)s”，或者它不管全区。"))


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
    if spec.category == "need" or spec.need is not None:
        need_faults(judge, spec)
        if (form := _form(judge, spec)) is not None:
            _fields(judge, spec, form)
        return judge.faults
    _whole(judge, spec)
    _stages(judge, spec)
    _limits(judge, spec)
    _heard(judge, spec)
    _materials(judge, spec)
    for place, outcome in _places_of_outcomes(spec):
        _outcome(judge, outcome, place, templates)
    _delivery(judge, spec)
    form = _form(judge, spec)
    if form is not None:
        _fields(judge, spec, form)
        _material_rules(judge, spec, form)
        _fills(judge, spec, form)
        acting_faults(judge, spec, form)
        option_faults(judge, spec, form)
    letter_faults(judge, spec)
    return judge.faults


def _district_names(judge: _Judge, spec: ServiceSpec, district: DistrictSpec) -> None:
    _responsible(judge, spec.department, ("department",), district)
    for index, stage in enumerate(spec.stages):
        place: Place = ("stages", index, "department")
        _responsible(judge, stage.department, place, district, by_place=spec.area is not None)
    themes = {theme.id for theme in district.themes}
    for index, theme in enumerate(spec.themes):
        judge.known(theme, themes, ("themes", index), _("没有主题“%(name)s”。"))


def _responsible(judge: _Judge, code: str, place: Place, district: DistrictSpec, *, by_place: bool = False) -> None:
    """A department that can do the work of any case: declared, and over the whole district, or, where the
    case lies at a place, one of this code in every subdistrict."""
    homes = {department.area for department in district.departments if department.code == code}
    judge.known(code, {one.code for one in district.departments}, place, _("没有部门“%(name)s”。"))
    if not homes or homes & _over(district):
        return
    streets = {area.code: area.name.zh for area in district.areas if area.level == "subdistrict"}
    missing = [name for street, name in streets.items() if street not in homes]
    if missing or not streets:
        reason = _("部门“%(name)s”不管全区：区划要是本区或其上级；每个街道各有一个的，还缺：%(missing)s。")
        judge.fault(place, reason % {"name": code, "missing": _("、").join(missing[:5]) or "—"})
    elif not by_place:
        reason = _("部门“%(name)s”每个街道各有一个：要写“area”，说明哪个地址字段决定由谁办。")
        judge.fault(place, reason % {"name": code})


def _over(district: DistrictSpec) -> set[str]:
    """The district's area and those above it; every area while the district's is none of them."""
    parents = {area.code: area.parent for area in district.areas}
    found: set[str] = set()
    code: str | None = district.area
    while code in parents and code not in found:
        found.add(code)
        code = parents[code]
    return found or set(parents)


INTAKE = {Unit.WORKING_DAYS: 5, Unit.CALENDAR_DAYS: 5, Unit.WORKING_HOURS: 35}
"""The most that intake may take."""
NEEDED = ("promised", "form", "stages", "outcome", "subject")
"""What a service that can be applied for has to say."""


def _whole(judge: _Judge, spec: ServiceSpec) -> None:
    declared = judge.document.value
    for key in NEEDED:
        if key == "promised" and "statutory" in declared:
            continue
        if key not in declared or not getattr(spec, key):
            reason = _("缺少“%(last)s”。还不清楚的，写“incomplete”说明缺什么，事项只展示、不开放。")
            judge.fault((), reason % {"last": key})


def _limits(judge: _Judge, spec: ServiceSpec) -> None:
    """An extension is in the unit of the limits it is added to; silence that counts needs a limit and a basis."""
    limits = [spec.promised, *([spec.statutory] if spec.has_statutory else [])]
    limits += [each for one in spec.variants for each in (one.promised, one.statutory) if each is not None]
    if spec.extension is not None and {each.unit for each in limits} != {spec.extension.unit}:
        judge.fault(("extension", "unit"), _("延期的单位要与法定、承诺时限的单位相同。"))
    for index, stage in enumerate(spec.stages):
        if stage.kind is StageKind.INTAKE and stage.limit and stage.limit.amount > INTAKE.get(stage.limit.unit, 0):
            judge.fault(
                ("stages", index, "limit"), _("受理或一次性告知最长五个工作日（《行政许可法》第三十二条）。")
            )
        if stage.silence != "remind" and (stage.limit is None or stage.silence_basis is None):
            judge.fault(("stages", index, "silence"), _("逾期视为已有意见的，要写明环节时限和依据。"))
        if stage.join != "all" and len(stage.after) < 2:
            judge.fault(("stages", index, "join"), _("“join”只用于前面有几个环节的环节。"))


def _heard(judge: _Judge, spec: ServiceSpec) -> None:
    """A hearing has the time it may take, and what has to be heard is not decided on the spot."""
    for key in ("hearing", "third_parties"):
        if getattr(spec, key) is not None and spec.category != "permit":
            judge.fault((key,), _("听证和利害关系人只用于行政许可（《行政许可法》第三十六条、第四十六条）。"))
    if spec.hearing is None:
        return
    if spec.procedure("hearing") is None:
        judge.fault(("hearing",), _("要在“procedures”里写明听证最长用多少时间。"))
    at_once = spec.handling == "immediate" or (spec.promise is not None and spec.promise.at_once)
    if spec.hearing.held != "asked" and at_once:
        judge.fault(("hearing", "held"), _("应当听证的事项不能当场决定，也不能凭承诺直接决定。"))


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


def _places_of_outcomes(spec: ServiceSpec) -> Iterator[tuple[Place, Outcome]]:
    yield ("outcome",), spec.outcome
    for index, variant in enumerate(spec.variants):
        if variant.outcome is not None:
            yield ("variants", index, "outcome"), variant.outcome


def _outcome(judge: _Judge, outcome: Outcome, place: Place, templates: Mapping[str, str]) -> None:
    judge.known(outcome.kind, OUTCOMES, (*place, "kind"), _("没有结果类型“%(name)s”。"))
    if outcome.kind == "licence":
        for key in issuing(outcome):
            if getattr(outcome, key) is None:
                judge.fault(place, _("证照要有“%(name)s”。") % {"name": key})
    elif outcome.kind == "letter":
        for key in ("number", "template", "valid_days", "valid_months", "valid_until", "facts", "sheets"):
            if getattr(outcome, key):
                reason = _("结果只是决定书的，没有“%(name)s”；要编号、内容或有效期的，kind 写 licence。")
                judge.fault((*place, key), reason % {"name": key})
    if outcome.template is not None:
        missing = _("templates/ 里没有 %(name)s。")
        judge.known(outcome.template, templates, (*place, "template"), missing)
        for name in imports(outcome.template, templates):
            judge.known(name, templates, (*place, "template"), missing)
        if outcome.sheets and "data.sheets" not in templates.get(outcome.template, "data.sheets"):
            judge.fault(
                (*place, "sheets"), _("样式 %(name)s 不分页，请用 general.typ。") % {"name": outcome.template}
            )
    if sum(each is not None for each in (outcome.valid_days, outcome.valid_months, outcome.valid_until)) > 1:
        judge.fault(place, _("“valid_days”“valid_months”“valid_until”只能写一个。"))
    for index, sheet in enumerate(outcome.sheets):
        for at, fact in enumerate(sheet.facts):
            reason = _("facts 里没有“%(name)s”。")
            judge.known(fact, outcome.facts, (*place, "sheets", index, "facts", at), reason)


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
    for place, outcome in _places_of_outcomes(spec):
        for name in outcome.facts:
            for path in outcome.paths(name):
                if path in AMOUNTS and getattr(spec, AMOUNTS[path]) is not None:
                    continue
                _fact(judge, path, (spec, form), (*place, "facts", name))
        if outcome.valid_until is not None:
            _fact(judge, outcome.valid_until, (spec, form), (*place, "valid_until"), kind="date")


def _fact(judge: _Judge, path: str, about: tuple[ServiceSpec, Form], place: Place, *, kind: str = "") -> None:
    spec, form = about
    root, _dot, name = path.partition(".")
    if root == "answers":
        if name not in form.fields:
            judge.fault(place, _("没有“%(path)s”。") % {"path": path} + perhaps(name, form.fields))
        elif kind and form.fields[name].kind != kind:
            judge.fault(place, _("“%(path)s”不是日期。") % {"path": path})
    elif root == "found":
        fields = {
            each["id"]: each for section in spec.finding_sections() for each in section["fields"] if "id" in each
        }
        if name not in fields:
            reason = _("没有“%(path)s”：审查环节的 finds 里没有它。")
            judge.fault(place, reason % {"path": path} + perhaps(name, fields))
        elif kind and fields[name].get("kind") != kind:
            judge.fault(place, _("“%(path)s”不是日期。") % {"path": path})
    elif path not in FACTS or kind:
        if path in AMOUNTS:
            reason = _("“%(path)s”要先写“%(key)s”：金额怎么算。")
            judge.fault(place, reason % {"path": path, "key": AMOUNTS[path]})
            return
        there = [*FACTS, *AMOUNTS, *(f"answers.{field}" for field in form.fields)]
        judge.fault(place, _("没有“%(path)s”。") % {"path": path} + perhaps(path, there))


def _delivery(judge: _Judge, spec: ServiceSpec) -> None:
    """Without a certificate there is nothing on paper to post."""
    on_paper = set(spec.delivery) - {"electronic"}
    if on_paper and not any(outcome.kind == "licence" for outcome in spec.outcomes()):
        judge.fault(("delivery",), _("结果只是决定书的，只能电子送达。"))


FILLED = frozenset({"text", "long_text", "date", "uscc", "number", "money", "phone"})
"""Kinds of field a licence can fill in."""

SUBJECTS = frozenset({"text", "enterprise", "choice"})
"""Kinds of field that can name a case."""


def _material_rules(judge: _Judge, spec: ServiceSpec, form: Form) -> None:
    for index, material in enumerate(spec.materials):
        if not isinstance(material.required, bool):
            judge.condition(material.required, form, ("materials", index, "required"))


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
