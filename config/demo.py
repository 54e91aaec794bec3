"""The demo's people and enterprises, in the fictitious district the packs declare.

`zerotrip run --demo` and `zerotrip demo` call :func:`load` once, while there is no account yet, and
show :func:`accounts` each time.
"""

from __future__ import annotations

import io
from datetime import date, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from config import demo_directives, demo_needs, demo_resources
from config.places import ROOT

if TYPE_CHECKING:
    from zerotrip.cases.models import Case
    from zerotrip.parties.models import Party, User

PASSWORD = "zerotrip-demo"  # noqa: S105  the demo's, shown on its outbox page
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"  # noqa: S105  every demo account's second factor
PACK = ROOT / "packs" / "jinan"

INVESTOR, BUILDER, DEALER, SHOPKEEPER = "13800000001", "13800000002", "13800000003", "13800000009"


STREET = "/370100000000/370199000000/370199001000/"
"""The area of the first demonstration subdistrict."""


class Account(NamedTuple):
    """How somebody may try the demo."""

    name: str
    """What is typed to sign in: an address or a phone number."""
    role: str
    """Who that is, in both languages."""
    key: str
    """How to sign in: where the code appears, or the password."""


STAFF = (
    ("clerk@demo.test", "陈受理", "approval-bureau", ("clerk",), "受理 Clerk"),
    ("leader@demo.test", "苏决定", "approval-bureau", ("leader",), "决定 Leader"),
    ("head@demo.test", "秦负责", "approval-bureau", ("head",), "机关负责人 Head of agency"),
    ("review@demo.test", "梁审查", "approval-bureau", ("reviewer",), "审查 Review"),
    ("second@demo.test", "宋同查", "approval-bureau", ("reviewer",), "第二审查人 Second reviewer"),
    ("housing@demo.test", "何住建", "housing", ("reviewer",), "住建审查 Housing review"),
    ("fire@demo.test", "方消防", "fire", ("reviewer",), "消防审查 Fire review"),
    ("defence@demo.test", "任人防", "civil-defence", ("reviewer",), "人防审查 Civil defence review"),
    ("agriculture@demo.test", "田农业", "agriculture", ("reviewer",), "农业审查 Agriculture review"),
    ("steward@demo.test", "管一程", "approval-bureau", ("reviewer",), "项目管家 Project steward"),
    ("commerce@demo.test", "商同行", "commerce", ("reviewer",), "商务局 Commerce bureau"),
    ("supervisor@demo.test", "严监督", "approval-bureau", ("supervisor",), "监督 Supervisor"),
    ("window@demo.test", "万全能", "approval-bureau", ("clerk", "leader"), "受理和决定 Clerk and leader"),
    ("statistics@demo.test", "计统计", "statistics", ("clerk", "leader"), "统计局 Statistics bureau"),
    ("street@demo.test", "简街道", f"subdistrict-office {STREET}", ("clerk",), "街道办 Subdistrict office"),
)
"""E-mail, name, department (with its area where several are called so), roles, what they do in both languages."""

APPLICANTS = (
    (INVESTOR, "高行健", "investment-filing", "unit", "投资人 Investor"),
    (BUILDER, "周予安", "construction-permit", "builder", "建设单位 Builder"),
    (DEALER, "刘穗", "pesticide-change", "operator", "农资店 Pesticide dealer"),
)
"""Phone, name, the service whose sample names their enterprise, in which field, and who they are."""


SHOP = {"name": "济南示范便民商业有限公司", "uscc": "91370199DEM0000059"}


LONG_AGO = 260
"""Days ago on which everybody was registered: before anything that is told happened."""


def accounts() -> list[Account]:
    """Those who may sign in."""
    code = "验证码 code: /outbox/"
    people = [Account(phone, role, code) for phone, _name, _service, _field, role in APPLICANTS]
    people.append(Account(SHOPKEEPER, "店主，办过许多件 Shopkeeper with many cases", code))
    people.append(Account(demo_resources.PRINTER, "印刷厂，有闲置厂房 Printer with an idle plant", code))
    people.append(Account(demo_resources.RETAILER, "零售商，要找场地 Retailer looking for space", code))
    factor = f"{PASSWORD} + /outbox/"
    people += [Account(email, role, factor) for email, _name, _office, _roles, role in STAFF]
    helpers = (*demo_needs.HELPERS, *demo_directives.PEOPLE)
    return people + [Account(each.email, each.role, factor) for each in helpers]


def load(*, at: datetime) -> None:
    """Register everybody, let some weeks have passed, and begin a case of each of three services, as of ``at``."""
    from config import (
        demo_leaflets,
        demo_lots,
        demo_named,
        demo_picture,
        demo_policies,
        demo_posts,
        demo_prevention,
        demo_projects,
        demo_record,
        demo_rounds,
        demo_sampling,
        demo_sealed,
        demo_surveys,
        demo_unasked,
        demo_venues,
        demo_visits,
    )

    people = load_past(at=at)
    demo_record.load(people, at=at)
    _cases(people, at=at)
    demo_needs.load_needs(people, at=at)
    demo_named.load(people, at=at)
    demo_resources.load(at=at)
    demo_projects.load(people, now=at)
    demo_unasked.load(people[SHOPKEEPER], now=at)
    load_figures(at=at)
    demo_policies.load(people, now=at)
    demo_directives.load(people, at=at)
    demo_visits.load(at=at)
    demo_prevention.load(at=at)
    demo_venues.load(at=at)
    demo_sampling.load(at=at)
    demo_rounds.load(at=at)
    demo_posts.load(at=at)
    demo_sealed.load(people[SHOPKEEPER], at=at)
    demo_leaflets.load(at=at)
    demo_surveys.load(at=at)
    demo_picture.load(at=at)
    demo_lots.load(people[SHOPKEEPER], at=at)


def load_past(*, at: datetime) -> dict[str, tuple[User, Party]]:
    """Register everybody and let some weeks have passed, as of ``at``; who applies, by phone."""
    from config import history

    before = at - timedelta(days=LONG_AGO)
    people = load_people(at=before)
    people[SHOPKEEPER] = _registered(SHOPKEEPER, "沈往", SHOP, at=before)
    history.tell(history.LIVES, people, now=at)
    return people


def load_figures(*, at: datetime) -> None:
    """Enter the demo's indicators, as the statistics bureau."""
    from config import demo_indicators
    from zerotrip.parties.access import actor_for
    from zerotrip.parties.models import User

    clerk = actor_for(User.objects.get(email="statistics@demo.test"), at=at)
    demo_indicators.load(by=clerk, at=at)


def load_people(*, at: datetime) -> dict[str, tuple[User, Party]]:
    """Register staff and applicants; each applicant's account and enterprise by phone."""
    for row in STAFF:
        _staff(*row[:4], at=at)
    demo_needs.load_helpers(_staff, at=at)
    demo_directives.load_people(_staff, at=at)
    return {row[0]: _applicant(*row[:4], at=at) for row in APPLICANTS}


@cache
def _hashed(password: str) -> str:
    """Made to be slow; everybody in the demo has the same, so once is enough."""
    from django.contrib.auth.hashers import make_password

    return make_password(password)


def _staff(email: str, name: str, office: str, roles: tuple[str, ...], *, at: datetime) -> None:
    from allauth.mfa.adapter import get_adapter
    from allauth.mfa.models import Authenticator

    from zerotrip.parties import actions
    from zerotrip.parties.access import SYSTEM
    from zerotrip.parties.models import Role
    from zerotrip.parties.queries import departments

    account = actions.account_at(email=email, at=at)
    person = actions.name_person(account.person, name=name, by=SYSTEM, at=at)
    account.password = _hashed(PASSWORD)
    account.email_verified = True
    account.save(update_fields=["password", "email_verified"])
    secret = get_adapter().encrypt(SECRET)
    Authenticator.objects.get_or_create(
        user=account, type=Authenticator.Type.TOTP, defaults={"data": {"secret": secret}}
    )
    code, _space, path = office.partition(" ")
    for role in roles:
        department = departments([code], area_path=path)[code]
        actions.appoint(person, department=department, role=Role(role), by=SYSTEM, at=at)


def _applicant(phone: str, name: str, service: str, field: str, *, at: datetime) -> tuple[User, Party]:
    return _registered(phone, name, _sample(service)[field], at=at)


def _registered(phone: str, name: str, firm: dict[str, Any], *, at: datetime) -> tuple[User, Party]:
    from zerotrip.parties import actions
    from zerotrip.parties.access import SYSTEM, actor_for

    account = actions.account_at(phone=phone, at=at)
    actions.name_person(account.person, name=name, by=SYSTEM, at=at)
    account.refresh_from_db()
    return account, actions.claim_enterprise(by=actor_for(account, at=at), at=at, **firm)


def _sample(service: str) -> dict[str, Any]:
    """The pack's sample answers, as a page would send them."""
    import yaml

    read: dict[str, Any] = yaml.safe_load((PACK / "samples" / f"{service}.yaml").read_text(encoding="utf-8"))
    return {key: _typed(value) for key, value in read.items()}


def _cases(people: dict[str, tuple[User, Party]], *, at: datetime) -> None:
    """Cases on their way: one to accept, one under review, one that waits for a correction."""
    from zerotrip.cases import actions
    from zerotrip.cases.models import Assignment
    from zerotrip.parties.access import actor_for
    from zerotrip.parties.models import User

    later = at + timedelta(seconds=1)
    clerk = actor_for(User.objects.get(email="clerk@demo.test"), at=later)

    def intake(case: Case) -> Assignment:
        return Assignment.objects.get(case=case, kind="intake")

    submitted("investment-filing", people[INVESTOR], at=later)
    permit = submitted("construction-permit", people[BUILDER], at=later)
    actions.accept(intake(permit), by=clerk, at=later)
    change = submitted("pesticide-change", people[DEALER], at=later)
    items = {f"material:{change.version.spec.materials[0].id}": "照片不清楚，请重新拍摄并上传。"}
    actions.request_correction(intake(change), items=items, by=clerk, at=later)


def submitted(service: str, who: tuple[User, Party], *, at: datetime) -> Case:
    """A case with the sample's answers and papers, handed in."""
    from zerotrip.cases import actions
    from zerotrip.catalogue.models import Service
    from zerotrip.catalogue.queries import needed_materials
    from zerotrip.parties.access import actor_for

    account, firm = who
    by = actor_for(account, at=at)
    case = actions.open_case(service=Service.objects.get(pk=service), applicant=firm, by=by, at=at)
    known = {name: said for name, said in _begun(case).items() if isinstance(said, dict)}
    saved = actions.save_draft(case, {**_sample(service), **known}, edit=0, by=by, at=at)
    for material in needed_materials(case.version_id, saved.answers):
        name = f"{material.name.zh}（示例）.pdf"
        actions.attach(case, material.id, _paper(material.name.zh, at=at), name=name, by=by, at=at)
    return actions.submit(case, by=by, at=at)


def _begun(case: Case) -> dict[str, Any]:
    """What the form knew of the applicant by itself."""
    answers: dict[str, Any] = case.submissions.values_list("answers", flat=True)[0]
    return answers


def _typed(value: Any) -> Any:
    """Answers as a page would send them."""
    if isinstance(value, dict):
        return {key: _typed(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_typed(part) for part in value]
    return value if isinstance(value, bool | str) else value.isoformat() if isinstance(value, date) else str(value)


PAPER = """
#let data = json(bytes(sys.inputs.data))
#set page(paper: "a5")
#set text(font: "Noto Serif SC", size: 18pt, lang: "zh")
#set document(title: data.title)
#align(center + horizon)[#data.title #v(1em) #text(11pt)[演示用的示例材料，内容虚构]]
"""


def _paper(title: str, *, at: datetime) -> io.BytesIO:
    """A one-page paper that says what it stands for."""
    from zerotrip.licences.printing import render

    return io.BytesIO(render({"paper.typ": PAPER}, "paper.typ", {"title": title}, at=at))
