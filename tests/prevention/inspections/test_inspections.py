"""Two inspectors look at a site; what they find wrong is put right by a day, looked at again, or escalated."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from tests import world
from tests.prevention.inspections import looking
from tests.prevention.venues import doors
from zerotrip.channels import notices
from zerotrip.channels.models import Notice
from zerotrip.duties.actions import remind
from zerotrip.duties.models import Obligation, Status
from zerotrip.errors import Invalid, NotAllowed, Refused, Stale
from zerotrip.files.attaching import receive
from zerotrip.ids import new_id
from zerotrip.ledger.models import Entry
from zerotrip.prevention.inspections import actions, queries
from zerotrip.prevention.models import Inspection

pytestmark = pytest.mark.django_db

NOW = looking.NOW
DAY = timedelta(days=1)


@pytest.fixture
def ready(district):
    site, second = looking.prepared(district)
    return site, second


@pytest.fixture
def photo():
    return receive(world.pdf("虚构照片"), name="a.pdf", at=NOW)


@pytest.fixture
def owed(district, ready, photo) -> Obligation:
    made = looking.inspected(district, *ready, photo, keeper="defect")
    return Obligation.objects.get(subject=made.pk)


def put_right(owed, by, photo, *, at=NOW, key=None, note="已安排专人"):
    return actions.put_right(owed.pk, note=note, files=[photo], key=key or new_id(), by=by, at=at)


def told() -> list[str]:
    world.tell_queued()
    return list(Notice.objects.order_by("pk").values_list("template", flat=True))


class TestLooking:
    def test_the_score_is_of_what_applies(self, district, ready, photo):
        made = looking.inspected(district, *ready, photo, keeper="defect", goods="none")
        assert made.score == 25  # 10 of 40

    def test_a_defect_needs_words_and_a_photograph_and_every_item_an_answer(self, district, ready):
        site, second = ready
        made = looking.started(site, district.clerk, second)
        actions.fill_in(made.pk, {"keeper": actions.Answered("defect")}, by=district.clerk, at=NOW)
        with pytest.raises(Invalid) as refused:
            actions.sign(made.pk, by=district.clerk, at=NOW)
        assert set(refused.value.problems) == {"found-keeper", "found-airing", "found-goods"}

    def test_the_second_signs_after_the_first_or_sends_it_back(self, district, ready, photo):
        site, second = ready
        made = looking.filled(looking.started(site, district.clerk, second), district.clerk, photo)
        with pytest.raises(NotAllowed):
            actions.sign(made.pk, by=second, at=NOW)
        actions.sign(made.pk, by=district.clerk, at=NOW)
        with pytest.raises(NotAllowed):
            actions.sign(made.pk, by=district.clerk, at=NOW)
        with pytest.raises(Stale):
            looking.filled(made, district.clerk, photo)
        back = actions.send_back(made.pk, reason="再看一眼", by=second, at=NOW)
        assert (back.signed_at, back.score) == (None, None)
        looking.filled(made, second, photo, airing="defect")
        actions.sign(made.pk, by=district.clerk, at=NOW)
        assert actions.sign(made.pk, by=second, at=NOW).countersigned_at == NOW
        with pytest.raises(Stale):
            actions.sign(made.pk, by=second, at=NOW)
        steps = Entry.objects.filter(subject=made.pk).order_by("seq").values_list("action", flat=True)
        assert list(steps) == ["start", "sign", "send_back", "sign", "countersign"]

    def test_each_of_the_two_is_told_what_waits_for_them_every_time(self, district, ready, photo):
        site, second = ready
        made = looking.filled(looking.started(site, district.clerk, second), district.clerk, photo)
        actions.sign(made.pk, by=district.clerk, at=NOW)
        actions.send_back(made.pk, reason="再看一眼", by=second, at=NOW)
        actions.sign(made.pk, by=district.clerk, at=NOW)
        assert sorted(told()) == ["inspection_sent_back", "inspection_to_sign", "inspection_to_sign"]
        asked = Notice.objects.filter(template="inspection_to_sign")
        assert {row.user_id for row in asked} == {second.user_id}
        back = Notice.objects.get(template="inspection_sent_back")
        assert "再看一眼" in notices.text(back.template, back.context)
        assert (back.user_id, back.link) == (district.clerk.user_id, f"/desk/prevention/inspections/{made.pk}/")

    def test_two_of_one_office_inspect_and_never_their_own_site(self, district, ready):
        site, second = ready
        for other in (district.clerk.account, district.housing.account, None):
            with pytest.raises(Invalid):
                actions.start(site.pk, checklist="venue", second=other, key=new_id(), by=district.clerk, at=NOW)
        with pytest.raises(NotAllowed):
            looking.started(site, district.supervisor, second)
        with pytest.raises(IntegrityError), transaction.atomic():
            Inspection.objects.create(
                site=site,
                area_path=site.area_path,
                office_id=district.clerk.seats[0].department_id,
                checklist="venue",
                items=[],
                first_id=second.account,
                second_id=second.account,
                started_at=NOW,
            )

    def test_none_begins_on_a_day_without_an_event(self, district, ready):
        site, second = ready
        with pytest.raises(Refused):
            looking.started(site, district.clerk, second, at=NOW - DAY)

    def test_begun_twice_by_one_key_it_is_one(self, district, ready):
        site, second = ready
        key = new_id()
        for _time in range(2):
            actions.start(site.pk, checklist="venue", second=second.account, key=key, by=district.clerk, at=NOW)
        assert Inspection.objects.count() == 1


class TestPuttingRight:
    def test_the_owner_is_told_once_and_has_the_days_of_the_severity(self, district, ready, photo):
        made = looking.inspected(district, *ready, photo, keeper="defect", airing="defect")
        rows = {row.key: row for row in Obligation.objects.filter(subject=made.pk)}
        assert {row.owner_id for row in rows.values()} == {district.firm.pk}
        assert rows["keeper"].title == f"{ready[0].name}：门口有人", "what is owed is named, not how bad it is"
        assert (rows["keeper"].due_at.date() - NOW.date()).days == 1
        assert (rows["airing"].due_at.date() - NOW.date()).days == 3
        assert sorted(told()) == ["defects_found", "inspection_to_sign"]
        assert Notice.objects.get(template="defects_found").link == f"/rectify/{made.pk}/"

    def test_what_is_in_order_leaves_nothing_to_do(self, district, ready, photo):
        looking.inspected(district, *ready, photo)
        assert not Obligation.objects.exists()
        assert told() == ["inspection_to_sign"]

    def test_put_right_with_a_photograph_and_found_good_it_is_settled(self, district, owed, photo):
        with pytest.raises(Invalid) as refused:
            actions.put_right(owed.pk, note=" ", files=[], key=new_id(), by=district.applicant, at=NOW)
        assert set(refused.value.problems) == {"note", "files"}
        key = new_id()
        for _time in range(2):
            put_right(owed, district.applicant, photo, key=key)
        assert owed.records.count() == 1
        actions.recheck(owed.pk, passed=True, note="", by=district.clerk, at=NOW + DAY)
        owed.refresh_from_db()
        assert owed.status == Status.KEPT
        with pytest.raises(Stale):
            put_right(owed, district.applicant, photo)
        with pytest.raises(Stale):
            actions.recheck(owed.pk, passed=False, note="不", by=district.clerk, at=NOW + DAY)

    def test_not_good_enough_its_time_begins_anew(self, district, owed, photo):
        put_right(owed, district.applicant, photo)
        before = owed.due_at
        with pytest.raises(Invalid):
            actions.recheck(owed.pk, passed=False, note="", by=district.clerk, at=NOW + 2 * DAY)
        actions.recheck(owed.pk, passed=False, note="还是没人", by=district.clerk, at=NOW + 2 * DAY)
        owed.refresh_from_db()
        assert (owed.status, owed.missed_at) == (Status.OPEN, None)
        assert owed.due_at > before
        assert told()[-1] == "defect_returned"
        (line,) = [one for one in queries.lines_of(Inspection.objects.get()) if one.is_defect]
        assert line.returned.note == "还是没人"
        put_right(owed, district.applicant, photo, at=NOW + 3 * DAY, note="两个人轮班")
        (line,) = [one for one in queries.lines_of(Inspection.objects.get()) if one.is_defect]
        assert (line.returned, line.told.details["note"]) == (None, "两个人轮班")

    def test_others_neither_answer_nor_look_again(self, district, owed, photo):
        for other in (district.stranger, district.clerk):
            with pytest.raises(NotAllowed):
                put_right(owed, other, photo)
        put_right(owed, district.applicant, photo)
        for other in (district.applicant, district.housing, district.supervisor):
            with pytest.raises(NotAllowed):
                actions.recheck(owed.pk, passed=True, note="", by=other, at=NOW)

    def test_overdue_the_owner_and_the_named_seat_are_told_once(self, district, owed):
        assert actions.escalate(owed.pk, at=owed.due_at) is False
        late = owed.due_at + timedelta(minutes=1)
        assert actions.escalate(owed.pk, at=late) is True
        assert actions.escalate(owed.pk, at=late) is False
        notices = Notice.objects.filter(template__endswith="defect_late")
        told()
        assert set(notices.values_list("template", "user")) == {
            ("defect_late", district.applicant.user_id),
            ("staff_defect_late", district.leader.user_id),
        }

    def test_put_right_late_it_is_settled_and_returned_it_may_be_late_again(self, district, owed, photo):
        actions.escalate(owed.pk, at=owed.due_at + DAY)
        at = owed.due_at + 2 * DAY
        put_right(owed, district.applicant, photo, at=at)
        actions.recheck(owed.pk, passed=False, note="没有改", by=district.clerk, at=at)
        owed.refresh_from_db()
        assert actions.escalate(owed.pk, at=owed.due_at + DAY) is True

    def test_the_owner_is_reminded_a_working_day_before(self, district, ready, photo):
        made = looking.inspected(district, *ready, photo, airing="defect")
        row = Obligation.objects.get(subject=made.pk)
        assert remind(row.pk, at=row.remind_at) is True
        assert told()[-1] == "defect_reminder"

    def test_a_site_of_nobody_is_seen_to_by_the_office(self, district, ready, photo):
        _site, second = ready
        own = doors.site("虚构公园")
        made = looking.inspected(district, own, second, photo, keeper="defect")
        row = Obligation.objects.get(subject=made.pk)
        assert row.owner_id == made.office_id
        put_right(row, district.clerk, photo)
        actions.recheck(row.pk, passed=True, note="", by=second, at=NOW)

    def test_the_last_inspection_and_what_is_open_are_known_of_a_site(
        self, district, ready, photo, django_assert_num_queries
    ):
        site, second = ready
        assert queries.last_of(site.pk) == (None, 0)
        looking.inspected(district, site, second, photo, keeper="defect", airing="defect")
        later = looking.inspected(district, site, second, photo, at=NOW + DAY)
        with django_assert_num_queries(2):
            assert queries.last_of(site.pk) == (later, 2)


def test_the_owner_sees_only_what_both_have_signed(district, ready, photo):
    site, second = ready
    made = looking.filled(looking.started(site, district.clerk, second), district.clerk, photo)
    mine = Inspection.objects.visible_to(district.applicant)
    assert not mine.exists()
    actions.sign(made.pk, by=district.clerk, at=NOW)
    actions.sign(made.pk, by=second, at=NOW)
    assert mine.get() == made
    assert not Inspection.objects.visible_to(district.stranger).exists()
