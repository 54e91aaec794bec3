"""Messages that wait: listed, a file placed, answered, put aside; by whoever accepts, and nobody else."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests import world
from tests.api.test_mail import door, files_of, letter, name_of, send, without_one  # noqa: F401  fixtures
from tests.web.browsing import Browser, cost, steps
from zerotrip.cases import actions
from zerotrip.cases.models import Case, InboundMail, MailFile
from zerotrip.channels.models import Message, Notice
from zerotrip.duties.models import Obligation
from zerotrip.ids import new_id
from zerotrip.parties.models import User


@pytest.fixture
def clerk(district) -> Client:
    return world.sign_in(Client(HTTP_HOST="localhost"), User.objects.get(pk=district.clerk.user_id))


@pytest.fixture
def waiting(district) -> InboundMail:
    """A message of somebody proven that names no case."""
    send(letter(("scan.pdf", world.pdf("scan").getvalue()), subject="项目备案材料"))
    return InboundMail.objects.get()


def act(clerk: Client, mail: InboundMail, **said: object):
    return clerk.post(reverse("desk-mail-one", args=[mail.pk]), said)


def test_an_empty_list_says_so(clerk):
    assert "没有待处理的来信" in clerk.get(reverse("desk-mail")).content.decode()


def test_what_waits_is_listed_and_shown_as_text(clerk, district):
    send(letter(("scan.pdf", world.pdf("scan").getvalue()), subject="<b>项目</b>"))
    listed = clerk.get(reverse("desk-mail")).content.decode()
    assert "&lt;b&gt;项目" in listed
    assert "没有对应的办件" in listed
    shown = clerk.get(reverse("desk-mail-one", args=[InboundMail.objects.get().pk])).content.decode()
    assert "scan.pdf" in shown
    assert "请查收" in shown


def test_the_list_costs_the_same_however_long(waiting, district):
    browser = Browser(district.clerk)
    before = cost(browser, "/desk/mail/")
    for id in ("2", "3", "4"):
        send(letter(id=id))
    assert cost(browser, "/desk/mail/") == before == 7


def test_a_clerk_places_a_file_in_the_name_of_a_proven_sender(clerk, waiting, district):
    case, key = without_one(district)
    file = MailFile.objects.get()
    answer = act(clerk, waiting, file=file.pk, number=case.number.lower(), material=name_of(case, key))
    assert answer.status_code == 302
    assert len(files_of(case, key)) == 1
    waiting.refresh_from_db()
    assert waiting.state == "placed"


def test_a_strangers_file_is_placed_only_with_the_applicants_yes(clerk, district):
    case, key = without_one(district)
    send(letter(("scan.pdf", world.pdf("s").getvalue()), case=case, sender="somebody@example.test"))
    mail = InboundMail.objects.get()
    answer = act(clerk, mail, file=MailFile.objects.get().pk, number=case.number, material=name_of(case, key))
    assert answer.status_code == 422
    assert "发件人不能代表申请人" in answer.content.decode()
    assert not files_of(case, key)


def test_a_material_that_the_service_has_not_is_named_at_its_place(clerk, waiting, district):
    case, _key = without_one(district)
    answer = act(clerk, waiting, file=MailFile.objects.get().pk, number=case.number, material="没有的材料")
    assert answer.status_code == 422
    assert 'value="没有的材料"' in answer.content.decode()


def test_an_answer_goes_out_once(clerk, waiting):
    assert act(clerk, waiting, answer="请写明办件编号。").status_code == 302
    assert act(clerk, waiting, answer="请写明办件编号。").status_code == 409
    message = Message.objects.get(subject__startswith="回复")
    assert (message.address, message.body) == (waiting.sender, "请写明办件编号。")


def test_putting_aside_needs_a_reason(clerk, waiting):
    assert act(clerk, waiting, reason=" ").status_code == 422
    assert act(clerk, waiting, reason="广告").status_code == 302
    waiting.refresh_from_db()
    assert (waiting.state, waiting.said) == ("dismissed", "广告")
    assert "广告" in clerk.get(reverse("desk-mail-one", args=[waiting.pk])).content.decode()


def test_a_message_about_another_offices_case_is_not_there(waiting, district):
    agriculture = world.staff("other", "agriculture", "clerk")
    other = world.sign_in(Client(HTTP_HOST="localhost"), agriculture)
    case, _key = without_one(district)
    waiting.case, waiting.department, waiting.area_path = case, case.department, case.area_path
    waiting.save()
    assert other.get(reverse("desk-mail-one", args=[waiting.pk])).status_code == 404
    assert InboundMail.objects.visible_to(district.clerk).count() == 1


class TestWhatIsOwed:
    """A material accepted as still to come, sent by e-mail: proposed to a clerk, taken in one press."""

    @pytest.fixture
    def case(self, district) -> Case:
        now = timezone.now()
        case = world.draft("construction-permit", district.firm, district.applicant, now, without=["contract"])
        actions.owe_later(case, "contract", "commitment", by=district.applicant, at=now)
        actions.submit(case, by=district.applicant, at=now, undertakes=True)
        return actions.accept(world.open_work(case)[0], by=district.clerk, at=now)

    def send(self, case: Case, name: str = "IMG_0001.pdf", **how: str) -> InboundMail:
        send(letter((name, world.pdf("made up").getvalue()), case=case, **how))
        return InboundMail.objects.latest("received_at")

    def made_up(self, case: Case) -> Obligation:
        return Obligation.objects.get(subject=case.pk, key="contract")

    def test_it_is_proposed_for_what_is_owed_and_hands_nothing_in(self, case):
        mail = self.send(case)
        assert (mail.state, mail.why, mail.case) == ("waiting", "owed", case)
        assert mail.files.get().proposed == "contract"
        assert self.made_up(case).status == "open"
        world.tell_queued()
        told = Notice.objects.get(template="mail_kept")
        assert "后补" in told.context["why"]["zh"]

    def test_a_clerk_takes_it_from_the_case_in_one_press(self, case, district):
        mail, clerk = self.send(case), Browser(district.clerk)
        page = clerk.open(f"/desk/cases/{case.number}/")
        assert "邮件发来的后补材料" in page.text
        (form,) = [form for form in page.forms if form.action == f"/desk/mail/{mail.pk}/"]
        back = form.press("收为补交材料").follow()
        assert "等核对" in back.text
        assert self.made_up(case).status == "handed_in"
        handed_in = case.submissions.latest("round")
        assert (handed_in.door, handed_in.submitted_by_id) == ("mail", district.applicant.user_id)
        assert world.open_work(case, "make_up")[0].materials == ["contract"]
        mail.refresh_from_db()
        assert (mail.state, mail.settled_by_id) == ("placed", district.clerk.user_id)
        assert "mail" in steps(case)
        world.tell_queued()
        assert Notice.objects.get(template="mail_made_up").context["missing"]["zh"] == "无"

    def test_pressed_twice_it_counts_once(self, case, district, clerk):
        mail = self.send(case)
        assert act(clerk, mail, accept="1").status_code == 302
        assert act(clerk, mail, accept="1").status_code == 409
        assert case.submissions.count() == 2

    def test_made_up_online_meanwhile_it_is_refused_and_the_message_stays(self, case, district, clerk):
        mail = self.send(case)
        now = timezone.now()
        paper = [(world.pdf("online"), "合同.pdf")]
        actions.make_up(case, "contract", paper, by=district.applicant, at=now, record=new_id())
        answer = act(clerk, mail, accept="1")
        assert answer.status_code == 409
        assert "不用再补交" in answer.content.decode()
        mail.refresh_from_db()
        assert mail.state == "waiting"

    def test_a_file_that_names_another_material_is_proposed_for_none(self, case, clerk):
        other = next(m for m in case.spec.materials if m.id != "contract")
        mail = self.send(case, f"{other.name.zh}.pdf")
        assert mail.files.get().proposed == ""
        answer = act(clerk, mail, file=mail.files.get().pk, number=case.number, material=name_of(case, "contract"))
        assert answer.status_code == 302
        assert self.made_up(case).status == "handed_in"

    def test_a_strangers_message_proposes_nothing(self, case):
        assert self.send(case, sender="somebody@example.test").why == "stranger"
        assert MailFile.objects.get().proposed == ""

    def test_reviewers_do_not_see_what_waits_for_the_clerk(self, case, district):
        self.send(case)
        assert "邮件发来的后补材料" not in Browser(district.housing).open(f"/desk/cases/{case.number}/").text

    def test_the_pages_are_in_english_too(self, case, district):
        reader, mail = Browser(district.clerk, language="en"), self.send(case)
        for url in (f"/desk/cases/{case.number}/", f"/desk/mail/{mail.pk}/"):
            assert "Take as made up" in reader.open(url).text

    def test_the_case_costs_one_query_more_however_much_came(self, case, district):
        browser, url = Browser(district.clerk), f"/desk/cases/{case.number}/"
        self.send(case)
        one = cost(browser, url)
        for number in ("2", "3"):
            self.send(case, id=number)
        assert cost(browser, url) == one
