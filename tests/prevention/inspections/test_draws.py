"""The lists of a draw are journalled before its public value is known, and what is drawn is drawn once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from tests import world
from tests.prevention.inspections import looking
from tests.prevention.venues import doors
from zerotrip.errors import Invalid, NotAllowed, Refused, Stale
from zerotrip.files.attaching import receive
from zerotrip.ids import new_id
from zerotrip.ledger.models import Entry
from zerotrip.parties.models import Membership, Role, User
from zerotrip.prevention.inspections import actions, drawing, draws
from zerotrip.prevention.inspections.draws import Terms
from zerotrip.prevention.models import Draw, Inspection, Site
from zerotrip.workdays.calendar import CHINA

pytestmark = pytest.mark.django_db

NOW = looking.NOW
KNOWN = NOW + timedelta(minutes=1)
"""When the public value becomes known."""
AREA = "370199000000"


@pytest.fixture
def ready(district):
    site, second = looking.prepared(district)
    for number in range(5):
        doors.site(f"虚构 {number} 店", kind="small-shop")
    return site, second


def terms(**extra) -> Terms:
    usual = {"name": "三月抽查", "area": AREA, "source": "3 月 4 日收盘的虚构指数", "count": 2, "known_at": KNOWN}
    return Terms(**{**usual, **extra})


def frozen(district, *, at=NOW, reason="", **extra) -> Draw:
    extra = {"known_at": at + timedelta(minutes=1), **extra}
    office = district.leader.seats[0].department_id
    return draws.freeze(terms(**extra), office=office, key=new_id(), by=district.leader, at=at, reason=reason)


def test_the_lists_and_the_secret_are_committed_to_before_the_value(district, ready):
    row = frozen(district)
    kept = Entry.objects.get(subject=row.pk)
    assert kept.details["lists"] == drawing.digest(row.lists)
    assert kept.details["secret"] == row.secret_hash
    assert (row.secret, row.value, row.outcome) == ("", "", None)
    done = draws.draw(row.pk, value="3000.01", by=district.leader, at=NOW + timedelta(days=1))
    assert drawing.digest(done.secret) == row.secret_hash
    assert done.outcome == draws.again(done)
    assert len(done.outcome) == 2
    assert all(len(people) == 2 for _site, people in done.outcome)


def test_it_is_drawn_once(district, ready):
    row = frozen(district)
    draws.draw(row.pk, value="1", by=district.leader, at=KNOWN)
    with pytest.raises(Stale):
        draws.draw(row.pk, value="2", by=district.leader, at=KNOWN)
    with pytest.raises(IntegrityError), transaction.atomic():
        Draw.objects.filter(pk=row.pk).update(value="")


def test_once_more_needs_a_reason_and_says_instead_of_what(district, ready):
    first = frozen(district)
    with pytest.raises(Refused):
        frozen(district)
    draws.draw(first.pk, value="1", by=district.leader, at=KNOWN)
    with pytest.raises(Invalid) as refused:
        frozen(district)
    assert set(refused.value.problems) == {"reason"}
    again = frozen(district, reason="名单漏了新登记的场所")
    assert again.replaces == first
    assert Entry.objects.get(subject=again.pk).reason == "名单漏了新登记的场所"
    tomorrow = frozen_after(district, again)
    assert tomorrow.replaces is None


def frozen_after(district, row: Draw) -> Draw:
    draws.draw(row.pk, value="1", by=district.leader, at=KNOWN)
    return frozen(district, at=NOW + timedelta(days=1))


def test_lists_that_were_changed_are_not_drawn_from(district, ready):
    row = frozen(district)
    Draw.objects.filter(pk=row.pk).update(lists=row.lists.replace("虚构", "虛構"))
    with pytest.raises(Refused):
        draws.draw(row.pk, value="1", by=district.leader, at=KNOWN)


def test_whoever_was_there_last_or_acts_for_the_owner_is_recused(district, ready):
    site, second = ready
    photo = receive(world.pdf("虚构"), name="a.pdf", at=NOW)
    looking.inspected(district, site, second, photo)
    office = district.leader.seats[0].department_id
    tied = world.staff("tied", "approval-bureau", Role.CLERK)
    world.agent(tied, district.firm)
    found = draws.candidates(terms(), office=office, on=NOW)
    recused = {(one.pk, who) for one, who, _why in found.recused}
    assert recused == {(site.pk, who) for who in (district.clerk.account, second.account, tied.pk)}
    row = frozen(district, count=6)
    done = draws.draw(row.pk, value="7", by=district.leader, at=KNOWN)
    people = {who for drawn, both in done.outcome if drawn == str(site.pk) for who in both}
    assert not people & {str(who) for _site, who in recused}


def test_risk_gives_tickets_and_terms_choose_sites(district, ready):
    row = frozen(district, kinds=["small-shop"], count=1)
    assert row.lists.count("\nsite ") == 5
    assert all(line.split(" ")[2] == "2" for line in row.lists.splitlines() if line.startswith("site "))


def test_who_does_not_take_part_has_a_reason(district, ready):
    _site, second = ready
    with pytest.raises(Invalid) as refused:
        frozen(district, away=[second.account])
    assert set(refused.value.problems) == {"away_why"}
    row = frozen(district, away=[second.account], away_why="外出培训")
    assert str(second.account) not in row.lists
    assert Entry.objects.get(subject=row.pk).details["away"] == {str(second.account): "外出培训"}


@pytest.mark.parametrize(
    ("wrong", "place"),
    [
        ({"name": ""}, "name"),
        ({"source": "x"}, "source"),
        ({"count": 99}, "count"),
        ({"known_at": None}, "known_at"),
        ({"known_at": NOW}, "known_at"),
        ({"known_at": NOW + timedelta(days=90)}, "known_at"),
        ({"kinds": ["mall-x"]}, "kinds"),
    ],
)
def test_what_is_wrong_is_said_at_its_place(district, ready, wrong, place):
    with pytest.raises(Invalid) as refused:
        frozen(district, **wrong)
    assert place in refused.value.problems


def test_whoever_leads_the_office_draws(district, ready):
    office = district.clerk.seats[0].department_id
    with pytest.raises(NotAllowed):
        draws.freeze(terms(), office=office, key=new_id(), by=district.clerk, at=NOW)
    row = frozen(district)
    with pytest.raises(NotAllowed):
        draws.draw(row.pk, value="1", by=district.clerk, at=KNOWN)


def test_no_value_is_taken_before_it_can_be_known(district, ready):
    row = frozen(district)
    assert f"known at {KNOWN.astimezone(CHINA):%Y-%m-%dT%H:%M}+08:00" in row.lists.splitlines()
    assert Entry.objects.get(subject=row.pk).details["known_at"] == KNOWN.isoformat()
    with pytest.raises(Refused):
        draws.draw(row.pk, value="1", by=district.leader, at=KNOWN - timedelta(seconds=1))
    with pytest.raises(IntegrityError), transaction.atomic():
        Draw.objects.filter(pk=row.pk).update(known_at=NOW - timedelta(days=1))
    assert draws.draw(row.pk, value="1", by=district.leader, at=KNOWN).drawn_at == KNOWN


def test_homes_are_not_drawn_from(district, ready):
    home = doors.site("虚构 1-101", kind="household")
    assert str(home.pk) not in frozen(district).lists


def test_the_lists_hold_inspectors_under_masked_names(district, ready):
    row = frozen(district)
    people = [line for line in row.lists.splitlines() if line.startswith("inspector ")]
    assert all("*" in line for line in people)
    done = draws.draw(row.pk, value="1", by=district.leader, at=KNOWN)
    assert "*" not in "".join(draws.inspectors_of(done).values())


def test_the_outcome_is_laid_open_once_every_site_was_inspected_or_after_some_time(district, ready):
    site, second = ready
    row = frozen(district, kinds=[site.kind_id], count=1)
    assert not draws.is_laid_open(row, at=KNOWN)
    done = draws.draw(row.pk, value="1", by=district.leader, at=KNOWN)
    assert not draws.is_laid_open(done, at=KNOWN)
    assert draws.is_laid_open(done, at=KNOWN + timedelta(days=30))
    photo = receive(world.pdf("虚构"), name="a.pdf", at=NOW)
    made = looking.inspected(district, site, second, photo)
    type(made).objects.filter(pk=made.pk).update(draw=done)
    assert draws.is_laid_open(done, at=KNOWN)


@pytest.fixture
def drawn(district, ready):
    """A draw of the one site of its kind, and the actors it fell to, the first first."""
    site, _second = ready
    world.staff("third", "approval-bureau", Role.CLERK)
    row = frozen(district, kinds=[site.kind_id], count=1)
    done = draws.draw(row.pk, value="1", by=district.leader, at=KNOWN)
    ((_site, pair),) = done.outcome
    return done, [world.acting(User.objects.get(pk=who)) for who in pair]


def begun(site, first, second, draw, **extra) -> Inspection:
    told = {"checklist": "venue", "second": second.account, "key": new_id(), "by": first, "at": KNOWN}
    return actions.start(site.pk, draw=draw.pk, **told, **extra)


def others(district, second, pair):
    """Somebody of the office to whom it did not fall."""
    known = [district.clerk, second, district.leader, world.acting(User.objects.get(email__startswith="third"))]
    return next(one for one in known if one.account not in {each.account for each in pair})


def test_those_it_fell_to_inspect_what_was_drawn(district, ready, drawn):
    site, _second = ready
    row, (first, second) = drawn
    for one, other in ((first, second), (second, first)):
        made = begun(site, one, other, row)
        assert (made.draw_id, made.others_because, made.office_id) == (row.pk, "", row.office_id)
        assert Entry.objects.get(subject=made.pk).details["draw"] == str(row.pk)
    assert not draws.looked_at(row)[str(site.pk)].by_others


def test_others_inspect_it_only_with_a_reason_that_is_journalled(district, ready, drawn):
    site, second = ready
    row, pair = drawn
    stranger = others(district, second, pair)
    for reason in ("", "  ", "长" * 401):
        with pytest.raises(Invalid) as refused:
            begun(site, pair[0], stranger, row, others_because=reason)
        assert set(refused.value.problems) == {"others_because"}
    made = begun(site, pair[0], stranger, row, others_because="一人发热请假")
    assert Entry.objects.get(subject=made.pk).reason == made.others_because == "一人发热请假"
    assert draws.looked_at(row)[str(site.pk)].by_others
    with pytest.raises(IntegrityError), transaction.atomic():
        Inspection.objects.filter(pk=made.pk).update(draw=None)


def test_no_site_is_hung_on_a_draw_it_is_not_of(district, ready, drawn):
    row, (first, second) = drawn
    elsewhere = Site.objects.filter(name="虚构 0 店").get()
    with pytest.raises(Refused, match="没有抽中"):
        begun(elsewhere, first, second, row, others_because="顺路")
    waiting = frozen(district, at=NOW + timedelta(days=1))
    with pytest.raises(Refused, match="还没有出结果"):
        begun(elsewhere, first, second, waiting)
    assert not Inspection.objects.exists()


def test_another_office_cannot_inspect_by_a_draw_that_is_not_its_own(district, ready, drawn):
    site, _second = ready
    row, _pair = drawn
    colleague = world.acting(world.staff("fire-second", "fire", Role.CLERK))
    with pytest.raises(NotAllowed, match="抽取的部门"):
        begun(site, district.fire, colleague, row, others_because="代为检查")
    assert not draws.is_laid_open(row, at=KNOWN)


def test_whoever_works_at_none_of_the_sites_is_not_drawn_from(district, ready):
    _site, second = ready
    office = district.leader.seats[0].department_id
    assert second.account in draws.candidates(terms(), office=office, on=NOW).inspectors
    away = Membership.objects.filter(person=User.objects.get(pk=second.account).person)
    away.update(area_path=f"{world.DISTRICT}370199009000/")
    found = draws.candidates(terms(), office=office, on=NOW)
    assert found.sites
    assert second.account not in found.inspectors
    assert second.account not in {who for _site, who, _why in found.recused}


def test_whoever_does_not_work_where_a_site_is_is_not_drawn_for_it(district, ready):
    site, second = ready
    street = f"{world.DISTRICT}370199002000/"
    Membership.objects.filter(person=User.objects.get(pk=second.account).person).update(area_path=street)
    office = district.leader.seats[0].department_id
    sites = draws.candidates(terms(), office=office, on=NOW).sites
    there = next(one.pk for one in sites if one.pk != site.pk)
    Site.objects.filter(pk=there).update(area_path=f"{street}370199002001/")
    found = draws.candidates(terms(), office=office, on=NOW)
    away = {one.pk for one, who, why in found.recused if who == second.account and why == "不负责这个区域"}
    assert away == {one.pk for one in found.sites if not one.area_path.startswith(street)}
    assert site.pk in away
