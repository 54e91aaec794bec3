"""People, firms and offices for tests: few words, everything fictitious."""

from __future__ import annotations

import atexit
import io
import shutil
import tempfile
import time
from datetime import UTC, datetime
from functools import cache
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml
from django.contrib.auth.hashers import make_password
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.test import Client
from procrastinate.contrib.django.models import ProcrastinateJob

from config.places import ROOT
from zerotrip.cases import actions
from zerotrip.cases.models import Assignment, Case
from zerotrip.catalogue.models import Service
from zerotrip.catalogue.queries import needed_materials
from zerotrip.channels.tasks import tell
from zerotrip.parties.access import Actor, actor_for
from zerotrip.parties.models import Membership, MembershipKind, Party, PartyKind, Role, User

if TYPE_CHECKING:
    from collections.abc import Collection

WHOLE = ROOT / "packs" / "jinan"
"""The pack as it is shipped."""
SERVICES = ("construction-permit", "investment-filing", "pesticide-change")
UNISSUED = "没有事项核发证照“project-planning”。"
"""What the check says of these three alone: the service that issues a licence one of them reuses is left out."""


def pack_of(services: Collection[str]) -> Path:
    """The pack with these services alone, loaded in no time."""
    folder = Path(tempfile.mkdtemp(prefix="zerotrip-pack-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    for part in ("services", "samples", "scenarios"):
        (folder / part).mkdir()
        for service in services:
            shutil.copy(WHOLE / part / f"{service}.yaml", folder / part)
    for part in ("templates", "resources", "checklists"):
        shutil.copytree(WHOLE / part, folder / part)
    for name in ("pack", "district", "shared", "indicators", "sites", "posts", "gates", "goods", "screening"):
        shutil.copy(WHOLE / f"{name}.yaml", folder)
    return folder


PACK = pack_of(SERVICES)
"""The services of the first stories: what most tests need."""
MORNING = datetime(2026, 3, 3, 1, 30, tzinfo=UTC)
"""Tuesday, 09:30 in China."""

DISTRICT = "/370100000000/370199000000/"

_phones = count(13900000001)
_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def uscc(serial: int) -> str:
    """A USCC with a valid check character (GB 32100), of a district that does not exist."""
    body = f"91370199DEM{serial:06}"
    total = sum(_ALPHABET.index(char) * pow(3, place, 31) for place, char in enumerate(body))
    return body + _ALPHABET[-total % 31]


def person(name: str, **extra: Any) -> User:
    """Somebody with an account."""
    party = Party.objects.create(kind=PartyKind.PERSON, name=name, created_at=MORNING)
    return User.objects.create_user(person=party, phone=str(next(_phones)), created_at=MORNING, **extra)


def enterprise(name: str, serial: int = 900) -> Party:
    """A firm."""
    return Party.objects.create(
        kind=PartyKind.ENTERPRISE, name=name, uscc=uscc(serial), area_path=DISTRICT, created_at=MORNING
    )


def agent(user: User, firm: Party, *, since: datetime = datetime(2026, 1, 1, tzinfo=UTC)) -> User:
    """Let somebody act for a firm."""
    Membership.objects.create(
        person=user.person, organisation=firm, kind=MembershipKind.AGENT, during=DateTimeTZRange(since, None)
    )
    return user


PASSWORD = "correct horse battery"
_hashed = cache(make_password)  # made to be slow, and as good the second time


def staff(name: str, department: str, *roles: Role, area_path: str = "") -> User:
    """A member of staff of a department the pack declares; of the one of an area, where several have the name."""
    user = person(name, email=f"{name}@example.test")
    user.password = _hashed(PASSWORD)
    user.save(update_fields=["password"])
    office = Party.objects.get(
        kind=PartyKind.DEPARTMENT, code=department, **({"area_path": area_path} if area_path else {})
    )
    for role in roles:
        Membership.objects.create(
            person=user.person,
            organisation=office,
            kind=MembershipKind.STAFF,
            role=role,
            area_path=office.area_path,
            during=DateTimeTZRange(datetime(2026, 1, 1, tzinfo=UTC), None),
        )
    return user


def sign_in(client: Client, user: User, *, factor: bool = True) -> Client:
    """Sign somebody in to a test's browser; unless said otherwise, with their second factor shown."""
    client.force_login(user)
    if factor:
        session = client.session
        session["account_authentication_methods"] = [{"method": "mfa", "at": time.time()}]
        session["account_authentication_methods_user"] = str(user.pk)
        session.save()
    return client


def acting(user: User, at: datetime = MORNING) -> Actor:
    """The actor behind an account."""
    return actor_for(user, at=at)


def sample(service: str) -> dict[str, Any]:
    """The pack's sample answers to a service's form."""
    return dict(yaml.safe_load((WHOLE / "samples" / f"{service}.yaml").read_text(encoding="utf-8")))


def plain(value: Any) -> Any:
    """YAML values as a page would send them: dates and numbers as text."""
    if isinstance(value, dict):
        return {key: plain(part) for key, part in value.items()}
    if isinstance(value, list):
        return [plain(part) for part in value]
    return value if isinstance(value, bool | str) else str(value)


def pdf(text: str = "sample") -> io.BytesIO:
    """A small real PDF, different for each text."""
    import pypdfium2

    document = pypdfium2.PdfDocument.new()
    document.new_page(200 + len(text) % 50, 200 + sum(map(ord, text)) % 300)
    out = io.BytesIO()
    document.save(out)
    out.seek(0)
    return out


def draft(
    service: str,
    applicant: Party,
    by: Actor,
    at: datetime = MORNING,
    *,
    like: str = "",
    without: Collection[str] = (),
    **changes: Any,
) -> Case:
    """A draft filled in from the sample, of the service ``like``, with every material needed but ``without``."""
    case = actions.open_case(service=Service.objects.get(pk=service), applicant=applicant, by=by, at=at)
    answers = {**plain(sample(like or service)), **changes}
    saved = actions.save_draft(case, answers, edit=0, by=by, at=at)
    for material in needed_materials(case.version_id, saved.answers):
        if material.id in without:
            continue
        actions.attach(case, material.id, pdf(material.id), name=f"{material.name.zh}.pdf", by=by, at=at)
    return case


def open_work(case: Case, kind: str = "") -> list[Assignment]:
    """The open assignments of a case."""
    found = Assignment.objects.filter(case=case, status="open").order_by("stage")
    return list(found.filter(kind=kind) if kind else found)


def period(start: str, end: str) -> DateTimeTZRange:
    """From one day to another."""
    return DateTimeTZRange(
        datetime.fromisoformat(start).replace(tzinfo=UTC), datetime.fromisoformat(end).replace(tzinfo=UTC)
    )


def tell_queued() -> None:
    """Do what the worker would with what people are to be told."""
    for job in ProcrastinateJob.objects.filter(task_name=tell.name, status="todo").order_by("pk"):
        tell(**job.args)


def asked(case: Case) -> list[str]:
    """The places the open correction names: who says that all of them are right hands in with these."""
    return list(case.corrections.get(answered_at=None).places)
