"""A granted case brings forth one licence, numbered without a gap, signed, and verifiable."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields
from datetime import UTC, date, datetime, timedelta

import pypdfium2
import pytest
from django.db import IntegrityError, connection, transaction

from tests.licences.conftest import ANSWERS, AT, DEFINITION, make_version, on
from zerotrip.cases import actions as cases
from zerotrip.cases.outcomes import handler_of
from zerotrip.errors import NotFound, Refused
from zerotrip.files.models import Blob
from zerotrip.files.store import open_blob
from zerotrip.ledger.queries import first_break, history
from zerotrip.licences import actions, queries
from zerotrip.licences.identifiers import is_identifier
from zerotrip.licences.models import Counter, Licence
from zerotrip.licences.states import Standing
from zerotrip.parties.access import SYSTEM

SCHEME = "农药经许（鲁）370199{year}{seq:04}"


def issue(case, at=AT) -> Licence:
    return actions.issue(case=case, by=SYSTEM, at=at)


def words(licence: Licence) -> str:
    with open_blob(licence.blob_id) as file, pypdfium2.PdfDocument(file.read()) as document:
        return "".join(document[0].get_textpage().get_text_range().split())


@pytest.mark.django_db
class TestIssuing:
    def test_the_licence_says_what_was_granted(self, granted):
        case = granted()
        licence = issue(case)
        assert licence.title == "农药经营许可证"
        assert licence.kind == "pesticide-licence"
        assert licence.number == "农药经许（鲁）3701992026" + "0001"
        assert (licence.holder, licence.issuer, licence.case) == (case.applicant, case.department, case)
        assert licence.facts["operator"] == "济南示范田园农资有限公司"
        assert licence.facts["address"] == "济南市示范区田园路 1 号"
        assert (licence.valid_from, licence.valid_until) == (date(2026, 11, 23), date(2029, 5, 8))
        assert is_identifier(licence.identifier)

    def test_the_document_says_it_too_and_carries_a_signature(self, granted):
        licence = issue(granted())
        text = words(licence)
        for part in (licence.number, "济南市示范区田园路1号", licence.identifier, licence.token):
            assert part in text
        with open_blob(licence.blob_id) as file:
            assert b"/ETSI.CAdES.detached" in file.read()

    def test_twice_is_once(self, granted):
        case = granted()
        assert issue(case) == issue(case, at=AT + timedelta(hours=1))
        assert Licence.objects.count() == 1
        assert Blob.objects.count() == 1
        assert Counter.objects.get().last == 1

    def test_it_stands_in_the_journal(self, granted):
        licence = issue(granted())
        (entry,) = history(licence.pk)
        assert entry.action == "issue"
        assert entry.details["sha256"] == licence.blob_id
        assert first_break(licence) is None

    def test_the_engine_of_cases_calls_it_by_its_kind(self, granted):
        case = granted()
        kept = handler_of("licence")(case, by=SYSTEM, at=AT)
        assert kept["number"] == Licence.objects.get(case=case).number

    def test_the_step_of_the_case_and_its_licence_are_one(self, granted):
        case = cases.issue(granted(), by=SYSTEM, at=AT)
        assert case.status == "issued"
        (entry,) = history(case.pk)
        assert entry.details["licence"] == str(Licence.objects.get(case=case).pk)

    @pytest.mark.parametrize(
        "state",
        [
            {"status": "deciding", "result": ""},
            {"status": "closed", "result": "refused", "closed_at": AT},
        ],
    )
    def test_what_was_not_granted_gets_none(self, granted, state):
        with pytest.raises(Refused):
            issue(granted(**state))
        assert not Licence.objects.exists()
        assert not Counter.objects.exists()

    def test_an_enterprise_is_named_and_money_has_its_unit(self, granted):
        fields = [
            {"id": "owner", "kind": "enterprise", "label": {"zh": "单位"}},
            {"id": "total", "kind": "money", "label": {"zh": "总投资"}},
            {"id": "left", "kind": "money", "label": {"zh": "余额"}, "required": False},
        ]
        form = [*DEFINITION["form"], {"id": "more", "title": {"zh": "其他"}, "fields": fields}]
        version = make_version(
            DEFINITION | {"form": form},
            facts={"a": ["answers.left", "answers.total"], "b": "answers.owner", "c": "answers.left"},
        )
        owner = {"name": "示范公司", "uscc": "91370199DEM0000046"}
        case = granted(of=version, answers=ANSWERS | {"owner": owner, "total": "38600000"})
        assert issue(case).facts == {"a": "38,600,000 元", "b": "示范公司"}

    def test_days_of_validity_count_the_first(self, granted):
        licence = issue(granted(of=make_version(valid_until=None, valid_days=365)))
        assert licence.valid_until == date(2027, 11, 22)

    def test_without_an_end_it_has_none(self, granted):
        assert issue(granted(of=make_version(valid_until=None))).valid_until is None

    def test_an_end_in_the_past_is_refused_and_uses_no_number(self, granted):
        case = granted(answers=ANSWERS | {"expires": "2020-01-01"})
        with pytest.raises(Refused, match="有效期已过"):
            issue(case)
        assert not Counter.objects.exists()

    def test_what_the_applicant_wrote_is_printed_as_written(self, granted):
        name = "#panic() *好* 李𬭚 张𰻞"
        assert "#panic()*好*李𬭚张［U+30EDE］" in words(issue(granted(answers=ANSWERS | {"operator": name})))


@pytest.mark.django_db
class TestNumbers:
    def test_they_run_on_and_begin_anew_each_year(self):
        given = [actions.next_number(SCHEME, day=date(year, 6, 1)) for year in (2026, 2026, 2027, 2026)]
        assert [number[-8:] for number in given] == ["20260001", "20260002", "20270001", "20260003"]

    def test_schemes_do_not_disturb_each_other(self):
        assert actions.next_number("甲{year}-{seq}", day=date(2026, 1, 1)) == "甲2026-1"
        assert actions.next_number("乙{year}-{seq}", day=date(2026, 1, 1)) == "乙2026-1"

    def test_the_year_is_that_of_the_place(self, granted):
        licence = issue(granted(), at=datetime(2026, 12, 31, 17, 0, tzinfo=UTC))
        assert "2027" in licence.number


class Undone(Exception):
    """The transaction fails."""


def _try(number: int) -> str | None:
    """Take a number; every third one who does changes his mind."""
    try:
        with transaction.atomic():
            taken = actions.next_number(SCHEME, day=date(2026, 6, 1))
            if number % 3 == 0:
                raise Undone
            return taken
    except Undone:
        return None
    finally:
        connection.close()


@pytest.mark.django_db(transaction=True)
def test_many_at_once_get_numbers_without_gap_or_repeat():
    with ThreadPoolExecutor(6) as crowd:
        taken = sorted(filter(None, crowd.map(_try, range(30))))
    assert [int(number[-4:]) for number in taken] == list(range(1, 21))


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_make_one_licence(granted):
    case = granted()

    def work(_which: int):
        try:
            return issue(case).pk
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as crowd:
        assert len(set(crowd.map(work, range(4)))) == 1
    assert Counter.objects.get().last == 1


@pytest.mark.django_db
class TestVerification:
    def test_it_shows_validity_and_no_more_than_needed(self, granted, django_assert_num_queries):
        licence = issue(granted())
        with django_assert_num_queries(1):
            seen = queries.verify(licence.token, at=AT)
        assert (seen.title, seen.number, seen.standing) == ("农药经营许可证", licence.number, Standing.VALID)
        assert (seen.holder, seen.issuer) == ("济南示范田园农资有限公司", "济南市示范区农业农村局")
        assert (seen.issued_on, seen.valid_until) == (date(2026, 11, 23), date(2029, 5, 8))
        assert not {"facts", "case", "blob", "address"} & {field.name for field in fields(seen)}

    def test_the_name_of_a_person_is_masked(self, granted):
        licence = issue(granted(kind="person", name="李小明"))
        assert queries.verify(licence.token, at=AT).holder == "李**"

    @pytest.mark.parametrize("token", ["", "x" * 22, "\0" * 22, "'; --", "%" * 22, "漢" * 22, "a" * 9000])
    def test_what_was_not_issued_here_is_not_found(self, token):
        with pytest.raises(NotFound):
            queries.verify(token, at=AT)

    def test_tokens_cannot_be_guessed_from_one_another(self, granted):
        tokens = [issue(granted()).token for _time in range(3)]
        assert len({token[:6] for token in tokens}) == 3
        assert all(len(token) == 22 for token in tokens)

    @pytest.mark.parametrize(
        ("at", "standing"),
        [
            (AT - timedelta(days=1), Standing.FUTURE),
            (AT, Standing.VALID),
            (on(date(2029, 5, 8), hour=23), Standing.VALID),
            (on(date(2029, 5, 9), hour=8), Standing.EXPIRED),
        ],
    )
    def test_the_last_day_counts_to_its_end(self, granted, at, standing):
        assert queries.verify(issue(granted()).token, at=at).standing is standing


@pytest.mark.django_db
def test_the_database_keeps_one_number_per_kind_and_reasons_for_stopping(granted):
    first, second = issue(granted()), issue(granted())
    with pytest.raises(IntegrityError), transaction.atomic():
        Licence.objects.filter(pk=second.pk).update(number=first.number)
    with pytest.raises(IntegrityError), transaction.atomic():
        Licence.objects.filter(pk=second.pk).update(status="revoked")
    with pytest.raises(IntegrityError), transaction.atomic():
        Licence.objects.filter(pk=second.pk).update(stopped_because="x")
    with pytest.raises(IntegrityError), transaction.atomic():
        Licence.objects.filter(pk=second.pk).update(valid_until=date(2000, 1, 1))
