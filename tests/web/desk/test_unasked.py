"""Benefit without application at the desk and in the portal: drafted, public, objected to, agreed, paid."""

from __future__ import annotations

import io
import re
from datetime import timedelta

import pytest
from django.utils import timezone
from openpyxl import Workbook, load_workbook

from tests import world
from tests.policies.unasked.conftest import (  # noqa: F401  fixtures
    POLICY,
    announced,
    drafted,
    firm_of,
    firms,
    grant_of,
    head,
    pack,
    state,
)
from tests.web.browsing import Browser, chinese_words, cost
from zerotrip.channels.models import Notice
from zerotrip.policies.unasked import actions
from zerotrip.policies.unasked.models import BankAnswer, Grant, Objection, PaymentList, Run

pytestmark = pytest.mark.django_db


@pytest.fixture
def in_force(pack, firms):  # noqa: F811
    """The policy holds today too, whatever day that is, on facts that are fresh today."""
    pack.policy(valid={}, clauses=[], benefit=everybody())
    return firms


def everybody() -> dict:
    """A benefit that rests on one lasting fact, so that the pages can be walked on any day."""
    from tests.policies.unasked.conftest import example

    plain = {"id": "plain", "name": {"zh": "电费补贴"}, "of": ["new_staff"], "rate": 100, "amount": 1000}
    return {**example()["benefit"], "tiers": [plain]}


@pytest.fixture
def clerk(district) -> Browser:
    return Browser(district.clerk)


@pytest.fixture
def boss(head) -> Browser:  # noqa: F811
    return Browser(head)


def begin(clerk: Browser) -> Run:
    page = clerk.open("/desk/unasked/").form().press("开始测算", policy=POLICY).follow()
    assert "名单上" in page.text
    return Run.objects.latest("drafted_at")


def at(run: Run, show: str = "names") -> str:
    return f"/desk/unasked/{run.pk}/?show={show}"


def past_notice(run: Run) -> None:
    """As if the notice had run out a moment ago."""
    run.refresh_from_db()
    now = timezone.now() - timedelta(seconds=1)
    shifted = {"announced_at": now - timedelta(days=7), "notice_until": now}
    Run.objects.filter(pk=run.pk).update(**shifted)


def own(firm) -> Browser:
    return Browser(world.agent(world.person("经办"), firm))


def agree(browser: Browser, run: Run, firm, **typed):
    page = browser.open(f"/my-subsidies/{grant_of(run, firm).pk}/")
    form = next(form for form in page.forms if "bank" in form.values)
    return form.press("确认领取", **{"bank": "示范银行济南示范支行", "number": "6222000012345678", **typed})


def test_from_the_policy_to_the_bank_and_back(in_force, clerk, boss, district):
    run = begin(clerk)
    page = clerk.open(at(run))
    assert "济南虚构材料有限公司" in page.text
    page = page.form("/announce/").press("公示名单").follow()
    assert "5 个工作日" in page.text
    agreed = agree(Browser(district.applicant), run, in_force["ours"]).follow()
    assert "付到尾号 5678 的账户" in agreed.text
    past_notice(run)
    page = clerk.open(at(run)).form("/close/").press("结束公示").follow()
    page = page.form("/list/").press("编制发放清单").follow()
    payment = PaymentList.objects.get()
    assert "由没有参与测算和编制的负责人审批" in page.text
    page = boss.open(at(run, "payment")).form("/approve/").press("审批").follow()
    assert "已审批" in page.text
    file = clerk.open(at(run, "payment")).form("/xlsx/").press("导出 Excel", status=200)
    assert file.response["Cache-Control"] == "private, no-store"
    reference = payment_rows(clerk, run)[1][0]
    assert reference == f"{payment.number}-0001"
    missing = clerk.open(at(run, "payment")).form("/results/").press("检查并登记", status=422)
    assert "请选择银行的结果文件" in missing.text
    wrong = missing.form("/results/").press("检查并登记", file=sheet([["乱写"]])).follow()
    assert "没有找到表头" in wrong.text
    rows = [["支付编号", "结果"], [reference, "成功"]]
    page = wrong.form("/results/").press("检查并登记", file=sheet(rows)).follow()
    assert "登记发放 1 笔，退回 0 笔" in page.text
    page = page.form("/finish/").press("办结这一批").follow()
    assert "已办结" in page.text
    world.tell_queued()
    assert Notice.objects.filter(template="grant_paid", user=district.applicant.user_id).count() == 1


def sheet(rows) -> io.BytesIO:
    """A workbook as a bank would send it."""
    book = Workbook()
    for row in rows:
        book.active.append(row)
    file = io.BytesIO()
    book.save(file)
    file.seek(0)
    file.name = "results.xlsx"
    return file


def payment_rows(clerk: Browser, run: Run) -> list:
    payment = PaymentList.objects.get(run=run)
    form = clerk.open(at(run, "payment")).form("/xlsx/")
    answer = clerk.client.post(form.action, form.values)
    book = load_workbook(io.BytesIO(b"".join(answer.streaming_content)))
    rows = list(book.active.values)
    assert rows[-1][0] == payment.number
    assert rows[-1][6] == f"{payment.total:.2f}"
    return rows


def test_the_file_names_account_amount_and_sums(in_force, clerk, boss, district):
    run = begin(clerk)
    clerk.open(at(run)).form("/announce/").press("公示名单")
    agree(Browser(district.applicant), run, in_force["ours"])
    past_notice(run)
    clerk.open(at(run)).form("/close/").press("结束公示")
    clerk.open(at(run, "payment")).form("/list/").press("编制发放清单")
    boss.open(at(run, "payment")).form("/approve/").press("审批")
    rows = payment_rows(clerk, run)
    assert rows[1][1] == "济南虚构材料有限公司"
    assert rows[1][5] == "6222000012345678"
    csv = clerk.open(at(run, "payment")).form("/csv/").press("导出 CSV", status=200)
    assert "6222000012345678" in csv.html
    assert "合计 1 笔" in csv.html
    assert csv.response.streaming
    assert csv.response["Cache-Control"] == "private, no-store"


def test_a_list_too_long_for_a_workbook_goes_out_as_csv_alone(in_force, clerk, boss, district, monkeypatch):
    run = begin(clerk)
    clerk.open(at(run)).form("/announce/").press("公示名单")
    agree(Browser(district.applicant), run, in_force["ours"])
    past_notice(run)
    clerk.open(at(run)).form("/close/").press("结束公示")
    clerk.open(at(run, "payment")).form("/list/").press("编制发放清单")
    boss.open(at(run, "payment")).form("/approve/").press("审批")
    form = clerk.open(at(run, "payment")).form("/xlsx/")
    monkeypatch.setattr("zerotrip.web.desk.unasked.runs.MOST_ROWS", 0)
    monkeypatch.setattr("zerotrip.web.desk.unasked.payments.MOST_ROWS", 0)
    assert "导出 Excel" not in clerk.open(at(run, "payment")).text
    clerk.send(form.action, form.values, status=409)
    payment = PaymentList.objects.get(run=run)
    assert payment.fetched_at is None
    assert "合计 1 笔" in clerk.open(at(run, "payment")).form("/csv/").press("导出 CSV", status=200).html


def test_anybody_reads_the_list_and_objects_to_it(in_force, clerk):
    run = begin(clerk)
    visitor = Browser()
    assert "现在没有公示" in visitor.open("/policies/notices/").text
    visitor.open(f"/policies/notices/{run.pk}/", status=404)
    clerk.open(at(run)).form("/announce/").press("公示名单")
    assert "企业稳产补贴" in visitor.open("/policies/notices/").text
    chip = grant_of(run, in_force["chip"])
    page = visitor.open(f"/policies/notices/{run.pk}/?about={chip.pk}")
    form = next(form for form in page.forms if "phone" in form.values)
    bad = form.press("提交异议", status=422, text="不对", name="王举报", phone="1")
    assert "请填写能联系到您的电话" in bad.text
    form = next(form for form in bad.forms if "phone" in form.values)
    assert form.values["name"] == ["王举报"]
    sent = form.press("提交异议", phone="13800001111", text="这家企业没有新增用工。").follow()
    assert "已收到您的异议" in sent.text
    objection = Objection.objects.get()
    assert objection.grant == chip
    page = clerk.open(at(run, "objections"))
    assert "13800001111" not in page.html
    again = page.form(f"/objections/{objection.pk}/").press("答复", status=422)
    assert "请选择异议是否成立" in again.text
    again.form(f"/objections/{objection.pk}/").press("答复", upheld="yes", answer="核实无误")
    assert "示范芯片有限公司" not in visitor.open(f"/policies/notices/{run.pk}/").text


def test_the_list_is_searched_by_name(in_force, clerk):
    run = begin(clerk)
    clerk.open(at(run)).form("/announce/").press("公示名单")
    found = Browser().open(f"/policies/notices/{run.pk}/?find=芯片").text
    assert "示范芯片有限公司" in found
    assert "济南虚构材料有限公司" not in found


def test_an_account_that_is_wrong_is_named_and_nothing_typed_is_lost(in_force, clerk, district):
    run = begin(clerk)
    clerk.open(at(run)).form("/announce/").press("公示名单")
    grant = grant_of(run, in_force["ours"])
    page = Browser(district.applicant).open(f"/my-subsidies/{grant.pk}/")
    form = next(form for form in page.forms if "bank" in form.values)
    wrong = form.press("确认领取", status=422, bank="示范银行", number="123", holder="别家")
    assert "账号应为 8 到 30 位数字" in wrong.text
    form = next(form for form in wrong.forms if "bank" in form.values)
    assert form.values["bank"] == ["示范银行"]
    assert form.values["number"] == ["123"]


def test_the_grant_shows_rule_version_clauses_facts_and_the_amount_line_by_line(pack, firms, clerk, district):  # noqa: F811
    run = drafted(district.clerk)
    page = clerk.open(f"/desk/unasked/grants/{grant_of(run, firms['chip']).pk}/")
    expected = (
        "第 1 版",
        "一季度电费 9,000,000.00 元 × 15%",
        "超过最高额",
        "逐条条件",
        "主管部门认定",
        "350,000.00",
    )
    for words in expected:
        assert words in page.text


def test_a_link_shows_little_until_one_signs_in(in_force, clerk, district):
    run = begin(clerk)
    clerk.open(at(run)).form("/announce/").press("公示名单")
    from zerotrip.policies.unasked.actions.words import link_of

    link = link_of(grant_of(run, in_force["ours"]))
    page = Browser().open(link)
    assert "济南虚构材料有限公司" not in page.text
    assert "登录后查看" in page.text
    assert "/my-subsidies/" in Browser(district.applicant).open(link, status=302).location
    Browser().open("/subsidy/x/", status=404)


def test_only_the_department_and_the_enterprise_see_a_grant(in_force, clerk, district):
    run = begin(clerk)
    grant = grant_of(run, in_force["ours"])
    Browser(district.housing).open(f"/desk/unasked/{run.pk}/", status=404)
    Browser(district.housing).open(f"/desk/unasked/grants/{grant.pk}/", status=404)
    Browser(district.applicant).open(f"/my-subsidies/{grant.pk}/", status=404)
    clerk.open(at(run)).form("/announce/").press("公示名单")
    Browser(district.applicant).open(f"/my-subsidies/{grant.pk}/")
    Browser(district.stranger).open(f"/my-subsidies/{grant.pk}/", status=404)


def test_an_enterprise_says_that_it_is_not_to_be_told(district):
    browser = Browser(district.applicant)
    page = browser.open("/my-subsidies/")
    page = page.form("/telling/").press("不再提醒").follow()
    page = page.form("/telling/").press("恢复提醒").follow()
    assert "每天最多一次" in page.text


def test_abandoning_needs_a_reason(in_force, clerk):
    run = begin(clerk)
    page = clerk.open(at(run)).form("/abandon/").press("作废这一批", status=422)
    assert "请写明理由" in page.text
    page.form("/abandon/").press("作废这一批", reason="口径变了")
    assert "这一批已作废" in clerk.open(at(run)).text


def test_a_line_is_settled_and_returned_by_hand(in_force, clerk, boss, district):
    run = begin(clerk)
    clerk.open(at(run)).form("/announce/").press("公示名单")
    agree(Browser(district.applicant), run, in_force["ours"])
    past_notice(run)
    clerk.open(at(run)).form("/close/").press("结束公示")
    clerk.open(at(run, "payment")).form("/list/").press("编制发放清单")
    boss.open(at(run, "payment")).form("/approve/").press("审批")
    url = f"/desk/unasked/grants/{grant_of(run, in_force['ours']).pk}/"
    assert "请选择结果" in clerk.open(url).form("/result/").press("登记结果", status=422).text
    clerk.open(url).form("/result/").press("登记结果", paid="yes")
    clerk.open(url).form("/return/").press("登记退回", reason="户名不符")
    page = Browser(district.applicant).open(f"/my-subsidies/{grant_of(run, in_force['ours']).pk}/")
    assert "换一个收款账号" in page.text


def test_pages_cost_the_same_for_few_and_many(in_force, clerk, firm_of, district):  # noqa: F811
    run = begin(clerk)
    clerk.open(at(run)).form("/announce/").press("公示名单")
    grant = grant_of(run, in_force["ours"])
    visitor, firm = Browser(), Browser(district.applicant)
    costs = {
        "/desk/unasked/": cost(clerk, "/desk/unasked/"),
        "names": cost(clerk, at(run)),
        "payment": cost(clerk, at(run, "payment")),
        "grant": cost(clerk, f"/desk/unasked/grants/{grant.pk}/"),
        "notices": cost(visitor, "/policies/notices/"),
        "notice": cost(visitor, f"/policies/notices/{run.pk}/"),
        "own": cost(firm, "/my-subsidies/"),
        "one": cost(firm, f"/my-subsidies/{grant.pk}/"),
    }
    for serial in range(920, 925):
        firm_of(f"示范{serial}有限公司", serial)
    assert costs == {
        "/desk/unasked/": 9,
        "names": 13,
        "payment": 12,
        "grant": 9,
        "notices": 3,
        "notice": 5,
        "own": 9,
        "one": 7,
    }


def test_while_the_worker_is_at_it_the_page_says_how_far_and_it_can_be_given_up(
    in_force, clerk, boss, district, monkeypatch
):
    for place in ("runs", "payments"):
        monkeypatch.setattr(f"zerotrip.web.desk.unasked.{place}.AT_ONCE", 0)
    page = clerk.open("/desk/unasked/").form().press("开始测算", policy=POLICY).follow()
    assert "已看 0 家，共 4 家" in page.text
    assert "看看好了没有" in page.html
    run = Run.objects.get()
    assert "HX-Refresh" not in clerk.client.get(at(run), headers={"HX-Request": "true"})
    actions.go_on(run.pk, at=timezone.now())
    assert clerk.client.get(at(run), headers={"HX-Request": "true"})["HX-Refresh"] == "true"
    clerk.open(at(run)).form("/announce/").press("公示名单")
    agree(Browser(district.applicant), run, in_force["ours"])
    past_notice(run)
    page = clerk.open(at(run)).form("/close/").press("结束公示").follow()
    page = page.form("/list/").press("编制发放清单").follow()
    assert "已复核 0 家，共 1 家" in page.text
    page = page.form("/send-back/").press("放弃编制").follow()
    assert "编制时放弃" in page.text
    page.form("/list/").press("编制发放清单")
    payment = PaymentList.objects.get(sent_back_at=None)
    actions.check_list(payment.pk, at=timezone.now())
    boss.open(at(run, "payment")).form("/approve/").press("审批")
    rows = [["支付编号", "结果"], [f"{payment.number}-0001", "成功"]]
    page = clerk.open(at(run, "payment")).form("/results/").press("检查并登记", file=sheet(rows)).follow()
    assert "已检查 0 行，清单共 1 笔。现在什么都没有登记" in page.text
    assert [form for form in page.forms if "/results/" in form.action] == []
    way = page.form(f"/answers/{BankAnswer.objects.get().pk}/")
    Browser(district.housing).client.post(way.action)
    assert BankAnswer.objects.get().ended_at is None
    page = way.press("放弃这个文件").follow()
    assert "已放弃" in page.text
    wrong = [["支付编号", "结果"], [f"{payment.number}-0001", "也许"]]
    page.form("/results/").press("检查并登记", file=sheet(wrong))
    answer = BankAnswer.objects.latest("at")
    actions.take_answer(answer.pk, at=timezone.now())
    page = clerk.open(at(run, "payment"))
    assert "有 1 行对不上，什么都没有登记" in page.text
    assert "也许" in clerk.open(f"/desk/unasked/answers/{answer.pk}/").html
    Browser(district.housing).open(f"/desk/unasked/answers/{answer.pk}/", status=404)
    assert cost(clerk, at(run, "payment")) == 12


def test_in_english_nothing_is_left_in_chinese(in_force, clerk, boss, district):
    run = begin(clerk)
    clerk.open(at(run)).form("/announce/").press("公示名单")
    desk, visitor = Browser(district.clerk, language="en"), Browser(language="en")
    pages = [desk.open("/desk/unasked/")]
    pages += [desk.open(at(run, tab)) for tab in ("notice", "objections", "payment")]
    pages.append(visitor.open("/policies/notices/"))
    own_words = re.compile("济南|示范|虚构|电费|办|稳产")
    for page in pages:
        assert [word for word in chinese_words(page) if not own_words.search(word)] == []


def test_what_was_not_applied_for_counts_once_among_grants(in_force, clerk):
    begin(clerk)
    begin(clerk)
    assert Grant.objects.live().count() == Grant.objects.live().values("party").distinct().count()
