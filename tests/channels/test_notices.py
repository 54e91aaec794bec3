"""What people are told: once, to nobody else, in words."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import translation

from tests import world
from tests.channels.depths import Depths
from zerotrip.cases import actions as cases
from zerotrip.cases.models import Case
from zerotrip.channels import notices
from zerotrip.channels.actions import mark_read, write_notices
from zerotrip.channels.models import Notice
from zerotrip.licences import actions as licences
from zerotrip.licences.models import Licence
from zerotrip.licences.post import actions as post
from zerotrip.licences.post.models import Delivery, Shipment
from zerotrip.licences.post.states import EventKind
from zerotrip.parties.access import NOBODY, SYSTEM

NOON = world.MORNING + timedelta(hours=2)


def test_the_same_thing_is_told_once(notice, reader):
    write_notices(party=reader.person_id, template="accepted", context={}, link="/", key=notice.key, at=NOON)
    assert Notice.objects.get(user=reader).at == world.MORNING


def test_nobody_to_tell_is_no_fault(db):
    write_notices(
        party=world.enterprise("无人公司").pk, template="declined", context={}, link="/", key="k", at=NOON
    )
    assert not Notice.objects.exists()


def test_a_notice_is_its_readers_alone(notice, reader):
    other = world.acting(world.person("路人甲"))
    assert list(Notice.objects.visible_to(world.acting(reader))) == [notice]
    for actor in (other, NOBODY, SYSTEM):
        assert not Notice.objects.visible_to(actor).exists()
    assert mark_read(by=other, at=NOON) == mark_read(by=other, at=NOON, notice=notice.pk) == 0
    assert Notice.objects.unread().exists()


def test_a_notice_is_read_once(notice, reader):
    assert mark_read(by=world.acting(reader), at=NOON) == 1
    assert mark_read(by=world.acting(reader), at=NOON + timedelta(hours=1)) == 0
    assert Notice.objects.get().read_at == NOON


def test_moments_are_told_in_local_time_and_reasons_as_they_were_written(notice):
    assert notices._shown(notice.context)["due"].endswith("09:30")
    odd = {"number": "1", "reasons": "2026-03-03T99 不是时间", "service": {"zh": "备案", "en": ""}}
    with translation.override("en"):
        assert "2026-03-03T99 不是时间" in notices.text("declined", odd)
        assert "备案" in notices.title("declined", odd), "without English, the Chinese name"


def drive(district) -> None:
    """Cases and a licence through every step that tells somebody."""
    person, at = district.applicant, world.MORNING

    def submitted() -> Case:
        case = world.draft("investment-filing", district.firm, person)
        return cases.submit(case, by=person, at=at)

    def decision(case: Case):
        cases.accept(world.open_work(case)[0], by=district.clerk, at=at)
        return world.open_work(case)[0]

    cases.withdraw(submitted(), by=person, at=at)
    cases.decline(
        world.open_work(submitted())[0], reasons="不属于本机关职权，请向省级部门申请", by=district.clerk, at=at
    )
    cases.refuse(decision(submitted()), reasons="属于禁止投资的项目", by=district.leader, at=at)
    case = submitted()
    cases.request_correction(world.open_work(case)[0], items={"project_name": "请核对"}, by=district.clerk, at=at)
    cases.correct(Case.objects.get(pk=case.pk), by=person, at=at, keep=world.asked(case))
    case = cases.grant(decision(case), by=district.leader, at=at)
    case = cases.issue(case, by=SYSTEM, at=at)
    cases.deliver(case, by=SYSTEM, at=at)
    on_paper(cases.grant(decision(submitted()), by=district.leader, at=at), "post", district)
    on_paper(cases.grant(decision(submitted()), by=district.leader, at=at), "counter", district)
    licence = Licence.objects.get(case=case)
    for step in (licences.suspend, licences.resume):
        step(licence, reason="核查发现材料不实", by=district.leader, at=at)
    proposed = licences.propose_revocation(
        licence, ground="annul", reasons="核查发现材料不实", by=district.clerk, at=at
    )
    licences.confirm_revocation(proposed, by=district.leader, at=at)


def on_paper(case: Case, way: str, district) -> None:
    """The licence of a granted case by post, which comes at the second try, or at the counter."""
    at = world.MORNING
    to = (
        {"recipient": "林知远", "phone": "13800000001", "address": "济南市示范区虚构路 1 号"}
        if way == "post"
        else {}
    )
    Delivery.objects.create(case=case, way=way, chosen_by_id=district.applicant.user_id, chosen_at=at, **to)
    cases.issue(case, by=SYSTEM, at=at)
    shipment = Shipment.objects.get(case=case)
    if way == "counter":
        post.collect(shipment, taken_by="林知远", by=district.clerk, at=at)
        return
    batch = post.make_batch([shipment.pk], by=district.clerk, at=at)
    post.hand_over(batch, shipment.labels.get().tracking, by=district.clerk, at=at)
    post.record(shipment, EventKind.UNDELIVERED, said="无人在家", key="1", by=district.clerk, at=at)
    post.record(shipment, EventKind.DELIVERED, said="本人", key="2", by=district.clerk, at=at)


ELSEWHERE = frozenset(
    {
        "confirm_reminder",
        "defect_late",
        "defect_put_right",
        "defect_reminder",
        "defect_returned",
        "defects_found",
        "goods_recalled",
        "goods_sent",
        "grant_ask",
        "grant_left_out",
        "grant_paid",
        "grant_reminder",
        "grant_returned",
        "grant_silence",
        "grant_withheld",
        "helper_ended",
        "helper_named",
        "leaflet",
        "leaflet_reminder",
        "list_ready",
        "match_agreed",
        "match_dropped",
        "match_failed",
        "match_found",
        "match_introduced",
        "match_lapsed",
        "match_new",
        "match_refused",
        "match_released",
        "match_reserved",
        "match_succeeded",
        "match_taken_back",
        "milestone_reminder",
        "need_added",
        "need_answered",
        "need_handed_on",
        "need_noted",
        "need_planned",
        "need_raised",
        "need_reopened",
        "need_reported",
        "need_resolved",
        "need_settled",
        "need_unresolved",
        "notice_closed",
        "objection",
        "order_given",
        "order_late",
        "order_moved",
        "order_returned",
        "order_urged",
        "order_withdrawn",
        "orders_answered",
        "orders_given",
        "orders_late",
        "policies_fit",
        "post_accepted",
        "post_gap",
        "post_gap_skill",
        "post_missed",
        "post_shift_given",
        "post_shift_taken",
        "post_shifts",
        "inspection_sent_back",
        "inspection_to_sign",
        "post_swap_asked",
        "post_swap_done",
        "post_swap_lead",
        "post_swap_refused",
        "project_next",
        "receipt_reminder",
        "report_reminder",
        "resource_asleep",
        "resource_confirm",
        "resource_expired",
        "sealed_run_due",
        "sealed_run_late",
        "site_leaflet",
        "site_leaflet_reminder",
        "staff_defect_late",
        "staff_leaflet_doors",
        "staff_leaflet_silent",
        "staff_named_for",
        "staff_named_for_many",
        "staff_need",
        "staff_need_added",
        "staff_need_declined",
        "staff_need_moved",
        "staff_need_reminder",
        "staff_need_reopened",
        "staff_project_answered",
        "staff_project_entrusted",
        "staff_project_late",
        "staff_rule_stopped",
        "staff_sealed_run_late",
        "staff_standing_reminder",
        "staff_site_leaflet_doors",
        "staff_site_leaflet_silent",
        "staff_team_joined",
        "staff_team_left",
        "standing_reminder",
        "supply_answered",
        "task_reminder",
        "tube_invalid",
        "tube_positive",
        "tube_unclear",
        "visit_reminder",
        "warning_given",
        "warning_reminder",
        "warning_turned",
    }
)
"""Told by needs, orders, named helpers, resources, policies, projects, goods and posts, and by their own tests;
here only their words are looked at."""


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_template_is_told_by_some_step_and_says_everything_in_both_languages(district, tmp_path, language):
    drive(district)
    Depths(district, tmp_path).all()
    world.tell_queued()
    told = list(Notice.objects.all())
    assert {row.template for row in told} == set(notices.NOTICES) - ELSEWHERE
    with translation.override(language):
        shown = [notices.title(row.template, row.context) + notices.text(row.template, row.context) for row in told]
    assert [text for text in shown if "%(" in text or "None" in text or "{" in text] == []
    if language == "en":
        words = [str(part) for row in notices.NOTICES.values() for part in (row.title, row.text)]
        with translation.override("en"):
            english = [str(part) for row in notices.NOTICES.values() for part in (row.title, row.text)]
        assert [new for old, new in zip(words, english, strict=True) if old == new] == []


@pytest.mark.parametrize(
    ("language", "said"), [("zh-hans", "请在 2026年3月4日 24:00 前"), ("en", "by 4 Mar 2026, 24:00")]
)
def test_the_end_of_a_day_is_its_own(language, said):
    midnight = {"moment": "2026-03-05T00:00:00+08:00"}
    told = {"title": "虚构通知", "kind": "通知", "site": "", "due": midnight}
    with translation.override(language):
        assert said in notices.text("leaflet", told)
