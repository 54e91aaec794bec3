"""A granted case, and all that it stands on."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from config.places import ROOT
from zerotrip.cases.models import Case, Submission
from zerotrip.catalogue.models import Service, ServiceVersion
from zerotrip.ids import new_id
from zerotrip.parties.access import Actor, Seat
from zerotrip.parties.models import Area, Membership, Party, User

AT = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
DISTRICT = "/370100000000/370199000000/"
TEMPLATES = ROOT / "packs" / "jinan" / "templates"

LIMIT = {"amount": 1, "unit": "working_days", "basis": {"zh": "示范区自定"}}
DEFINITION = {
    "id": "pesticide-change",
    "name": {"zh": "农药经营许可证变更", "en": "Change of a pesticide licence"},
    "summary": {"zh": "变更名称。"},
    "category": "permit",
    "handling": "promised",
    "audience": ["enterprise", "person"],
    "themes": ["operation"],
    "department": "agriculture",
    "statutory": LIMIT,
    "promised": LIMIT,
    "fee": {"zh": "不收费"},
    "legal_basis": [{"title": {"zh": "《农药管理条例》"}}],
    "remedies": [{"zh": "对决定不服的，可以自知道该决定之日起六十日内申请行政复议。"}],
    "sources": ["测试"],
    "form": [
        {
            "id": "licence",
            "title": {"zh": "许可证"},
            "fields": [
                {"id": "operator", "kind": "text", "label": {"zh": "经营者名称"}},
                {"id": "premises", "kind": "address", "label": {"zh": "住所"}},
                {"id": "expires", "kind": "date", "label": {"zh": "有效期至"}},
            ],
        }
    ],
    "materials": [{"id": "old", "name": {"zh": "原许可证"}}],
    "stages": [
        {"id": "intake", "name": {"zh": "受理"}, "kind": "intake", "department": "agriculture"},
        {
            "id": "decision",
            "name": {"zh": "决定"},
            "kind": "decision",
            "department": "agriculture",
            "after": ["intake"],
        },
    ],
    "outcome": {
        "kind": "licence",
        "licence_kind": "pesticide-licence",
        "name": {"zh": "农药经营许可证", "en": "Pesticide licence"},
        "number": "农药经许（鲁）370199{year}{seq:04}",
        "template": "pesticide-licence.typ",
        "valid_until": "answers.expires",
        "facts": {
            "operator": "answers.operator",
            "address": "answers.premises",
            "valid_until": "answers.expires",
        },
    },
    "subject": "operator",
}
ANSWERS = {
    "operator": "济南示范田园农资有限公司",
    "premises": {"area": "370199000000", "detail": "田园路 1 号"},
    "expires": "2029-05-08",
}


@pytest.fixture(autouse=True)
def folders(settings, tmp_path_factory):
    """A store of the test's own, and keys made once for all tests."""
    base = tmp_path_factory.getbasetemp()
    settings.FILES, settings.KEYS = base / "files", base / "keys"
    settings.DEMO, settings.LICENCE_P12 = True, ""


@pytest.fixture
def areas(db):
    city = Area.objects.create(code="370100000000", name="济南市", level="city", path="/370100000000/")
    return Area.objects.create(code="370199000000", name="示范区", level="district", path=DISTRICT, parent=city)


@pytest.fixture
def department(areas) -> Party:
    return Party.objects.create(
        kind="department",
        name="济南市示范区农业农村局",
        code="agriculture",
        area_path=DISTRICT,
        created_at=AT,
    )


@pytest.fixture
def leader(department) -> Actor:
    return seated(department, "leader")


def seated(department: Party, role: str, area_path: str = DISTRICT) -> Actor:
    person = Party.objects.create(kind="person", name="王五", created_at=AT)
    user = User.objects.create_user(person=person, phone=f"1{new_id().int % 10**10:010}", created_at=AT)
    Membership.objects.create(
        person=person,
        organisation=department,
        kind="staff",
        role=role,
        area_path=area_path,
        during=DateTimeTZRange(AT - timedelta(days=9), None),
    )
    seat = Seat(department.pk, department.name, role, area_path)
    return Actor(user_id=user.pk, person_id=person.pk, name=person.name, seats=(seat,))


@pytest.fixture
def version(db) -> ServiceVersion:
    return make_version()


def make_version(definition=DEFINITION, **outcome) -> ServiceVersion:
    definition = definition | {"outcome": definition["outcome"] | outcome}
    service = Service.objects.create(
        slug=f"s{new_id().hex[-12:]}", pack="test", department="agriculture", audience=[], themes=[]
    )
    files = {path.name: path.read_text() for path in TEMPLATES.glob("*.typ")}
    return ServiceVersion.objects.create(
        service=service,
        number=1,
        digest=new_id().hex * 2,
        definition=definition,
        files=files,
        loaded_at=AT,
    )


@pytest.fixture
def granted(department, version):
    """Makes granted cases."""

    def make(*, answers=None, of=version, kind="enterprise", name="济南示范田园农资有限公司", **changes) -> Case:
        uscc = {"uscc": f"91370199MA{new_id().int % 10**8:08}"} if kind == "enterprise" else {}
        holder = Party.objects.create(kind=kind, name=name, created_at=AT, area_path=DISTRICT, **uscc)
        opener = User.objects.create_user(
            person=Party.objects.create(kind="person", name="张三", created_at=AT),
            email=f"{new_id()}@example.com",
            created_at=AT,
        )
        state = {"status": "granted", "result": "granted", "submitted_at": AT, "accepted_at": AT} | changes
        case = Case.objects.create(
            number=f"T{new_id().hex[-12:]}",
            version=of,
            applicant=holder,
            opened_by=opener,
            department=department,
            area_path=DISTRICT,
            subject=name,
            opened_at=AT,
            **state,
        )
        Submission.objects.create(
            case=case, answers=answers or ANSWERS, started_at=AT, submitted_at=AT, submitted_by=opener
        )
        return case

    return make


def on(day: date, hour: int = 12) -> datetime:
    """Noon, or another hour, of a day in Shanghai."""
    return datetime(day.year, day.month, day.day, hour - 8, tzinfo=UTC)
