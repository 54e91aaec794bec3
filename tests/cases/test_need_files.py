"""Pictures and papers that go with a need: from the firm, and from whoever helps it."""

from __future__ import annotations

import io
from datetime import timedelta
from uuid import uuid4

import pytest

from tests import world
from tests.cases.test_needs import to
from tests.files.samples import image, pdf
from tests.helped import AT, asked, help_of, raised
from zerotrip.cases import actions
from zerotrip.cases.actions import enclosing
from zerotrip.cases.models import NeedFile
from zerotrip.channels.models import Notice
from zerotrip.errors import Invalid, NotAllowed, Stale
from zerotrip.files import actions as store
from zerotrip.files.attaching import MOST, Handed, receive
from zerotrip.files.models import Blob
from zerotrip.ledger.models import Entry
from zerotrip.ledger.queries import first_break
from zerotrip.parties.access import NOBODY

LATER = AT + timedelta(minutes=20)


def photo(shade: int = 0, name: str = "现场.png") -> Handed:
    return receive(io.BytesIO(image(colour=(shade, 30, 30))), name=name, at=AT)


def paper(name: str = "合同.pdf") -> Handed:
    return receive(io.BytesIO(pdf(pages=2)), name=name, at=AT)


def with_photo(helped):
    need = asked("need-testing")
    told = type(need)(need.service, need.answers, files=[photo(), paper()])
    (case,) = actions.raise_needs([told], applicant=helped.firm, request=uuid4(), by=helped.applicant, at=AT)
    return case


def said(case) -> list[tuple[str, str]]:
    return list(NeedFile.objects.filter(case=case).values_list("step", "name"))


def test_a_need_is_raised_with_its_pictures_and_papers_and_the_journal_names_them_by_content(helped):
    case = with_photo(helped)
    assert said(case) == [("raise", "现场.png"), ("raise", "合同.pdf")]
    entry = Entry.objects.get(subject=case.pk, action="raise")
    assert entry.details["files"] == list(NeedFile.objects.values_list("blob", flat=True))
    assert first_break(case) is None


def test_each_need_of_a_request_has_its_own_files(helped):
    first, second = asked("need-testing"), asked("need-labour")
    told = [type(first)(first.service, first.answers, files=[photo()]), second]
    one, other = actions.raise_needs(told, applicant=helped.firm, request=uuid4(), by=helped.applicant, at=AT)
    assert (said(one), said(other)) == ([("raise", "现场.png")], [])


def test_what_the_firm_adds_later_reaches_all_who_help(helped):
    case = raised(helped)
    work = help_of(case)
    actions.ask_helper(work, to=to(helped.second, case), what="采样", by=world.acting(helped.duty), at=LATER)
    Notice.objects.all().delete()
    actions.add_to_need(case, text="后门也坏了。", files=[photo()], by=helped.applicant, at=LATER)
    world.tell_queued()
    told = Notice.objects.filter(template="staff_need_added")
    assert {notice.user_id for notice in told} == {helped.duty.pk, helped.second.pk}
    assert told.first().context["said"] == "后门也坏了。"
    assert said(case) == [("add", "现场.png")]


def test_whoever_writes_down_what_the_firm_gave_is_not_told_and_the_firm_is(helped):
    case = raised(helped)
    duty = world.acting(helped.duty)
    actions.add_to_need(case, text="", files=[photo()], assignment=help_of(case), by=duty, at=LATER)
    world.tell_queued()
    told = Notice.objects.filter(template__endswith="need_added").values_list("template", "user")
    assert set(told) == {("need_added", helped.applicant.user_id)}


def test_the_same_press_adds_once(helped):
    case = raised(helped)
    for _press in range(2):
        actions.add_to_need(case, text="补充", files=[photo()], by=helped.applicant, at=LATER, key="k")
    assert NeedFile.objects.count() == 1
    assert Entry.objects.filter(subject=case.pk, action="add").count() == 1


def test_an_empty_addition_is_refused_and_so_is_one_to_a_need_that_is_over(helped):
    case = raised(helped)
    with pytest.raises(Invalid) as refused:
        actions.add_to_need(case, text="  ", by=helped.applicant, at=LATER)
    assert "text" in refused.value.problems
    actions.withdraw(case, by=helped.applicant, at=LATER)
    with pytest.raises(Stale):
        actions.add_to_need(case, text="补充", by=helped.applicant, at=LATER)


def test_neither_a_stranger_nor_a_helper_without_the_work_adds_to_a_need(helped):
    case = raised(helped)
    for who in (helped.district.stranger, world.acting(helped.second)):
        with pytest.raises(NotAllowed):
            actions.add_to_need(case, text="补充", by=who, at=LATER)
    with pytest.raises(NotAllowed):
        actions.add_to_need(case, text="补充", assignment=help_of(case), by=world.acting(helped.second), at=LATER)


def test_a_helper_hands_in_files_with_answer_plan_progress_and_outcome(helped):
    case = raised(helped)
    work, duty = help_of(case), world.acting(helped.duty)
    actions.answer_need(work, text="您好。", files=[photo(1, "a.png")], by=duty, at=LATER)
    actions.plan_need(work, text="明天。", files=[photo(2, "b.png")], by=duty, at=LATER + timedelta(minutes=1))
    actions.report_need(work, text="在路上。", files=[photo(3, "c.png")], by=duty, at=LATER + timedelta(minutes=2))
    actions.resolve_need(work, outcome="好了。", files=[paper("d.pdf")], by=duty, at=LATER + timedelta(minutes=3))
    assert said(case) == [("answer", "a.png"), ("plan", "b.png"), ("report", "c.png"), ("resolve", "d.pdf")]
    assert set(NeedFile.objects.values_list("assignment", flat=True)) == {work.pk}


def test_the_same_content_twice_is_one_file_and_too_many_are_refused_whole(helped):
    case = raised(helped)
    actions.add_to_need(case, text="", files=[photo(), photo(name="又一次.png")], by=helped.applicant, at=LATER)
    assert NeedFile.objects.count() == 1
    many = [photo(shade) for shade in range(MOST + 1)]
    with pytest.raises(Invalid) as refused:
        actions.add_to_need(case, text="很多", files=many, by=helped.applicant, at=LATER)
    assert list(refused.value.problems) == ["files"]
    assert NeedFile.objects.count() == 1


def test_a_need_takes_so_many_files_and_not_one_more(helped, monkeypatch):
    monkeypatch.setattr(enclosing, "MOST_OF_A_NEED", 2)
    case = raised(helped)
    actions.add_to_need(case, text="", files=[photo(1), photo(2)], by=helped.applicant, at=LATER)
    with pytest.raises(Invalid):
        actions.add_to_need(case, text="", files=[photo(3)], by=helped.applicant, at=LATER)


def test_who_sees_the_need_sees_its_files_and_nobody_else(helped):
    case = with_photo(helped)
    see = {
        name: NeedFile.objects.visible_to(who).filter(case=case).count()
        for name, who in {
            "firm": helped.applicant,
            "helper": world.acting(helped.duty),
            "supervisor": helped.supervisor,
            "elsewhere": world.acting(helped.second),
            "stranger": helped.district.stranger,
            "visitor": NOBODY,
        }.items()
    }
    assert see == {"firm": 2, "helper": 2, "supervisor": 2, "elsewhere": 0, "stranger": 0, "visitor": 0}


def test_a_file_that_is_bound_stays_and_one_no_form_brought_in_is_swept_away(helped):
    case = raised(helped)
    kept, lost = photo(1), photo(2)
    actions.add_to_need(case, text="", files=[kept], by=helped.applicant, at=LATER)
    store.sweep(at=AT + timedelta(days=2))
    assert Blob.objects.filter(pk=kept.blob.pk).exists()
    assert not Blob.objects.filter(pk=lost.blob.pk).exists()
