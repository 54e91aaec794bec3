"""Messages on their way: to a real mail server, to one that is down, to one that says no."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import override_settings

from tests import world
from zerotrip.channels import actions, tasks
from zerotrip.channels.models import Message, MessageStatus, Notice, Transport
from zerotrip.channels.transports import Undeliverable

LATER = world.MORNING + timedelta(minutes=1)


@pytest.fixture
def mail(notice) -> Message:
    """The e-mail of the notice."""
    actions.address(notice, at=world.MORNING)
    return Message.objects.get(notice=notice, transport=Transport.EMAIL)


def test_each_way_to_a_reader_gets_one_message(notice, reader):
    first = actions.address(notice, at=world.MORNING)
    again = actions.address(notice, at=LATER)
    assert {row.pk for row in first} == {row.pk for row in again}
    assert {row.transport: row.address for row in again} == {"email": reader.email, "sms": reader.phone}


def test_a_notice_arrives_in_its_readers_language_with_the_way_to_the_case(mail, post):
    with override_settings(SITE_URL="https://district.example"):
        Message.objects.all().delete()
        actions.address(Notice.objects.get(), at=world.MORNING)
    actions.send(Message.objects.get(transport=Transport.EMAIL), at=LATER)
    (arrived,) = post.mails
    text = arrived.get_content()
    assert arrived["To"] == "lin@example.test"
    assert "Investment filing" in arrived["Subject"]
    assert "https://district.example/cases/3701-1/" in text
    assert "办件" not in text
    sent = Message.objects.get(transport=Transport.EMAIL)
    assert (sent.status, sent.sent_at, sent.tries) == (MessageStatus.SENT, LATER, 1)


def test_what_was_sent_is_not_sent_again(mail, post):
    actions.send(mail, at=LATER)
    actions.send(mail, at=LATER)
    tasks.send_message(str(mail.pk))
    assert len(post.mails) == 1
    assert post.mails[0]["Message-ID"] == f"<{mail.pk}@zerotrip>"


def test_while_the_server_is_down_a_message_waits_and_its_tries_are_counted(mail, no_post):
    for tries in range(1, actions.MOST_TRIES):
        with pytest.raises(Undeliverable) as failure:
            actions.send(mail, at=LATER)
        assert not failure.value.permanent
        mail.refresh_from_db()
        assert (mail.status, mail.tries) == (MessageStatus.QUEUED, tries)
        assert mail.error
    with pytest.raises(Undeliverable):
        tasks.send_message(str(mail.pk))
    mail.refresh_from_db()
    assert mail.status == MessageStatus.FAILED, "after the last try nobody waits any more"


def test_a_message_that_waited_goes_out_when_the_server_is_back(mail, post):
    post.answer = "451 try later"
    with pytest.raises(Undeliverable):
        tasks.send_message(str(mail.pk))
    post.answer = "250 OK"
    tasks.send_message(str(mail.pk))
    mail.refresh_from_db()
    assert (mail.status, mail.tries, mail.error) == (MessageStatus.SENT, 2, "")


def test_an_address_the_server_will_never_take_is_given_up_at_once(mail, post):
    post.answer = "550 no such mailbox"
    with pytest.raises(Undeliverable) as failure:
        actions.send(mail, at=LATER)
    assert failure.value.permanent
    mail.refresh_from_db()
    assert (mail.status, mail.tries) == (MessageStatus.FAILED, 1)
    tasks.send_message(str(mail.pk))
    mail.refresh_from_db()
    assert mail.tries == 1


def test_a_line_break_in_a_name_does_not_stop_a_mail(notice, post):
    notice.context |= {"service": {"zh": "备案\n" * 200, "en": "Filing\r\nBcc: all@example.test " * 30}}
    notice.save()
    actions.address(notice, at=world.MORNING)
    actions.send(Message.objects.get(transport=Transport.EMAIL), at=LATER)
    assert len(post.mails) == 1
    assert post.mails[0]["Bcc"] is None


def test_the_job_writes_messages_and_queues_each(notice):
    for _twice in range(2):
        tasks.tell(
            party=str(notice.user.person_id),
            template=notice.template,
            context=notice.context,
            link=notice.link,
            key=notice.key,
            at=notice.at.isoformat(),
        )
    assert Message.objects.filter(notice=notice, status=MessageStatus.QUEUED).count() == 2


def test_a_message_that_is_gone_is_no_fault(notice, mail):
    gone = str(mail.pk)
    mail.delete()
    tasks.send_message(gone)
    assert not Message.objects.filter(transport=Transport.EMAIL).exists()


def code(at=world.MORNING, transport=Transport.SMS, to="13900000000") -> Message:
    return actions.send_code(
        transport=transport, to=to, subject="登录验证码", body="123456", at=at, valid=timedelta(minutes=5)
    )


def test_an_expired_code_is_wiped_and_nothing_else(mail, db):
    sent = code()
    assert actions.purge(at=world.MORNING + timedelta(minutes=4)) == 0
    assert actions.purge(at=world.MORNING + timedelta(minutes=5)) == 1
    sent.refresh_from_db()
    mail.refresh_from_db()
    assert (sent.body, sent.subject) == ("", "")
    assert mail.body
    assert actions.purge(at=world.MORNING + timedelta(days=1)) == 0


def test_a_code_that_did_not_go_out_does_not_wait(db, no_post):
    with pytest.raises(Undeliverable):
        code(transport=Transport.EMAIL, to="a@example.test")
    assert Message.objects.get().status == MessageStatus.FAILED


handed: list[tuple[str, str]] = []


def sender(to: str, body: str, key: str) -> None:
    """A sender of text messages."""
    handed.append((to, body))


def busy(to: str, body: str, key: str) -> None:
    """A sender that is out of order."""
    raise Undeliverable("gateway busy", permanent=False)


def test_text_messages_go_through_the_sender_of_the_settings(db, settings):
    settings.SMS_SENDER = f"{__name__}.sender"
    handed.clear()
    code(to="13900000001")
    assert handed == [("13900000001", "123456")]
    settings.SMS_SENDER = f"{__name__}.busy"
    with pytest.raises(Undeliverable):
        code()


def test_the_demos_sender_keeps_messages_on_the_outbox_page(db):
    sent = Message.objects.get(pk=code().pk)
    assert (sent.status, sent.body) == (MessageStatus.SENT, "123456")
