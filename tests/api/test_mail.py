"""What comes by e-mail: signed or not, again, by a stranger, hostile; taken to its case or laid before a clerk."""

from __future__ import annotations

from datetime import timedelta
from email.message import EmailMessage

import pytest
from django.test import Client
from django.utils import timezone

from tests import world
from zerotrip.api.hooks.mail import LARGEST, SIGNATURE, TIMESTAMP
from zerotrip.cases import actions
from zerotrip.cases.models import Case, InboundMail, MailFile, Material
from zerotrip.channels.inbound import read
from zerotrip.channels.models import Notice
from zerotrip.files.models import Blob
from zerotrip.parties.models import User
from zerotrip.signed import signature
from zerotrip.web.errors import VISITORS_LIMIT

SECRET = "between us and our own mail server, long"
ADDRESS, SENDER = "cases@example.test", "lin@example.test"
SERVICE, FILING = "pesticide-change", "investment-filing"


@pytest.fixture(autouse=True)
def door(district, settings):
    settings.MAIL_ADDRESS, settings.MAIL_SECRETS = ADDRESS, [SECRET]
    User.objects.filter(pk=district.applicant.user_id).update(email=SENDER, email_verified=True)


def letter(*files: tuple[str, bytes], case: Case | None = None, id: str = "1", **headers: str) -> EmailMessage:
    """A message as our mail server passes it on."""
    made = EmailMessage()
    made["Authentication-Results"] = headers.pop("results", "example.test; dmarc=pass header.from=example.test")
    made["From"] = headers.pop("sender", f"林知远 <{SENDER}>")
    made["To"] = headers.pop("to", f"cases+{case.number}@example.test" if case else ADDRESS)
    made["Subject"] = headers.pop("subject", "材料")
    made["Message-ID"] = f"<{id}@example.test>"
    for name, value in headers.items():
        made[name.replace("_", "-")] = value
    made.set_content("请查收。")
    for name, content in files:
        made.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
    return made


def send(message: EmailMessage | bytes, *, secret: str = SECRET, age: int = 0):
    raw = message if isinstance(message, bytes) else message.as_bytes()
    timestamp = str(int(timezone.now().timestamp()) - age)
    signed = {TIMESTAMP: timestamp, SIGNATURE: signature(secret, timestamp, raw)}
    return Client(HTTP_HOST="localhost").post("/hooks/mail/", raw, "message/rfc822", headers=signed)


def opened(district, *without: str) -> Case:
    return world.draft(SERVICE, district.firm, district.applicant, without=without)


def name_of(case: Case, material: str) -> str:
    return next(m.name.zh for m in case.spec.materials if m.id == material)


def first(case: Case) -> str:
    """A material the case has."""
    return Material.objects.filter(submission__case=case).order_by("key").first().key


def files_of(case: Case, key: str) -> list[Material]:
    return list(Material.objects.filter(submission__case=case, submission__submitted_at=None, key=key))


def without_one(district) -> tuple[Case, str]:
    """A draft that lacks one material, and which."""
    whole = opened(district)
    key = first(whole)
    return opened(district, key), key


@pytest.mark.parametrize("how", [{"secret": "of somebody else"}, {"age": 301}, {"age": -301}])
def test_what_our_mail_server_did_not_sign_just_now_is_not_kept(how):
    assert send(letter(), **how).status_code == 401
    assert not InboundMail.objects.exists()


def test_without_a_secret_no_mail_is_taken(settings):
    settings.MAIL_SECRETS = []
    assert send(letter()).status_code == 404


def test_a_message_too_large_is_not_kept():
    assert send(b"x" * (LARGEST + 1)).status_code == 413
    assert not InboundMail.objects.exists()


def test_papers_are_larger_than_what_visitors_send(district):
    case, key = without_one(district)
    heavy = world.pdf("new").getvalue() + b"%" * VISITORS_LIMIT
    answer = send(letter((f"{name_of(case, key)}.pdf", heavy), case=case))
    assert answer.json() == {"state": "placed"}


def test_a_file_goes_to_the_material_it_names_and_hands_nothing_in(district):
    case, key = without_one(district)
    answer = send(letter((f"{name_of(case, key)}（盖章）.pdf", world.pdf("new").getvalue()), case=case))
    assert answer.json() == {"state": "placed"}
    assert len(files_of(case, key)) == 1
    case.refresh_from_db()
    assert case.status == "draft"
    assert case.submissions.get().door == "mail"
    world.tell_queued()
    notice = Notice.objects.get(template="mail_taken")
    assert name_of(case, key) in notice.context["taken"]["zh"]
    assert (notice.context["missing"]["zh"], notice.link) == ("无", f"/cases/{case.number}/")


def test_what_was_mailed_and_handed_in_online_came_by_mail(district):
    case, key = without_one(district)
    send(letter((f"{name_of(case, key)}.pdf", world.pdf("new").getvalue()), case=case))
    actions.submit(case, by=district.applicant, at=timezone.now())
    assert case.submissions.get(round=1).door == "mail"


def test_a_nameless_file_goes_to_the_one_material_missing(district):
    case, key = without_one(district)
    send(letter(("IMG_0001.pdf", world.pdf("new").getvalue()), subject=f"办件 {case.number} 的材料"))
    assert len(files_of(case, key)) == 1


def test_the_supporting_papers_of_a_filing_go_where_alone_they_can(district):
    case = world.draft(FILING, district.firm, district.applicant)
    assert send(letter(("scan.pdf", world.pdf("s").getvalue()), case=case)).json() == {"state": "placed"}
    assert len(files_of(case, "supporting")) == 1


def test_a_nameless_file_waits_when_nothing_is_missing(district):
    case = opened(district)
    assert send(letter(("IMG.pdf", world.pdf("new").getvalue()), case=case)).json() == {"state": "waiting"}
    assert MailFile.objects.get().key == ""


def test_the_same_message_again_changes_nothing(district):
    case, key = without_one(district)
    message = letter((f"{name_of(case, key)}.pdf", world.pdf("new").getvalue()), case=case)
    send(message)
    before = Case.objects.get(pk=case.pk).ledger_length
    assert send(message).json() == {"state": "placed"}
    assert (InboundMail.objects.count(), MailFile.objects.count()) == (1, 1)
    assert Case.objects.get(pk=case.pk).ledger_length == before


FORGED = [
    {"sender": "somebody@example.test"},
    {"results": "example.test; dmarc=fail"},
    {"results": "evil.test; dmarc=pass"},
    {"results": 'example.test; spf=pass smtp.mailfrom="; dmarc=pass "; dmarc=fail'},
    {"results": "example.test; spf=pass (; dmarc=pass )"},
    {"sender": f"a@example.test, {SENDER}"},
]


@pytest.mark.parametrize("headers", FORGED)
def test_what_is_not_proven_to_be_the_applicants_touches_no_case(district, headers):
    case, key = without_one(district)
    message = letter((f"{name_of(case, key)}.pdf", world.pdf("new").getvalue()), case=case, **headers)
    assert send(message).json() == {"state": "waiting"}
    assert not files_of(case, key)
    assert InboundMail.objects.get().why == "stranger"
    world.tell_queued()
    assert not Notice.objects.filter(template__startswith="mail").exists()


def test_an_address_not_verified_is_a_strangers(district):
    User.objects.filter(pk=district.applicant.user_id).update(email_verified=False)
    case, key = without_one(district)
    send(letter((f"{name_of(case, key)}.pdf", world.pdf("new").getvalue()), case=case))
    assert not files_of(case, key)


def test_somebody_elses_case_is_as_none(district):
    other = "other@example.test"
    User.objects.filter(pk=district.stranger.user_id).update(email=other, email_verified=True)
    case, key = without_one(district)
    send(letter((f"{name_of(case, key)}.pdf", world.pdf("new").getvalue()), case=case, sender=other))
    assert (InboundMail.objects.get().why, files_of(case, key)) == ("no_case", [])
    world.tell_queued()
    assert "编号" in Notice.objects.get(template="mail_kept").context["why"]["zh"]


def test_a_hostile_file_is_not_kept_and_the_rest_is(district):
    case, key = without_one(district)
    good = (f"{name_of(case, key)}.pdf", world.pdf("new").getvalue())
    before = Blob.objects.count()
    bad = ("../../etc/\u202epasswd.pdf", b"MZ\x90\x00 not a document")
    assert send(letter(good, bad, case=case)).json() == {"state": "waiting"}
    refused = MailFile.objects.get(blob=None)
    assert refused.reason
    assert "\u202e" not in refused.name
    assert (len(files_of(case, key)), Blob.objects.count()) == (1, before + 1)
    world.tell_queued()
    assert "passwd" in Notice.objects.get(template="mail_taken").context["left"]["en"]


def test_a_corrected_material_takes_the_place_of_the_old_one(district):
    case = opened(district)
    key = first(case)
    actions.submit(case, by=district.applicant, at=world.MORNING)
    (intake,) = world.open_work(case)
    actions.request_correction(intake, items={f"material:{key}": "请重新上传"}, by=district.clerk, at=world.MORNING)
    send(letter((f"{name_of(case, key)}.pdf", world.pdf("mended").getvalue()), case=case))
    (now,) = files_of(case, key)
    assert now.blob_id == MailFile.objects.get().blob_id
    assert Material.objects.filter(submission__case=case, submission__round=1, key=key).count() == 1
    case.refresh_from_db()
    assert case.status == "correcting"


def test_a_material_not_named_by_the_correction_is_not_changed(district):
    case = opened(district)
    key, other = sorted({m.key for m in Material.objects.filter(submission__case=case)})[:2]
    actions.submit(case, by=district.applicant, at=world.MORNING)
    (intake,) = world.open_work(case)
    actions.request_correction(intake, items={f"material:{other}": "请核对"}, by=district.clerk, at=world.MORNING)
    before = [m.blob_id for m in files_of(case, key)]
    answer = send(letter((f"{name_of(case, key)}.pdf", world.pdf("x").getvalue()), case=case))
    assert answer.json() == {"state": "waiting"}
    assert [m.blob_id for m in files_of(case, key)] == before
    assert "补正范围" in MailFile.objects.get().reason


def test_a_case_under_review_takes_nothing(district):
    case = opened(district)
    actions.submit(case, by=district.applicant, at=world.MORNING)
    send(letter((f"{name_of(case, first(case))}.pdf", world.pdf("x").getvalue()), case=case))
    assert InboundMail.objects.get().why == "not_open"


def test_an_automatic_answer_is_not_answered(district):
    case = opened(district)
    send(letter(case=case, Auto_Submitted="auto-replied"))
    world.tell_queued()
    assert not Notice.objects.filter(template__startswith="mail").exists()


HARDLY = [b"", b"\x00\xff\xfe", b"From: <\nTo: \r\n\r\n", b"Content-Type: text/plain; charset=none\n\n\xff"]


@pytest.mark.parametrize("raw", HARDLY)
def test_what_is_hardly_a_message_breaks_nothing(raw):
    assert send(raw).status_code in (200, 422)


@pytest.mark.parametrize("raw", [b"X-A: b\n" * 501 + b"\nx", b"From: a@example.test\n\n" + b"\n--x" * 5001])
def test_of_a_message_made_to_take_minutes_nothing_is_read(raw):
    assert send(raw).status_code == 422
    assert not InboundMail.objects.exists()


def test_of_a_header_made_to_take_minutes_the_beginning_is_read(district):
    case = opened(district)
    many = ", ".join(f"a{at}@example.test" for at in range(60))
    tag = f"cases+{case.number}@example.test"
    assert read(letter(to=f"{tag}, {many}").as_bytes(), address=ADDRESS).number == case.number
    assert read(letter(to=f"{many}, {tag}").as_bytes(), address=ADDRESS).number == ""
    hanging = b"Content-Disposition: attachment; " + b"a=b; " * 40 + b"filename=x.pdf\n\nx"
    (file,) = read(hanging, address=ADDRESS).files
    assert file.name == ""


def test_with_more_parts_than_are_looked_at_there_is_more():
    message = letter()
    for _part in range(70):
        message.add_attachment("x", cid="<picture@example.test>", disposition="inline")
    assert read(message.as_bytes(), address=ADDRESS).more


def test_a_text_made_to_keep_us_busy_is_shown_as_it_is():
    assert send(b"Content-Type: text/html\n\n" + b"<a" * 200_000).status_code == 200
    assert InboundMail.objects.get().text.startswith("<a<a")


def test_what_is_written_is_bounded_and_of_one_line():
    message = letter(subject="a" * 500)
    mail = read(message.as_bytes(), address=ADDRESS)
    assert len(mail.subject) == 200


def test_after_its_time_a_message_says_nothing_and_the_case_keeps_its_files(district):
    case, key = without_one(district)
    send(letter((f"{name_of(case, key)}.pdf", world.pdf("new").getvalue()), case=case))
    assert actions.purge_mail(at=timezone.now() + timedelta(days=181)) == 1
    mail = InboundMail.objects.get()
    assert (mail.sender, mail.subject, mail.text, mail.files.count()) == ("", "", "", 0)
    assert len(files_of(case, key)) == 1
