"""Judging a pack: every fault at once, each with file, line and reason."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from django.utils.translation import gettext as _

from zerotrip.catalogue.packs import documents
from zerotrip.catalogue.packs.acting import upon_faults
from zerotrip.catalogue.packs.agreement import (
    district_faults,
    sample_faults,
    scenario_faults,
    service_faults,
)
from zerotrip.catalogue.packs.faults import Fault
from zerotrip.catalogue.packs.folder import SHARED, Folder, Pack, open_folder
from zerotrip.catalogue.packs.judging import Judge
from zerotrip.catalogue.packs.parts import registered
from zerotrip.catalogue.packs.shapes import shape, untranslated
from zerotrip.catalogue.packs.sharing import expand
from zerotrip.catalogue.spec import DistrictSpec, PackSpec, Part, ServiceSpec

if TYPE_CHECKING:
    from zerotrip.catalogue.packs.documents import Document
    from zerotrip.catalogue.packs.parts import PackPart

Shape = TypeVar("Shape", bound=Part)


def check(path: Path | str) -> list[Fault]:
    """Every fault of the pack at ``path``, in order of file and line. Warnings are marked.

    Never raises for what is in the pack. A pack whose faults are all warnings can be loaded.
    """
    return read(path)[1]


def read(path: Path | str) -> tuple[Pack | None, list[Fault]]:
    """The pack at ``path`` and its faults; None in place of the pack when one of them is an error."""
    folder = open_folder(Path(path))
    reading = _Reading(folder)
    pack = reading.pack()
    faults = sorted(set(folder.faults + reading.faults))
    return (None if any(not fault.warning for fault in faults) else pack), faults


def _promise_the_law(document: Document) -> None:
    """A service that states the limit of the law only promises that."""
    declared = document.value
    if isinstance(declared, dict) and "statutory" in declared and not declared.get("incomplete"):
        declared.setdefault("promised", declared["statutory"])


class _Reading:
    """One reading of a folder, collecting faults on the way."""

    def __init__(self, folder: Folder) -> None:
        self.folder = folder
        self.faults: list[Fault] = []
        self.documents: dict[str, Document] = {}
        self.shared: dict[str, Any] | None = None

    def pack(self) -> Pack | None:
        spec = self._declaration("pack.yaml", PackSpec)
        district = self._declaration("district.yaml", DistrictSpec)
        if district is not None:
            self.faults += district_faults(district, self.documents["district.yaml"])
        services = self._services(district)
        templates = {name.split("/")[1]: self.folder.texts[name] for name in self.folder.named("templates", ".typ")}
        for name, service in services.items():
            document = self.documents[name]
            self.faults += service_faults(service, document, name, district=district, templates=templates)
        self._reused(services)
        self._alike(services)
        said: dict[str, set[str]] = {}
        for service in services.values():
            if service.incomplete is None and service.outcome.upon is None:
                said.setdefault(service.licence_kind, set()).update(service.outcome.facts)
        for name, service in services.items():
            if service.incomplete is None:
                self.faults += upon_faults(service, self.documents[name], name, said=said)
        by_id = {service.id: service for service in services.values()}
        samples = self._samples(by_id)
        if district is not None and not any(not fault.warning for fault in self.faults):
            self._scenarios(by_id, samples, district)
        if spec is None or district is None:
            return None
        pack = Pack(spec, district, by_id, templates, samples)
        for kind in registered():
            self._part(kind, pack)
        return pack

    def _part(self, kind: PackPart[Any], pack: Pack) -> None:
        """Read what an app declares in packs, and let it judge that."""
        found: dict[str, Any] = {}
        judges: dict[str, Judge] = {}
        before = len(self.faults)
        for name in self.folder.named(kind.name, ".yaml") if kind.folder else [kind.file_of("")]:
            declared = self._declaration(name, kind.shape)
            if declared is not None:
                stem = name.rpartition("/")[2].removesuffix(".yaml")
                found[stem], judges[stem] = declared, Judge(name, self.documents[name])
                kind.misnamed(stem, declared, judges[stem])
        kind.judge(found, pack, judges)
        for judge in judges.values():
            self.faults += judge.faults
        pack.parts[kind.name] = found
        if any(not fault.warning for fault in self.faults[before:]):
            pack.faulty.add(kind.name)

    def _declaration(self, name: str, kind: type[Shape]) -> Shape | None:
        document = self._document(name)
        if document is None:
            return None
        if kind not in (PackSpec, DistrictSpec):
            document = self.documents[name] = expand(document, self._shared())
        if kind is ServiceSpec:
            _promise_the_law(document)
        declared = shape(kind, document, file=name, faults=self.faults)
        for place in untranslated(declared) if declared is not None else ():
            reason = _("没有英文，英文页面将显示中文。")
            path = ".".join(map(str, place))
            self.faults.append(Fault(name, document.line(place), reason, path=path, warning=True))
        return declared

    def _shared(self) -> dict[str, Any]:
        """The parts of ``shared.yaml`` by name; its faults are named once."""
        if self.shared is None:
            self.shared = {}
            document = self._document(SHARED) if SHARED in self.folder.texts else None
            if document is not None:
                self.faults += [Fault(SHARED, line, reason) for line, reason in document.problems]
                if isinstance(document.value, dict):
                    self.shared = document.value
                else:
                    self._fault(SHARED, (), _("应为若干“名称: 值”。"))
                for name, part in self.shared.items():
                    if not isinstance(part, dict | list):
                        self._fault(SHARED, (name,), _("共用部分要么是若干“名称: 值”，要么是列表。"))
        return self.shared

    def _document(self, name: str) -> Document | None:
        if (text := self.folder.texts.get(name)) is None:
            return None
        self.documents[name] = documents.read(text)
        return self.documents[name]

    def _services(self, district: DistrictSpec | None) -> dict[str, ServiceSpec]:
        names = self.folder.named("services", ".yaml")
        others = any(self.folder.named(kind.name, ".yaml") for kind in registered() if kind.folder)
        if not names and not others and district is not None:
            self.faults.append(Fault("services", 0, _("服务包里没有事项，也没有政策。")))
        found: dict[str, ServiceSpec] = {}
        first: dict[str, str] = {}
        for name in names:
            if (service := self._declaration(name, ServiceSpec)) is None:
                continue
            found[name] = service
            if (other := first.setdefault(service.id, name)) != name:
                self._fault(
                    name, ("id",), _("“%(id)s”已在 %(other)s 中使用。") % {"id": service.id, "other": other}
                )
            elif name != f"services/{service.id}.yaml":
                self._fault(name, ("id",), _("文件名应为 %(id)s.yaml。") % {"id": service.id})
        return found

    def _reused(self, services: dict[str, ServiceSpec]) -> None:
        """Warn of licences that are to stand in for materials and that nobody issues, and of facts none has."""
        facts: dict[str, set[str]] = {}
        for service in services.values():
            if service.incomplete is not None:
                continue
            known = facts.setdefault(service.licence_kind, {"number", "holder", "valid_until"})
            known |= {fact for outcome in service.outcomes() for fact in outcome.facts}
        for name, service in services.items():
            for index, material in enumerate(service.materials):
                reuse = material.licence
                if reuse is None or reuse.registry:
                    continue
                place: tuple[str | int, ...] = ("materials", index, "licence")
                for kind in reuse.kinds:
                    if kind not in facts:
                        self._warn(name, (*place, "kind"), _("没有事项核发证照“%(name)s”。") % {"name": kind})
                known = set().union(*(facts.get(kind, set()) for kind in reuse.kinds))
                for field, fact in reuse.fills.items():
                    if known and fact not in known:
                        told = _("这种证照上没有“%(name)s”。") % {"name": fact}
                        self._warn(name, (*place, "fills", field), told)

    def _alike(self, services: dict[str, ServiceSpec]) -> None:
        """Warn where of services about one licence only some say that it concerns safety: bars hold for all."""
        safe = {service.barred_as for service in services.values() if service.safety is not None}
        for name, service in services.items():
            if service.category == "permit" and service.safety is None and service.barred_as in safe:
                self._warn(name, (), _("同一种证照的其他事项写了“safety”，这里没有写。"))

    def _samples(self, services: dict[str, ServiceSpec]) -> dict[str, dict[str, Any]]:
        samples: dict[str, dict[str, Any]] = {}
        for name in self.folder.named("samples", ".yaml"):
            document = self._document(name)
            if document is None:
                continue
            self.faults += [Fault(name, line, reason) for line, reason in document.problems]
            service = services.get(name.removeprefix("samples/").removesuffix(".yaml"))
            if service is None:
                if name.replace("samples", "services", 1) not in self.folder.texts:
                    self._fault(name, (), _("没有同名的事项。"))
            elif not isinstance(document.value, dict):
                self._fault(name, (), _("应为若干“名称: 值”。"))
            else:
                self.faults += sample_faults(service, document, name)
                samples[service.id] = document.value
        return samples

    def _scenarios(
        self, services: dict[str, ServiceSpec], samples: dict[str, dict[str, Any]], district: DistrictSpec
    ) -> None:
        for name in self.folder.named("scenarios", ".yaml"):
            document = self._document(name)
            service = services.get(name.removeprefix("scenarios/").removesuffix(".yaml"))
            if document is None:
                continue
            self.faults += [Fault(name, line, reason) for line, reason in document.problems]
            if service is None:
                self._fault(name, (), _("没有同名的事项。"))
            elif service.incomplete is not None:
                self._fault(name, (), _("没有开放的事项没有情景。"))
            elif not document.problems:
                sample = samples.get(service.id, {})
                self.faults += scenario_faults(service, sample, district, document, name)
        for service in services.values():
            if service.incomplete is None and f"scenarios/{service.id}.yaml" not in self.folder.texts:
                reason = _("没有情景：请在 scenarios/%(id)s.yaml 里写明几种情形应当如何。") % {"id": service.id}
                self.faults.append(Fault(f"services/{service.id}.yaml", 1, reason, warning=True))

    def _warn(self, name: str, place: tuple[str | int, ...], reason: str) -> None:
        line = self.documents[name].line(place)
        self.faults.append(Fault(name, line, reason, path=".".join(map(str, place)), warning=True))

    def _fault(self, name: str, place: tuple[str | int, ...], reason: str) -> None:
        line = self.documents[name].line(place)
        self.faults.append(Fault(name, line, reason, path=".".join(map(str, place))))
