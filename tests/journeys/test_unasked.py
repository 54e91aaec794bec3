"""Benefit without application: from the draft of a run to what the bank answered, with the worker at it."""

from __future__ import annotations

import pytest

from tests import world
from tests.policies.unasked.conftest import POLICY, Pack, example, state
from zerotrip.policies.unasked.models import Grant, PaymentList

pytestmark = pytest.mark.django_db(transaction=True)

STAFF = (4, 9, 7, 2)
"""How many people each of the firms took on; there are places for three."""


@pytest.fixture
def policy(demo_district, tmp_path):
    """A policy that pays at once all who do not say no, on facts that are fresh on any day."""
    benefit = example()["benefit"]
    benefit["tiers"] = [{"id": "plain", "name": {"zh": "用工补贴"}, "of": ["new_staff"], "rate": 1000}]
    limited = {"places": 3, "order": {"zh": "按新增用工从多到少"}}
    limited["rank"] = [{"fact": "new_staff", "first": "highest"}]
    pack = Pack(tmp_path / "pack")
    unasked = {"consent": "silence", "notice": None}
    pack.policy(valid={}, clauses=[], benefit=benefit, unasked=unasked, limited=limited)
    for serial, count in enumerate(STAFF, 970):
        state(world.enterprise(f"示范{serial}有限公司", serial), new_staff=str(count))


def answer(payment: PaymentList, *results: str) -> dict:
    rows = [f"{payment.number}-{line:04},{result}" for line, result in enumerate(results, 1)]
    text = "\n".join(["支付编号,结果,日期,原因", *rows])
    return {"name": "银行结果.csv", "mimeType": "text/csv", "buffer": text.encode()}


@pytest.mark.parametrize("width", [390, 1440])
def test_a_run_is_drafted_listed_and_settled_by_the_worker_while_somebody_watches(
    policy, person, work, width, monkeypatch
):
    for place in ("runs", "payments"):
        monkeypatch.setattr(f"zerotrip.web.desk.unasked.{place}.AT_ONCE", 0)
    clerk = person(width)
    clerk.sign_in_as_staff("clerk@demo.test")
    clerk.page.goto("/desk/unasked/")
    clerk.page.select_option("#policy", POLICY)
    clerk.press("开始测算")
    assert "正在找符合条件的企业" in clerk.page.inner_text("main")
    clerk.look("drafting")
    work()
    clerk.page.wait_for_selector("text=公示名单")
    assert "示范970有限公司" in clerk.page.inner_text("main")
    clerk.look("limited")
    clerk.page.goto(clerk.page.url.partition("?")[0] + "?show=names&which=withheld")
    assert "3 个名额已经用完" in clerk.page.inner_text("main")
    clerk.look("left-out")
    clerk.press("公示名单")
    clerk.press("结束公示")
    clerk.press("编制发放清单")
    assert "已复核 0 家，共 3 家" in clerk.page.inner_text("main")
    clerk.look("checking-the-list")
    work()
    clerk.page.wait_for_selector("text=待审批")
    payment = PaymentList.objects.get()
    leader = person(width)
    leader.sign_in_as_staff("leader@demo.test")
    leader.page.goto(f"/desk/unasked/{payment.run_id}/?show=payment")
    leader.press("审批，同意发放")
    clerk.page.reload()
    field = f"#file-{payment.pk}"
    clerk.page.set_input_files(field, answer(payment, "成功", "退回", "也许"))
    clerk.press("检查并登记")
    assert "现在什么都没有登记" in clerk.page.inner_text("main")
    clerk.look("queued")
    work()
    clerk.page.wait_for_selector("text=有 2 行对不上，什么都没有登记。")
    clerk.look("faulty")
    with clerk.page.expect_download() as download:
        clerk.press("下载问题清单")
    assert "也许" in download.value.path().read_text("utf-8-sig")
    clerk.page.set_input_files(field, answer(payment, "成功", "退回,,户名不符", "成功"))
    clerk.press("检查并登记")
    clerk.press("放弃这个文件")
    assert "已放弃" in clerk.page.inner_text("main")
    work()
    assert not Grant.objects.exclude(status__in=("payable", "withheld")).exists()
    clerk.page.set_input_files(field, answer(payment, "成功", "退回,,户名不符", "成功"))
    clerk.press("检查并登记")
    work()
    clerk.page.wait_for_selector("text=登记发放 2 笔，退回 1 笔")
    clerk.look("settled")
    assert "已发放 2，退回 1，待登记 0" in clerk.page.inner_text("main")
