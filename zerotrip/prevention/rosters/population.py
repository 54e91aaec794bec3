"""Who and what a rule is about on a day: people on rosters who are not left out, and sites that are there.

What is due of people or sites is chosen here, by the same criteria as everything else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from django.db.models import (
    BooleanField,
    Case,
    CharField,
    DecimalField,
    Exists,
    Expression,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Cast, Coalesce, NullIf
from django.utils.translation import gettext_lazy as _

from zerotrip.criteria import FactKind, FactType, select
from zerotrip.duties.standing.populations import NOT_KNOWN_NOT_TO, Population
from zerotrip.parties.queries import area_path_of
from zerotrip.prevention.models import (
    DocumentKind,
    Enrolment,
    EnrolmentKind,
    Exclusion,
    Risk,
    SealedArea,
    Site,
    SiteKind,
)
from zerotrip.workdays.calendar import CHINA

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from zerotrip.catalogue.packs.folder import Pack
    from zerotrip.duties.standing.populations import Asked
    from zerotrip.prevention.models.rosters import EnrolmentQuerySet

NUMBER, NONE = "ric", "none"
"""Of the fact ``document``: a resident identity number, and nothing but name and phone; of a site: at none."""
FIRST = (EnrolmentKind.RESIDENT, EnrolmentKind.LODGER, EnrolmentKind.BUILDER, EnrolmentKind.WORKER)
"""Where somebody on several rosters is looked after: at home, where their grid knows them, before at work."""


Areas = Callable[[str], str | None]


def _path(code: str) -> str | None:
    return area_path_of(code) or None


def people_facts(kinds: Mapping[str, Any] | None = None, *, areas: Areas = _path) -> dict[str, FactType]:
    """What a rule may ask about somebody on a roster.

    ``kinds`` are the kinds of site and their names, by default those that are loaded; ``areas`` turns the code of
    an area into its path.
    """
    kinds = kinds if kinds is not None else _kinds()
    return {
        "kind": _choice(_("名册类型"), dict(EnrolmentKind.choices)),
        "site_kind": _choice(_("场所类型"), {**kinds, NONE: _("不在任何场所")}),
        "site_risk": _choice(_("场所风险"), {**dict(Risk.choices), NONE: _("不在任何场所")}),
        "area": FactType(FactKind.TREE, _("区域"), key=areas),
        "household": FactType(FactKind.TEXT, _("住户")),
        "site": FactType(FactKind.TEXT, _("场所")),
        "employer": FactType(FactKind.TEXT, _("用人单位")),
        "age": FactType(FactKind.NUMBER, _("年龄（按出生年份）"), unit=_("岁")),
        "has_phone": FactType(FactKind.BOOLEAN, _("有手机号")),
        "document": _choice(
            _("证件"), {NUMBER: _("居民身份证"), **dict(DocumentKind.choices), NONE: _("只有姓名和手机号")}
        ),
    }


def site_facts(kinds: Mapping[str, Any] | None = None, *, areas: Areas = _path) -> dict[str, FactType]:
    """What a rule may ask about a site; see ``people_facts``."""
    kinds = kinds if kinds is not None else _kinds()
    return {
        "kind": _choice(_("场所类型"), kinds),
        "group": FactType(FactKind.TEXT, _("场所分组")),
        "small": FactType(FactKind.BOOLEAN, _("属于九小场所")),
        "risk": _choice(_("风险"), dict(Risk.choices)),
        "area": FactType(FactKind.TREE, _("区域"), key=areas),
        "sealed": FactType(FactKind.BOOLEAN, _("服务封控区的收发点")),
    }


def _choice(label: object, names: Mapping[Any, Any]) -> FactType:
    return FactType(FactKind.CHOICE, label, values=frozenset(map(str, names)), names=names)


def _kinds() -> dict[str, Any]:
    return {row.pk: row.spec.name for row in SiteKind.objects.all()}


def once_each(rows: EnrolmentQuerySet) -> EnrolmentQuerySet:
    """Of each person the enrolment of the first kind of ``FIRST``."""
    order = Case(*(When(kind=kind, then=Value(place)) for place, kind in enumerate(FIRST)))
    return rows.order_by("person", order, "pk").distinct("person")


def owing_people(asked: Asked) -> QuerySet[Any, Any]:
    """Whom a standing duty is about: everybody on a roster of whom its rule is not known to be false, once each.

    ``place`` is the site or the employer of the roster, or None at home. Somebody on several rosters that fit is
    told of the first kind of ``FIRST``. Whoever is left out, of everything or of this duty in any edition, is there
    with the reason, so that nobody is missing who is not named (``why``).
    """
    on, where = asked.on, asked.rule
    rows = Enrolment.objects.on(on).filter(area_path__startswith=asked.area_path)
    if where is not None:
        rows = rows.annotate(holds=select(where, _people_columns(on), today=on)).filter(NOT_KNOWN_NOT_TO)
    left_out = Exclusion.objects.on(on).of(asked.requirement).filter(person=OuterRef("person"))
    why = left_out.order_by("recorded_at").values("reason")[:1]
    found: QuerySet[Any, Any] = once_each(rows).values(
        "area_path",
        subject=F("person_id"),
        place=Coalesce("site_id", "employer_id"),
        why=Coalesce(Subquery(why), Value(""), output_field=CharField()),
    )
    return found


def owing_sites(asked: Asked) -> QuerySet[Any, Any]:
    """The sites a standing duty is about, each with whose it is; those a rule cannot tell of, too."""
    rows = Site.objects.open_on(asked.on).filter(area_path__startswith=asked.area_path)
    if asked.rule is not None:
        rows = rows.annotate(holds=select(asked.rule, _site_columns(asked.on), today=asked.on)).filter(
            NOT_KNOWN_NOT_TO
        )
    found: QuerySet[Any, Any] = rows.values(
        "area_path", subject=F("pk"), place=F("owner_id"), why=Value("", output_field=CharField())
    )
    return found


def _truth(condition: Q) -> Expression:
    return ExpressionWrapper(condition, output_field=BooleanField())


def _people_columns(on: date) -> dict[str, Expression]:
    document = Case(
        When(person__ric_digest__isnull=False, then=Value(NUMBER)),
        When(person__document_digest__isnull=False, then=F("person__document_kind")),
        default=Value(NONE),
        output_field=CharField(),
    )
    age = Cast(Value(on.year) - F("person__birth_year"), DecimalField(max_digits=4, decimal_places=0))
    return {
        "kind": _column("kind"),
        "site_kind": Coalesce(_column("site__kind_id"), _NO_SITE),
        "site_risk": Coalesce(_column("site__risk"), _NO_SITE),
        "area": _column("area_path"),
        "household": Coalesce(NullIf(_column("household"), Value("")), _NO_SITE),
        "site": Coalesce(Cast("site_id", CharField()), _NO_SITE),
        "employer": Coalesce(Cast("employer_id", CharField()), _NO_SITE),
        "age": age,
        "has_phone": _truth(~Q(person__phone="")),
        "document": document,
    }


def _column(name: str) -> Expression:
    return ExpressionWrapper(F(name), output_field=CharField())


_NO_SITE = Value(NONE, CharField())
"""At home, or with an employer alone: known to be at no site of any kind or risk."""


def _site_columns(on: date) -> dict[str, Expression]:
    begins = datetime.combine(on, time(), CHINA)
    served = SealedArea.objects.filter(
        points=OuterRef("pk"), has_runs=True, lifted_at=None, during__overlap=(begins, begins + timedelta(days=1))
    )
    return {
        "kind": _column("kind_id"),
        "group": _column("kind__group"),
        "small": ExpressionWrapper(F("kind__small"), output_field=BooleanField()),
        "risk": _column("risk"),
        "area": _column("area_path"),
        "sealed": _truth(Q(Exists(served))),
    }


def _people_words(pack: Pack | None) -> Mapping[str, FactType]:
    return people_facts() if pack is None else people_facts(_kinds_of(pack), areas=_areas_of(pack))


def _site_words(pack: Pack | None) -> Mapping[str, FactType]:
    return site_facts() if pack is None else site_facts(_kinds_of(pack), areas=_areas_of(pack))


def _kinds_of(pack: Pack) -> dict[str, Any]:
    """The kinds of site a pack that is being judged declares."""
    return {kind.id: kind.name for spec in pack.parts.get("sites", {}).values() for kind in spec.kinds}


def _areas_of(pack: Pack) -> Areas:
    codes = {area.code for area in pack.district.areas}
    return lambda code: code if code in codes else None


OWING_PEOPLE = Population(owing_people, _people_words)
OWING_SITES = Population(owing_sites, _site_words)
