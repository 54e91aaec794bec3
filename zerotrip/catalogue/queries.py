"""Reading the catalogue: specifications of versions, what is on offer, search."""

from __future__ import annotations

from functools import lru_cache
from operator import itemgetter
from typing import TYPE_CHECKING, Any, TypeVar

from django.contrib.postgres.search import SearchQuery, SearchRank, TrigramWordSimilarity
from django.db.models import F, Max, Q, QuerySet, Window
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from zerotrip import criteria, questions
from zerotrip.catalogue import packs, words
from zerotrip.catalogue.models import Pack, Service, ServiceVersion
from zerotrip.catalogue.packs import parts
from zerotrip.catalogue.spec import (
    CALL_BACK_STAGE,
    CHECK_STAGE,
    EXTENSION_STAGE,
    HELP_STAGE,
    LEAD_STAGE,
    MAKE_UP_STAGE,
    DistrictSpec,
    PackSpec,
    ServiceSpec,
    ThemeSpec,
)
from zerotrip.criteria import Truth
from zerotrip.parties.queries import area_path_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from zerotrip.catalogue.models import ServiceQuerySet
    from zerotrip.catalogue.spec import Escalation, Material
    from zerotrip.criteria import Rule
    from zerotrip.questions import Form

Rows = TypeVar("Rows", bound="QuerySet[Any]")

CACHED = 512
"""Versions kept parsed in a process. They never change, so nothing is ever stale."""
LONGEST_QUERY = 100
"""Characters of a search that are looked at."""
SIMILAR = 0.45
"""Word similarity from which a slip of the pen is forgiven."""
WEIGHTS = [0.05, 0.15, 0.6, 1.0]
"""Of conditions and materials, summary, keywords, name."""
WORTH_SHOWING = 0.2
"""Share of the best score below which a result is noise."""


class _Asked(SearchQuery):
    """A query that is already cut into words: the server only reads it."""

    template = "(%(expressions)s)::tsquery"


@lru_cache(maxsize=CACHED)
def spec_of(version_id: UUID) -> ServiceSpec:
    """The declaration of a version, parsed once a process. One query the first time."""
    definition = ServiceVersion.objects.values_list("definition", flat=True).get(pk=version_id)
    return ServiceSpec.restored(definition)


@lru_cache(maxsize=CACHED)
def spec_for(version_id: UUID, variant: str, left_out: frozenset[str]) -> ServiceSpec:
    """The declaration of a version as it is for one application, whose answers made it this variant and
    left these stages out."""
    return spec_of(version_id).as_for(variant, left_out)


def terms_of(version_id: UUID, values: Mapping[str, Any]) -> tuple[str, list[str]]:
    """What the checked answers make of a service: its variant, or nothing, and the stages that are left out."""
    return packs.terms(spec_of(version_id), form_of(version_id), values)


@lru_cache(maxsize=CACHED)
def form_of(version_id: UUID) -> Form:
    """The form of a version, parsed once a process."""
    return questions.parse(spec_of(version_id).form)


@lru_cache(maxsize=CACHED)
def findings_form_of(version_id: UUID, stage: str = "") -> Form:
    """What is found in a stage, or in all of them, as a form; one without sections where nothing is."""
    return questions.parse(spec_of(version_id).finding_sections(stage))


@lru_cache(maxsize=CACHED)
def whole_form_of(version_id: UUID) -> Form:
    """What applicants answer and what is found, in one form: what amounts are worked out from."""
    spec = spec_of(version_id)
    return questions.parse([*spec.form, *spec.finding_sections()])


@lru_cache(maxsize=CACHED)
def _material_rules(version_id: UUID) -> dict[str, Rule]:
    vocabulary = form_of(version_id).vocabulary()
    return {
        material.id: criteria.parse(material.required, vocabulary=vocabulary)
        for material in spec_of(version_id).materials
        if not isinstance(material.required, bool)
    }


def needed_materials(version_id: UUID, values: Mapping[str, Any]) -> tuple[Material, ...]:
    """The materials an applicant with these checked answers must supply."""
    return tuple(
        material
        for material in spec_of(version_id).materials
        if material_need(version_id, material, values) is Truth.YES
    )


def material_need(version_id: UUID, material: Material, values: Mapping[str, Any]) -> Truth:
    """Whether a material is needed: yes, no, or unknown while the answers it hangs on are open."""
    if isinstance(material.required, bool):
        return Truth.YES if material.required else Truth.NO
    return _material_rules(version_id)[material.id].explain(values).truth


def place_name(version_id: UUID, place: str) -> str:
    """What people call a place of a case: the name of a material, or the labels down to a field.

    A place that the version does not have is called by its key.
    """
    kind, _colon, key = place.rpartition(":")
    if kind == "material":
        return next((str(m.name) for m in spec_of(version_id).materials if m.id == key), key)
    first, *rest = place.split(".")
    field = form_of(version_id).fields.get(first)
    if field is None:
        return place
    inner = {item.id: str(item.spec.label) for item in field.fields}
    rows = [str(int(part) + 1) if part.isdigit() else inner.get(part, part) for part in rest]
    return " ".join([str(field.spec.label), *rows])


def stage_name(spec: ServiceSpec, stage_id: str) -> str:
    """What people call a unit of work: a stage of the service, or work that came up on the way.

    Work that can come up several times is numbered behind a dot, as ``extension.2``.
    """
    declared = next((stage for stage in spec.stages if stage.id == stage_id), None)
    if declared is not None:
        return str(declared.name)
    return str(_ON_THE_WAY[stage_id.partition(".")[0]])


_ON_THE_WAY = {
    EXTENSION_STAGE: _("延期审批"),
    MAKE_UP_STAGE: _("核对后补材料"),
    CHECK_STAGE: _("事后核查"),
    CALL_BACK_STAGE: _("差评回访"),
    HELP_STAGE: pgettext_lazy("环节", "帮办"),
    LEAD_STAGE: _("牵头督办"),
}


def outcome_kinds() -> list[str]:
    """The outcome kinds that services on offer declare."""
    return sorted(set(Service.objects.offered().values_list("current__definition__outcome__kind", flat=True)))


def district(pack: str) -> DistrictSpec:
    """The district a loaded pack describes. Raises ``Pack.DoesNotExist``."""
    return DistrictSpec.model_validate(Pack.objects.values_list("district", flat=True).get(slug=pack))


def escalation_of(pack: str, code: str) -> Escalation | None:
    """Who is told when a department of a pack stays late, with the department named; None where nobody is."""
    declared = next((each for each in district(pack).departments if each.code == code), None)
    if declared is None or declared.escalate is None:
        return None
    to = declared.escalate.to or declared.part_of or declared.code
    return declared.escalate.model_copy(update={"to": to})


def district_of(version_id: UUID) -> DistrictSpec:
    """The district a version is offered in. Two queries."""
    pack = ServiceVersion.objects.values_list("service__pack", flat=True).get(pk=version_id)
    return district(pack)


def themes() -> tuple[ThemeSpec, ...]:
    """The themes of all packs, each pack's in its order. One query."""
    found: dict[str, ThemeSpec] = {}
    for declared in Pack.objects.order_by("slug").values_list("district__themes", flat=True):
        for theme in declared:
            found.setdefault(theme["id"], ThemeSpec.model_validate(theme))
    return tuple(found.values())


def loaded_pack(slug: str) -> packs.Pack:
    """A loaded pack as its files would declare it: current versions only, without samples."""
    row = Pack.objects.get(slug=slug)
    loaded = packs.Pack(PackSpec.model_validate(row.definition), DistrictSpec.model_validate(row.district))
    for service in Service.objects.offered().filter(pack=slug).select_related("current").order_by("slug"):
        version = _version(service)
        loaded.services[service.slug] = spec_of(version.pk)
        loaded.templates.update(version.files)
    loaded.parts = {kind.name: dict(kind.stored(slug)) for kind in parts.registered()}
    return loaded


def versions_of(service: str) -> list[UUID]:
    """The keys of all versions a service has had: those its cases are on. None for a service there is not."""
    return list(ServiceVersion.objects.filter(service=service).order_by("number").values_list("pk", flat=True))


def current_services(*, audience: str = "", theme: str = "", department: str = "") -> list[ServiceVersion]:
    """The versions new cases begin with, narrowed by audience, theme and department. One query."""
    services = _with_version(_offered(audience, theme, department).order_by("slug"))
    return [_version(service) for service in services]


def offered() -> dict[str, ServiceSpec]:
    """What new cases can begin with, as declared now, by slug: for lists and names. One light query."""
    current = Service.objects.offered().order_by("slug").values_list("slug", "current")
    return {slug: spec_of(version) for slug, version in current}


def services_upon() -> dict[str, list[ServiceVersion]]:
    """The services on offer that act upon licences, by kind of licence, changes first. One query."""
    order = ("change", "renew", "reissue", "cancel")
    found: dict[str, list[tuple[int, ServiceVersion]]] = {}
    for version in current_services():
        upon = version.spec.outcome.upon
        if upon is not None and version.spec.incomplete is None:
            found.setdefault(version.spec.licence_kind, []).append((order.index(upon.act), version))
    return {kind: [version for _at, version in sorted(each, key=itemgetter(0))] for kind, each in found.items()}


def services_issuing(kind: str) -> list[ServiceVersion]:
    """The services on offer that issue licences of a kind. One query."""
    return [
        version
        for version in current_services()
        if version.spec.outcome.upon is None and version.spec.licence_kind == kind
    ]


def search(
    text: str, *, audience: str = "", theme: str = "", department: str = "", limit: int = 20
) -> list[ServiceVersion]:
    """The services that ``text`` may mean, best first; none for an empty text. One query.

    Chinese needs no spaces. Names weigh more than keywords, these more than the summary, this more
    than conditions and materials; a slip of the pen is forgiven where most of the text is right.
    """
    ranked = best_first(_offered(audience, theme, department), text)
    return [_version(service) for service in _with_version(ranked)[:limit]]


def best_first(rows: Rows, text: str) -> Rows:
    """The rows that ``text`` may mean, best first; none for an empty text.

    Of any model that is found by ``search_words``, weighed from A to D, and ``search_text``, and has a ``slug``.
    """
    asked = " ".join(text.lower().split())[:LONGEST_QUERY]
    if not (literal := words.query(asked)):
        return rows.none()
    query = _Asked(literal)
    found: Rows = (
        rows.annotate(likeness=TrigramWordSimilarity(words.plain(asked), "search_text"))
        .filter(Q(search_words=query) | Q(likeness__gte=SIMILAR))
        .annotate(score=SearchRank(F("search_words"), query, weights=WEIGHTS) + F("likeness"))
        .annotate(best=Window(Max("score")))
        .filter(score__gte=F("best") * WORTH_SHOWING)
        .order_by("-score", "slug")
    )
    return found


def _offered(audience: str, theme: str, department: str) -> ServiceQuerySet:
    services = Service.objects.offered()
    if audience:
        services = services.filter(audience__contains=[audience])
    if theme:
        services = services.filter(themes__contains=[theme])
    return services.filter(department=department) if department else services


def _with_version(services: ServiceQuerySet) -> ServiceQuerySet:
    return services.select_related("current").defer("current__definition", "current__files")


def _version(service: Service) -> ServiceVersion:
    version = service.current
    if version is None:
        raise AssertionError("an offered service has a version")
    version.service = service
    return version


def shown_district() -> DistrictSpec | None:
    """The district whose name the pages carry: that of the first pack loaded. One query."""
    found = Pack.objects.order_by("loaded_at").values_list("slug", "digest").first()
    return _district_of(*found) if found else None


def district_path() -> str:
    """The path of the district whose pages these are; empty before a pack is loaded."""
    shown = shown_district()
    return area_path_of(shown.area) if shown else ""


@lru_cache(maxsize=4)
def _district_of(slug: str, digest: str) -> DistrictSpec:
    return district(slug)
