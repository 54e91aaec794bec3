"""``duties/`` of a pack: judged with the rest of it, and kept as requirements that stand."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from zerotrip import criteria, questions
from zerotrip.catalogue.packs.parts import Changes, PackPart
from zerotrip.duties import editions
from zerotrip.duties.models import Kind, Requirement, Subject
from zerotrip.duties.standing import populations, scopes, sources
from zerotrip.duties.standing.spec import DutySpec

if TYPE_CHECKING:
    from zerotrip.catalogue.packs.folder import Pack
    from zerotrip.catalogue.packs.judging import Judge
    from zerotrip.parties.access import Actor

Files = Mapping[str, DutySpec]
SORT = "duty"


def judge(files: Files, pack: Pack, judges: Mapping[str, Judge]) -> None:
    """Forms and criteria that do not read, acts nobody counts."""
    for name, spec in files.items():
        found = judges[name]
        PART.misnamed(name, spec, found)
        found.known(spec.act, sources.known(), ("act",), _("没有人记录“%(name)s”这种行为。"))
        if spec.measure is not None:
            found.known(spec.measure, scopes.measures(), ("measure",), _("没有防控措施“%(name)s”。"))
        _judge_form(spec, found)
        _judge_rule(spec, pack, found)
        _judge_becoming(spec, pack, found)
        _judge_sent(spec, files, found)
        _judge_reminding(spec, found)


def _judge_sent(spec: DutySpec, files: Files, judge: Judge) -> None:
    """What is sent is owed by those it may be sent to, opened by hand, and for each of them one duty says so."""
    if not (sent_to := sources.sent_to(spec.act)):
        return
    if spec.who not in sent_to:
        words = _("、").join(str(Subject(who).label) for who in sorted(sent_to))
        judge.fault(("who",), _("只能是：%(names)s。") % {"names": words})
    if not spec.by_hand:
        judge.fault(("by_hand",), _("由发起的人打开，请写 by_hand: true。"))
    same = [each.id for each in files.values() if (each.act, each.who) == (spec.act, spec.who)]
    if same[0] != spec.id:
        judge.fault(("act",), _("“%(name)s”已经是这项要求，一个服务包里只能有一项。") % {"name": same[0]})


def _judge_form(spec: DutySpec, judge: Judge) -> None:
    if not spec.sections:
        return
    try:
        form = questions.parse(spec.sections)
    except criteria.Faults as error:
        for fault in error.faults:
            judge.fault(("sections", *fault.path), fault.message)
        return
    for place, section in enumerate(form.sections):
        for number, item in enumerate(section.fields):
            if item.kind is questions.Kind.FILE:
                judge.fault(
                    ("sections", place, "fields", number, "kind"), _("照片由填报的人附在表后，请换一种字段。")
                )


def _judge_becoming(spec: DutySpec, pack: Pack, judge: Judge) -> None:
    from zerotrip.duties.standing.becoming import wrong_in  # reads what a duty declares, as here

    for field, becomes in spec.becomes.items():
        if not spec.label_of(field):
            judge.fault(("becomes", field), _("表里没有“%(name)s”这个字段。") % {"name": field})
        elif becomes.by is not None and not spec.label_of(becomes.by):
            judge.fault(("becomes", field, "by"), _("表里没有“%(name)s”这个字段。") % {"name": becomes.by})
        elif "facts" not in pack.faulty and (reason := wrong_in(becomes, pack)):
            judge.fault(("becomes", field), reason)


def _judge_reminding(spec: DutySpec, judge: Judge) -> None:
    from zerotrip.duties.standing.reminding import is_own  # reads what a duty declares, as here

    if spec.remind_whom is not None and is_own(spec.act):
        judge.fault(("remind_whom",), _("由发送的人提醒收到的人，这里写了不起作用，请去掉。"))


def _judge_rule(spec: DutySpec, pack: Pack, judge: Judge) -> None:
    if spec.where is None or (spec.who == "enterprise" and "facts" in pack.faulty):
        return
    population = populations.of(spec.who)
    if population is None:
        return
    try:
        criteria.parse(spec.where, vocabulary=population.words(pack))
    except criteria.Faults as error:
        for fault in error.faults:
            judge.fault(("where", *fault.path), fault.message)


def load(files: Files, pack: Pack, by: Actor, at: datetime) -> Changes:
    """Keep each duty as it stands; windows under way go on by the edition they were opened in."""
    return editions.keep(SORT, pack.spec.id, {spec.id: (spec, _columns(spec)) for spec in files.values()}, at=at)


def _columns(spec: DutySpec) -> dict[str, Any]:
    return {
        "kind": Kind.STANDING,
        "name": spec.name.model_dump(),
        "text": str(spec.about.zh) if spec.about else "",
        "form": spec.model_dump(mode="json", exclude_defaults=True).get("sections"),
        "population": spec.where or {},
    }


def stored(pack: str) -> Files:
    """The duties of a loaded pack as its files would say them."""
    return {editions.name_of(row): spec_of(row) for row in editions.standing(SORT, pack)}


def spec_of(requirement: Requirement) -> DutySpec:
    """What a standing requirement says."""
    if requirement.slug not in _SPECS:  # an edition never changes
        _SPECS[requirement.slug] = DutySpec.model_validate(requirement.declared)
    return _SPECS[requirement.slug]


def edition(slug: str) -> Requirement:
    """An edition of a standing duty. Raises Requirement.DoesNotExist."""
    if slug not in _EDITIONS:
        _EDITIONS[slug] = Requirement.objects.get(slug=slug)
    return _EDITIONS[slug]


_SPECS: dict[str, DutySpec] = {}
_EDITIONS: dict[str, Requirement] = {}

PART: PackPart[DutySpec] = PackPart("duties", DutySpec, judge, load, stored, after=("facts", "sites"))
