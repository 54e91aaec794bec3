"""Directives at the desk: given, seen by whom it concerns, answered, brought together, urged, closed."""

from __future__ import annotations

from datetime import date, timedelta
from io import BytesIO
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from openpyxl import load_workbook

from tests import world
from tests.files.samples import image
from tests.web.browsing import Browser, cost
from zerotrip.duties.actions import answering, ordering
from zerotrip.duties.actions.ordering import Asked, Order
from zerotrip.duties.models import Kind, Obligation, RecordFile, Requirement, Status
from zerotrip.parties.access import Actor
from zerotrip.parties.models import Area, Party, PartyKind, Role
from zerotrip.prevention.models import Site
from zerotrip.workdays.queries import calendar_for

FORM = [
    {
        "id": "state",
        "title": {"zh": "情况"},
        "fields": [
            {"id": "present", "kind": "number", "label": {"zh": "到岗人数"}, "unit": {"zh": "人"}, "decimals": 0},
            {"id": "closed", "kind": "yes_no", "label": {"zh": "封闭管理"}},
            {
                "id": "why",
                "kind": "long_text",
                "label": {"zh": "没有封闭的原因"},
                "when": {"fact": "closed", "is": False},
            },
            {"id": "need", "kind": "long_text", "label": {"zh": "困难"}, "required": False},
        ],
    }
]


@pytest.fixture
def head(district) -> Actor:
    """Who leads the bureau of the whole district."""
    return world.acting(world.staff("head", "approval-bureau", Role.HEAD), timezone.now())


def street(place: int) -> Party:
    return Party.objects.filter(code="subdistrict-office").order_by("area_path")[place]


@pytest.fixture
def streets(district) -> list[tuple[Party, Actor]]:
    """Two streets, each with who leads it."""
    return [
        (
            street(place),
            world.acting(
                world.staff(f"street{place}", "subdistrict-office", Role.LEADER, area_path=street(place).area_path)
            ),
        )
        for place in range(2)
    ]


def bureau() -> Party:
    return Party.objects.get(kind=PartyKind.DEPARTMENT, code="approval-bureau")


def given(by, owners, *, kind=Kind.TASK, days=3, part_of=None, form=None, checked=False, title="摸清复工情况"):
    """An order of now, or due so many days ago."""
    now = timezone.now()
    begun = now if days > 0 else now + timedelta(days=days - 2)
    return ordering.issue(
        Order(kind, title, form=form, checked=checked),
        [Asked(one.pk, begun + timedelta(days=3 if days > 0 else 2)) for one in owners],
        office=bureau().pk,
        key=uuid4(),
        by=by,
        at=begun,
        part_of=part_of,
    )


def directive(by) -> Requirement:
    order = Order(Kind.DIRECTIVE, "做好复工复产", source="区长办公会第 3 期", text="各街道摸清底数。")
    return ordering.issue(order, office=bureau().pk, key=uuid4(), by=by, at=timezone.now() - timedelta(days=30))


def owed(requirement, owner) -> Obligation:
    return Obligation.objects.get(requirement=requirement, owner=owner)


def working(days: int) -> date:
    """The first day worked after so many."""
    return calendar_for("/").next_working_day(timezone.localdate() + timedelta(days=days))


def off() -> date:
    """A day off that is near, with another a week later."""
    day, week = timezone.localdate() + timedelta(days=2), timedelta(days=7)
    while calendar_for("/").is_working(day) or calendar_for("/").is_working(day + week):
        day += timedelta(days=1)
    return day


def told(page) -> list[str]:
    return page.marked.get(".problem", [])


def test_a_leader_gives_a_directive_with_its_first_task(head, streets):
    page = Browser(head).open("/desk/directives/new/")
    assert "全部街道" in page.text
    done = page.form().press(
        "发出",
        source="区长办公会第 3 期",
        title="做好复工复产",
        text="各街道摸清底数。",
        owner=[str(office.pk) for office, _leader in streets],
        form="word",
    )
    order = Requirement.objects.get(kind=Kind.DIRECTIVE)
    part = Requirement.objects.get(part_of=order)
    assert (part.title, part.checked, part.obligations.count()) == ("做好复工复产", True, 2)
    board = done.follow()
    assert "还没有反馈 2" in board.text
    assert all(office.name in board.text for office, _leader in streets)


def test_all_streets_are_one_tick_and_the_same_press_gives_it_once(head, streets):
    page = Browser(head).open("/desk/directives/new/")
    for _press in range(2):
        page.form().press("发出", title="报送", owner=["level:subdistrict"], form="word")
    count = Party.objects.filter(code="subdistrict-office").count()
    there = Party.objects.live().filter(kind__in=("department", "team"), area_path__in=subdistricts()).count()
    assert count <= there == Obligation.objects.count()
    assert Requirement.objects.filter(kind=Kind.DIRECTIVE).count() == 1


def subdistricts() -> list[str]:
    return list(Area.objects.filter(level="subdistrict").values_list("path", flat=True))


def test_what_is_wrong_stands_at_its_place_and_nothing_typed_is_lost(head, streets):
    page = Browser(head).open("/desk/directives/new/")
    chosen = str(streets[0][0].pk)
    wrong = page.form().press(
        "发出", status=422, title=" ", text="要求在此", day="2020-01-01", owner=[chosen], form="word"
    )
    assert {"请填写标题，最多 120 个字。", "期限要在现在之后、三年以内。"} <= set(told(wrong))
    form = wrong.form()
    assert (form.values["text"], form.values["owner"], form.values["day"]) == (
        ["要求在此"],
        [chosen],
        ["2020-01-01"],
    )
    nobody = form.press("发出", status=422, title="报送", day="x", owner=[])
    assert {"请至少选一个对象。", "请填写日期和时间。"} <= set(told(nobody))
    assert not Requirement.objects.filter(issuer__isnull=False).exists()


@pytest.mark.parametrize(
    ("typed", "status"),
    [
        ({"form": "nonsense"}, 422),
        ({"owner": ["nonsense", "level:nowhere"]}, 422),
        ({"hour": "99:99"}, 422),
        ({"title": "长" * 200}, 422),
        ({"key": "nonsense"}, 302),
    ],
)
def test_bad_input_of_an_order_is_refused_in_words(head, streets, typed, status):
    form = Browser(head).open("/desk/directives/new/").form()
    sent = {"title": "报送", "form": "word", "owner": [str(streets[0][0].pk)], **typed}
    form.press("发出", status=status, **sent)
    assert Requirement.objects.filter(kind=Kind.DIRECTIVE).exists() is (status == 302)


def test_questions_are_written_line_by_line_and_frozen(head, streets):
    form = Browser(head).open("/desk/directives/new/").form()
    chosen = [str(streets[0][0].pk)]
    lacking = form.press("发出", status=422, title="报送", form="own", owner=chosen)
    assert any("问什么" in text for text in lacking.marked["a"]) or told(lacking)
    more = lacking.form().press("再加一行", status=200)
    names = {"own-questions-0-label": "到岗人数", "own-questions-0-kind": "number", "own-questions-0-unit": "人"}
    names |= {"own-questions-1-label": "困难", "own-questions-1-kind": "long_text", "own-questions-1-may": "skip"}
    more.form().press("发出", **names)
    task = Requirement.objects.get(kind=Kind.TASK, issuer__isnull=False)
    first, second = task.form[0]["fields"]
    assert (first["label"], first["kind"], first["unit"], first["required"]) == (
        {"zh": "到岗人数"},
        "number",
        {"zh": "人"},
        True,
    )
    assert (second["kind"], second["required"]) == ("long_text", False)


def test_the_page_says_how_many_it_goes_to(head, streets):
    form = Browser(head).open("/desk/directives/new/").form()
    page = form.press("核对对象", status=200, owner=[str(office.pk) for office, _leader in streets])
    assert "将发给 2 个对象" in page.text
    part = page.browser.send(
        "/desk/directives/new/?count", {**page.form().values, "owner": []}, status=200, htmx=True
    )
    assert part.text == "还没有选对象"


def test_only_leaders_give_directives(district, streets):
    Browser(district.clerk).open("/desk/directives/new/", status=403)
    assert "交办任务" not in Browser(district.clerk).open("/desk/directives/?view=issued").marked.get(".btn", [])


def test_a_street_sees_its_own_and_not_what_others_said(head, streets, district):
    whole = directive(head)
    task = given(head, [office for office, _leader in streets], part_of=whole, form=FORM)
    (one, leader), (other, other_leader) = streets
    said = {"present": "40", "closed": True, "need": "缺口罩"}
    answering.answer(owed(task, one), said, key=uuid4(), by=leader, at=timezone.now())
    assert "缺口罩" in Browser(head).open(f"/desk/directives/{whole.pk}/").text
    theirs = Browser(other_leader).open(f"/desk/directives/{whole.pk}/")
    assert "缺口罩" not in theirs.text
    assert one.name not in theirs.text
    assert "缺口罩" not in Browser(other_leader).open(f"/desk/directives/{task.pk}/gathered/").text
    Browser(other_leader).open(f"/desk/tasks/{owed(task, one).pk}/", status=404)
    Browser(district.housing).open(f"/desk/directives/{whole.pk}/", status=404)
    assert "缺口罩" in Browser(district.supervisor).open(f"/desk/directives/{whole.pk}/").text
    assert other.name in Browser(district.supervisor).open(f"/desk/directives/{whole.pk}/").text


def test_what_is_late_says_how_long_and_is_urged_once_a_day(head, streets):
    task = given(head, [office for office, _leader in streets], days=-2)
    board = Browser(head).open(f"/desk/directives/{task.pk}/")
    assert board.marked[".late"].count("逾期 2 天") == 2
    form = next(form for form in board.forms if any("全部催办" in button["words"] for button in form.buttons))
    assert "已催办 2 个对象。" in form.press("全部催办").follow().text
    assert "催办过" in board.browser.open(f"/desk/directives/{task.pk}/").text
    assert "一天催办一次" in form.press("全部催办").follow().text


def test_days_are_moved_and_tasks_withdrawn_for_those_picked(head, streets):
    task = given(head, [office for office, _leader in streets])
    first, second = (owed(task, office) for office, _leader in streets)
    board = Browser(head).open(f"/desk/directives/{task.pk}/")
    form = next(form for form in board.forms if any("改期" in button["words"] for button in form.buttons))
    refused = form.press("改期", status=422, owed=[str(first.pk)], day="2030-01-xx")
    assert "请填写日期和时间。" in told(refused)
    assert "请先选择对象。" in told(form.press("撤销", status=422, owed=[], reason="重复"))
    day = working(20).isoformat()
    form.press("改期", owed=[str(first.pk)], day=day, reason="材料未到")
    form.press("撤销", owed=[str(second.pk)], reason="重复")
    first.refresh_from_db()
    second.refresh_from_db()
    assert timezone.localtime(first.due_at).date().isoformat() == day
    assert second.status == Status.DROPPED


def test_an_answer_is_filled_in_checked_returned_and_given_again(head, streets):
    (office, leader), _other = streets
    task = given(head, [office], form=FORM, checked=True)
    mine = owed(task, office)
    street_desk, bureau_desk = Browser(leader), Browser(head)
    page = street_desk.open(f"/desk/tasks/{mine.pk}/")
    wrong = page.form().press("提交反馈", status=422, **{"a-present": "很多", "a-need": "缺口罩"})
    assert wrong.form().values["a-present"] == ["很多"]
    assert wrong.form().values["a-need"] == ["缺口罩"]
    assert "请填写数字，例如 12。" in " ".join(told(wrong))
    wrong.form().press("提交反馈", **{"a-present": "40", "a-closed": "yes"})
    board = bureau_desk.open(f"/desk/directives/{task.pk}/")
    assert "待核对 1" in board.text
    back = board.form("/return/").press("退回", status=422, reason=" ")
    assert any("请写明哪里要补充" in text for text in told(back))
    back.form("/return/").press("退回", reason="请写困难")
    again = street_desk.open(f"/desk/tasks/{mine.pk}/")
    assert "请写困难" in again.text
    assert again.form().values["a-present"] == ["40"]
    again.form().press("提交反馈", **{"a-need": "缺口罩"})
    bureau_desk.open(f"/desk/tasks/{mine.pk}/").form("/accept/").press("确认通过")
    mine.refresh_from_db()
    assert mine.status == Status.KEPT
    gone = street_desk.open(f"/desk/tasks/{mine.pk}/")
    assert not any("提交反馈" in button["words"] for form in gone.forms for button in form.buttons)


def test_an_answer_comes_with_its_files_and_whoever_asked_opens_them(head, streets, district):
    (office, leader), (_other, neighbour) = streets
    task = given(head, [office], form=FORM, checked=True)
    mine = owed(task, office)
    page = Browser(leader).open(f"/desk/tasks/{mine.pk}/")
    picture = SimpleUploadedFile("到岗照片.png", image())
    wrong = page.form().press("提交反馈", status=422, **{"a-present": "很多", "files": picture})
    assert "到岗照片.png" in wrong.text
    done = wrong.form().press("提交反馈", **{"a-present": "40", "a-closed": "yes"}).follow()
    assert "到岗照片.png" in done.text
    (one,) = RecordFile.objects.all()
    assert "1 个文件" in Browser(head).open(f"/desk/directives/{task.pk}/").text
    assert "到岗照片.png" in Browser(head).open(f"/desk/tasks/{mine.pk}/").text
    Browser(head).open(f"/files/answers/{one.pk}/pages/1/")
    for who in (neighbour, district.stranger):
        Browser(who).open(f"/files/answers/{one.pk}/pages/1/", status=404)


def test_what_hangs_on_an_answer_is_asked_at_once_and_nothing_is_filed_by_that(head, streets):
    (office, leader), _other = streets
    mine = owed(given(head, [office], form=FORM), office)
    page = Browser(leader).open(f"/desk/tasks/{mine.pk}/")
    assert "没有封闭的原因" not in page.text
    shown = page.form().press(status=200, htmx=True, **{"a-closed": "no"})
    assert "没有封闭的原因" in shown.text
    assert not mine.records.exists()


def test_a_task_is_passed_on_and_brought_together(head, streets):
    (office, leader), _other = streets
    people = [
        world.staff(f"grid{place}", "subdistrict-office", Role.CLERK, area_path=office.area_path)
        for place in (1, 2)
    ]
    mine = owed(given(head, [office], form=FORM), office)
    desk = Browser(leader)
    form = desk.open(f"/desk/tasks/{mine.pk}/").form("/pass-on/")
    nobody = form.press("转办给他们", status=422, owner=[])
    assert "请至少选一个对象。" in told(nobody)
    form.press("转办给他们", owner=[str(one.person.pk) for one in people], note="分头报")
    assert "已转办 2 个，反馈 0 个" in Browser(head).open(f"/desk/directives/{mine.requirement_id}/").text
    for user, present, need in zip(people, ("3", "4"), ("缺口罩", "缺司机"), strict=True):
        part = mine.parts.get(owner=user.person)
        page = Browser(user).open(f"/desk/tasks/{part.pk}/")
        page.form().press("提交反馈", **{"a-present": present, "a-closed": "yes", "a-need": need})
    filled = desk.open(f"/desk/tasks/{mine.pk}/?from=below").form().values
    assert filled["a-present"] == ["7"]
    assert [line.split("：")[1] for line in filled["a-need"][0].split("\n")] == ["缺口罩", "缺司机"]


def test_answers_roll_up_on_a_page_and_in_a_workbook(head, streets):
    offices = [office for office, _leader in streets]
    task = given(head, offices, form=FORM)
    for (office, leader), present in zip(streets, ("3", "4"), strict=True):
        said = {"present": present, "closed": True, "need": "=cmd"}
        answering.answer(owed(task, office), said, key=uuid4(), by=leader, at=timezone.now())
    page = Browser(head).open(f"/desk/directives/{task.pk}/gathered/")
    assert "合计 7 人" in page.text
    assert page.text.count("=cmd") == 2
    answer = page.browser.client.get(f"/desk/directives/{task.pk}/gathered/export/")
    book = load_workbook(BytesIO(answer.content))
    rows = list(book.worksheets[0].values)
    assert [row[6] for row in rows[1:]] == [3, 4]
    assert rows[1][9] == "'=cmd"
    assert list(book.worksheets[1].values)[1][:3] == ("到岗人数", 2, 7)


def test_closing_needs_a_word_while_somebody_is_silent(head, streets):
    whole = directive(head)
    given(head, [streets[0][0]], part_of=whole)
    board = Browser(head).open(f"/desk/directives/{whole.pk}/")
    refused = board.form("/close/").press("办结归档", status=422)
    assert any("还有 1 项没有反馈" in text for text in told(refused))
    refused.form("/close/").press("办结归档", note="并入新任务")
    assert "已归档" in board.browser.open(f"/desk/directives/{whole.pk}/").text


def test_a_directive_grows_by_a_task_and_by_others_who_are_asked(head, streets):
    (one, _leader), (other, _other_leader) = streets
    whole = directive(head)
    desk = Browser(head)
    page = desk.open(f"/desk/directives/{whole.pk}/add/?kind=task")
    page.form().press("发出", title="每日报送", owner=[str(one.pk)], form="word")
    task = Requirement.objects.get(part_of=whole)
    more = desk.open(f"/desk/directives/{task.pk}/more/")
    assert str(one.pk) not in more.html
    more.form().press("添加并通知", owner=[str(other.pk)])
    assert task.obligations.count() == 2


def test_a_notice_goes_to_the_firms_a_search_finds(head, district):
    world.enterprise("别家商业有限公司", 901)
    page = Browser(head).open("/desk/directives/new/?kind=receipt")
    none = page.form().press("发出", status=422, title="致企业的一封信", text="请做好防护。", q="查无此家")
    assert "没有找到企业，请换一个条件。" in told(none)
    assert none.form().values["text"] == ["请做好防护。"]
    seen = none.form().press("核对对象", status=200, q="虚构")
    assert "将发给 1 家企业" in seen.text
    seen.form().press("发出")
    notice = Requirement.objects.get(kind=Kind.RECEIPT)
    assert notice.population == {"search": {"text": "虚构"}, "count": 1}
    assert [one.owner for one in notice.obligations.all()] == [district.firm]


def test_a_notice_goes_to_whose_sites_are_of_a_kind_and_a_risk(head, district):
    other = world.enterprise("别家商业有限公司", 901)
    for owner, kind, risk in ((district.firm, "market", "high"), (other, "market", "low")):
        Site.objects.create(
            kind_id=kind,
            name="虚构市场",
            owner=owner,
            area_path=world.DISTRICT,
            risk=risk,
            opened_on=date(2026, 1, 1),
            address=risk,
        )
    form = Browser(head).open("/desk/directives/new/?kind=receipt").form()
    chosen = {"title": "致市场的明白纸", "text": "请做好防护。", "site_kind": "market", "site_risk": "high"}
    form.press("发出", **chosen)
    notice = Requirement.objects.get(kind=Kind.RECEIPT)
    assert [one.owner for one in notice.obligations.all()] == [district.firm]
    assert notice.population["search"] == {"site_kind": "market", "site_risk": "high"}


def test_a_notice_to_all_firms_of_an_area_asks_once_more_and_says_how_many(head, district):
    world.enterprise("别家商业有限公司", 901)
    form = Browser(head).open("/desk/directives/new/?kind=receipt").form()
    street = Area.objects.filter(level="subdistrict").first()
    Party.objects.filter(kind="enterprise").update(area_path=street.path)
    asked = form.press("发出", status=422, title="致企业的一封信", text="请做好防护。", area=street.pk)
    assert any("全部 2 家企业" in text for text in told(asked))
    assert not Requirement.objects.filter(kind=Kind.RECEIPT).exists()
    again = asked.form().press("发出", status=422)
    world.enterprise("又一家商业有限公司", 902)
    Party.objects.filter(kind="enterprise").update(area_path=street.path)
    more = again.form().press("发出", status=422, everyone="2")
    assert any("全部 3 家企业" in text for text in told(more))
    more.form().press("发出", everyone="3")
    assert Requirement.objects.get(kind=Kind.RECEIPT).obligations.count() == 3


def test_a_condition_asks_only_when_it_reaches_more_than_is_usual(head, district, settings):
    world.enterprise("虚构别家商业有限公司", 901)
    settings.ORDER_ASKS_ABOVE = 1
    form = Browser(head).open("/desk/directives/new/?kind=receipt").form()
    asked = form.press("发出", status=422, title="致企业的一封信", q="虚构")
    assert any("会发给 2 家企业" in text for text in told(asked))
    asked.form().press("发出", everyone="2")
    assert Requirement.objects.get(kind=Kind.RECEIPT).obligations.count() == 2


@pytest.mark.parametrize(("said", "moves"), [("next", True), ("keep", False)])
def test_a_deadline_on_a_day_off_is_asked_about_and_not_moved_silently(head, streets, said, moves):
    day = off()
    office = str(streets[0][0].pk)
    form = Browser(head).open("/desk/directives/new/").form()
    asked = form.press(
        "发出", status=422, title="报送", day=day.isoformat(), hour="12:00", owner=[office], form="word"
    )
    assert any("不上班" in text for text in told(asked))
    assert asked.form().values["off"] == [f"next:{day}"]
    assert not Requirement.objects.filter(kind=Kind.DIRECTIVE).exists()
    asked.form().press("发出", off=f"{said}:{day}")
    meant = calendar_for("/").next_working_day(day) if moves else day
    due = timezone.localtime(Obligation.objects.get().due_at)
    assert (due.date(), f"{due:%H:%M}") == (meant, "12:00")


def test_what_was_said_of_another_day_off_is_asked_anew(head, streets):
    task = given(head, [streets[0][0]])
    mine = owed(task, streets[0][0])
    desk = Browser(head)
    form = desk.open(f"/desk/tasks/{mine.pk}/").form("/move/")
    asked = form.press("改期", status=422, day=off().isoformat(), reason="材料未到")
    another = off() + timedelta(days=7)
    again = asked.form("/move/").press("改期", status=422, day=another.isoformat(), off=f"keep:{off()}")
    assert any("不上班" in text for text in told(again))
    again.form("/move/").press("改期", off=f"keep:{another}")
    mine.refresh_from_db()
    assert timezone.localtime(mine.due_at).date() == another


def test_a_report_goes_to_the_firms_that_are_named(head, district):
    form = Browser(head).open("/desk/directives/new/?kind=report").form()
    unknown = form.press(
        "发出", status=422, title="报情况", form="word", usccs=f"{district.firm.uscc}\n{world.uscc(5)}"
    )
    assert any(world.uscc(5) in text for text in told(unknown))
    unknown.form().press("发出", usccs=district.firm.uscc.lower())
    assert Requirement.objects.get(kind=Kind.REPORT, issuer__isnull=False).obligations.get().owner == district.firm


def test_the_lists_show_what_is_late_first_and_count_it(head, streets, district):
    (office, leader), _other = streets
    fresh, late = given(head, [office], title="新的"), given(head, [office], days=-2, title="旧的")
    page = Browser(leader).open("/desk/directives/")
    assert page.text.index("旧的") < page.text.index("新的")
    assert "交办 2" in page.text
    assert "还没有反馈过" in Browser(leader).open("/desk/directives/?view=answered").text
    answering.answer(owed(fresh, office), {}, note="好了", key=uuid4(), by=leader, at=timezone.now())
    assert "新的" in Browser(leader).open("/desk/directives/?view=answered").text
    issued = Browser(head).open("/desk/directives/?view=issued")
    assert "都反馈了" not in issued.text
    assert "已反馈" in issued.text
    area = Browser(district.supervisor).open("/desk/directives/?view=area&late=1")
    assert "旧的" in area.text
    assert "新的" not in area.text
    assert "没有等您办的任务" in Browser(district.housing).open("/desk/directives/").text
    assert late.obligations.get().status == Status.OPEN


def test_a_board_costs_the_same_however_many_streets_there_are(head, district):
    offices = list(Party.objects.live().filter(kind=PartyKind.DEPARTMENT).exclude(pk=bureau().pk)[:8])
    few, many = given(head, offices[:1], form=FORM), given(head, offices, form=FORM)
    desk = Browser(head)
    assert cost(desk, f"/desk/directives/{few.pk}/") == cost(desk, f"/desk/directives/{many.pk}/")


def test_the_lists_cost_the_same_however_long_they_are(head, district):
    desk = Browser(head)
    office = street(0)
    given(head, [office])
    before = cost(desk, "/desk/directives/?view=issued")
    for _more in range(4):
        given(head, [office])
    assert cost(desk, "/desk/directives/?view=issued") == before
