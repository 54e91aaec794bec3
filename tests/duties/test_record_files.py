"""Pictures and papers that come with an answer: kept with the record, seen by whoever sees what is owed."""

from __future__ import annotations

import io
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import DatabaseError, transaction

from tests import world
from tests.duties.test_orders import give, owed
from tests.files.samples import image
from tests.world import MORNING
from zerotrip.duties.actions import answering
from zerotrip.duties.models import Kind, RecordFile
from zerotrip.duties.queries import last_answers
from zerotrip.errors import Invalid, NotAllowed
from zerotrip.files import actions as store
from zerotrip.files.attaching import MOST, Handed, receive
from zerotrip.files.models import Blob
from zerotrip.parties.models import Role

pytestmark = pytest.mark.django_db

LATER = MORNING + timedelta(hours=2)


@pytest.fixture
def head(district):
    return world.acting(world.staff("head", "approval-bureau", Role.HEAD))


@pytest.fixture
def report(district, head):
    """What the bureau asks of the firm."""
    return owed(give(head, [district.firm], kind=Kind.REPORT, checked=True), district.firm)


def photo(shade: int = 0, name: str = "门口.png") -> Handed:
    return receive(io.BytesIO(image(colour=(shade, 30, 30))), name=name, at=MORNING)


def answer(report, by, *files, key=None, at=LATER, note="已办"):
    return answering.answer(report, {}, note=note, files=files, key=key or uuid4(), by=by, at=at)


def test_an_answer_keeps_its_files_in_order_and_the_same_press_keeps_them_once(district, report):
    key = uuid4()
    for _press in range(2):
        answer(report, district.applicant, photo(1, "b.png"), photo(2, "a.png"), key=key)
    assert list(RecordFile.objects.values_list("record", "name")) == [(key, "b.png"), (key, "a.png")]


def test_an_answer_given_anew_has_its_own_files_and_the_earlier_ones_stay(district, report):
    answer(report, district.applicant, photo(1, "先.png"))
    answer(report, district.applicant, photo(2, "后.png"), at=LATER + timedelta(minutes=1))
    assert [one.name for one in RecordFile.objects.all()] == ["先.png", "后.png"]
    assert [one.name for one in last_answers([report.pk])[report.pk].files.all()] == ["后.png"]


def test_a_file_does_not_stand_for_the_words_that_are_asked(district, report):
    with pytest.raises(Invalid) as refused:
        answer(report, district.applicant, photo(), note="")
    assert list(refused.value.problems) == ["note"]
    assert not RecordFile.objects.exists()


def test_too_many_files_are_refused_with_the_answer(district, report):
    with pytest.raises(Invalid) as refused:
        answer(report, district.applicant, *(photo(shade) for shade in range(MOST + 1)))
    assert list(refused.value.problems) == ["files"]
    report.refresh_from_db()
    assert report.status == "open"


def test_who_sees_what_is_owed_sees_its_files_and_nobody_else(district, report, head):
    answer(report, district.applicant, photo())
    readers = {
        "firm": district.applicant,
        "issuer": head,
        "housing": district.housing,
        "stranger": district.stranger,
    }
    seen = {name: RecordFile.objects.visible_to(who).count() for name, who in readers.items()}
    assert seen == {"firm": 1, "issuer": 1, "housing": 0, "stranger": 0}


def test_nobody_else_hands_in_a_file(district, report):
    with pytest.raises(NotAllowed):
        answer(report, district.stranger, photo())
    assert not RecordFile.objects.exists()


def test_a_file_of_a_record_never_changes_and_never_goes(district, report):
    answer(report, district.applicant, photo())
    one = RecordFile.objects.get()
    with pytest.raises(DatabaseError), transaction.atomic():
        RecordFile.objects.filter(pk=one.pk).update(name="x.png")
    with pytest.raises(DatabaseError), transaction.atomic():
        RecordFile.objects.filter(pk=one.pk)._raw_delete("default")
    store.sweep(at=MORNING + timedelta(days=9))
    assert Blob.objects.filter(pk=one.blob_id).exists()
