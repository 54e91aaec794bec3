"""A licence that is wanted on paper: issued at once, posted, handed over, delivered; then the case closes."""

from __future__ import annotations

import pytest
from django.core.exceptions import ObjectDoesNotExist
from django.db import DatabaseError, IntegrityError, transaction

from tests import world
from tests.licences.post.conftest import ANNA, fresh, hear, later, number_of, told
from zerotrip.cases import actions as cases
from zerotrip.cases.models import Case, Clock
from zerotrip.cases.tasks import produce
from zerotrip.channels.models import Notice
from zerotrip.errors import Invalid, NotAllowed, Refused, Stale
from zerotrip.ledger.queries import first_break, history
from zerotrip.licences.models import Licence
from zerotrip.licences.post import actions
from zerotrip.licences.post.models import Batch, Delivery, Event, Label, Shipment
from zerotrip.licences.post.states import TRANSITIONS, EventKind, Status, Step
from zerotrip.parties.access import SYSTEM

pytestmark = pytest.mark.django_db


def notices(case: Case) -> list[str]:
    world.tell_queued()
    return list(
        Notice.objects.filter(link__contains=case.number).order_by("at", "pk").values_list("template", flat=True)
    )


class TestTheCase:
    def test_without_paper_it_closes_at_once(self, granted):
        case = granted("electronic")
        produce(str(case.pk))
        case.refresh_from_db()
        assert (case.status, history(case.pk).last().details["by"]) == ("closed", "electronic")
        assert not Shipment.objects.exists()

    def test_who_said_nothing_gets_it_electronically(self, granted):
        case = granted()
        Delivery.objects.all().delete()
        produce(str(case.pk))
        case.refresh_from_db()
        assert case.status == "closed"

    @pytest.mark.parametrize("way", ["post", "counter"])
    def test_on_paper_it_waits_and_the_electronic_licence_is_there(self, granted, way):
        case = granted(way)
        produce(str(case.pk))
        produce(str(case.pk))
        case.refresh_from_db()
        assert case.status == "issued"
        assert Licence.objects.filter(case=case, status="valid").exists()
        assert Shipment.objects.get(case=case).way == way
        assert Clock.objects.get(case=case, name="delivery").ended_at is None

    def test_nobody_closes_it_while_the_paper_is_on_its_way(self, sent):
        with pytest.raises(Stale, match="还没有送到"):
            cases.deliver(sent().case, by=SYSTEM, at=later(days=1))

    def test_it_closes_when_the_paper_is_delivered_and_the_clock_of_article_44_ends(self, sent):
        shipment = sent()
        hear(told(shipment, "delivered", later(hours=5), signed_by="门卫"), at=later(hours=6))
        shipment = fresh(shipment)
        assert (shipment.status, shipment.signed_by) == ("delivered", "门卫")
        assert shipment.delivered_at == later(hours=5)
        assert shipment.case.status == "closed"
        assert Clock.objects.get(case=shipment.case, name="delivery").ended_at == later(hours=6)
        assert history(shipment.case_id).last().details["by"] == "post"
        assert first_break(shipment) is None

    def test_each_turn_is_told_once(self, sent):
        shipment = sent()
        hear(told(shipment, "undelivered", later(hours=3), note="地址不详"))
        hear(told(shipment, "delivered", later(hours=5)))
        assert notices(shipment.case)[-4:] == [
            "paper_to_be_posted",
            "paper_posted",
            "paper_undelivered",
            "delivered_by_post",
        ]


class TestChoosing:
    @pytest.mark.parametrize(
        ("to", "place"),
        [
            ({"recipient": ""}, "recipient"),
            ({"phone": "12345"}, "phone"),
            ({"address": " "}, "address"),
            ({"recipient": "长" * 61}, "recipient"),
            ({"address": "长" * 201}, "address"),
        ],
    )
    def test_what_no_courier_could_deliver_to_is_refused(self, district, granted, to, place):
        with pytest.raises(Invalid) as refused:
            granted(**to)
        assert set(refused.value.problems) == {f"delivery_{place}"}
        assert not Delivery.objects.exists()

    def test_only_what_the_service_offers(self, district, granted):
        case = granted()
        with pytest.raises(Invalid):
            actions.choose(case, way="counter", to={}, by=district.applicant, at=later())

    def test_only_the_applicant_chooses(self, district, granted):
        case = granted()
        with pytest.raises(NotAllowed):
            actions.choose(case, way="electronic", to={}, by=district.clerk, at=later())

    def test_the_same_again_changes_nothing(self, district, granted):
        case = granted()
        actions.choose(case, way="post", to=ANNA, by=district.applicant, at=later(hours=1))
        assert Delivery.objects.get(case=case).ledger_length == 1

    def test_the_journal_has_no_address(self, granted):
        delivery = Delivery.objects.get(case=granted())
        (entry,) = history(delivery.pk)
        assert entry.details == {"way": "post", "changed": ["way", "recipient", "phone", "address"]}

    def test_a_new_address_voids_the_label_and_takes_it_out_of_its_batch(self, district, parcel):
        shipment = parcel()
        batch = actions.make_batch([shipment.pk], by=district.clerk, at=later(minutes=1))
        old = number_of(shipment)
        actions.choose(
            shipment.case,
            way="post",
            to={**ANNA, "address": "济南市示范区虚构路 9 号"},
            by=district.applicant,
            at=later(minutes=2),
        )
        assert fresh(shipment).status == "waiting"
        assert Label.objects.get(tracking=old).ended_at == later(minutes=2)
        with pytest.raises(Refused, match="作废"):
            actions.hand_over(batch, old, by=district.clerk, at=later(minutes=3))

    def test_who_wants_no_paper_any_more_has_the_electronic_licence_and_the_case_closes(self, district, parcel):
        shipment = parcel()
        actions.choose(shipment.case, way="electronic", to={}, by=district.applicant, at=later(minutes=2))
        shipment = fresh(shipment)
        assert (shipment.status, shipment.case.status) == ("cancelled", "closed")

    def test_after_the_hand_over_it_is_too_late(self, district, sent):
        with pytest.raises(Refused, match="已经交给快递"):
            actions.choose(sent().case, way="electronic", to={}, by=district.applicant, at=later(hours=1))

    def test_after_the_end_too(self, district, granted):
        case = granted("electronic")
        produce(str(case.pk))
        with pytest.raises(Refused, match="已经办结"):
            actions.choose(case, way="post", to=ANNA, by=district.applicant, at=later(hours=1))

    def test_who_moved_corrects_the_address_and_gets_it_again(self, district, sent):
        shipment = sent()
        hear(told(shipment, "undelivered", later(hours=3), note="查无此人"))
        new = {**ANNA, "address": "济南市示范区虚构路 9 号"}
        actions.choose(shipment.case, way="post", to=new, by=district.applicant, at=later(hours=4))
        assert fresh(shipment).status == "undelivered"
        actions.send_again(shipment, note="已核对", by=district.clerk, at=later(hours=5))
        assert fresh(shipment).status == "waiting"


class TestTheCounter:
    def test_it_is_handed_out_against_a_name(self, district, parcel):
        shipment = parcel("counter")
        with pytest.raises(Invalid):
            actions.collect(shipment, taken_by=" ", by=district.clerk, at=later(hours=1))
        actions.collect(shipment, taken_by="林知远", by=district.clerk, at=later(hours=1))
        shipment = fresh(shipment)
        assert (shipment.status, shipment.signed_by, shipment.case.status) == ("delivered", "林知远", "closed")
        assert shipment.handed_out_by_id == district.clerk.user_id
        assert notices(shipment.case)[-2:] == ["paper_to_be_collected", "delivered_by_counter"]

    def test_it_is_handed_out_once(self, district, parcel):
        shipment = parcel("counter")
        actions.collect(shipment, taken_by="林知远", by=district.clerk, at=later(hours=1))
        with pytest.raises(Stale):
            actions.collect(shipment, taken_by="他人", by=district.clerk, at=later(hours=2))

    def test_only_by_the_hands_of_the_issuer(self, district, parcel):
        shipment = parcel("counter")
        for who in (district.housing, district.leader, district.supervisor, district.applicant, district.stranger):
            with pytest.raises(NotAllowed):
                actions.collect(shipment, taken_by="林知远", by=who, at=later(hours=1))


class TestAgain:
    def test_it_gets_a_new_label_and_the_old_one_is_kept(self, district, sent):
        shipment = sent()
        old = number_of(shipment)
        hear(told(shipment, "undelivered", later(hours=3), note="拒收"))
        assert fresh(shipment).reason == "拒收"
        actions.send_again(shipment, note="电话约好", by=district.clerk, at=later(hours=4))
        actions.make_batch([shipment.pk], by=district.clerk, at=later(hours=5))
        labels = list(Label.objects.filter(shipment=shipment))
        assert [label.tracking for label in labels] == [old, number_of(shipment)]
        assert old != number_of(shipment)

    def test_what_is_told_of_the_old_label_is_kept_and_moves_nothing(self, district, sent):
        shipment = sent()
        old = number_of(shipment)
        hear(told(shipment, "undelivered", later(hours=3), note="拒收"))
        actions.send_again(shipment, note="", by=district.clerk, at=later(hours=4))
        taken = hear(told(old, "delivered", later(hours=6)))
        assert len(taken.new) == 1
        assert fresh(shipment).status == "waiting"
        batch = actions.make_batch([shipment.pk], by=district.clerk, at=later(hours=7))
        actions.hand_over(batch, number_of(shipment), by=district.clerk, at=later(hours=8))
        hear(told(old, "delivered", later(hours=9)))
        assert fresh(shipment).status == "handed_over"

    def test_a_courier_may_try_again_by_itself(self, sent):
        shipment = sent()
        hear(told(shipment, "undelivered", later(hours=3), note="无人"))
        hear(told(shipment, "out_for_delivery", later(hours=20)))
        assert (fresh(shipment).status, fresh(shipment).reason) == ("in_transit", "")


class TestBatches:
    def test_what_is_missing_is_named_and_keeps_its_label(self, district, parcel):
        first, second = parcel(), parcel()
        batch = actions.make_batch([first.pk, second.pk], by=district.clerk, at=later(minutes=1))
        actions.hand_over(batch, number_of(first), by=district.clerk, at=later(minutes=2))
        with pytest.raises(Stale, match="有变化"):
            actions.close_batch(batch, missing=0, by=district.clerk, at=later(minutes=3))
        batch = actions.close_batch(batch, missing=1, by=district.clerk, at=later(minutes=3))
        assert batch.missing == [number_of(second)]
        again = actions.make_batch([second.pk], by=district.clerk, at=later(minutes=4))
        assert Label.objects.get(shipment=second).batch == again
        assert batch.number != again.number

    def test_each_wrong_scan_is_named(self, district, parcel):
        first, second = parcel(), parcel()
        one = actions.make_batch([first.pk], by=district.clerk, at=later(minutes=1))
        other = actions.make_batch([second.pk], by=district.clerk, at=later(minutes=1))
        with pytest.raises(Refused, match=f"不在本批次（在 {other.number}）"):
            actions.hand_over(one, number_of(second), by=district.clerk, at=later(minutes=2))
        for code in ("ZT0", "", "'; --", "\0", "漢" * 500):
            with pytest.raises(Refused, match="没有这个单号"):
                actions.hand_over(one, code, by=district.clerk, at=later(minutes=2))
        actions.hand_over(one, f" {number_of(first).lower()}\n", by=district.clerk, at=later(minutes=2))
        with pytest.raises(Stale, match="已由clerk在 09:32 交寄"):
            actions.hand_over(one, number_of(first), by=district.clerk, at=later(minutes=5))
        actions.close_batch(one, missing=0, by=district.clerk, at=later(minutes=6))
        with pytest.raises(Stale, match="交接完毕"):
            actions.hand_over(one, number_of(first), by=district.clerk, at=later(minutes=7))

    def test_a_parcel_is_in_one_open_batch(self, district, parcel):
        shipment = parcel()
        actions.make_batch([shipment.pk], by=district.clerk, at=later(minutes=1))
        with pytest.raises(Stale, match="已经在批次"):
            actions.make_batch([shipment.pk], by=district.clerk, at=later(minutes=1))
        assert Batch.objects.count() == 1

    def test_none_and_too_many_are_refused(self, district):
        with pytest.raises(Invalid):
            actions.make_batch([], by=district.clerk, at=later())

    def test_only_by_the_hands_of_the_issuer(self, district, parcel):
        shipment = parcel()
        for who in (district.housing, district.leader, district.supervisor, district.applicant, district.stranger):
            with pytest.raises((NotAllowed, Refused)):
                actions.make_batch([shipment.pk], by=who, at=later())
        batch = actions.make_batch([shipment.pk], by=district.clerk, at=later())
        for who in (district.housing, district.leader, district.supervisor, district.applicant, district.stranger):
            with pytest.raises(NotAllowed):
                actions.hand_over(batch, number_of(shipment), by=who, at=later())
            with pytest.raises(NotAllowed):
                actions.close_batch(batch, missing=1, by=who, at=later())

    def test_a_licence_that_was_stopped_is_not_posted(self, district, parcel):
        from zerotrip.licences.actions import suspend

        shipment = parcel()
        suspend(Licence.objects.get(case=shipment.case), reason="核查", by=district.leader, at=later())
        with pytest.raises(Refused, match="不寄送"):
            actions.make_batch([shipment.pk], by=district.clerk, at=later())


class TestTracking:
    def test_a_replay_changes_nothing(self, sent):
        shipment = sent()
        report = told(shipment, "in_transit", later(hours=1))
        assert hear(report).new == [report.id]
        before = fresh(shipment)
        again = hear(report)
        assert (again.new, again.known) == ([], [report.id])
        assert Event.objects.count() == 1
        assert fresh(shipment).ledger_length == before.ledger_length

    def test_a_number_told_twice_with_another_content_stays_as_first_told(self, sent):
        shipment = sent()
        hear(told(shipment, "in_transit", later(hours=1), "7"))
        hear(told(shipment, "delivered", later(hours=2), "7"))
        assert fresh(shipment).status == "in_transit"

    def test_out_of_order_the_latest_by_its_own_time_counts(self, sent):
        shipment = sent()
        hear(told(shipment, "undelivered", later(hours=5), note="无人"))
        hear(told(shipment, "in_transit", later(hours=2)), told(shipment, "accepted", later(hours=1)))
        assert Event.objects.count() == 3
        assert fresh(shipment).status == "undelivered"

    def test_in_one_message_too(self, sent):
        shipment = sent()
        hear(
            told(shipment, "undelivered", later(hours=5), note="无人"),
            told(shipment, "in_transit", later(hours=2)),
        )
        assert fresh(shipment).status == "undelivered"

    def test_what_was_delivered_stays_delivered(self, sent):
        shipment = sent()
        hear(told(shipment, "delivered", later(hours=5)))
        hear(told(shipment, "undelivered", later(hours=6), note="x"), told(shipment, "in_transit", later(hours=7)))
        assert fresh(shipment).status == "delivered"
        assert fresh(shipment).case.status == "closed"

    @pytest.mark.parametrize("when", [later(days=20), later(days=-3)])
    def test_a_time_that_cannot_be_is_refused_and_not_kept(self, sent, when):
        shipment = sent()
        taken = hear(told(shipment, "delivered", when), at=later(days=1))
        assert len(taken.refused) == 1
        assert not Event.objects.exists()
        assert fresh(shipment).status == "handed_over"

    def test_a_parcel_of_somebody_else_is_refused(self, sent):
        sent()
        assert hear(told("XX1", "delivered", later(hours=1), "a")).refused == ["a"]

    def test_what_came_before_the_scan_counts_from_the_scan_on(self, district, parcel):
        shipment = parcel()
        batch = actions.make_batch([shipment.pk], by=district.clerk, at=later(minutes=1))
        hear(told(shipment, "accepted", later(minutes=30)))
        assert fresh(shipment).status == "labelled"
        actions.hand_over(batch, number_of(shipment), by=district.clerk, at=later(minutes=40))
        assert fresh(shipment).status == "in_transit"

    def test_what_was_told_stays_as_it_was_told(self, sent):
        shipment = sent()
        hear(told(shipment, "in_transit", later(hours=1), note="到站", place="济南"))
        event = Event.objects.get()
        for change in ({"kind": "delivered"}, {"at": later()}, {"place": "x"}, {"note": "另一个"}):
            with pytest.raises(DatabaseError), transaction.atomic():
                Event.objects.filter(pk=event.pk).update(**change)
        with pytest.raises(DatabaseError), transaction.atomic():
            event.delete()


class TestByHand:
    def test_a_clerk_writes_down_what_the_courier_said(self, district, sent):
        shipment = sent()
        with pytest.raises(Invalid):
            actions.record(shipment, EventKind.DELIVERED, said=" ", key="1", by=district.clerk, at=later(hours=3))
        for _press in range(2):
            actions.record(
                shipment, EventKind.DELIVERED, said="本人", key="1", by=district.clerk, at=later(hours=3)
            )
        assert (fresh(shipment).status, fresh(shipment).signed_by) == ("delivered", "本人")
        assert Event.objects.get().source == "hand"
        assert history(shipment.pk).last().actor == district.clerk.user_id

    def test_nobody_else_does(self, district, sent):
        shipment = sent()
        for who in (district.housing, district.leader, district.supervisor, district.applicant):
            with pytest.raises(NotAllowed):
                actions.record(shipment, EventKind.DELIVERED, said="本人", key="1", by=who, at=later(hours=3))


class TestPurging:
    def test_what_names_people_goes_some_time_after_the_end(self, sent, settings):
        settings.DELIVERY_KEEP = 30
        shipment, other = sent(), sent()
        hear(told(shipment, "delivered", later(hours=5), "1", signed_by="门卫", note="放门口"), at=later(hours=6))
        assert actions.purge(at=later(days=29)) == 0
        assert actions.purge(at=later(days=31)) == 1
        assert actions.purge(at=later(days=31)) == 0
        delivery = Delivery.objects.get(case=shipment.case)
        assert (delivery.way, delivery.recipient, delivery.phone, delivery.address) == ("post", "", "", "")
        assert fresh(shipment).signed_by == ""
        event = Event.objects.get()
        assert (event.note, event.signed_by, event.kind) == ("", "", "delivered")
        assert Delivery.objects.get(case=other.case).phone == ANNA["phone"]


class TestTheDatabase:
    @pytest.mark.parametrize(
        "change",
        [
            {"status": "delivered"},
            {"status": "undelivered"},
            {"reason": "x"},
            {"signed_by": "x"},
            {"way": "electronic"},
            {"way": "counter"},
        ],
    )
    def test_it_keeps_paired_fields_together(self, sent, change):
        shipment = sent()
        with pytest.raises(IntegrityError), transaction.atomic():
            Shipment.objects.filter(pk=shipment.pk).update(**change)

    def test_it_keeps_one_number_per_courier_and_one_delivery_per_case(self, sent):
        first, second = sent(), sent()
        with pytest.raises(IntegrityError), transaction.atomic():
            Label.objects.filter(shipment=first).update(tracking=number_of(second))
        with pytest.raises(IntegrityError), transaction.atomic():
            Label.objects.filter(shipment=first).update(handed_over_by=None)
        with pytest.raises(IntegrityError), transaction.atomic():
            Delivery.objects.filter(case=first.case).update(case=second.case)
        with pytest.raises(IntegrityError), transaction.atomic():
            Delivery.objects.filter(case=first.case).update(phone="")


@pytest.mark.parametrize("status", list(Status))
@pytest.mark.parametrize("step", [Step.AGAIN, Step.LABEL, Step.HAND_OVER, Step.DELIVER, Step.FAIL, Step.COLLECT])
def test_the_grid_every_step_from_every_status(district, sent, parcel, status, step):
    """What the table allows happens, what it does not allow is refused and leaves everything as it is."""
    shipment, batch = placed(district, parcel, status, step)
    before = fresh(shipment)
    run = {
        Step.AGAIN: lambda: actions.send_again(shipment, note="", by=district.clerk, at=later(hours=9)),
        Step.LABEL: lambda: actions.make_batch([shipment.pk], by=district.clerk, at=later(hours=9)),
        Step.HAND_OVER: lambda: actions.hand_over(batch, number_of(shipment), by=district.clerk, at=later(hours=9)),
        Step.DELIVER: lambda: actions.record(
            shipment, EventKind.DELIVERED, said="甲", key="g", by=district.clerk, at=later(hours=9)
        ),
        Step.FAIL: lambda: actions.record(
            shipment, EventKind.UNDELIVERED, said="甲", key="g", by=district.clerk, at=later(hours=9)
        ),
        Step.COLLECT: lambda: actions.collect(shipment, taken_by="甲", by=district.clerk, at=later(hours=9)),
    }[step]
    allowed = status in TRANSITIONS[step][0]
    if allowed:
        run()
        assert fresh(shipment).status == TRANSITIONS[step][1]
    else:
        with pytest.raises((Stale, Refused, ObjectDoesNotExist)):
            run()
        assert (fresh(shipment).status, fresh(shipment).ledger_length) == (before.status, before.ledger_length)


def placed(district, parcel, status: Status, step: Step):
    """A parcel in this status, come there by its own steps."""
    shipment = parcel(
        "counter" if step is Step.COLLECT and status in (Status.WAITING, Status.CANCELLED) else "post"
    )
    if status is Status.CANCELLED:
        actions.choose(shipment.case, way="electronic", to={}, by=district.applicant, at=later(hours=1))
    if status in (Status.WAITING, Status.CANCELLED):
        return shipment, Batch()
    batch = actions.make_batch([shipment.pk], by=district.clerk, at=later(hours=1))
    if status is not Status.LABELLED:
        actions.hand_over(batch, number_of(shipment), by=district.clerk, at=later(hours=2))
    kind = {Status.IN_TRANSIT: "in_transit", Status.DELIVERED: "delivered", Status.UNDELIVERED: "undelivered"}
    if status in kind:
        hear(told(shipment, kind[status], later(hours=3)))
    assert fresh(shipment).status == status
    return fresh(shipment), batch
