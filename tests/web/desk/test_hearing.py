"""The page on which people are heard: recorded, told, answered, and the hearing called, held and minuted."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from tests import world
from tests.cases.test_hearing import HEARD, call, tell_right
from tests.lawful import declare
from tests.web.browsing import Browser, chinese_words, cost, without_chinese
from zerotrip.cases import actions
from zerotrip.cases.models import Assignment, Case, Concerned, Hearing, Telling, Verdict
from zerotrip.parties.models import Role, User

BEGAN = datetime(2026, 11, 2, 1, 30, tzinfo=UTC)
"""Long enough ago that a hearing called then was held."""
CONTACT = "济南市虚构路 2 号"


@pytest.fixture
def chair(district) -> User:
    return world.staff("听证员", "approval-bureau", Role.CLERK)


@pytest.fixture
def begin(district, tmp_path):
    """A permit to be decided on, its work begun then or now."""

    def made(at: datetime | None = None, **rules) -> tuple[Case, Assignment]:
        at = at or timezone.now()
        service = declare(tmp_path, **{**HEARD, **rules})
        case = world.draft(service.pk, district.firm, district.applicant, at, like="construction-permit")
        case = actions.submit(case, by=district.applicant, at=at)
        (intake,) = world.open_work(case, "intake")
        actions.accept(intake, by=district.clerk, at=at)
        offices = {"housing-review": district.housing, "fire-review": district.fire}
        for work in world.open_work(case, "review"):
            by = offices.get(work.stage, district.defence)
            case = actions.review(work, verdict=Verdict.PASS, by=by, at=at)
        (decision,) = world.open_work(case, "decision")
        return case, decision

    return made


def url(work: Assignment) -> str:
    return f"/desk/work/{work.pk}/hearing/"


def recorded(page, **changes):
    said = {"name": "邻居甲", "contact": CONTACT, "interest": "采光", **changes}
    return page.form("#record").press("登记利害关系人", **said)


def test_somebody_is_recorded_told_and_answers_and_the_decision_waits_meanwhile(district, begin):
    case, work = begin()
    leader = Browser(district.leader)
    page = leader.open(url(work)).form("#record").press(status=422, name="邻居甲", contact="", interest="采光")
    assert "请填写电话或者通信地址" in page.text
    assert page.form("#record").values["name"] == ["邻居甲"]
    assert page.form("#record").values["interest"] == ["采光"], "nothing typed is lost"
    recorded(page)
    one = Concerned.objects.get()
    page = leader.open(url(work))
    assert CONTACT in page.text
    page.form(f"#tell-{one.pk}").press("书面告知", via="post")
    told = Telling.objects.get(to_applicant=False)
    page = leader.open(f"/desk/cases/{case.number}/")
    assert "前陈述意见，答复或者到期以后才能决定" in page.text
    refused = page.form("/grant/").press("准予", status=409)
    assert "才能决定" in refused.text
    page = leader.open(url(work))
    assert page.browser.client.get(f"/desk/tellings/{told.pk}/letter/")["Content-Type"] == "application/pdf"
    form = page.form(f"#answer-{told.pk}")
    assert "请写下陈述的意见" in form.press("登记意见", status=422, answer="said").text
    page.form(f"#answer-{told.pk}").press("登记意见", answer="said", view="挡住了我家采光")
    assert "挡住了我家采光" in leader.open(f"/desk/cases/{case.number}/").text


def test_how_somebody_is_reached_only_the_page_of_the_work_shows(district, begin):
    case, work = begin()
    recorded(Browser(district.leader).open(url(work)))
    for reader in (district.leader, district.clerk, district.supervisor, district.housing):
        page = Browser(reader).open(f"/desk/cases/{case.number}/")
        assert "邻居甲" in page.text
        assert CONTACT not in page.text
        assert "听取意见" not in page.text or reader is district.leader or url(work) not in page.links
    Browser(district.applicant).open(f"/cases/{case.number}/hearing/", status=404)
    leader, one = Browser(district.leader), Concerned.objects.get()
    leader.open(url(work)).form(f"#tell-{one.pk}").press("书面告知", via="post")
    mine = Browser(district.applicant).open(f"/cases/{case.number}/hearing/")
    assert "邻**" in mine.text
    assert CONTACT not in mine.text
    assert "邻居甲" not in mine.text


def test_who_does_not_do_the_work_is_sent_to_the_case_and_changes_nothing(district, begin):
    case, work = begin()
    for reader in (district.clerk, district.supervisor):
        browser = Browser(reader)
        assert browser.open(url(work), status=302).location.endswith(f"/desk/cases/{case.number}/")
    recorded(Browser(district.leader).open(url(work)))
    page = Browser(district.leader).open(url(work))
    token = page.forms[0].values["csrfmiddlewaretoken"][0]
    clerk = Browser(district.clerk)
    clerk.client.cookies["csrftoken"] = page.browser.client.cookies["csrftoken"].value
    data = {"csrfmiddlewaretoken": token, "do": "record", "name": "乙", "contact": "丙", "interest": "丁"}
    clerk.send(url(work), data, status=403)
    assert Concerned.objects.count() == 1


def test_from_the_right_to_the_minutes(district, begin, chair):
    case, work = begin(BEGAN)
    leader = Browser(district.leader)
    recorded(leader.open(url(work)))
    one = Concerned.objects.get()
    leader.open(url(work)).form(f"#tell-{one.pk}").press("书面告知", via="phone")
    view = Telling.objects.get(what="view", to_applicant=False)
    leader.open(url(work)).form(f"#answer-{view.pk}").press("登记意见", answer="nothing")
    leader.open(url(work)).form("#right").press("告知听证权利", **{f"via-{one.pk}": "in_person"})
    right = Telling.objects.get(what="right", to_applicant=False)
    assert right.via == "in_person"
    leader.open(url(work)).form(f"#answer-{right.pk}").press("登记答复", answer="asked")
    page = leader.open(url(work))
    form = page.form("#call")
    tomorrow = timezone.localtime() + timedelta(days=1)
    typed = {"begins_on": tomorrow.date().isoformat(), "place": "大厅三楼", "presider": str(chair.pk)}
    way = {f"via-{one.pk}": "post"}
    refused = form.press("通知听证", status=422, **typed, **way)
    assert "通知要在听证七个工作日以前" in refused.text
    assert refused.form("#call").values["place"] == ["大厅三楼"]
    typed["begins_on"] = (tomorrow + timedelta(days=13)).date().isoformat()
    refused.form("#call").press("通知听证", **typed, **way)
    page = leader.open(url(work))
    assert "听证公开举行" in Telling.objects.filter(what="hearing").first().says
    assert not [form for form in page.forms if form.action.endswith("#minutes")], "it is not held yet"
    leader.open(url(work)).form("#recusal").press("登记回避申请", concerned=str(one.pk), reason="是亲戚")
    leader.open(url(work)).form("#settle").press("答复回避申请", answer="没有利害关系。")
    Hearing.objects.update(called_at=BEGAN, begins_at=BEGAN + timedelta(days=10))
    page = leader.open(url(work))
    assert "请写下在笔录上签字" in page.form("#minutes").press(status=422, minutes="双方陈述").text
    page.form("#minutes").press("笔录存档", minutes="双方陈述", signed="邻居甲\n林知远", refused="某人：不同意")
    page = leader.open(f"/desk/cases/{case.number}/")
    assert "双方陈述" in page.text
    assert "某人：不同意（拒绝签字）" in page.text
    assert "听证笔录存档" in page.text, "in the history"


def asked_for_and_called(case, work, chair, district) -> None:
    """Somebody concerned is told, asks for a hearing, and it is called."""
    one = actions.record_concerned(
        work, name="甲", contact="乙", interest="丙", concerned=case.pk, by=district.leader, at=BEGAN
    )
    actions.tell_concerned(work, one.pk, via="post", by=district.leader, at=BEGAN)
    tell_right(case, work, district, BEGAN)
    note = Telling.objects.get(what="right", to_applicant=False)
    actions.note_answer(work, note.pk, answer="asked", on=BEGAN.date(), by=district.leader, at=BEGAN)
    call(case, work, chair, district, BEGAN)


@pytest.fixture
def held(district, begin, chair):
    """A case whose hearing was asked for, called and held; its minutes are to be kept."""
    case, work = begin(BEGAN)
    asked_for_and_called(case, work, chair, district)
    Hearing.objects.update(begins_at=BEGAN + timedelta(days=12))
    return case, work


def upload(name: str = "签字.pdf", content: bytes = b"") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content or world.pdf("签字的笔录").read())


def test_the_signed_minutes_are_sent_with_the_minutes_and_read_by_both_sides(district, held):
    case, work = held
    leader = Browser(district.leader)
    page = (
        leader.open(url(work))
        .form("#minutes")
        .press("笔录存档", status=422, minutes="双方陈述", signed="甲", scan=upload("a.pdf", b"no pdf"))
    )
    assert len(page.marked[".problem"]) == 1
    assert page.form("#minutes").values["minutes"] == ["双方陈述"], "nothing typed is lost"
    assert Hearing.objects.get().kept_at is None
    page = page.form("#minutes").press("笔录存档", status=422, minutes="双方陈述", signed="", scan=upload())
    assert "请重新选择文件" in page.text, "no page can keep a file that was chosen"
    paper = world.pdf("签字的笔录").read()
    page.form("#minutes").press("笔录存档", minutes="双方陈述", signed="甲", scan=upload("b.pdf", paper))
    hearing = Hearing.objects.get()
    theirs, ours = f"/cases/{case.number}/hearing/scan/", f"/desk/hearings/{hearing.pk}/scan/"
    for reader, page, address in (
        (district.leader, url(work), ours),
        (district.supervisor, f"/desk/cases/{case.number}/", ours),
        (district.applicant, f"/cases/{case.number}/hearing/", theirs),
    ):
        browser = Browser(reader)
        assert address in browser.open(page).links
        response = browser.client.get(address)
        assert response["Content-Type"] == "application/pdf"
        assert response["Cache-Control"] == "private, no-cache"
        assert b"".join(response.streaming_content) == paper
    Browser(district.applicant).open(ours, status=403)
    for other in (district.stranger, district.leader):
        Browser(other).open(theirs, status=404)


def test_the_signed_minutes_are_added_afterwards_and_stay(district, held):
    case, work = held
    leader = Browser(district.leader)
    leader.open(url(work)).form("#minutes").press("笔录存档", minutes="双方陈述", signed="甲")
    hearing = Hearing.objects.get()
    desk, add = f"/desk/cases/{case.number}/", f"/desk/hearings/{hearing.pk}/scan/add/"
    leader.open(f"/desk/hearings/{hearing.pk}/scan/", status=404)
    Browser(district.applicant).open(f"/cases/{case.number}/hearing/scan/", status=404)
    assert add in leader.open(url(work)).links
    assert add not in Browser(district.supervisor).open(desk).links
    assert Browser(district.supervisor).open(add, status=302).location == desk
    page = leader.open(add)
    assert "请选择文件" in page.form().press("存档", status=422).text
    refused = page.form().press("存档", status=422, scan=upload("a.pdf", b"no pdf"))
    assert refused.marked[".problem"] != [""]
    assert page.form().press("存档", scan=upload()).location == desk
    page.form().press("存档", status=409, scan=upload("b.pdf", world.pdf("另一份").read()))
    page = leader.open(desk)
    assert f"/desk/hearings/{hearing.pk}/scan/" in page.links
    assert add not in page.links
    assert "补充签字的听证笔录" in page.text, "in the history"
    assert leader.open(add, status=302).location == desk
    assert "补充签字的听证笔录" in Browser(district.applicant).open(f"/cases/{case.number}/").text


def test_the_case_page_costs_no_query_more_for_those_heard(district, begin, chair):
    case, work = begin(BEGAN)
    leader = Browser(district.leader)
    without = cost(leader, f"/desk/cases/{case.number}/")
    asked_for_and_called(case, work, chair, district)
    assert cost(leader, f"/desk/cases/{case.number}/") == without


def test_the_page_of_the_hearing_takes_no_query_for_each_of_those_concerned(district, begin):
    _case, work = begin()
    leader = Browser(district.leader)
    few = cost(leader, url(work))
    for number in range(4):
        actions.record_concerned(
            work,
            name=f"邻居{number}",
            contact="虚构路",
            interest="采光",
            concerned=Telling().pk,
            by=district.leader,
            at=timezone.now(),
        )
    assert cost(leader, url(work)) == few


def test_the_desk_reads_it_in_english(district, begin, chair):
    case, work = begin(BEGAN)
    world_said = without_chinese({"name": "邻居", "contact": "虚构路", "interest": "采光"})
    one = actions.record_concerned(work, **world_said, concerned=case.pk, by=district.leader, at=BEGAN)
    actions.tell_concerned(work, one.pk, via="post", by=district.leader, at=BEGAN)
    tell_right(case, work, district, BEGAN)
    right = Telling.objects.get(what="right", to_applicant=False)
    actions.note_answer(work, right.pk, answer="asked", on=BEGAN.date(), by=district.leader, at=BEGAN)
    reader = Browser(district.leader, language="en")
    names = {"听证员", *"".join(chinese_words(reader.open("/desk/"))).split()}
    page = reader.open(url(work))
    assert "Told by post, " in page.text
    assert "Asked for a hearing" in page.text
    pages = [
        page,
        Browser(district.applicant, language="en").open(f"/cases/{case.number}/hearing/"),
    ]
    allowed = {case.subject, district.leader.name, district.applicant.name, "听证员", "测试依据"} | names
    for page in pages:
        met = [word for word in chinese_words(page) if not any(word in known for known in allowed)]
        assert met == []
