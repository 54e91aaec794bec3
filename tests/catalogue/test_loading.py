"""Loading makes a version when the content changed, never changes one, and is all or nothing."""

from __future__ import annotations

import threading
from datetime import date, time, timedelta
from pathlib import Path

import pytest
from django.db import DatabaseError, connection, transaction

from tests.catalogue.conftest import NOW, SHIPPED
from tests.catalogue.test_check import PERMIT, replace
from tests.world import UNISSUED
from zerotrip.catalogue.actions import Report, export_pack, load_pack
from zerotrip.catalogue.models import Pack, Service, ServiceVersion
from zerotrip.catalogue.packs import check, read
from zerotrip.errors import Invalid
from zerotrip.ledger.queries import first_break, history
from zerotrip.parties.access import SYSTEM
from zerotrip.parties.models import Area, Party
from zerotrip.workdays.queries import calendar_for

LATER = NOW + timedelta(days=1)
ALL = ["construction-permit", "investment-filing", "pesticide-change"]


def load(path: Path) -> Report:
    return load_pack(path, by=SYSTEM, at=LATER)


def test_the_first_load_makes_a_first_version_of_each(loaded: Report) -> None:
    assert sorted(loaded.made) == ALL
    assert set(ServiceVersion.objects.values_list("service", "number")) == {(name, 1) for name in ALL}


def test_the_second_load_changes_nothing(loaded: Report) -> None:
    before = list(ServiceVersion.objects.values_list("pk"))
    again = load(SHIPPED)
    assert not again.changed
    assert sorted(again.unchanged) == ALL
    assert list(ServiceVersion.objects.values_list("pk")) == before
    assert len(history(Pack.objects.get().pk)) == 1


def test_places_and_departments_are_there(loaded: Report) -> None:
    grid = Area.objects.get(code="370199001001001")
    assert grid.path == "/370100000000/370199000000/370199001000/370199001001/370199001001001/"
    fire = Party.objects.get(code="fire")
    assert fire.parent == Party.objects.get(code="housing")
    assert fire.area_path == "/370100000000/370199000000/"


def test_a_changed_service_gets_a_new_version_and_the_old_one_stays(loaded: Report, pack: Path) -> None:
    old = Service.objects.get(slug="construction-permit").current
    replace(pack, PERMIT, "visits: 0", "visits: 1")
    report = load(pack)
    assert report.made == ["construction-permit"]
    new = Service.objects.get(slug="construction-permit").current
    assert (old.number, new.number) == (1, 2)
    assert (old.spec.visits, new.spec.visits) == (0, 1)


def test_a_changed_template_is_a_new_version_of_its_service_alone(loaded: Report, pack: Path) -> None:
    template = pack / "templates/pesticide-licence.typ"
    template.write_text(template.read_text() + "\n// changed\n")
    assert load(pack).made == ["pesticide-change"]


def test_a_comment_is_no_change(loaded: Report, pack: Path) -> None:
    path = pack / PERMIT
    path.write_text("# another comment\n" + path.read_text())
    assert not load(pack).changed


def test_a_service_the_pack_no_longer_has_is_withdrawn(loaded: Report, pack: Path) -> None:
    (pack / PERMIT).unlink()
    for folder in ("samples", "scenarios"):
        (pack / folder / "construction-permit.yaml").unlink()
    assert load(pack).withdrawn == ["construction-permit"]
    assert Service.objects.get(slug="construction-permit").current is None
    assert ServiceVersion.objects.filter(service="construction-permit").exists()


def test_a_service_that_comes_back_is_offered_on_the_version_it_had(loaded: Report, pack: Path) -> None:
    text = (pack / PERMIT).read_text()
    (pack / PERMIT).unlink()
    for folder in ("samples", "scenarios"):
        (pack / folder / "construction-permit.yaml").unlink()
    load(pack)
    (pack / PERMIT).write_text(text)
    assert load(pack).returned == ["construction-permit"]
    assert Service.objects.get(slug="construction-permit").current.number == 1


def test_a_faulty_pack_loads_nothing(db: None, pack: Path) -> None:
    line = replace(pack, PERMIT, "handling: promised", "handling: perhaps")
    with pytest.raises(Invalid) as refusal:
        load(pack)
    assert list(refusal.value.problems) == [f"{PERMIT}:{line}"]
    assert not Service.objects.exists()
    assert not Area.objects.exists()


def test_another_pack_may_not_take_a_service_over(loaded: Report, pack: Path) -> None:
    replace(pack, "pack.yaml", "id: jinan", "id: other")
    with pytest.raises(Invalid):
        load(pack)
    assert set(Service.objects.values_list("pack", flat=True)) == {"jinan"}


@pytest.mark.parametrize("statement", ["UPDATE {} SET number = 9", "DELETE FROM {}"])
def test_the_database_refuses_to_change_a_version(loaded: Report, statement: str) -> None:
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement.format("catalogue_serviceversion"))
    assert ServiceVersion.objects.count() == 3


def test_every_version_and_every_load_is_in_the_journal(loaded: Report) -> None:
    for row in [*ServiceVersion.objects.all(), Pack.objects.get()]:
        assert len(history(row.pk)) == 1
        assert first_break(row) is None


def test_what_was_loaded_can_be_written_and_loaded_again(loaded: Report, tmp_path: Path) -> None:
    export_pack("jinan", tmp_path / "written")
    faults = [fault for fault in check(tmp_path / "written") if fault.reason != UNISSUED]
    assert [fault for fault in faults if "没有情景" not in fault.reason] == []
    assert not load(tmp_path / "written").changed


@pytest.mark.django_db(transaction=True)
def test_two_loaders_at_once_make_one_version_each(pack: Path) -> None:
    reports: list[Report] = []
    barrier = threading.Barrier(2)

    def run() -> None:
        try:
            barrier.wait(timeout=10)
            reports.append(load(pack))
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert sorted(len(report.made) for report in reports) == [0, 3]
    assert ServiceVersion.objects.count() == 3


def test_the_hours_and_closures_of_the_district_are_in_its_calendar(db: None, pack: Path) -> None:
    replace(
        pack,
        "district.yaml",
        "closures: []",
        'closures: [{day: "2026-06-04", name: {zh: 停电, en: Power cut}}]',
    )
    load(pack)
    calendar = calendar_for("/370100000000/370199000000/370199001000/")
    assert not calendar.is_working(date(2026, 6, 4))
    assert list(calendar.hours(date(2026, 3, 6))) == [(time(8, 30), time(12)), (time(13, 30), time(17))]
    assert calendar_for("/370100000000/").is_working(date(2026, 6, 4))


def test_facts_of_certificates_keep_the_order_they_are_declared_in(loaded: Report) -> None:
    pack, _faults = read(SHIPPED)
    assert pack is not None
    for name, declared in pack.services.items():
        version = ServiceVersion.objects.get(service=name)
        facts = list(declared.outcome.facts)
        assert list(version.spec.outcome.facts) == facts
        assert version.spec == declared
    assert any(sorted(each.outcome.facts) != list(each.outcome.facts) for each in pack.services.values())
