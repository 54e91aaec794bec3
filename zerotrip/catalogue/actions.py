"""Loading packs: the only way a service comes to be, changes or goes."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from zerotrip.catalogue import models, packs
from zerotrip.catalogue.indexing import search_text_of, search_words_of
from zerotrip.catalogue.models import Service, ServiceVersion
from zerotrip.catalogue.packs.parts import Changes, registered
from zerotrip.errors import Invalid
from zerotrip.ids import new_id
from zerotrip.ledger import actions as ledger
from zerotrip.parties.actions import declare_area, declare_department
from zerotrip.parties.queries import area_path_of
from zerotrip.workdays.actions import set_day, set_office_hours

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from zerotrip.catalogue.spec import DistrictSpec, Part, ServiceSpec
    from zerotrip.parties.access import Actor

_LOCK = 0x7A74_7061_636B
"""Key of the advisory lock that lets one pack be loaded at a time."""


@dataclass(slots=True)
class Report:
    """What loading a pack changed, by service."""

    pack: str
    made: list[str] = field(default_factory=list)
    """Services that have a new version, their first included."""
    returned: list[str] = field(default_factory=list)
    """Services that are offered again, on a version that was there."""
    withdrawn: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    district: bool = False
    """Whether the pack's places, departments, hours or themes are not as they were."""
    parts: dict[str, Changes] = field(default_factory=dict)
    """What changed of what apps declare beside services, by kind."""
    warnings: list[str] = field(default_factory=list)

    @property
    def changed(self) -> bool:
        """Whether anything is not as it was."""
        own = self.made or self.returned or self.withdrawn or self.district
        return bool(own) or any(changes.any for changes in self.parts.values())


@transaction.atomic
def load_pack(path: Path | str, *, by: Actor, at: datetime) -> Report:
    """Load the pack at ``path``: places, departments, and a new version of each service that changed.

    All or nothing, and the same pack twice changes nothing. A service the pack no longer has is
    withdrawn: cases on it go on, new ones do not begin. Raises Invalid with every fault by
    ``file:line`` when the pack does not pass its check.
    """
    pack, faults = packs.read(path)
    if pack is None:
        problems: dict[str, list[str]] = {}
        for fault in faults:
            if not fault.warning:
                problems.setdefault(f"{fault.file}:{fault.line}", []).append(fault.reason)
        raise Invalid(_("服务包有 %(count)d 处错误，没有加载。") % {"count": len(problems)}, problems)
    _one_at_a_time()
    report = Report(pack.spec.id, warnings=[str(fault) for fault in faults])
    _declare_places(pack.district, by=by, at=at)
    for spec in pack.services.values():
        _load_service(spec, pack, report, by=by, at=at)
    _withdraw_missing(pack, report)
    for kind in registered():
        report.parts[kind.name] = kind.load(pack.parts.get(kind.name, {}), pack, by, at)
    _keep_pack(pack, report, by=by, at=at)
    return report


def export_pack(slug: str, folder: Path) -> list[Path]:
    """Write the pack and its current versions to ``folder``; loading that changes nothing.

    Raises ``Pack.DoesNotExist`` for a pack that was never loaded. Samples are not kept in the
    database and so are not written.
    """
    from zerotrip.catalogue.queries import loaded_pack

    return packs.write(loaded_pack(slug), folder)


def _one_at_a_time() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])


def canonical(part: Part) -> dict[str, Any]:
    """A declaration as plain data without what it leaves at its default."""
    return part.model_dump(mode="json", exclude_defaults=True)


def digest_of(*parts: Any) -> str:
    """SHA-256 over the canonical JSON of ``parts``, in hexadecimal."""
    text = json.dumps(parts, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _declare_places(district: DistrictSpec, *, by: Actor, at: datetime) -> None:
    for area in district.areas:
        declare_area(
            code=area.code,
            name=area.name.zh,
            name_en=area.name.en,
            level=area.level,
            parent=area.parent,
            by=by,
            at=at,
        )
    for department in district.departments:
        declare_department(
            code=department.code,
            name=department.name.zh,
            name_en=department.name.en,
            area=department.area,
            part_of=department.part_of,
            uscc=department.uscc or "",
            phone=department.phone or "",
            by=by,
            at=at,
        )


def _open_hours(district: DistrictSpec, *, by: Actor, at: datetime) -> None:
    path = area_path_of(district.area)
    set_office_hours([(span.start, span.end) for span in district.hours], area_path=path, by=by, at=at)
    for closure in district.closures:
        set_day(closure.day, working=False, name=closure.name.zh, area_path=path, by=by, at=at)


def _keep_pack(pack: packs.Pack, report: Report, *, by: Actor, at: datetime) -> None:
    """Keep the pack's own declarations, and journal the load if it changed anything at all."""
    definition, district = canonical(pack.spec), canonical(pack.district)
    digest = digest_of(definition, district)
    row = models.Pack.objects.filter(slug=pack.spec.id).first() or models.Pack(slug=pack.spec.id)
    report.district = row.digest != digest
    if not report.changed:
        return
    if report.district:
        _open_hours(pack.district, by=by, at=at)
    row.digest, row.definition, row.district, row.loaded_at = digest, definition, district, at
    ledger.append(row, "load", by=by, at=at, details={**asdict(report), "warnings": len(report.warnings)})
    row.save()


def _load_service(spec: ServiceSpec, pack: packs.Pack, report: Report, *, by: Actor, at: datetime) -> None:
    files = pack.files_of(spec.id)
    digest = digest_of(canonical(spec), files)
    service = Service.objects.select_for_update(of=("self",)).filter(slug=spec.id).first()
    if service is None:
        service = Service(slug=spec.id, pack=pack.spec.id)
        _describe(service, spec)
        service.save(force_insert=True)
    elif service.pack != pack.spec.id:
        raise Invalid(
            _("事项“%(id)s”已由服务包“%(pack)s”提供。") % {"id": spec.id, "pack": service.pack},
            {f"services/{spec.id}.yaml:1": [service.pack]},
        )
    version = service.versions.filter(digest=digest).first()
    if version is not None and version.pk == service.current_id:
        report.unchanged.append(spec.id)
        return
    (report.returned if version else report.made).append(spec.id)
    service.current = version or _make_version(service, spec, files, digest, by=by, at=at)
    _describe(service, spec)
    service.save()


def _describe(service: Service, spec: ServiceSpec) -> None:
    service.department = spec.department
    service.audience, service.themes = list(spec.audience), list(spec.themes)
    service.search_text, service.search_words = search_text_of(spec), search_words_of(spec)


def _make_version(
    service: Service, spec: ServiceSpec, files: dict[str, str], digest: str, *, by: Actor, at: datetime
) -> ServiceVersion:
    last = service.versions.aggregate(last=Max("number"))["last"] or 0
    version = ServiceVersion(
        id=new_id(),
        service=service,
        number=last + 1,
        digest=digest,
        definition=spec.stored(),
        files=files,
        loaded_at=at,
    )
    # The row never changes once made, so its one journal entry is written before it.
    ledger.append(
        version,
        "made",
        by=by,
        at=at,
        details={"service": spec.id, "number": version.number, "digest": digest},
    )
    version.save(force_insert=True)
    return version


def _withdraw_missing(pack: packs.Pack, report: Report) -> None:
    gone = Service.objects.offered().filter(pack=pack.spec.id).exclude(slug__in=pack.services)
    report.withdrawn += sorted(gone.values_list("slug", flat=True))
    gone.update(current=None)
