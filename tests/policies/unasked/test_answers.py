"""What a bank answers: kept at once, gone through by the worker, recorded as a whole or not at all."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from threading import Barrier, Thread
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from openpyxl import Workbook
from procrastinate.contrib.django.models import ProcrastinateJob

from tests import world
from tests.policies.unasked.conftest import after_notice, announced
from zerotrip.channels.models import Notice
from zerotrip.errors import Invalid, NotAllowed, NotFound, Refused, Stale, TooLarge
from zerotrip.ledger.queries import first_break, history
from zerotrip.policies import tasks
from zerotrip.policies.unasked import actions
from zerotrip.policies.unasked.actions import settling
from zerotrip.policies.unasked.models import BankAnswer, PaymentList

pytestmark = pytest.mark.django_db

HEADING = ["支付编号", "结果", "日期", "原因"]


@pytest.fixture(autouse=True)
def _files(settings, tmp_path):
    settings.FILES = tmp_path / "files"


@pytest.fixture
def approved(pack, firms, firm_of, district, head):
    """An approved list of five lines, and a moment after its approval."""
    for serial in range(940, 943):
        firm_of(f"示范{serial}有限公司", serial)
    pack.policy(unasked={"consent": "silence"})
    run = announced(district.clerk)
    at = after_notice(run)
    actions.close(run.pk, by=district.clerk, at=at)
    payment = actions.make_list(run.pk, by=district.clerk, at=at, key=uuid4())
    actions.check_list(payment.pk, at=at)
    return actions.approve(payment.pk, by=head, at=at), at


def reference(payment: PaymentList, line: int) -> str:
    return f"{payment.number}-{line:04}"


def all_paid(payment: PaymentList) -> list[list[str]]:
    return [HEADING, *([reference(payment, line), "成功", "", ""] for line in range(1, payment.count + 1))]


def csv_of(rows, encoding: str = "utf-8") -> io.BytesIO:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return io.BytesIO(text.getvalue().encode(encoding))


def xlsx_of(rows) -> io.BytesIO:
    book, file = Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(file)
    file.seek(0)
    return file


def hand_in(payment, file, by, at, *, key=None) -> BankAnswer:
    said = {"name": "结果.csv", "language": "zh-hans", "answer_id": key or uuid4()}
    return actions.hand_in(file, payment.pk, **said, by=by, at=at)


def taken(payment, rows, by, at) -> BankAnswer:
    answer = hand_in(payment, csv_of(rows), by, at)
    actions.take_answer(answer.pk, at=at)
    answer.refresh_from_db()
    return answer


def statuses(payment) -> list[str]:
    return list(payment.grants.order_by("line").values_list("status", flat=True))


def test_handed_in_it_is_kept_and_nothing_is_recorded_yet(approved, district):
    payment, at = approved
    answer = hand_in(payment, csv_of(all_paid(payment)), district.clerk, at)
    assert answer.status == "queued"
    assert set(statuses(payment)) == {"payable"}
    (job,) = ProcrastinateJob.objects.filter(task_name="policies.take_answer")
    assert (job.args, job.lock) == ({"answer": str(answer.pk)}, f"policies.answer:{answer.pk}")
    assert settling.place_of(answer.pk).exists()


@pytest.mark.parametrize("made", [csv_of, lambda rows: csv_of(rows, "gb18030"), xlsx_of])
def test_the_worker_records_what_the_bank_says(approved, district, made):
    payment, at = approved
    rows = all_paid(payment)
    rows[2][1:] = ["失败", "", "户名不符"]
    rows.append([payment.number, "合计 5 笔", "", ""])
    answer = hand_in(payment, made(rows), district.clerk, at)
    done = actions.take_answer(answer.pk, at=at)
    assert (done.status, done.lines, done.saved, done.paid, done.returned) == ("done", 5, 5, 4, 1)
    assert statuses(payment) == ["paid", "returned", "paid", "paid", "paid"]
    returned = payment.grants.get(line=2)
    assert (returned.reason, returned.paid_on) == ("户名不符", None)
    assert [entry.action for entry in history(answer.pk)] == ["hand_in", "check", "take"]
    settle = list(history(payment.pk))[-1]
    assert (settle.action, settle.actor, settle.details["returned"]) == ("settle", district.clerk.user_id, [2])
    payment.refresh_from_db()
    assert first_break(payment) is None


def test_each_enterprise_is_told_once_of_what_became_of_its_money(approved, district, firms):
    payment, at = approved
    rows = all_paid(payment)
    ours = payment.grants.get(party=firms["ours"]).line
    rows[ours][1:] = ["退回", "", "账号有误"]
    for _again in range(2):
        taken(payment, rows, district.clerk, at)
    world.tell_queued()
    assert Notice.objects.filter(template="grant_returned", user=district.applicant.user_id).count() == 1
    assert Notice.objects.filter(template="grant_paid", user=district.applicant.user_id).count() == 0


def test_a_file_in_which_a_row_does_not_fit_records_nothing_and_names_each_row(approved, district):
    payment, at = approved
    rows = all_paid(payment)
    rows[1][2] = (at + timedelta(days=3)).date().isoformat()
    rows[2][1:] = ["失败", "", ""]
    rows[3][1] = "也许"
    rows.append([reference(payment, 99), "成功", "", ""])
    rows.append(["FF1999-00001-0001", "成功", "", ""])
    rows.append([reference(payment, 4), "失败", "", "=1+1"])
    answer = taken(payment, rows, district.clerk, at)
    assert (answer.status, answer.wrong, answer.saved) == ("failed", 6, 0)
    assert answer.because == "有 6 行对不上，什么都没有登记。"
    assert set(statuses(payment)) == {"payable"}
    assert [row for row, _reference, _what in answer.shown] == [2, 3, 4, 7, 8, 9]
    _answer, file = actions.fetch_faults(answer.pk, by=district.clerk)
    with file:
        told = list(csv.reader(io.StringIO(file.read().decode("utf-8-sig"))))
    assert told[0] == ["行", "支付编号", "哪里不对"]
    assert told[4] == ["7", reference(payment, 99), "清单里没有第 99 行。"]
    assert told[-1][2] == "和前面的行矛盾。"
    assert len(told) == 7


def test_a_formula_is_no_result(approved, district):
    payment, at = approved
    rows = all_paid(payment)
    rows[1][1] = '=IF(TRUE,"成功","")'
    answer = hand_in(payment, xlsx_of(rows), district.clerk, at)
    answer = actions.take_answer(answer.pk, at=at)
    assert (answer.status, answer.shown) == (
        "failed",
        [[2, reference(payment, 1), "有公式或错误值，请粘贴为数值。"]],
    )


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"PK\x03\x04 no workbook", "打不开这个文件"),
        (b"\xd0\xcf\x11\xe0 an old one", "旧格式"),
        (b"\xff\xfe\x00\xd8\x00", "读不懂这个文件"),
        ("行,乱写\n1,2\n".encode(), "没有找到表头"),
        ("支付编号,结果\n".encode(), "没有发放结果"),
    ],
)
def test_what_cannot_be_read_is_said_and_records_nothing(approved, district, content, says):
    payment, at = approved
    answer = hand_in(payment, io.BytesIO(content), district.clerk, at)
    answer = actions.take_answer(answer.pk, at=at)
    assert answer.status == "failed"
    assert says in answer.because
    assert set(statuses(payment)) == {"payable"}


def test_an_empty_file_and_one_that_is_too_large_are_refused_as_they_are_handed_in(approved, district, monkeypatch):
    payment, at = approved
    with pytest.raises(Invalid, match="空文件"):
        hand_in(payment, io.BytesIO(b""), district.clerk, at)
    monkeypatch.setattr(settling, "LARGEST", 10)
    with pytest.raises(TooLarge):
        hand_in(payment, csv_of(all_paid(payment)), district.clerk, at)
    assert not BankAnswer.objects.exists()
    assert list(settling.place_of(uuid4()).parent.iterdir()) == []


def test_only_for_an_approved_list_and_only_by_those_who_work_on_it(approved, district, pack, firms):
    payment, at = approved
    with pytest.raises(NotAllowed):
        hand_in(payment, csv_of(all_paid(payment)), district.housing, at)
    PaymentList.objects.filter(pk=payment.pk).update(approved_at=None, approved_by=None)
    with pytest.raises(Refused, match="审批后"):
        hand_in(payment, csv_of(all_paid(payment)), district.clerk, at)


def test_the_same_key_and_the_same_file_again_are_the_same_answer(approved, district):
    payment, at = approved
    key = uuid4()
    first = hand_in(payment, csv_of(all_paid(payment)), district.clerk, at, key=key)
    assert hand_in(payment, csv_of(all_paid(payment)), district.clerk, at, key=key) == first
    assert hand_in(payment, csv_of(all_paid(payment)), district.leader, at) == first
    with pytest.raises(Refused, match="正在登记"):
        hand_in(payment, csv_of(all_paid(payment)[:3]), district.leader, at)
    assert BankAnswer.objects.count() == 1


def test_handed_in_again_when_all_is_recorded_it_changes_nothing(approved, district):
    payment, at = approved
    taken(payment, all_paid(payment), district.clerk, at)
    length = len(history(payment.pk))
    again = taken(payment, all_paid(payment), district.leader, at)
    assert (again.status, again.lines, again.paid) == ("done", 5, 0)
    assert len(history(payment.pk)) == length
    contradicting = taken(payment, [HEADING, [reference(payment, 1), "失败", "", "户名不符"]], district.clerk, at)
    assert (contradicting.status, contradicting.shown[0][2]) == ("failed", "已经登记为“已发放”。")


def test_while_a_file_is_under_way_nothing_of_its_list_is_recorded_by_hand(approved, district):
    payment, at = approved
    said = [actions.Settled(1, paid=True, on=at.date())]
    actions.record_results(payment.pk, said, by=district.clerk, at=at)
    hand_in(payment, csv_of(all_paid(payment)), district.clerk, at)
    with pytest.raises(Refused, match="正在登记"):
        actions.record_results(payment.pk, said, by=district.clerk, at=at)
    with pytest.raises(Refused, match="正在登记"):
        actions.return_one(payment.grants.get(line=1).pk, reason="退汇", by=district.clerk, at=at)


def test_given_up_before_it_is_recorded_nothing_is(approved, district):
    payment, at = approved
    answer = hand_in(payment, csv_of(all_paid(payment)), district.clerk, at)
    with pytest.raises(NotAllowed):
        actions.drop(answer.pk, by=district.housing, at=at)
    for _again in range(2):
        assert actions.drop(answer.pk, by=district.leader, at=at).status == "dropped"
    assert actions.take_answer(answer.pk, at=at) is None
    assert set(statuses(payment)) == {"payable"}
    done = taken(payment, all_paid(payment), district.clerk, at)
    with pytest.raises(Stale):
        actions.drop(done.pk, by=district.clerk, at=at)
    with pytest.raises(NotFound):
        actions.drop(uuid4(), by=district.clerk, at=at)


def test_given_up_while_it_is_recorded_what_was_recorded_stays_and_the_rest_can_be_handed_in_again(
    approved, district, monkeypatch
):
    payment, at = approved
    monkeypatch.setattr(settling, "AT_ONCE", 2)
    answer = hand_in(payment, csv_of(all_paid(payment)), district.clerk, at)
    real = settling._record

    def given_up(*some, **named):
        found = real(*some, **named)
        BankAnswer.objects.filter(pk=answer.pk).update(status="dropped", ended_at=at)
        return found

    monkeypatch.setattr(settling, "_record", given_up)
    with pytest.raises(IntegrityError), transaction.atomic():  # half an answer is never said to be failed
        BankAnswer.objects.filter(pk=answer.pk).update(status="failed", because="x", saved=2, ended_at=at)
    actions.take_answer(answer.pk, at=at)
    monkeypatch.setattr(settling, "_record", real)
    answer.refresh_from_db()
    assert (answer.status, answer.saved) == ("dropped", 2)
    assert statuses(payment) == ["paid", "paid", "payable", "payable", "payable"]
    again = taken(payment, all_paid(payment), district.clerk, at)
    assert (again.paid, set(statuses(payment))) == (3, {"paid"})


@pytest.mark.parametrize("deadly", range(1, 8))
def test_killed_at_any_batch_it_goes_on_and_everything_is_recorded_once(approved, district, monkeypatch, deadly):
    payment, at = approved
    monkeypatch.setattr(settling, "AT_ONCE", 2)
    answer = hand_in(payment, csv_of(all_paid(payment)), district.clerk, at)
    passed = []

    def deadly_after(real):
        def dying(*some, **named):
            found = real(*some, **named)
            passed.append(real)
            if len(passed) == deadly:
                raise KeyboardInterrupt
            return found

        return dying

    for place, name in ((settling, "_record"), (settling.under_way, "told"), (settling.under_way, "ended")):
        monkeypatch.setattr(place, name, deadly_after(getattr(place, name)))
    with pytest.raises(KeyboardInterrupt):
        actions.take_answer(answer.pk, at=at)
    monkeypatch.undo()
    later = at + timedelta(minutes=5)
    tasks.sweep(timestamp=0)
    assert BankAnswer.objects.under_way().count() == (0 if deadly == 7 else 1)
    actions.take_answer(answer.pk, at=later)
    answer.refresh_from_db()
    assert (answer.status, answer.saved, answer.paid) == ("done", 5, 5)
    settled = [entry.details for entry in history(payment.pk) if entry.action == "settle"]
    assert sum(details["paid"] for details in settled) == 5
    assert set(statuses(payment)) == {"paid"}


def test_what_is_left_over_is_taken_up_by_the_sweep_once(approved, district):
    payment, at = approved
    answer = hand_in(payment, csv_of(all_paid(payment)), district.clerk, at)
    ProcrastinateJob.objects.filter(task_name="policies.take_answer").delete()
    for _minute in range(2):
        tasks.sweep(timestamp=0)
    (job,) = ProcrastinateJob.objects.filter(task_name="policies.take_answer")
    tasks.take_answer(**job.args)
    answer.refresh_from_db()
    assert answer.status == "done"


def test_if_the_file_is_gone_half_way_it_says_so_and_can_be_handed_in_again(approved, district):
    payment, at = approved
    answer = hand_in(payment, csv_of(all_paid(payment)), district.clerk, at)
    BankAnswer.objects.filter(pk=answer.pk).update(status="saving", lines=5)
    settling.place_of(answer.pk).unlink()
    gone = actions.take_answer(answer.pk, at=at)
    assert gone.status == "dropped"
    assert "重新上传" in gone.because
    assert taken(payment, all_paid(payment), district.clerk, at).paid == 5


def test_the_files_go_after_some_days_and_what_is_known_of_them_stays(approved, district):
    payment, at = approved
    answer = taken(payment, all_paid(payment)[:1], district.clerk, at)
    assert actions.purge(at=at) == 0
    assert actions.purge(at=at + settling.KEPT) == 1
    assert not settling.place_of(answer.pk).exists()
    with pytest.raises(NotFound):
        actions.fetch_faults(answer.pk, by=district.clerk)
    assert BankAnswer.objects.get(pk=answer.pk).sha256


@pytest.mark.django_db(transaction=True)
def test_two_people_who_hand_in_the_same_file_at_the_same_moment_have_one_effect(approved, district):
    payment, at = approved
    gate, handed_in = Barrier(2), []

    def hand(by):
        gate.wait()
        try:
            answer = hand_in(payment, csv_of(all_paid(payment)), by, at)
            handed_in.append(answer.pk)
            actions.take_answer(answer.pk, at=at)
        finally:
            connection.close()

    threads = [Thread(target=hand, args=(by,)) for by in (district.clerk, district.leader)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(handed_in) == 2
    assert sum(answer.paid for answer in BankAnswer.objects.all()) == 5
    assert set(statuses(payment)) == {"paid"}
    assert sum(entry.details["paid"] for entry in history(payment.pk) if entry.action == "settle") == 5


def test_the_number_of_queries_does_not_grow_with_the_file(
    approved, district, monkeypatch, django_assert_num_queries
):
    payment, at = approved
    monkeypatch.setattr(settling, "tell_settled_to", lambda *_lines, **_at: None)
    for rows in (all_paid(payment)[:2], all_paid(payment)):
        answer = hand_in(payment, csv_of(rows), district.clerk, at)
        with django_assert_num_queries(TAKING):
            actions.take_answer(answer.pk, at=at)
    assert set(statuses(payment)) == {"paid"}


TAKING = 30
"""Statements of taking an answer: begun, looked through, one batch recorded, ended; savepoints among them."""
