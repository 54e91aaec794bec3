"""Goods at the portal and at the desk: what is typed is recorded, what is wrong is said and kept."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from openpyxl import Workbook, load_workbook

from tests import world
from tests.prevention.emergency import declared
from tests.prevention.lots import goods
from zerotrip.ids import new_id
from zerotrip.parties.models import User
from zerotrip.prevention.lots import actions
from zerotrip.prevention.lots.actions.steps import Stamp
from zerotrip.prevention.models import Arrival, GoodsSheet, Lot, LotFile, Movement, Recall, SupplyRequest
from zerotrip.web.goods import tracing

pytestmark = pytest.mark.django_db


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture
def store(district, now):
    """The event and the goods are of now: pages read the clock."""
    declared(district, at=now)
    return actions.place_at(actions.Where(name="虚构冷库", area=goods.STREET), by=district.clerk, at=now)


@pytest.fixture
def lot(district, store, now) -> Lot:
    arrived = actions.Arrived(
        "frozen-beef", "100", actions.Where(holder=store.pk), consignment="C1", carried=goods.DRIVER
    )
    return actions.receive(arrived, stamp=Stamp(new_id(), district.clerk, now))[0].target


def client(actor) -> Client:
    return world.sign_in(Client(), User.objects.get(pk=actor.user_id))


@pytest.fixture
def desk(district) -> Client:
    return client(district.clerk)


@pytest.fixture
def portal(district) -> Client:
    return client(district.applicant)


def text(answer) -> str:
    return answer.content.decode()


def test_there_is_nothing_without_an_event(district, desk, portal):
    assert desk.get("/desk/prevention/goods/").status_code == 404
    assert portal.get("/goods/").status_code == 404


def test_a_firm_receives_on_its_phone_and_finds_the_lot_again(district, store, portal):
    typed = {
        "key": str(new_id()),
        "item": "frozen-beef",
        "quantity": "12.5",
        "holder": f"p:{district.firm.pk}",
        "consignment": "530120260000000009",
        "handler": "马驰骋",
        "plate": "鲁A·D0001",
    }
    for _time in range(2):
        answer = portal.post("/goods/new/", typed)
        assert answer.status_code == 302
    (lot,) = Lot.objects.all()
    assert "12.5 千克" in text(portal.get(answer.url))
    assert lot.number in text(portal.get("/goods/", {"q": "530120260000000009"}))
    assert "没有符合条件的批次" in text(portal.get("/goods/", {"q": "不存在"}))
    for query in ({"q": lot.number}, {"q": district.firm.name[:6]}, {"item": "frozen-beef"}, {"state": "here"}):
        assert lot.number in text(portal.get("/goods/", query))


def test_what_is_wrong_is_said_and_what_was_typed_is_kept(district, store, portal):
    answer = portal.post("/goods/new/", {"item": "frozen-beef", "quantity": "十", "consignment": "虚构单号"})
    assert answer.status_code == 422
    assert "请填写大于零的数量" in text(answer)
    assert 'value="虚构单号"' in text(answer)
    assert not Lot.objects.exists()


@pytest.mark.parametrize("kind", ["move", "sell", "use", "split", "join", "return", "destroy", "count"])
def test_each_kind_has_its_form_and_refuses_nothing_typed(district, lot, desk, kind):
    address = f"/desk/prevention/goods/lots/{lot.pk}/do/{kind}/"
    assert desk.get(address).status_code == 200
    answer = desk.post(address, {})
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in text(answer)
    assert Movement.objects.count() == 1


def test_what_happens_to_a_lot_is_recorded_at_the_desk(district, store, lot, desk):
    base = f"/desk/prevention/goods/lots/{lot.pk}/"
    forms = {
        "move": {"quantity": "40", "to-name": "虚构市场", "to-area": goods.STREET, "handler": "马驰骋"},
        "sell": {"quantity": "10", "to-uscc": district.firm.uscc},
        "use": {"quantity": "1", "reason": "食堂"},
        "split": {"parts-0": "5", "parts-1": "6"},
        "return": {"quantity": "1", "outside": "虚构供货商", "reason": "破损"},
        "destroy": {"quantity": "1", "reason": "变质"},
        "count": {"there": "30", "reason": "盘点"},
    }
    for kind, typed in forms.items():
        sent = {"key": str(new_id()), "source": str(store.pk), **typed}
        answer = desk.post(f"{base}do/{kind}/", sent)
        assert answer.status_code == 302, text(answer)
    part = Lot.objects.exclude(pk=lot.pk).first()
    joined = {"key": str(new_id()), "source": str(store.pk), f"join-{lot.pk}": "10", f"join-{part.pk}": "2"}
    assert desk.post(f"{base}do/join/", joined).status_code == 302
    assert Movement.objects.filter(kind="join").count() == 2
    page = text(desk.get(base))
    for said in ("拆分", "没有确认收货", "盘点差异</b> −", "虚构市场", district.firm.name):
        assert said in page
    sent = Movement.objects.get(kind="move")
    address = f"/desk/prevention/goods/movements/{sent.pk}/"
    assert desk.get(address).status_code == 200
    assert desk.post(address, {"quantity": "41"}).status_code == 422
    assert desk.post(address, {"quantity": "40", "note": "顺利"}).status_code == 302
    assert Arrival.objects.get().quantity == 40


def test_a_firm_with_one_store_sends_goods_to_another_firm(district, store, portal):
    typed = {"key": str(new_id()), "item": "frozen-beef", "quantity": "30", "holder": f"p:{district.firm.pk}"}
    portal.post("/goods/new/", {**typed, "consignment": "530120260000000010"})
    lot = Lot.objects.get()
    form = text(portal.get(f"/goods/lots/{lot.pk}/do/move/"))
    assert '<option value="" selected>请选择</option>' in form
    assert 'name="to-area"' not in form
    other = world.enterprise("虚构收货有限公司", 977)
    told = {"key": str(new_id()), "quantity": "10", "to": "", "to-uscc": other.uscc}
    assert portal.post(f"/goods/lots/{lot.pk}/do/move/", told).status_code == 302
    assert Movement.objects.get(kind="move").target_holder.party == other
    assert "20 千克" in text(portal.get("/goods/"))
    wrong = text(portal.post(f"/goods/lots/{lot.pk}/do/sell/", {"quantity": "1", "to-uscc": "91370199MA0000000X"}))
    assert 'id="to-uscc-problem"' in wrong
    assert 'href="#to-uscc"' in wrong


def test_papers_are_bound_to_a_lot_and_shown_to_whoever_sees_it(district, lot, desk, portal):
    address = f"/desk/prevention/goods/lots/{lot.pk}/papers/"
    scan = world.pdf("customs")
    scan.name = "customs.pdf"
    told = {"kind": "customs", "number": "虚构 001", "issued_on": "2026-01-05"}
    refused = desk.post(f"{address}certificate/", told)
    assert refused.status_code == 422
    assert "请拍照或上传证明" in text(refused)
    assert desk.post(f"{address}certificate/", {**told, "files": scan}).status_code == 302
    photo = world.pdf("photo")
    photo.name = "photo.pdf"
    told = {"who": "李消杀", "files": photo}
    assert desk.post(f"{address}disinfection/", told).status_code == 302
    assert LotFile.objects.count() == 2
    one = LotFile.objects.first()
    served = desk.get(f"/goods/files/{one.pk}/")
    assert b"".join(served.streaming_content).startswith(b"%PDF")
    for close in served._resource_closers:
        close()
    assert portal.get(f"/goods/files/{one.pk}/").status_code == 404
    assert "虚构 001" in text(desk.get(f"/desk/prevention/goods/lots/{lot.pk}/"))


def test_a_trace_hides_names_until_somebody_says_why(district, lot, desk):
    address = f"/desk/prevention/goods/lots/{lot.pk}/trace/"
    page = text(desk.get(address))
    assert "缺少海关检验检疫证明" in page
    assert "马**" in page
    assert "马驰骋" not in page
    assert desk.post(address, {"reason": ""}).status_code == 422
    shown = text(desk.post(address, {"reason": "流调需要联系司机"}))
    assert "马驰骋 13700000000 鲁A·D0001" in shown
    book = load_workbook(io.BytesIO(desk.get(address, {"as": "xlsx"}).content))
    assert book.sheetnames == ["来龙去脉", "缺口"]
    assert book["来龙去脉"].max_row == 2
    assert desk.get(address, {"as": "pdf"}).content.startswith(b"%PDF")


def test_a_leader_recalls_and_lets_go(district, store, lot, desk, monkeypatch):
    address = f"/desk/prevention/goods/lots/{lot.pk}/recall/"
    assert desk.get(address).status_code == 403
    sale = {"key": str(new_id()), "source": str(store.pk), "quantity": "5", "outside": "外地虚构饭店"}
    assert desk.post(f"/desk/prevention/goods/lots/{lot.pk}/do/sell/", sale).status_code == 302
    again = {**sale, "key": str(new_id()), "outside": "另一家虚构饭店"}
    assert desk.post(f"/desk/prevention/goods/lots/{lot.pk}/do/sell/", again).status_code == 302
    leader = client(district.leader)
    assert leader.get(address).status_code == 200
    assert leader.post(address, {"reason": ""}).status_code == 422
    assert leader.post(address, {"key": str(new_id()), "reason": "外包装阳性"}).status_code == 302
    answers = text(leader.get(address))
    assert "要电话通知" in answers
    assert "外地虚构饭店" in answers
    monkeypatch.setattr(tracing, "PAGE_SIZE", 1)
    sold = [text(leader.get(address, {"page": page})) for page in (1, 2)]
    assert ["外地虚构饭店" in page for page in sold] == [False, True], "the latest first"
    held = text(desk.get(f"/desk/prevention/goods/lots/{lot.pk}/"))
    assert "已封存" in held
    assert [kind for kind in ("sell", "split", "return", "count") if f"/do/{kind}/" in held] == ["return", "count"]
    assert leader.post(address, {"reason": "复检阴性"}).status_code == 302
    assert Recall.objects.get().lifted_because == "复检阴性"


def test_supplies_are_asked_for_and_brought(district, store, desk, portal, now):
    arrived = actions.Arrived("mask-n95", "100", actions.Where(holder=store.pk))
    actions.receive(arrived, stamp=Stamp(new_id(), district.clerk, now))
    day = (now + timedelta(days=1)).date().isoformat()
    wish = {"key": str(new_id()), "item": "mask-n95", "holder": f"p:{district.firm.pk}", "needed_by": day}
    assert portal.post("/goods/supplies/new/", wish).status_code == 422
    assert portal.post("/goods/supplies/new/", {**wish, "quantity": "60"}).status_code == 302
    row = SupplyRequest.objects.get()
    assert portal.get(f"/goods/supplies/{row.pk}/").status_code == 200
    assert "N95 口罩" in text(desk.get("/desk/prevention/goods/supplies/"))
    page = text(desk.get(f"/desk/prevention/goods/supplies/{row.pk}/"))
    lot = Lot.objects.get()
    assert f'name="lot-{lot.pk}" value="60"' in page
    sent = {"key": str(new_id()), "act": "send", "store": str(store.pk), f"lot-{lot.pk}": "60", "handler": "马驰骋"}
    wrong = {**sent, f"lot-{lot.pk}": "101"}
    assert "只有 100 只" in text(desk.post(f"/desk/prevention/goods/supplies/{row.pk}/", wrong))
    assert desk.post(f"/desk/prevention/goods/supplies/{row.pk}/", sent).status_code == 302
    moved = Movement.objects.get(request=row)
    assert portal.post(f"/goods/movements/{moved.pk}/", {"quantity": "60"}).status_code == 302
    assert "已发齐" in text(portal.get("/goods/supplies/"))
    level = f"/desk/prevention/goods/supplies/levels/{store.pk}/mask-n95/"
    assert desk.get(level).status_code == 200
    assert desk.post(level, {"least": "50"}).status_code == 302
    assert "不足" in text(desk.get("/desk/prevention/goods/supplies/"))


def sheet(*rows) -> io.BytesIO:
    book = Workbook()
    book.active.append(["类型", "货物", "数量", "存放点", "批次号", "报关单号", "买方统一社会信用代码", "时间"])
    for row in rows:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    out.seek(0)
    out.name = "goods.xlsx"
    return out


def handed_in(desk, *rows) -> GoodsSheet:
    from zerotrip.prevention.lots.actions.importing import work

    answer = desk.post("/desk/prevention/goods/sheets/", {"key": str(new_id()), "file": sheet(*rows)})
    assert answer.status_code == 302, text(answer)
    row = GoodsSheet.objects.latest("asked_at")
    work(row.pk, at=timezone.now())
    row.refresh_from_db()
    return row


def test_a_workbook_is_tried_out_row_by_row_and_taken_over_as_a_whole(district, store, lot, desk):
    from zerotrip.prevention.lots.actions.importing import work

    good = ["入库", "进口冷冻牛肉", 20.5, "虚构冷库", None, "C9", None, None]
    sale = ["销售", None, "5", "虚构冷库", lot.number, None, district.firm.uscc, None]
    bad = handed_in(desk, good, sale, ["入库", "牛肉", "x", "虚构冷库", None, "C9", None, "明天"])
    assert (bad.state, bad.rows, bad.faults) == ("checked", 3, 1)
    assert "不是日期" in text(desk.get(f"/desk/prevention/goods/sheets/{bad.pk}/"))
    assert desk.post(f"/desk/prevention/goods/sheets/{bad.pk}/").status_code == 409
    more = handed_in(
        desk, ["销售", None, "500", "虚构冷库", lot.number], ["入库", "牛肉", "1", "没有"], ["别的", "", 1, ""]
    )
    assert [shown[0] for shown in more.shown] == [2, 3, 4]
    row = handed_in(desk, good, sale)
    assert (row.state, row.faults, Movement.objects.count()) == ("checked", 0, 1)
    assert "2 行都没有问题" in text(desk.get(f"/desk/prevention/goods/sheets/{row.pk}/"))
    assert desk.post(f"/desk/prevention/goods/sheets/{row.pk}/").status_code == 302
    for _time in range(2):
        work(row.pk, at=timezone.now())
    row.refresh_from_db()
    assert (row.state, Movement.objects.count()) == ("done", 3)
    assert desk.get("/desk/prevention/goods/sheets/").status_code == 200
    blank = desk.get("/desk/prevention/goods/sheets/template/")
    assert b"".join(blank.streaming_content).startswith(b"PK")
    for close in blank._resource_closers:
        close()


def test_what_is_no_workbook_is_said(district, store, desk):
    from zerotrip.prevention.lots.actions.importing import purge_sheets, work

    assert desk.post("/desk/prevention/goods/sheets/", {}).status_code == 422
    broken = io.BytesIO(b"no workbook")
    broken.name = "x.xlsx"
    assert desk.post("/desk/prevention/goods/sheets/", {"file": broken}).status_code == 302
    row = GoodsSheet.objects.get()
    work(row.pk, at=timezone.now())
    row.refresh_from_db()
    assert row.state == "failed"
    assert "不是 Excel" in row.because
    assert purge_sheets(at=row.expires_at) == 1


def test_a_time_before_the_goods_came_is_refused_at_its_place_and_what_was_typed_is_kept(
    district, store, lot, desk
):
    before = timezone.localtime() - timedelta(days=1)
    typed = {"key": str(new_id()), "source": str(store.pk), "quantity": "7", "at-day": f"{before:%Y-%m-%d}"}
    answer = desk.post(f"/desk/prevention/goods/lots/{lot.pk}/do/sell/", {**typed, "at-time": "08:00"})
    assert answer.status_code == 422
    assert "才到虚构冷库，时间不能更早" in text(answer)
    assert 'value="7"' in text(answer)
    assert desk.post(f"/desk/prevention/goods/lots/{lot.pk}/do/sell/", typed).status_code == 422
    row = handed_in(desk, ["销售", None, "5", "虚构冷库", lot.number, None, None, f"{before:%Y-%m-%d} 08:00"])
    ((_number, column, _value, told),) = row.shown
    assert (row.faults, column) == (1, "H")
    assert "才到虚构冷库" in told
    assert Movement.objects.count() == 1


def test_a_day_without_an_hour_is_that_day_and_today_is_now(district, store, desk, now):
    arrived = actions.Arrived("mask-n95", "100", actions.Where(holder=store.pk), arrived_at=now - timedelta(days=3))
    lot = actions.receive(arrived, stamp=Stamp(new_id(), district.clerk, now))[0].target
    yesterday = timezone.localtime(now) - timedelta(days=1)
    for day, on in ((yesterday, yesterday.date()), (timezone.localtime(now), timezone.localtime(now).date())):
        typed = {"key": str(new_id()), "source": str(store.pk), "quantity": "7", "at-day": f"{day:%Y-%m-%d}"}
        assert desk.post(f"/desk/prevention/goods/lots/{lot.pk}/do/use/", typed).status_code == 302
        made = Movement.objects.latest("recorded_at")
        assert timezone.localtime(made.at).date() == on
    assert made.at == made.recorded_at
