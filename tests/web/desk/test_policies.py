"""Policies at the desk: which enterprises, what is missing, what an amendment would change."""

from __future__ import annotations

import io

import pytest
from django.utils import timezone
from openpyxl import load_workbook

from tests import world
from tests.policies import market
from tests.web.browsing import Browser, cost
from zerotrip.catalogue import packs
from zerotrip.ledger.queries import history
from zerotrip.parties.access import SYSTEM
from zerotrip.parties.models import Party, Role
from zerotrip.policies import loading
from zerotrip.policies.models import Policy

FIRST = f"{world.DISTRICT}370199001000/"


@pytest.fixture
def town(district, tmp_path):
    """Three enterprises: small, large, and one of which nothing is known; the large one elsewhere in town."""
    market.load(tmp_path / "pack")
    large, unknown = world.enterprise("济南虚构大厂", 901), world.enterprise("济南虚构新店", 902)
    Party.objects.filter(pk=large.pk).update(area_path=FIRST)
    large.refresh_from_db()
    market.state(district.firm, staff="120", industry="6210", revenue="3000000", as_of=market.year_end())
    market.state(large, staff="900", industry="C3421")
    market.state(unknown, exporter=True)
    return district


@pytest.fixture
def amended(town, tmp_path):
    """A proposal that lets fewer in."""
    files = market.policies()
    files["rent-half"] = files["rent-half"].replace("at_most: 300", "at_most: 100")
    pack, _faults = packs.read(market.pack(tmp_path / "amended", files))
    assert loading.propose(pack.parts["policies"], pack, by=SYSTEM, at=timezone.now()) == ["rent-half"]
    return town


def test_every_policy_says_how_many_it_is_for(town):
    page = Browser(town.leader).open("/desk/policies/")
    row = page.html.split('href="/desk/policies/rent-half/"')[1]
    assert ">房租补贴<" in row
    assert '/desk/policies/rent-half/">1</a>' in page.html
    assert '/desk/policies/rent-half/?answer=unknown">1</a>' in page.html


def test_which_enterprises_and_what_is_missing(town):
    desk = Browser(town.clerk)
    assert town.firm.name in desk.open("/desk/policies/rent-half/").text
    unknown = desk.open("/desk/policies/rent-half/?answer=unknown").text
    assert "济南虚构新店" in unknown
    assert "从业人员 1" in unknown, "what is missing, and of how many"
    assert "济南虚构大厂" in desk.open("/desk/policies/rent-half/?answer=no").text


@pytest.mark.parametrize(
    ("narrowed", "there"),
    [
        ("industry=H", True),
        ("industry=C", False),
        ("area=370199001000", False),
        ("industry=nonsense&area=x&size=y&answer=z", True),
        ("size=small", True),
        ("size=large", False),
    ],
)
def test_the_list_is_narrowed_by_area_industry_and_size(town, narrowed, there):
    page = Browser(town.clerk).open(f"/desk/policies/rent-half/?{narrowed}")
    assert (town.firm.name in page.text) is there


def test_staff_of_another_area_see_nothing_of_it(town):
    seat = world.staff("elsewhere", "approval-bureau", Role.CLERK)
    seat.person.memberships.update(area_path=FIRST)
    page = Browser(seat).open("/desk/policies/rent-half/?answer=no&area=370199000000")
    assert "济南虚构大厂" in page.text
    assert town.firm.name not in Browser(seat).open("/desk/policies/rent-half/").text


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_the_list_is_taken_out_as_a_file_and_that_is_written_down(town, form):
    desk = Browser(town.clerk)
    page = desk.open("/desk/policies/rent-half/")
    sent = page.form("/export/").press(form.upper() if form == "csv" else "Excel", status=200)
    if form == "csv":
        assert sent.response.streaming
        rows = [line.split(",") for line in sent.html.removeprefix("\ufeff").splitlines()]
    else:
        sheet = load_workbook(io.BytesIO(sent.response.content)).active
        rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert rows[0][0] == "企业"
    assert rows[1][:2] == [town.firm.name, town.firm.uscc]
    assert len(rows) == 2
    office = Party.objects.get(code="approval-bureau")
    assert [entry.action for entry in history(office.pk)][-1] == "policy_list"


def test_a_list_too_long_for_a_workbook_goes_out_as_csv_alone(town, monkeypatch):
    monkeypatch.setattr("zerotrip.web.desk.policies.MOST_ROWS", 0)
    desk = Browser(town.clerk)
    page = desk.open("/desk/policies/rent-half/")
    form = page.form("/export/")
    assert "Excel" not in page.text
    refused = desk.send(form.action, {**form.values, "form": "xlsx"}, status=409)
    assert "请导出 CSV" in refused.text
    assert town.firm.uscc in form.press("CSV", status=200).html
    monkeypatch.setattr("zerotrip.web.desk.policies.MOST_LINES", 0)
    assert "请缩小范围" in desk.send(form.action, {**form.values, "form": "csv"}, status=409).text
    office = Party.objects.get(code="approval-bureau")
    assert [entry.action for entry in history(office.pk)].count("policy_list") == 1


def test_a_file_of_no_kind_is_refused(town):
    desk = Browser(town.clerk)
    form = desk.open("/desk/policies/rent-half/").form("/export/")
    form.values["form"] = ["doc"]
    desk.send("/desk/policies/rent-half/export/", {**form.values, "form": "doc"}, status=422)


def test_a_policy_that_cannot_be_asked_says_so_and_stays_in_the_list(town):
    from zerotrip.facts.actions import declare
    from zerotrip.facts.queries import declared_by

    spec = declared_by("jinan")
    left = tuple(fact for fact in spec.facts if fact.id != "exporter")
    declare("jinan", spec.model_copy(update={"facts": left}), at=timezone.now())
    desk = Browser(town.leader)
    assert "条件失效，要修订" in desk.open("/desk/policies/").text
    assert "已经没有的事实" in desk.open("/desk/policies/export-help/", status=409).text


def test_an_amendment_shows_whose_answer_changes_before_it_is_published(amended):
    page = Browser(amended.leader).open("/desk/policies/rent-half/proposal/")
    assert "1 家企业的结果会变" in page.text
    assert amended.firm.name in page.text
    assert "从业人员不超过 300 人" in page.text
    assert "从业人员不超过 100 人" in page.text
    assert "等待公布的修订" in Browser(amended.clerk).open("/desk/policies/").text


def test_whoever_leads_publishes_and_others_only_look(amended):
    clerk = Browser(amended.clerk).open("/desk/policies/rent-half/proposal/")
    assert "公布或不采用，由部门负责人或管理员决定" in clerk.text
    page = Browser(amended.leader).open("/desk/policies/rent-half/proposal/")
    page.form().press("公布", status=302)
    row = Policy.objects.get(pk="rent-half")
    assert (row.current.number, row.proposed) == (2, None)
    assert "从业人员不超过 100 人" in Browser().open("/policies/rent-half/").text
    again = page.form().press("公布", status=302)
    assert again.location == "/desk/policies/rent-half/", "pressed twice, published once"


def test_to_let_an_amendment_go_takes_a_reason(amended):
    page = Browser(amended.leader).open("/desk/policies/rent-half/proposal/")
    assert "请写明为什么不采用" in page.form().press("不采用", status=422).text
    page.form().press("不采用", reason="财政没有安排", status=302)
    row = Policy.objects.get(pk="rent-half")
    assert (row.current.number, row.proposed) == (1, None)


def test_a_new_policy_says_how_many_it_would_be_for(town, tmp_path):
    files = {"brand-new": market.policies()["rent-half"].replace("rent-half", "brand-new")}
    pack, _faults = packs.read(market.pack(tmp_path / "new", files))
    loading.propose(pack.parts["policies"], pack, by=SYSTEM, at=timezone.now())
    page = Browser(town.leader).open("/desk/policies/brand-new/proposal/")
    assert "公布后，本区域有 1 家企业符合，1 家还不能确定" in page.text
    Browser().open("/policies/brand-new/", status=404)


@pytest.mark.parametrize(
    ("address", "most"),
    [("/desk/policies/", 14), ("/desk/policies/rent-half/", 18), ("/desk/policies/rent-half/proposal/", 18)],
)
def test_pages_take_few_queries(amended, address, most):
    assert cost(Browser(amended.leader), address) <= most
