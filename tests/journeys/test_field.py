"""Work goes on without a network: what a phone writes down comes in once, at the right time, whatever happens."""

from __future__ import annotations

import json
import re
from base64 import b64decode
from datetime import timedelta
from itertools import product
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from config import demo
from tests.duties.standing import roster
from tests.journeys.test_posts import AREA, PATH, gate  # noqa: F401  a fixture
from tests.prevention.gates import passing
from tests.prevention.venues import doors
from tests.web.field.phones import FIRST_PAGE
from zerotrip import questions
from zerotrip.duties.models import Report, ReportFile, Window
from zerotrip.duties.standing.materialising import open_window
from zerotrip.duties.standing.schedule import Span
from zerotrip.facts.models import Standing
from zerotrip.ids import new_id
from zerotrip.parties.access import actor_for
from zerotrip.parties.models import Party, User
from zerotrip.prevention.events.actions import Declared, declare
from zerotrip.prevention.gates import actions
from zerotrip.prevention.models import Measure, Passage, VenueScan
from zerotrip.web.field import day
from zerotrip.workdays.calendar import CHINA

pytestmark = pytest.mark.django_db(transaction=True)
CASES = json.loads((Path(__file__).parents[1] / "web/field/clock_cases.json").read_text(encoding="utf-8"))
PASSED = FIRST_PAGE["passage"]
TYPED = {name: PASSED[name] for name in ("temperature", "driver", "phone", "origin")}
FIRST_VERSION = """async ([account, payload]) => {
    const [outbox, vault, clock, ids] = await Promise.all(
        ["outbox", "vault", "clock", "ids"].map((name) => import(`/static/web/field/${name}.js`)));
    const [db, key, at] = [await outbox.store(1), await vault.newKey(), Date.now()];
    await db.put("about", key, "key");
    await db.put("about", { id: account, name: "" }, "account");
    const sealed = await vault.seal(key, { payload, label: payload.plate });
    const known = { id: ids.newId(at), kind: "passage", by: account, name: "", made: clock.reading(), off: 0, at };
    const state = { state: "waiting", tries: 0, next: 0, reason: "", fields: {}, replaces: null, photos: [] };
    await db.put("records", { ...known, ...state, sealed });
    db.close();
}"""
"""The store as the first version of the page made it, with a record in it."""
RULES = (
    None,
    {"fact": "ill", "is": True},
    {"not": {"fact": "ill", "is": True}},
    {"any": [{"fact": "how", "in": ["bad", "worse"]}, {"not": {"fact": "well", "is": False}}]},
    {"all": [{"fact": "how", "is": "worse"}, {"not": {"fact": "ill", "is": False}}]},
)
KINDS = {"ill": "yes_no", "how": "choice", "well": "yes_no", "told": "text", "last": "text"}
SAID = ((None, True, False), (None, "good", "bad", "worse"), (None, True, False), ("x",), ("y",))
ASKED = questions.parse(
    [
        {
            "id": "day",
            "title": {"zh": "今天"},
            "fields": [
                {"id": name, "kind": kind, "label": {"zh": name}}
                | ({"when": rule} if rule else {})
                | ({"choices": [{"value": v, "label": {"zh": v}} for v in SAID[1][1:]]} if name == "how" else {})
                for (name, kind), rule in zip(KINDS.items(), RULES, strict=True)
            ],
        }
    ]
)
"""A form whose fields hang on one another in every way a phone tells of."""


def asked_of(answers: dict) -> list[str]:
    """What the server asks, given these answers."""
    seen: dict = {}
    for name, item in ASKED.fields.items():
        if item.is_asked({key: value for key, value in seen.items() if value is not None}):
            seen[name] = answers[name]
    return list(seen)


SLOW = """(() => {
    const now = Date.now;
    Date.now = () => now() - 540000;
    Object.defineProperty(ServiceWorkerRegistration.prototype, "sync", { value: undefined });
})()"""
"""A device whose clock is nine minutes slow. Its worker, which has no such clock here, is not woken up."""


def ready(somebody) -> None:
    expect(somebody.page.locator("html[data-ready]")).to_have_count(1)


def with_worker(somebody) -> None:
    """The worker of the page is there: it opens without a network from now on."""
    assert somebody.page.evaluate("async () => (await navigator.serviceWorker.ready).active !== null")


def come(somebody, site, plate: str, **typed: str) -> None:
    somebody.page.goto(f"/field/#/gate/{site.pk}")
    page = somebody.page.locator(f"#page[data-drawn='#/gate/{site.pk}']")
    expect(page).to_have_count(1)
    for name, text in {"plate": plate, **TYPED, **typed}.items():
        somebody.page.fill(f"#{name}", text)
    somebody.press("登记")


def states(somebody) -> list[str]:
    somebody.page.goto("/field/#/outbox")
    expect(somebody.page.locator("#page[data-drawn='#/outbox']")).to_have_count(1)
    return [row.get_attribute("data-state") for row in somebody.page.locator("#records > li").all()]


@pytest.mark.parametrize("width", [390, 1440])
def test_a_gate_works_without_a_network_and_hands_in_when_it_is_back(person, gate, width):  # noqa: F811
    for number in range(1, 13):
        passing.gate(f"虚构 {number} 号卡口", area=gate.area_path)
    clerk = person(width)
    clerk.context.add_init_script(SLOW)
    clerk.sign_in_as_staff("clerk@demo.test")
    clerk.page.goto("/field/")
    ready(clerk)
    clerk.look("field-empty")
    clerk.press("带上今天的资料")
    expect(clerk.page.locator("#tasks a", has_text=gate.name)).to_be_visible()
    clerk.page.get_by_label("找一项").fill(" 12 号")
    expect(clerk.page.locator("#tasks a:visible")).to_have_text([re.compile("虚构 12 号卡口")])
    clerk.page.get_by_label("找一项").fill("")
    expect(clerk.page.locator("#tasks a:visible")).to_have_count(13)
    with_worker(clerk)
    clerk.look("field-taken")

    clerk.context.set_offline(True)
    clerk.page.reload()
    ready(clerk)
    expect(clerk.page.locator("#contact")).to_contain_text("没有网络")
    came = timezone.now()
    come(clerk, gate, "鲁a·12345")
    expect(clerk.page.locator("#page b", has_text="鲁A12345")).to_be_visible()
    clerk.look("field-gate")
    come(clerk, gate, "鲁A54321", temperature="38.2")
    expect(clerk.page.locator("[data-field=refused] .problem")).to_contain_text("不能放行")
    clerk.page.fill("#refused", "发热")
    clerk.press("登记")
    expect(clerk.page.locator("#page b", has_text="鲁A54321")).to_have_count(0)
    clerk.page.get_by_role("button", name="鲁A12345 离开").click()
    expect(clerk.page.locator("#page", has_text="没有还在里面的车")).to_be_visible()
    clerk.page.reload()
    ready(clerk)
    assert states(clerk) == ["waiting"] * 3
    clerk.look("field-outbox")
    assert not Passage.objects.exists()

    clerk.context.set_offline(False)
    clerk.press("现在提交")
    expect(clerk.page.locator("#records li[data-state=accepted]")).to_have_count(3)
    clerk.look("field-handed-in")
    rows = {row.plate: row for row in Passage.objects.all()}
    assert set(rows) == {"鲁A12345", "鲁A54321"}
    assert rows["鲁A12345"].left_at is not None
    assert rows["鲁A54321"].refused == "发热"
    assert abs(rows["鲁A12345"].entered_at - came) < timedelta(minutes=1)
    assert came - rows["鲁A12345"].device_at > timedelta(minutes=8)


def test_what_the_server_does_not_take_is_named_and_put_right_and_nothing_is_doubled(person, gate):  # noqa: F811
    clerk = person(390)
    clerk.sign_in_as_staff("clerk@demo.test")
    # The first version of the page was here before, and what it wrote down is handed in by this one.
    account = str(User.objects.get(email="clerk@demo.test").pk)
    clerk.page.evaluate(FIRST_VERSION, [account, PASSED | {"gate": str(gate.pk)}])
    clerk.page.goto("/field/")
    ready(clerk)
    assert states(clerk) == ["accepted"]
    assert Passage.objects.get().plate == PASSED["plate"]
    Passage.objects.all().delete()
    clerk.press("清除已收下的记录")
    clerk.page.goto("/field/#/")
    reckoned = clerk.page.evaluate(
        """async (cases) => {
            const { momentOf } = await import("/static/web/field/clock.js");
            const reading = ([at, ticks, page]) => ({ at, ticks, page });
            return cases.map((one) => momentOf(reading(one.made), reading(one.sent), one.off, one.received));
        }""",
        CASES,
    )
    assert reckoned == [case["at"] for case in CASES]
    fields = [day._field(item.spec, ASKED) for item in ASKED.fields.values()]
    answers = [dict(zip(ASKED.fields, said, strict=True)) for said in product(*SAID)]
    asked = clerk.page.evaluate(
        """async ([fields, answers]) => {
            const { askedOf } = await import("/static/web/field/report.js");
            return answers.map((one) => Object.keys(askedOf(fields, one)));
        }""",
        [fields, answers],
    )
    assert asked == [asked_of(one) for one in answers]
    clerk.press("带上今天的资料")
    expect(clerk.page.locator("#tasks a")).to_be_visible()

    # The answer to a batch is lost on the way: the same comes again, and is there once.
    lost = []

    def lose(route):
        if lost:
            return route.continue_()
        lost.append(route.fetch())
        return route.abort()

    clerk.context.route("**/field/sync/", lose)
    come(clerk, gate, "鲁A00001")
    assert states(clerk) == ["waiting"]
    clerk.press("现在提交")
    expect(clerk.page.locator("#contact")).to_contain_text("没有网络")
    assert Passage.objects.count() == 1
    clerk.press("现在提交")
    expect(clerk.page.locator("#records li[data-state=already]")).to_have_count(1)
    assert Passage.objects.count() == 1

    # The session ends: everything stays, and the page says what to do.
    session = clerk.context.cookies()
    clerk.context.clear_cookies()
    come(clerk, gate, "鲁A00002")
    assert states(clerk) == ["waiting", "already"]
    clerk.press("现在提交")
    expect(clerk.page.locator("#contact")).to_contain_text("重新登录")
    clerk.look("field-signed-out")

    # Signed in again, with a vehicle the phone could not know is blocked: refused by name, put right anew.
    clerk.context.add_cookies(session)
    blocked(gate, "鲁A00003")
    come(clerk, gate, "鲁A00003")
    states(clerk)
    clerk.press("现在提交")
    expect(clerk.page.locator("#records li[data-state=refused]")).to_contain_text("在拦截名单里：虚构")
    expect(clerk.page.locator("#records li[data-state=accepted]")).to_have_count(1)
    clerk.look("field-refused")
    # Whoever signs out with something not taken in is asked first.
    clerk.page.goto("/desk/")
    asked: list[str] = []
    clerk.page.once("dialog", lambda dialog: (asked.append(dialog.message), dialog.dismiss()))
    with clerk.page.expect_event("dialog"):
        clerk.page.locator("form[action$='/sign-out/'] button").first.dispatch_event("click")
    expect(clerk.page).to_have_url(re.compile(r"/desk/$"))
    assert ["1 条" in one for one in asked] == [True]
    states(clerk)
    clerk.press("改好再交")
    expect(clerk.page.locator("#plate")).to_have_value("鲁A00003")
    clerk.page.fill("#refused", "在拦截名单里，已劝返")
    clerk.press("登记")
    states(clerk)
    clerk.press("现在提交")
    expect(clerk.page.locator("#records li[data-state=accepted]")).to_have_count(2)
    expect(clerk.page.locator("#records li[data-state=replaced]")).to_have_count(1)
    assert sorted(Passage.objects.values_list("plate", "refused")) == [
        ("鲁A00001", ""),
        ("鲁A00002", ""),
        ("鲁A00003", "在拦截名单里，已劝返"),
    ]

    # A line of a sheet of paper is typed in, and once more by mistake.
    for _again in range(2):
        clerk.page.goto("/field/#/")
        expect(clerk.page.locator("#page[data-drawn='#/']")).to_have_count(1)
        clerk.page.goto(f"/field/#/gate/{gate.pk}?sheet=K7QX2M9PR4")
        expect(clerk.page.locator("#sheet")).to_have_value("K7QX2M9PR4")
        for name, text in {"plate": "鲁A00004", **TYPED, "sheet_time": "00:00"}.items():
            clerk.page.fill(f"#{name}", text)
        clerk.press("登记")
    expect(clerk.page.locator(".toast")).to_contain_text("已经录入过")
    states(clerk)
    clerk.press("现在提交")
    expect(clerk.page.locator("#records li", has_text="鲁A00004")).to_have_attribute("data-state", "accepted")
    midnight = timezone.now().astimezone(CHINA).replace(hour=0, minute=0, second=0, microsecond=0)
    assert Passage.objects.get(plate="鲁A00004").entered_at == midnight

    # The server was put back to an older page: what a newer one wrote down is still there to be handed in.
    clerk.page.evaluate("async () => (await (await import('/static/web/field/outbox.js')).store(9)).close()")
    clerk.page.reload()
    ready(clerk)
    assert "replaced" in states(clerk)


def test_a_firm_reports_and_checks_its_door_without_a_network(person, demo_district):
    firm = Party.objects.get(members__person=User.objects.get(phone=demo.DEALER).person)
    window = owed_by(firm)
    keeper = person(390)
    keeper.context.grant_permissions(["geolocation"])
    keeper.context.set_geolocation({"latitude": 36.65, "longitude": 117.12, "accuracy": 12})
    keeper.sign_in(demo.DEALER)
    keeper.page.goto("/field/")
    ready(keeper)
    keeper.press("带上今天的资料")
    expect(keeper.page.locator("#tasks a")).to_have_count(2)
    keeper.context.set_offline(True)
    keeper.page.locator("#tasks a", has_text="虚构商场").click()
    keeper.press("查验")
    expect(keeper.page.locator("#told")).to_contain_text("可以进")
    keeper.page.fill("#temperature", "38.5")
    keeper.press("查验")
    expect(keeper.page.locator("#told")).to_contain_text("不能进")
    keeper.look("field-door")

    keeper.page.goto(f"/field/#/report/{window.pk}/{firm.pk}")
    expect(keeper.page.locator("[data-field=told]")).to_be_hidden()
    keeper.press("提交")
    expect(keeper.page.locator("[data-field=present] .problem")).to_be_visible()
    keeper.page.fill("#present", "12")
    keeper.page.check("input[name=abnormal][value=yes]")
    keeper.page.fill("#told", "一人发热，已就医")
    picture = {"name": "a.png", "mimeType": "image/png", "buffer": PIXEL}
    keeper.page.set_input_files("#photos", picture)
    expect(keeper.page.locator(".files li")).to_have_count(1)
    keeper.page.check("#position")
    expect(keeper.page.locator("[role=status]", has_text="已取得位置")).to_be_visible()
    keeper.look("field-report")
    keeper.press("提交")
    expect(keeper.page.locator("#page[data-drawn='#/']")).to_have_count(1)
    # An earlier one stands on paper, on a sheet that was printed for another window.
    duty = window.requirement_id
    keeper.page.goto(f"/field/#/report/0/{firm.pk}?duty={duty}&sheet=K7QX2M9PR4")
    keeper.page.fill("#present", "11")
    keeper.page.fill("#sheet_time", "00:00")
    keeper.page.set_input_files("#photos", picture)
    expect(keeper.page.locator(".files li")).to_have_count(1)
    keeper.look("field-report-sheet")
    keeper.press("提交")
    expect(keeper.page.locator("#sheet_line")).to_have_value("2")
    keeper.context.set_offline(False)
    assert states(keeper) == ["waiting"] * 4
    keeper.press("现在提交")
    expect(keeper.page.locator("#records li[data-state=accepted]")).to_have_count(4)
    midnight = timezone.now().astimezone(CHINA).replace(hour=0, minute=0, second=0, microsecond=0)
    assert Report.objects.get(at=midnight).answers["present"] == "11"
    report = Report.objects.exclude(at=midnight).get()
    assert report.answers == {"present": "12", "abnormal": True, "told": "一人发热，已就医"}
    assert report.position == {"lat": 36.65, "lon": 117.12, "accuracy": 12.0}
    assert ReportFile.objects.get(report=report.pk).stamped_id
    assert sorted(VenueScan.objects.values_list("outcome", flat=True)) == ["away", "in"]

    keeper.page.goto("/field/phones/")
    keeper.look("field-phones")
    keeper.press("停用")
    keeper.page.goto("/field/")
    expect(keeper.page.locator("#contact")).to_contain_text("已停用")
    expect(keeper.page.locator("#tasks")).to_have_count(0)


PIXEL = b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


def owed_by(firm: Party) -> Window:
    """A daily check the firm owes now, and a site of its own with a door."""
    now = timezone.now()
    leader = actor_for(User.objects.get(email="leader@demo.test"), at=now)
    first = now.astimezone(CHINA).date()
    told = Declared("虚构防控", "虚构通知〔2026〕3 号", (Measure.VENUES, Measure.CHECKS), first, None, 30)
    office = leader.seats[0].department_id
    declare(told, area=AREA, department=office, key=new_id(), by=leader, at=now)
    doors.site(owner=firm)
    fields = [
        {"id": "present", "kind": "number", "decimals": 0, "at_least": 0, "label": {"zh": "在岗人数"}},
        {"id": "abnormal", "kind": "yes_no", "default": False, "label": {"zh": "有没有异常"}},
        {"id": "told", "kind": "long_text", "when": {"fact": "abnormal", "is": True}, "label": {"zh": "什么异常"}},
    ]
    spec = roster.spec(sections=[{"id": "day", "title": {"zh": "今天"}, "fields": fields}], photos=1)
    (duty,) = roster.declared(spec)
    firm.area_path = doors.STREET
    firm.save(update_fields=["area_path"])
    Standing.objects.update_or_create(party=firm, defaults={"area_path": doors.STREET, "derived_at": now})
    span = Span(now - timedelta(hours=1), now + timedelta(hours=3))
    return open_window(duty, span, area_path=PATH, at=now - timedelta(hours=1))


def blocked(site, plate: str) -> None:
    now = timezone.now()
    leader = actor_for(User.objects.get(email="clerk@demo.test"), at=now)
    until = now.astimezone(CHINA).date() + timedelta(days=1)
    told = {"plate": plate, "phone": "", "reason": "虚构", "until": until, "area_path": site.area_path}
    actions.block(**told, key=new_id(), by=leader, at=now)
