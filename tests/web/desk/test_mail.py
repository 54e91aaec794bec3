"""Messages that wait: listed, a file placed, answered, put aside; by whoever accepts, and nobody else."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from tests import world
from tests.api.test_mail import door, files_of, letter, name_of, send, without_one  # noqa: F401  fixtures
from tests.web.browsing import Browser, cost
from zerotrip.cases.models import InboundMail, MailFile
from zerotrip.channels.models import Message
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
