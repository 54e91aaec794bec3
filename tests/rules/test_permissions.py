"""Every address with every role: who gets the page, who is sent to sign in, who learns nothing.

A new address fails this test until a line here says who may open it.
"""

from __future__ import annotations

from datetime import timedelta

import pytest
import yaml
from django.db.backends.postgresql.psycopg_any import DateRange
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from tests import world
from tests.district import District
from tests.duties.standing import roster
from tests.facts.words import SPEC
from tests.prevention.emergency import declared
from tests.prevention.gates import passing
from tests.prevention.leaflets import sent as leaflets
from tests.prevention.lots import goods
from tests.prevention.posts import duty
from tests.prevention.screening import sampling
from tests.prevention.sealed import shut
from tests.relief import market
from zerotrip.cases import actions
from zerotrip.cases.actions.rating import rating_token
from zerotrip.cases.models import Assignment, Bar, Case, InboundMail, MailFile, Material, NeedFile
from zerotrip.channels.models import Notice
from zerotrip.duties.actions import ordering
from zerotrip.duties.models import Kind, Obligation, Record, RecordFile, Requirement, Window
from zerotrip.duties.standing.materialising import open_window
from zerotrip.duties.standing.schedule import Span
from zerotrip.facts.actions import declare
from zerotrip.facts.models import Standing
from zerotrip.files.attaching import Handed
from zerotrip.ids import new_id
from zerotrip.licences.models import Licence
from zerotrip.licences.post import actions as post
from zerotrip.licences.post.models import Batch, Delivery, Shipment
from zerotrip.licences.post.states import EventKind
from zerotrip.licences.reuse.models import Grant
from zerotrip.licences.slips import status_code
from zerotrip.parties.access import SYSTEM
from zerotrip.parties.actions import appoint, declare_team
from zerotrip.parties.models import Membership, Party, Role, User
from zerotrip.prevention.events import exporting
from zerotrip.prevention.gates import actions as gates
from zerotrip.prevention.inspections import draws
from zerotrip.prevention.leaflets import sending
from zerotrip.prevention.leaflets.links import token_of as token_of_leaflet
from zerotrip.prevention.lots import actions as lots
from zerotrip.prevention.lots.actions.papers import Certificate
from zerotrip.prevention.lots.actions.supplying import Wish
from zerotrip.prevention.models import (
    Block,
    Box,
    Caller,
    Draw,
    Enrolment,
    Event,
    Exporter,
    Lot,
    LotFile,
    Mishap,
    Movement,
    Passage,
    Person,
    Plan,
    Post,
    Receipt,
    ResultFile,
    SealedArea,
    Shift,
    Site,
    SupplyRequest,
    Tally,
    Tube,
    Worker,
)
from zerotrip.prevention.posts import actions as posts
from zerotrip.prevention.rounds import calling, tallies
from zerotrip.prevention.screening import boxes
from zerotrip.prevention.screening.results import actions as results
from zerotrip.prevention.sealed.codes import door_token
from zerotrip.prevention.sealed.doors import Door, Where
from zerotrip.projects import actions as projects
from zerotrip.projects.models import Lead, Project, Scheme
from zerotrip.web.attaching import token_of

STAFF = frozenset({"clerk", "housing", "agriculture", "leader", "supervisor"})
WORKERS = STAFF - {"supervisor"}
SIGNED_IN = STAFF | {"stranger", "applicant", "former", "no_factor"}
EVERYBODY = SIGNED_IN | {"visitor"}
APPLICANT = frozenset({"applicant"})
ON_THE_CASE = frozenset(["clerk", "leader", "supervisor"])
CASE_READERS = APPLICANT | ON_THE_CASE
NOBODY: frozenset[str] = frozenset()

PAGES: dict[str, frozenset[str]] = {
    "health": EVERYBODY,
    "home": EVERYBODY,
    "services": EVERYBODY,
    "guide": EVERYBODY,
    "policies": EVERYBODY,
    "policy": NOBODY,
    "policy-calculator": EVERYBODY,
    "policies-compared": EVERYBODY,
    "my-policies": SIGNED_IN,
    "state-facts": APPLICANT,
    "verify-ask": EVERYBODY,
    "verify": EVERYBODY,
    "accessibility": EVERYBODY,
    "outbox": EVERYBODY,
    "sign-in": EVERYBODY,
    "account_login": EVERYBODY,
    "account_request_login_code": EVERYBODY,
    "account_signup": EVERYBODY,
    "account_inactive": EVERYBODY,
    "mfa_index": EVERYBODY,
    "needs": EVERYBODY,
    "need-new": SIGNED_IN,
    "desk-visits": STAFF,
    "desk-visit-new": frozenset({"clerk", "leader"}),
    "desk-visit": ON_THE_CASE,
    "desk-rounds": STAFF,
    "desk-round-new": frozenset({"clerk", "leader"}),
    "desk-round": ON_THE_CASE,
    "desk-round-export": ON_THE_CASE,
    "desk-warning": NOBODY,
    "desk-needs": STAFF,
    "desk-need-new": STAFF,
    "desk-rules": STAFF,
    "desk-my-firms": STAFF,
    "desk-teams": STAFF,
    "desk-team": STAFF,
    "desk-naming": frozenset({"leader"}),
    "desk-helper": frozenset({"leader"}),
    "desk-rule-new": NOBODY,
    "desk-rule": NOBODY,
    "welcome": SIGNED_IN,
    "profile": SIGNED_IN,
    "my-cases": SIGNED_IN,
    "my-projects": SIGNED_IN,
    "project": APPLICANT,
    "desk-prevention": STAFF,
    "desk-picture": STAFF,
    "desk-picture-paper": STAFF,
    "desk-surveys": STAFF,
    "desk-survey-mine": STAFF,
    "desk-survey-visitors": STAFF,
    **dict.fromkeys(("desk-sealed", "desk-sealed-new", "desk-sealed-area", "desk-sealed-doors"), STAFF),
    "desk-sealed-run": NOBODY,
    **dict.fromkeys(("desk-leaflets", "desk-leaflet-new", "desk-leaflet"), STAFF),
    "desk-leaflet-door": WORKERS,
    "leaflet": EVERYBODY,
    "household": EVERYBODY,
    "my-runs": SIGNED_IN,
    **dict.fromkeys(("my-run", "my-run-stop"), NOBODY),
    "desk-duties": STAFF,
    "desk-duty": STAFF,
    "desk-duty-export": frozenset({"clerk"}),
    "desk-duty-report": STAFF - {"supervisor"},
    "checks": SIGNED_IN,
    "check": APPLICANT,
    "field": EVERYBODY,
    "field-worker": EVERYBODY,
    "field-manifest": EVERYBODY,
    "field-hello": EVERYBODY,
    "field-people": NOBODY,
    "field-phones": SIGNED_IN,
    "field-paper": STAFF,
    "field-offered": SIGNED_IN - {"no_factor"},
    "desk-event-new": frozenset({"leader"}),
    "desk-event": STAFF,
    "desk-rosters": STAFF,
    "desk-roster-enter": WORKERS,
    "desk-roster-household": WORKERS,
    "desk-roster-person": STAFF,
    "desk-roster-files": WORKERS,
    "desk-roster-template": STAFF,
    "desk-roster-file": NOBODY,
    "desk-roster-report": NOBODY,
    "desk-testing": STAFF,
    "desk-testing-round": STAFF,
    "desk-testing-missing": STAFF,
    "desk-testing-plan": STAFF,
    "desk-testing-plan-file": STAFF,
    "desk-testing-figures": STAFF,
    "desk-testing-figures-file": STAFF,
    "desk-testing-figures-paper": STAFF,
    "desk-testing-calls": STAFF,
    "desk-testing-call": frozenset({"clerk", "leader"}),
    "desk-points": STAFF,
    "desk-point": STAFF,
    "sampling-points": EVERYBODY,
    "desk-sites": STAFF,
    "desk-site-new": STAFF,
    "desk-sites-export": frozenset({"clerk"}),
    "desk-sites-import": STAFF,
    "desk-site": STAFF,
    "desk-site-poster": STAFF,
    "desk-sites-posters": STAFF,
    "desk-venues": STAFF,
    "desk-venue": STAFF,
    "desk-venue-trace": STAFF,
    "desk-venue-present": STAFF,
    "venue": EVERYBODY,
    "site-board": EVERYBODY,
    "draw": EVERYBODY,
    "draw-file": EVERYBODY,
    "doors": SIGNED_IN,
    "door": WORKERS,
    "desk-inspections": STAFF,
    "desk-defects": STAFF,
    "desk-inspection-new": WORKERS,
    "desk-inspection": NOBODY,
    "desk-draws": STAFF,
    "desk-draw-new": frozenset({"leader"}),
    "desk-draw": STAFF,
    "desk-draw-file": STAFF,
    "rectify": SIGNED_IN,
    "rectify-one": NOBODY,
    "inspection-photo": NOBODY,
    "report-photo": NOBODY,
    "desk-posts": STAFF,
    "desk-post-turns": STAFF,
    "desk-post-of-duty": STAFF,
    "desk-post-of-duty-new": STAFF - {"supervisor"},
    "desk-post-of-duty-edit": STAFF - {"supervisor"},
    "desk-post-of-duty-code": STAFF - {"supervisor"},
    "desk-post-people": STAFF,
    "desk-plans": STAFF,
    "desk-plan": STAFF,
    **dict.fromkeys(
        ("desk-screening", "desk-tube", "desk-boxes", "desk-box", "desk-results", "desk-retests"), STAFF
    ),
    **dict.fromkeys(("desk-sampling-point", "desk-pack"), WORKERS),
    "desk-result-file": STAFF,
    "desk-gates": STAFF,
    "desk-gates-export": frozenset({"clerk"}),
    "desk-gates-day": STAFF,
    "desk-gate-blocks": STAFF,
    "desk-gate": STAFF,
    "desk-passage-picture": NOBODY,
    "desk-passage-driver": STAFF,
    "my-shifts": SIGNED_IN,
    "enlist": SIGNED_IN,
    "my-shift": APPLICANT,
    "shift-statement": APPLICANT,
    **dict.fromkeys(("goods", "goods-new", "goods-lot", "goods-do", "goods-paper", "goods-arrival"), APPLICANT),
    **dict.fromkeys(("supplies", "supply-new", "supply", "supply-level"), APPLICANT),
    **dict.fromkeys(("goods-sheets", "goods-template"), APPLICANT),
    **dict.fromkeys(("goods-file", "goods-file-page"), APPLICANT | STAFF),
    **dict.fromkeys(
        ("desk-goods", "desk-goods-new", "desk-goods-lot", "desk-goods-trace", "desk-goods-due"), STAFF
    ),
    **dict.fromkeys(("desk-goods-do", "desk-goods-paper", "desk-goods-arrival"), WORKERS),
    **dict.fromkeys(("desk-supplies", "desk-supply", "desk-goods-sheets", "desk-goods-template"), STAFF),
    **dict.fromkeys(("desk-supply-new", "desk-supply-level"), WORKERS),
    "desk-goods-recall": frozenset({"leader"}),
    "goods-sheet": NOBODY,
    "desk-goods-sheet": NOBODY,
    "desk-projects": STAFF,
    "desk-project-new": STAFF - {"supervisor"},
    "desk-project": ON_THE_CASE,
    "desk-projects-week": STAFF,
    "desk-projects-week-paper": STAFF,
    "desk-leads": STAFF,
    "desk-lead-new": STAFF - {"supervisor"},
    "desk-lead": ON_THE_CASE,
    "desk-lead-land": ON_THE_CASE - {"supervisor"},
    "desk-project-facts": ON_THE_CASE,
    "apply": SIGNED_IN,
    "notices": SIGNED_IN,
    "licences": SIGNED_IN,
    "case": APPLICANT,
    "case-section": APPLICANT,
    "case-materials": APPLICANT,
    "case-check": APPLICANT,
    "case-delivery": APPLICANT,
    "case-submitted": APPLICANT,
    "case-correct": APPLICANT,
    "case-withdraw": APPLICANT,
    "case-way": APPLICANT,
    "case-make-up": APPLICANT,
    "case-complete": APPLICANT,
    "case-hearing": NOBODY,
    "heard": NOBODY,
    "desk-hearing": ON_THE_CASE,
    "desk-telling-letter": NOBODY,
    "desk-hearing-scan": NOBODY,
    "desk-hearing-add-scan": NOBODY,
    "case-hearing-scan": NOBODY,
    "material": CASE_READERS,
    "material-page": CASE_READERS,
    "need-file": CASE_READERS,
    "need-file-page": CASE_READERS,
    "held-file": NOBODY,
    "answer-file": ON_THE_CASE,
    "answer-file-page": ON_THE_CASE,
    "letter": CASE_READERS,
    "grant-file": CASE_READERS,
    "licence-file": APPLICANT | {"clerk", "leader", "supervisor"},
    "case-receipt": CASE_READERS,
    "case-status": EVERYBODY,
    "mandates": SIGNED_IN,
    "desk-counter": frozenset({"clerk"}),
    "desk-counter-intake": frozenset({"clerk"}),
    "desk-counter-licence": NOBODY,
    "desk-counter-consent": NOBODY,
    "desk-mandates": frozenset({"clerk"}),
    "desk-mandate-new": frozenset({"clerk"}),
    "desk-mandate": NOBODY,
    "desk-mandate-paper": NOBODY,
    "desk-counter-code": NOBODY,
    "desk-counter-application": NOBODY,
    "desk-calls": STAFF,
    "desk-mail": frozenset({"clerk"}),
    "desk-mail-one": frozenset({"clerk"}),
    "desk-mail-file": frozenset({"clerk"}),
    "password": STAFF,
    "desk": STAFF,
    "desk-done": STAFF,
    "desk-cases": STAFF,
    "desk-licences": STAFF,
    "desk-case": ON_THE_CASE,
    "desk-licence": ON_THE_CASE,
    "desk-slip": frozenset({"clerk", "leader"}),
    "desk-lift-bar": frozenset({"leader"}),
    "desk-challenge": frozenset({"clerk", "leader"}),
    "desk-people": STAFF,
    "desk-hand-over": frozenset({"clerk", "leader"}),
    "desk-exports": STAFF,
    "desk-policies": STAFF,
    "desk-policy": NOBODY,
    "desk-policy-proposal": NOBODY,
    "desk-boards": STAFF,
    "desk-boards-cases": STAFF,
    "desk-boards-work": STAFF,
    "desk-boards-marks": STAFF,
    "desk-boards-ranking": STAFF,
    "desk-boards-steps": STAFF,
    "desk-boards-ratings": STAFF,
    "desk-indicators": STAFF,
    "desk-indicator": STAFF,
    "desk-indicator-figure": STAFF,
    "desk-indicators-entry": NOBODY,
    "desk-indicators-targets": NOBODY,
    "desk-indicators-files": NOBODY,
    "desk-indicators-template": NOBODY,
    "desk-indicators-file": NOBODY,
    "desk-rating": frozenset({"clerk", "leader"}),
    "rate": EVERYBODY,
    "ratings": EVERYBODY,
    "desk-correction": ON_THE_CASE,
    "desk-enterprises": STAFF,
    "desk-enterprise": STAFF,
    "desk-enterprise-fact": STAFF,
    "desk-enterprise-keep": STAFF,
    "desk-enterprise-block": NOBODY,
    "desk-enterprise-merge": frozenset({"leader"}),
    "desk-sheets": STAFF,
    "desk-sheet-template": STAFF,
    "desk-sheet": NOBODY,
    "desk-sheet-faults": NOBODY,
    "my-enterprises": SIGNED_IN,
    "enterprise": APPLICANT,
    "enterprise-fact": APPLICANT,
    "enterprise-block": NOBODY,
    "desk-post": STAFF,
    "desk-post-batches": STAFF,
    "desk-post-batch": ON_THE_CASE,
    "desk-post-parcel": ON_THE_CASE,
    "desk-post-labels": frozenset({"clerk"}),
    "desk-post-sheet": frozenset({"clerk"}),
    "desk-post-scan": frozenset({"clerk"}),
    "desk-runs": STAFF,
    "desk-run": NOBODY,
    "desk-subsidy": NOBODY,
    "desk-bank-answer": NOBODY,
    "policy-notices": EVERYBODY,
    "policy-notice": NOBODY,
    "subsidies": SIGNED_IN,
    "subsidy": NOBODY,
    "subsidy-link": NOBODY,
    "asked": SIGNED_IN,
    "asked-one": APPLICANT,
    "desk-directives": STAFF,
    "desk-directive-new": frozenset({"leader"}),
    "desk-directive": ON_THE_CASE | {"housing"},
    "desk-directive-add": frozenset({"leader"}),
    "desk-directive-more": NOBODY,
    "desk-directive-gathered": ON_THE_CASE | {"housing"},
    "desk-directive-export": ON_THE_CASE | {"housing"},
    "desk-task": ON_THE_CASE | {"housing"},
    "resources": EVERYBODY,
    "resources-kind": EVERYBODY,
    "resource": EVERYBODY,
    "my-resources": SIGNED_IN,
    "resource-new": SIGNED_IN,
    "resource-edit": APPLICANT,
    "introduction": APPLICANT,
    "desk-resources": STAFF,
    "desk-resources-board": STAFF,
    "desk-resource-choose": WORKERS,
    "desk-resource-new": WORKERS,
    "desk-resource": STAFF,
    "desk-resource-edit": WORKERS,
    "desk-introduction": STAFF,
}
"""Address → who may get it."""

LIBRARY = {
    "account_confirm_login_code",
    "mfa_authenticate",
    "account_reauthenticate",
    "mfa_reauthenticate",
    "mfa_activate_totp",
    "mfa_deactivate_totp",
    "mfa_view_recovery_codes",
    "mfa_generate_recovery_codes",
    "mfa_download_recovery_codes",
}
"""Addresses of the accounts library, which show one nothing but one's own account. It has its tests."""

POSTS = {
    "desk-sealed-act": NOBODY,
    "desk-sealed-settle": NOBODY,
    "my-run-settle": NOBODY,
    "desk-roster-reveal": WORKERS,
    "desk-roster-include": NOBODY,
    "desk-roster-file-act": NOBODY,
    "desk-testing-act": NOBODY,
    "desk-point-queue": WORKERS,
    "desk-site-close": STAFF,
    "project-open": NOBODY,
    "project-entrust": APPLICANT,
    "desk-project-act": NOBODY,
    "desk-directive-act": NOBODY,
    "desk-task-act": NOBODY,
    "language": EVERYBODY,
    "theme": EVERYBODY,
    "sign-out": EVERYBODY,
    "rename": SIGNED_IN,
    "enterprise-add": SIGNED_IN,
    "case-later": NOBODY,
    "case-reuse": NOBODY,
    "case-reopen": APPLICANT,
    "agent-add": NOBODY,
    "enterprise-place": APPLICANT,
    "agent-remove": NOBODY,
    "material-remove": NOBODY,
    "case-add": APPLICANT,
    "notice": SIGNED_IN,
    "notices-read": SIGNED_IN,
    "desk-act": NOBODY,
    "desk-green": NOBODY,
    "desk-bulk": STAFF,
    "desk-visit-tried": frozenset({"leader"}),
    "desk-round-act": NOBODY,
    "desk-warning-act": NOBODY,
    "desk-rule-act": NOBODY,
    "desk-team-leave": frozenset({"leader"}),
    "desk-helper-end": frozenset({"leader"}),
    "desk-view-save": STAFF,
    "desk-view": NOBODY,
    "desk-columns": STAFF,
    "desk-absence": NOBODY,
    "desk-export-file": NOBODY,
    "desk-policy-export": NOBODY,
    "desk-reveal": NOBODY,
    "mandate-end": NOBODY,
    "mandate-confirm": NOBODY,
    "desk-counter-resume": NOBODY,
    "desk-counter-confirm": NOBODY,
    "desk-call-guide": NOBODY,
    "desk-licence-act": NOBODY,
    "desk-slip-settle": NOBODY,
    "desk-enterprise-reveal": STAFF,
    "desk-merger-undo": NOBODY,
    "desk-sheet-act": NOBODY,
    "desk-sheet-out": STAFF,
    "desk-post-make": STAFF,
    "desk-post-close": NOBODY,
    "desk-post-act": NOBODY,
    "desk-run-act": NOBODY,
    "desk-subsidy-act": NOBODY,
    "desk-objection": NOBODY,
    "desk-payment-act": NOBODY,
    "policy-telling": NOBODY,
    "resource-act": APPLICANT,
    "introduction-act": APPLICANT,
    "desk-resource-act": WORKERS,
    "desk-introduction-act": NOBODY,
    "desk-post-of-duty-close": WORKERS,
    "desk-post-of-duty-enter": WORKERS,
    "desk-post-people-new": WORKERS,
    "desk-post-person": WORKERS,
    "desk-plan-act": WORKERS,
    "desk-swap": NOBODY,
    **dict.fromkeys(("desk-tube-seal", "desk-tube-out", "desk-mishap"), WORKERS),
    **dict.fromkeys(("desk-exporter", "desk-exporter-end"), frozenset({"leader"})),
    "desk-gate-lift": WORKERS,
    "desk-passage-leave": WORKERS,
    "desk-inspection-act": NOBODY,
    "desk-defect": NOBODY,
    "shifts-leave": APPLICANT,
    "swap-answer": NOBODY,
    "field-take": SIGNED_IN - {"no_factor"},
    "field-sync": SIGNED_IN - {"no_factor"},
    "field-photo": NOBODY,
    "field-phone": NOBODY,
    "hook-courier": NOBODY,
    "hook-mail": NOBODY,
    "hook-goods": NOBODY,
    "hook-laboratory": NOBODY,
}
"""Addresses that only take a POST; those without anybody refuse a case that is closed, or what is not theirs."""


OF_A_SITE = (
    *("desk-site", "desk-site-close", "desk-site-poster", "desk-venue", "desk-venue-present", "door"),
    "desk-inspection-new",
)
PROJECT_PAGES = ("project", "project-open", "project-entrust", "desk-project", "desk-project-facts")


@pytest.fixture
def closed_case(district: District) -> Case:
    """A filing that went all the way, so that every kind of row exists."""
    declare("tests", SPEC, at=world.MORNING)
    case = world.draft("pesticide-change", district.firm, district.applicant)
    actions.submit(case, by=district.applicant, at=world.MORNING)
    actions.withdraw(case, by=district.applicant, at=world.MORNING)
    case = world.draft("investment-filing", district.firm, district.applicant)
    actions.submit(case, by=district.applicant, at=world.MORNING)
    (intake,) = world.open_work(case)
    actions.request_correction(intake, items={"project_name": "请核对"}, by=district.clerk, at=world.MORNING)
    actions.save_draft(case, {"project_name": "改"}, edit=0, by=district.applicant, at=world.MORNING, keep=True)
    actions.correct(case, by=district.applicant, at=world.MORNING)
    (intake,) = world.open_work(case)
    actions.accept(intake, by=district.clerk, at=world.MORNING)
    (decision,) = world.open_work(case)
    case = actions.grant(decision, by=district.leader, at=world.MORNING)
    deliver_by_post(case, district)
    world.tell_queued()
    used(case, district)
    written(case)
    enclosed(case)
    traded(district)
    followed(district)
    asked(district)
    manned(district)
    visited(district)
    photographed(case)
    event = declared(district)
    until = timezone.localdate() + timedelta(days=9)
    exporting.name(event.pk, email="clerk@example.test", until=until, by=district.leader, at=timezone.now())
    rostered()
    drawn(district)
    guarded(district)
    sampled(district)
    stored(district)
    stood(district)
    shut.sealed(district.clerk, shut.point())
    leaflet = leaflets.made(district, at=timezone.now())
    sending.work(leaflet.pk, at=leaflet.made_at)
    until = timezone.now() + timedelta(days=1)
    Bar.objects.create(case=case, party=case.applicant, reason="不实", since=world.MORNING, until=until)
    return case


def guarded(district: District) -> None:
    """A post the applicant stands at, and a gate with a vehicle in it and one that is let in nowhere."""
    by, at = district.applicant, world.MORNING
    worker = posts.enlist(duty.wishes(), area="370199000000", key=new_id(), by=by, at=at)
    posts.accept(worker.pk, by=district.clerk, at=at)
    duty.published(district, duty.post(district), days=1)
    another = world.acting(world.person("虚构志愿者"))
    posts.enlist(duty.wishes(), area="370199000000", key=new_id(), by=another, at=at)
    passing.came(passing.gate(), district.clerk)
    told = {"plate": "虚构1", "phone": "", "reason": "虚构", "until": at.date(), "area_path": passing.STREET}
    gates.block(**told, key=new_id(), by=district.clerk, at=at)


def drawn(district: District) -> None:
    """A draw whose outcome has been laid open for long: anybody may see it."""
    world.staff("second", "approval-bureau", "clerk")
    office, at = district.leader.seats[0].department_id, world.MORNING
    terms = draws.Terms("虚构抽查", "370199000000", "虚构指数", 1, known_at=at + timedelta(minutes=1))
    row = draws.freeze(terms, office=office, key=new_id(), by=district.leader, at=at)
    draws.draw(row.pk, value="3000.01", by=district.leader, at=row.known_at)


def visited(district: District) -> None:
    """A round to the firm by the leader of the bureau, so that there is a visit."""
    leader = district.leader
    asked = [ordering.Asked(leader.person, world.MORNING + timedelta(days=2), district.firm.pk)]
    order = ordering.Order(Kind.VISIT, "走访")
    office = leader.seats[0].department_id
    ordering.issue(order, asked, office=office, key=new_id(), by=leader, at=world.MORNING)


def rostered() -> None:
    """Somebody on a roster and a site, so that there are pages of them."""
    path = f"{world.DISTRICT}370199001000/"
    person = Person.objects.create(name="虚构", name_key="虚构", phone="13900000001", created_at=world.MORNING)
    days = DateRange(world.MORNING.date(), None)
    Enrolment.objects.create(person=person, kind="resident", area_path=path, during=days)
    Site.objects.create(
        kind_id="dormitory", name="虚构宿舍", area_path=path, risk="high", opened_on=world.MORNING.date()
    )


def stood(district: District) -> None:
    """A standing duty of the firm's with a window under way, so that there is one."""
    Standing.objects.create(party=district.firm, area_path=district.firm.area_path, derived_at=world.MORNING)
    sampling = roster.spec("round", who="person", measure="screening", by_hand=True)
    reading = roster.spec("notice-people", who="person", act="receipt", by_hand=True)
    duty, screening, _reading = roster.declared(roster.spec(days=2, by_hand=True), sampling, reading)
    now = timezone.now()
    span = Span(now - timedelta(hours=1), now + timedelta(days=1))
    open_window(duty, span, area_path=world.DISTRICT, at=now - timedelta(hours=1))
    screened(district, open_window(screening, span, area_path=world.DISTRICT, at=now - timedelta(hours=1)))


def screened(district: District, window: Window) -> None:
    """Somebody missing in a round whom the clerk calls, and frozen figures."""
    now, path = timezone.now(), f"{world.DISTRICT}370199001000/"
    calling.take(window.pk, area_path=path, by=district.clerk, at=now)
    tallies.freeze(window, now, at=now)


def sampled(district: District) -> None:
    """Tubes of a point, one of them in a box that a laboratory took in, so that there are some."""
    at, by = timezone.now(), district.clerk
    (person,) = Person.objects.all()
    spot = sampling.point(area=world.DISTRICT)
    sampling.put("JN0001", [person], at_point=spot, by=by, at=at, sealed=True)
    sampling.put("JN0002", [person], at_point=spot, by=by, at=at)
    box = boxes.pack(new_id(), "BOX1", ["JN0001"], counted=1, point=spot.pk, by=by, at=at)
    boxes.hand_over(box.pk, laboratory="demo-lab-1", carrier="虚构转运员", by=by, at=at)
    boxes.receive(box.pk, [], receiver="虚构收样员", by=SYSTEM, at=at)
    results.hear([], b"", laboratory="demo-lab-1", file_id=new_id(), at=at)


def photographed(case: Case) -> None:
    """A file with a record of the visit, so that there is one."""
    blob = Material.objects.filter(submission__case__applicant=case.applicant).first().blob
    record = Record.objects.create(
        obligation=Obligation.objects.get(kind=Kind.VISIT), what="kept", at=world.MORNING
    )
    RecordFile.objects.create(record=record, blob=blob, name="a.pdf")


def stored(district: District) -> None:
    """A lot that was brought to the firm, with a certificate, and a request of it, so that there are some."""
    store = goods.place("虚构冷库", district.clerk)
    own = lots.place_at(lots.Where(party=district.firm.pk), by=district.applicant, at=world.MORNING)
    lot = goods.received(store, district.clerk)
    goods.moved(lot, store, own, district.clerk, "10")
    blob = Material.objects.first().blob
    certificate = Certificate("customs", "虚构 1", world.MORNING.date())
    handed = [Handed(blob, "a.pdf")]
    lots.certify(lot, certificate, handed, key=new_id(), by=district.clerk, at=world.MORNING)
    wish = Wish("mask-n95", "1", lots.Where(holder=own.pk), world.MORNING.date())
    lots.ask(wish, key=new_id(), by=district.applicant, at=world.MORNING)


def manned(district: District) -> None:
    """A task force with somebody in it, so that there is one."""
    team = declare_team(code="team", name="虚构专班", area="370199000000", by=SYSTEM, at=world.MORNING)
    clerk = User.objects.get(pk=district.clerk.user_id)
    appoint(clerk.person, department=team, role=Role.HELPER, by=SYSTEM, at=world.MORNING)


def followed(district: District) -> None:
    """A project of the firm's, so that there is one, as the shipped pack declares them."""
    declared = yaml.safe_load((world.WHOLE / "projects.yaml").read_text(encoding="utf-8"))
    Scheme.objects.create(
        pack="jinan", number=1, digest="x", definition=declared, area="370199000000", loaded_at=world.MORNING
    )
    described = projects.Described(
        "虚构项目", "industry", district.firm.name, district.firm.uscc, world.MORNING.date()
    )
    office = district.clerk.seats[0].department_id
    facts = {"site": {"area": "370199002002", "detail": "虚构路 1 号"}}
    projects.register(described, facts, department=office, key=new_id(), by=district.clerk, at=world.MORNING)
    offered = projects.Offered(
        "虚构投资人", "虚构工厂", "industry", "100", "domestic", False, "", world.MORNING.date()
    )
    projects.open_lead(offered, department=office, key=new_id(), by=district.clerk, at=world.MORNING)


def asked(district: District) -> None:
    """A directive with a task of the housing office, and a notice to the firm."""
    office, at = district.leader.seats[0].department_id, world.MORNING
    due = timezone.now() + timedelta(days=9)
    housing = district.housing.seats[0].department_id
    directive, task = ordering.Order(Kind.DIRECTIVE, "交办"), ordering.Order(Kind.TASK, "任务")
    told = [ordering.Asked(housing, due)]
    ordering.direct(directive, task, told, office=office, key=new_id(), by=district.leader, at=at)
    notice = ordering.Order(Kind.RECEIPT, "通知")
    asked = [ordering.Asked(district.firm.pk, due)]
    ordering.issue(notice, asked, office=office, key=new_id(), by=district.leader, at=at)


def written(case: Case) -> None:
    """A message by e-mail with a file, so that there is one."""
    mail = InboundMail.objects.create(
        message_id="<1@example.test>",
        sender="a@example.test",
        received_at=world.MORNING,
        purge_at=world.MORNING,
    )
    blob = Material.objects.filter(submission__case__applicant=case.applicant).first().blob
    MailFile.objects.create(mail=mail, name="a.pdf", blob=blob)


def enclosed(case: Case) -> None:
    """A file as if the case were a need, so that there is one of a need with these readers."""
    blob = Material.objects.filter(submission__case__applicant=case.applicant).first().blob
    NeedFile.objects.create(case=case, step="raise", blob=blob, name="a.pdf", at=world.MORNING)


def used(case: Case, district: District) -> None:
    """The licence as if it had stood in for a material, so that there is a use of it."""
    licence = Licence.objects.get(case=case)
    Grant.objects.create(
        case=case,
        material="supporting",
        round=1,
        licence=licence,
        kind=licence.kind,
        number=licence.number,
        title=licence.title,
        consent={"zh": "同意", "en": "Agreed"},
        consented_by_id=district.applicant.user_id,
        consented_at=world.MORNING,
        status="verified",
        verified_at=world.MORNING,
    )


def traded(district: District) -> None:
    """An offer of the firm and a want of another that have met, so that there are pages of them."""
    offer = market.Firm(district.firm, district.applicant).enters("premises", "offer")
    market.firm("济南虚构零售有限公司", 902).enters("premises", "want")
    assert market.Introduction.objects.filter(offer=offer).exists()


def deliver_by_post(case: Case, district: District) -> None:
    """The licence on paper, so that there is a parcel and a batch."""
    to = {"recipient": "林知远", "phone": "13800000001", "address": "济南市示范区虚构路 1 号"}
    Delivery.objects.create(
        case=case, way="post", chosen_by_id=district.applicant.user_id, chosen_at=world.MORNING, **to
    )
    actions.issue(case, by=SYSTEM, at=world.MORNING)
    shipment = Shipment.objects.get(case=case)
    batch = post.make_batch([shipment.pk], by=district.clerk, at=world.MORNING)
    post.hand_over(batch, shipment.labels.get().tracking, by=district.clerk, at=world.MORNING)
    post.record(shipment, EventKind.DELIVERED, said="本人", key="1", by=district.clerk, at=world.MORNING)
    post.close_batch(batch, missing=0, by=district.clerk, at=world.MORNING)


def client_of(user: User | None, *, factor: bool = True) -> Client:
    """A browser in which somebody is signed in."""
    client = Client(HTTP_HOST="localhost", raise_request_exception=False)
    return client if user is None else world.sign_in(client, user, factor=factor)


def names(patterns=None) -> set[str]:
    """The names of all addresses."""
    found: set[str] = set()
    for entry in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(entry, URLResolver):
            found |= names(entry.url_patterns)
        elif isinstance(entry, URLPattern) and entry.name:
            found.add(entry.name)
    return found


def test_every_address_says_who_may_open_it():
    assert names() == set(PAGES) | set(POSTS) | LIBRARY


def addresses(case: Case) -> dict[str, str]:
    """Every address by its name, about this case: looked up once, for all roles."""
    arguments = arguments_of(case)
    for name in (*PAGES, *POSTS):
        about_case = name.startswith("case") or name in ("desk-case", "desk-green")
        arguments.setdefault(name, {"number": case.number} if about_case else {})
    return {name: reverse(name, kwargs=arguments[name]) for name in (*PAGES, *POSTS)}


def arguments_of(case: Case) -> dict[str, dict[str, object]]:
    """What the addresses are asked with that are not about a case alone."""
    material = Material.objects.filter(submission__case__applicant=case.applicant).first()
    work = Assignment.objects.filter(case=case).first()
    licence = Licence.objects.get(case=case)
    shipment, batch = Shipment.objects.get(case=case), Batch.objects.get()
    visit = Obligation.objects.get(kind=Kind.VISIT)
    offer, met = market.Resource.objects.get(side="offer"), market.Introduction.objects.get()
    directive, task = Requirement.objects.get(kind=Kind.DIRECTIVE), Obligation.objects.get(kind=Kind.TASK)
    lot, moved = Lot.objects.get(), Movement.objects.get(kind="move")
    file = LotFile.objects.get()
    request = SupplyRequest.objects.get()
    tally, asking = Tally.objects.get(), Window.objects.get(subject="enterprise")
    point, drawn = Site.objects.get(kind="sampling-point"), Draw.objects.get()
    level = {"holder_id": request.holder_id, "item_id": "mask-n95"}
    return {
        **{f"{face}goods-lot": {"lot_id": lot.pk} for face in ("", "desk-")},
        **{f"{face}goods-do": {"lot_id": lot.pk, "kind": "move"} for face in ("", "desk-")},
        **{f"{face}goods-paper": {"lot_id": lot.pk, "kind": "certificate"} for face in ("", "desk-")},
        **{f"{face}goods-arrival": {"movement_id": moved.pk} for face in ("", "desk-")},
        **{f"{face}goods-sheet": {"sheet_id": case.pk} for face in ("", "desk-")},
        **{f"{face}supply": {"request_id": request.pk} for face in ("", "desk-")},
        **{f"{face}supply-level": level for face in ("", "desk-")},
        **{name: {"lot_id": lot.pk} for name in ("desk-goods-trace", "desk-goods-recall")},
        "goods-file": {"file_id": file.pk},
        "goods-file-page": {"file_id": file.pk, "page": 1},
        "resources-kind": {"slug": "premises"},
        **{f"desk-roster-{name}": {"person_id": Person.objects.get().pk} for name in ("person", "reveal")},
        "desk-roster-include": {"exclusion_id": case.pk},
        **{f"desk-roster-{name}": {"file_id": case.pk} for name in ("file", "report")},
        "desk-roster-file-act": {"file_id": case.pk, "step": "confirm"},
        **{name: {"site_id": Site.objects.get(kind="dormitory").pk} for name in OF_A_SITE},
        **{name: {"inspection_id": case.pk} for name in ("desk-inspection", "rectify-one")},
        **{name: {"inspection_id": case.pk, "step": "sign"} for name in ("desk-inspection-act", "desk-defect")},
        **{f"{face}{name}": {"draw_id": drawn.pk} for face in ("", "desk-") for name in ("draw", "draw-file")},
        "inspection-photo": {"item_id": 1},
        "report-photo": {"file_id": case.pk},
        **{name: {"code": Site.objects.get(kind="dormitory").code} for name in ("venue", "site-board")},
        **{name: {"order_id": directive.pk} for name in names() if name.startswith("desk-directive-")},
        "desk-directive": {"order_id": directive.pk},
        "desk-directive-new": {},
        "desk-directive-act": {"order_id": directive.pk, "step": "close"},
        "desk-task": {"owed_id": task.pk},
        "desk-task-act": {"owed_id": task.pk, "step": "accept"},
        "asked-one": {"owed_id": Obligation.objects.get(kind=Kind.RECEIPT).pk},
        **{name: {"slug": "premises", "side": "want"} for name in ("resource-new", "desk-resource-new")},
        **{name: {"resource_id": offer.pk} for name in ("resource", "resource-edit")},
        **{f"desk-{name}": {"resource_id": offer.pk} for name in ("resource", "resource-edit")},
        **{f"{name}-act": {"resource_id": offer.pk, "step": "confirm"} for name in ("resource", "desk-resource")},
        **{name: {"introduction_id": met.pk} for name in ("introduction", "desk-introduction")},
        "introduction-act": {"introduction_id": met.pk, "step": "agree"},
        "desk-introduction-act": {"introduction_id": met.pk, "step": "agree"},
        "guide": {"slug": "investment-filing"},
        **{each: {"slug": "of-no-pack"} for each in ("policy", "desk-policy-proposal", "desk-policy-export")},
        "desk-policy": {"slug": "of-no-pack"},
        "apply": {"slug": "investment-filing"},
        "verify": {"token": licence.token},
        "case-status": {"number": case.number, "code": status_code(case)},
        **{f"mandate-{step}": {"mandate_id": case.pk} for step in ("end", "confirm")},
        **{name: {"mandate_id": case.pk} for name in ("desk-mandate", "desk-mandate-paper")},
        "desk-counter-intake": {"slug": "investment-filing"},
        "desk-counter-licence": {"slug": "pesticide-change", "case_id": case.pk},
        "desk-counter-consent": {"number": case.number, "material": "supporting"},
        "desk-counter-code": {"confirmation_id": case.pk},
        "desk-counter-confirm": {"number": case.number},
        "desk-counter-application": {"number": case.number},
        "desk-mail-one": {"mail_id": InboundMail.objects.get().pk},
        "desk-mail-file": {"mail_id": InboundMail.objects.get().pk, "file_id": MailFile.objects.get().pk},
        "desk-call-guide": {"consultation_id": case.pk},
        "case-section": {"number": case.number, "section_id": "unit"},
        "material": {"material_id": material.pk},
        "material-page": {"material_id": material.pk, "page": 1},
        "material-remove": {"material_id": material.pk},
        "need-file": {"file_id": NeedFile.objects.get().pk},
        "need-file-page": {"file_id": NeedFile.objects.get().pk, "page": 1},
        "answer-file": {"file_id": RecordFile.objects.get().pk},
        "answer-file-page": {"file_id": RecordFile.objects.get().pk, "page": 1},
        "held-file": {"token": token_of(Handed(material.blob, "a.pdf"), by=SYSTEM, at=timezone.now())},
        "letter": {"number": case.number, "kind": "correction-1"},
        "licence-file": {"licence_id": licence.pk},
        "desk-licence": {"licence_id": licence.pk},
        "desk-licence-act": {"licence_id": licence.pk, "step": "confirm"},
        "desk-slip": {"number": case.number},
        "desk-challenge": {"number": case.number},
        "desk-lift-bar": {"number": case.number},
        "desk-slip-settle": {"number": case.number, "step": "confirm"},
        "grant-file": {"grant_id": Grant.objects.get(case=case).pk},
        "desk-correction": {"assignment_id": work.pk},
        "desk-act": {"assignment_id": work.pk, "step": "accept"},
        "desk-reveal": {"assignment_id": work.pk},
        "desk-hearing": {"assignment_id": work.pk},
        "desk-telling-letter": {"telling_id": case.pk},
        **{name: {"hearing_id": case.pk} for name in ("desk-hearing-scan", "desk-hearing-add-scan")},
        "heard": {"telling_id": case.pk},
        "rate": {"token": rating_token(case.pk)},
        "desk-rating": {"number": case.number},
        **{name: {"slug": "tax"} for name in ("desk-indicator", "desk-indicator-figure")},
        "desk-indicators-file": {"filing_id": case.pk},
        "desk-view": {"view_id": case.pk},
        "desk-rule": {"rule_id": case.pk},
        "desk-rule-act": {"rule_id": case.pk, "step": "up"},
        "desk-absence": {"absence_id": case.pk},
        **{name: {"visit_id": visit.pk} for name in ("desk-visit", "desk-visit-tried")},
        **{name: {"order_id": visit.requirement_id} for name in ("desk-round", "desk-round-export")},
        "desk-round-act": {"order_id": visit.requirement_id, "step": "urge"},
        "desk-warning": {"warning_id": case.pk},
        "desk-warning-act": {"warning_id": case.pk, "step": "dismiss"},
        "desk-export-file": {"export_id": case.pk},
        "desk-hand-over": {"account_id": work.done_by_id},
        "notice": {"notice_id": Notice.objects.first().pk},
        "desk-run": {"run_id": case.pk},
        "desk-run-act": {"run_id": case.pk, "step": "announce"},
        "desk-subsidy": {"grant_id": case.pk},
        "desk-subsidy-act": {"grant_id": case.pk, "step": "withhold"},
        "desk-objection": {"objection_id": case.pk},
        "desk-bank-answer": {"answer_id": case.pk},
        "desk-payment-act": {"payment_id": case.pk, "step": "approve"},
        "policy-notice": {"run_id": case.pk},
        "subsidy": {"grant_id": case.pk},
        "subsidy-link": {"token": "x"},
        "desk-post-parcel": {"shipment_id": shipment.pk},
        "desk-post-act": {"shipment_id": shipment.pk, "step": "collect"},
        **{f"desk-post-{page}": {"number": batch.number} for page in ("batch", "labels", "sheet", "scan", "close")},
        **{
            name: {"uscc": case.applicant.uscc}
            for name in ("desk-enterprise", "desk-enterprise-merge", "desk-enterprise-reveal", "enterprise")
        },
        **{name: {"uscc": case.applicant.uscc} for name in ("desk-helper", "desk-helper-end")},
        **{
            name: {"uscc": case.applicant.uscc, "name": "staff"}
            for name in ("desk-enterprise-fact", "enterprise-fact")
        },
        **{
            name: {"uscc": case.applicant.uscc, "name": "nothing"}
            for name in ("desk-enterprise-block", "enterprise-block")
        },
        "desk-enterprise-keep": {"uscc": case.applicant.uscc, "step": "rename"},
        "desk-merger-undo": {"merger_id": case.pk},
        **{name: {"sheet_id": case.pk} for name in ("desk-sheet", "desk-sheet-faults")},
        "desk-sheet-act": {"sheet_id": case.pk, "step": "confirm"},
        **{name: {"project_id": Project.objects.get().pk} for name in PROJECT_PAGES},
        "desk-project-act": {"project_id": Project.objects.get().pk, "step": "end"},
        **{name: {"window_id": asking.pk} for name in ("desk-duty", "desk-duty-export", "desk-survey-visitors")},
        **{name: {"window_id": asking.pk, "subject": case.applicant_id} for name in ("desk-duty-report", "check")},
        **{name: {"window_id": tally.window_id} for name in names() if name.startswith("desk-testing-")},
        **{
            name: {"window_id": tally.window_id, "tally_id": tally.pk}
            for name in ("desk-testing-figures-file", "desk-testing-figures-paper")
        },
        "field-people": {"taking_id": case.pk},
        "field-paper": {"task": "gate", "place_id": Passage.objects.get().gate_id},
        "field-phone": {"phone_id": case.pk, "step": "revoke"},
        "field-photo": {"digest": "0" * 64},
        **{name: {"sealed_id": SealedArea.objects.get().pk} for name in ("desk-sealed-area", "desk-sealed-doors")},
        "desk-sealed-act": {"sealed_id": SealedArea.objects.get().pk, "step": "nothing"},
        "desk-sealed-run": {"sealed_id": SealedArea.objects.get().pk, "window_id": 1},
        "desk-sealed-settle": {"request_id": case.pk},
        "desk-leaflet": {"leaflet_id": Receipt.objects.get().leaflet_id},
        "desk-leaflet-door": {
            "leaflet_id": Receipt.objects.get().leaflet_id,
            "subject": Receipt.objects.get().subject,
        },
        "leaflet": {"token": token_of_leaflet(Receipt.objects.get().pk)},
        "household": {"token": door_token(SealedArea.objects.get(), Door(Where(world.DISTRICT), "9-901"))},
        "my-run": {"sealed_id": SealedArea.objects.get().pk, "window_id": 1},
        "my-run-stop": {"sealed_id": SealedArea.objects.get().pk, "window_id": 1, "site_id": case.pk},
        "my-run-settle": {"sealed_id": SealedArea.objects.get().pk, "window_id": 1, "request_id": case.pk},
        "desk-testing-calls": {},
        "desk-testing-call": {"caller_id": Caller.objects.get().pk},
        **{name: {"site_id": point.pk} for name in ("desk-point", "desk-point-queue")},
        **{name: {"event_id": Event.objects.get().pk} for name in ("desk-event", "desk-exporter")},
        "desk-exporter-end": {"exporter_id": Exporter.objects.get().pk},
        **{
            name: {"post_id": Post.objects.get().pk}
            for name in names()
            if name.startswith("desk-post-of-duty") and not name.endswith(("-new", "-enter"))
        },
        "desk-post-of-duty-enter": {"post_id": Post.objects.get().pk, "shift_id": Shift.objects.first().pk},
        "desk-post-person": {"worker_id": Worker.objects.get(person__name="虚构志愿者").pk, "step": "accept"},
        "desk-plan": {"plan_id": Plan.objects.get().pk},
        "desk-plan-act": {"plan_id": Plan.objects.get().pk, "step": "drop"},
        **{name: {"swap_id": new_id(), "step": "refuse"} for name in ("desk-swap", "swap-answer")},
        "my-shift": {"shift_id": Shift.objects.first().pk},
        "desk-gate": {"gate_id": Passage.objects.get().gate_id},
        **{name: {"point_id": Tube.objects.first().point_id} for name in ("desk-sampling-point", "desk-pack")},
        **{name: {"code": "JN0001"} for name in ("desk-tube", "desk-tube-seal")},
        "desk-tube-out": {"code": "JN0002", "person_id": Person.objects.get().pk},
        "desk-box": {"box_id": Box.objects.get().pk},
        "desk-mishap": {"mishap_id": Mishap.objects.get().pk},
        "desk-result-file": {"file_id": ResultFile.objects.get().pk},
        "desk-gate-lift": {"block_id": Block.objects.get().pk},
        **{
            name: {"passage_id": Passage.objects.get().pk}
            for name in ("desk-passage-leave", "desk-passage-picture", "desk-passage-driver")
        },
        **{name: {"lead_id": Lead.objects.get().pk} for name in ("desk-lead", "desk-lead-land")},
        "desk-team": {"team_id": Party.objects.get(kind="team").pk},
        "desk-team-leave": {"seat_id": Membership.objects.get(organisation__kind="team").pk},
        "agent-add": {"enterprise_id": case.applicant_id},
        "enterprise-place": {"enterprise_id": case.applicant_id},
        "agent-remove": {"membership_id": Membership.objects.filter(kind="agent").first().pk},
    }


@pytest.fixture
def people(district: District) -> dict[str, User | None]:
    """An account for each role."""
    former = world.person("前经办人")
    Membership.objects.create(
        person=former.person,
        organisation=district.firm,
        kind="agent",
        during=world.period("2020-01-01", "2021-01-01"),
    )
    by_actor = {
        name: User.objects.get(pk=getattr(district, name).user_id)
        for name in ("stranger", "applicant", "clerk", "housing", "agriculture", "leader", "supervisor")
    }
    return {**by_actor, "visitor": None, "former": former, "no_factor": by_actor["clerk"]}


def test_every_role_gets_exactly_the_pages_it_may(closed_case, people):
    wrong: list[str] = []
    at = addresses(closed_case)
    for role, user in people.items():
        client = client_of(user, factor=role != "no_factor")
        for name, allowed in PAGES.items():
            answer = client.get(at[name])
            for close in answer._resource_closers:
                close()
            wrong += judge(f"{role} GET {name}", answer, role in allowed, user is None)
    assert not wrong, "\n".join(wrong)


def test_every_role_may_send_only_what_is_its_own(closed_case, people):
    wrong: list[str] = []
    at = addresses(closed_case)
    for role, user in people.items():
        for name, allowed in POSTS.items():
            client = client_of(user, factor=role != "no_factor")
            answer = client.post(at[name], {"uscc": "x", "name": "x"})
            wrong += judge(f"{role} POST {name}", answer, role in allowed, user is None)
            assert client.get(at[name]).status_code in (302, 403, 405)
    assert not wrong, "\n".join(wrong)


def judge(what: str, answer, allowed: bool, visitor: bool) -> list[str]:
    """What is wrong with this answer, if anything."""
    status, target = answer.status_code, answer.headers.get("Location", "")
    if status >= 500:
        return [f"{what}: {status}"]
    if allowed:
        sent_away = visitor and target.startswith("/sign-in/?next=")
        return [f"{what}: {status} {target}"] if status in (403, 404) or sent_away else []
    if status == 302 and not (visitor and "/sign-in/" in target):
        elsewhere = target.startswith(("/second-factor/", "/sign-in/", "/me/"))
        return [] if elsewhere else [f"{what}: sent to {target}"]
    return [] if status in (302, 403, 404, 409, 422) else [f"{what}: {status}"]
