"""Licences somebody holds, services that reuse them, and a registry of others that answers as told."""

from __future__ import annotations

import hashlib
import hmac
import json
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event as Signal
from threading import Thread
from typing import Any

import pytest
from django.utils import translation

from tests import world
from tests.district import District
from zerotrip.cases.models import Case
from zerotrip.catalogue.actions import load_pack
from zerotrip.catalogue.models import Service
from zerotrip.files.actions import store
from zerotrip.licences.identifiers import DEMONSTRATION_TYPE, identifier, new_serial
from zerotrip.licences.models import Licence
from zerotrip.licences.registries.http import SIGNATURE, TIMESTAMP, Http
from zerotrip.parties.access import SYSTEM
from zerotrip.parties.models import Party

AT = world.MORNING
SECRET = "a secret that both sides of the registry know"
MORE = ("small-catering", "pesticide-operate")
FACTS = {
    "operator": "济南虚构材料有限公司",
    "representative": "王守田",
    "address": "济南市示范区田园路 5 号",
    "scope": "农药（限制使用农药除外）",
}


@pytest.fixture(autouse=True)
def chinese() -> Iterator[None]:
    """Reasons are read in Chinese, whatever language the test before left on."""
    with translation.override("zh-hans"):
        yield


@pytest.fixture
def wider(district: District, tmp_path) -> District:
    """The district with services that ask the registry too."""
    folder = tmp_path / "pack"
    shutil.copytree(world.PACK, folder)
    for part in ("services", "samples", "scenarios"):
        for service in MORE:
            shutil.copy(world.WHOLE / part / f"{service}.yaml", folder / part)
    load_pack(folder, by=SYSTEM, at=AT)
    return district


def kept(holder: Party, **changes: Any) -> Licence:
    """A licence of a holder: a pesticide licence for years to come, unless said otherwise."""
    service = Service.objects.select_related("current").get(pk="pesticide-change")
    office = Party.objects.get(kind="department", code="agriculture")
    serial = new_serial()
    told = {
        "kind": "pesticide-licence",
        "number": f"农药经许（鲁）{serial[:10]}",
        "identifier": identifier(kind=DEMONSTRATION_TYPE, issuer="370199", serial=serial),
        "title": "农药经营许可证",
        "title_en": "Pesticide trading licence",
        "facts": FACTS,
        "issued_at": datetime(2024, 9, 1, tzinfo=UTC),
        "valid_from": date(2024, 9, 1),
        "valid_until": date(2029, 8, 31),
        **changes,
    }
    return Licence.objects.create(
        holder=holder,
        issuer=office,
        area_path=office.area_path,
        version=service.current,
        blob=store(world.pdf(serial), at=AT),
        **told,
    )


@pytest.fixture
def held(district: District) -> Callable[..., Licence]:
    """Makes licences the firm holds, or somebody else."""

    def make(holder: Party | None = None, **changes: Any) -> Licence:
        return kept(holder or district.firm, **changes)

    return make


def change(district: District, at: datetime = AT, **more: Any) -> Case:
    """A draft of a change of a pesticide licence, with every paper but the licence itself."""
    return world.draft("pesticide-change", district.firm, district.applicant, at, without=("licence_copy",), **more)


def eatery(district: District, at: datetime = AT, **more: Any) -> Case:
    """A draft of a small eatery, with every paper but the business licence."""
    unit = {"name": district.firm.name, "uscc": district.firm.uscc}
    told = {**world.plain(read("small-catering")), "unit": unit, **more}
    # The sample of another service stands below: fields that a form does not have are dropped.
    return world.draft(
        "small-catering",
        district.firm,
        district.applicant,
        at,
        without=("licence",),
        like="pesticide-change",
        **told,
    )


def read(service: str) -> dict[str, Any]:
    """The sample of any shipped service."""
    import yaml

    return dict(yaml.safe_load((world.WHOLE / "samples" / f"{service}.yaml").read_text(encoding="utf-8")))


def later(**how: float) -> datetime:
    """So long after the morning on which everything begins."""
    return AT + timedelta(**how)


class RegistryServer(ThreadingHTTPServer):
    """A registry that answers as told."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Desk)
        self.asked: list[dict[str, Any]] = []
        self.signed: list[bool] = []
        self.has: dict[str, Any] | None = None
        self.answer: Callable[[Desk, dict[str, Any]], None] = lambda desk, asked: desk.tell(asked)
        self.behind = 0
        self.over = Signal()


class Desk(BaseHTTPRequestHandler):
    """One question."""

    server: RegistryServer

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        asked = json.loads(body)
        self.server.asked.append(asked)
        self.server.signed.append(self.headers[SIGNATURE] == sign(self.headers[TIMESTAMP], body))
        self.server.answer(self, asked)

    def tell(self, asked: dict[str, Any], *, status: int = 0, secret: str = SECRET, **changes: Any) -> None:
        """The licence there is, changed, in the agreed form; 404 when there is none."""
        licence = None if self.server.has is None else {**self.server.has, **changes}
        found = licence is not None and asked["number"] in ("", licence["number"])
        status = status or (200 if found else 404)
        self.send_json({"id": asked["id"], **({"licence": licence} if found else {})}, status, secret)

    def send_json(self, content: Any, status: int = 200, secret: str = SECRET) -> None:
        self.send_body(json.dumps(content, ensure_ascii=False).encode(), status, secret)

    def send_body(self, body: bytes, status: int = 200, secret: str = SECRET) -> None:
        timestamp = str(int(self.headers[TIMESTAMP]) - self.server.behind)
        self.send_response(status)
        self.send_header(TIMESTAMP, timestamp)
        self.send_header(SIGNATURE, sign(timestamp, body, secret))
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        """Say nothing."""


def sign(timestamp: str, body: bytes, secret: str = SECRET) -> str:
    """The signature as docs/operations.md says it, written down anew."""
    mac = hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256)
    return f"sha256={mac.hexdigest()}"


@pytest.fixture
def registry(wider: District, settings, monkeypatch) -> Iterator[RegistryServer]:
    """A registry over a real connection that has the firm's business licence."""
    server = RegistryServer()
    server.has = {
        "kind": "business-licence",
        "number": wider.firm.uscc,
        "identifier": identifier(kind=DEMONSTRATION_TYPE, issuer="370199", serial="20260303"),
        "title": "营业执照",
        "title_en": "Business licence",
        "holder": {"uscc": wider.firm.uscc, "name": wider.firm.name},
        "issuer": "济南市示范区市场监督管理局",
        "valid_from": "2020-01-02",
        "valid_until": None,
        "status": "valid",
        "facts": {"representative": "虚构人"},
    }
    settings.LICENCE_REGISTRY = "zerotrip.licences.registries.http.Http"
    settings.LICENCE_REGISTRY_URL = f"http://127.0.0.1:{server.server_port}/licences"
    settings.LICENCE_REGISTRY_SECRET = SECRET
    monkeypatch.setattr(Http, "patience", 0.4)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.over.set()
    server.shutdown()
    thread.join()
    server.server_close()
