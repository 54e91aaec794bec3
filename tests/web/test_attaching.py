"""Files beside forms of needs: sent with them, kept when they are refused, taken away, shown to whoever may."""

from __future__ import annotations

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from tests import world
from tests.files.samples import image, pdf
from tests.helped import help_of, raised
from tests.web.portal.test_needs import browser, post
from zerotrip.cases.models import Case, NeedFile
from zerotrip.parties.models import User
from zerotrip.web.attaching import hold


def upload(name: str = "门坏了.png", content: bytes | None = None, shade: int = 200) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content if content is not None else image(colour=(shade, 30, 30)))


def virus() -> SimpleUploadedFile:
    return SimpleUploadedFile("清单.pdf", b"MZ this is a program")


def tokens(page: str, name: str) -> list[str]:
    return re.findall(rf'name="{name}-kept" value="([^"]+)" checked', page)


def test_a_firm_raises_a_need_with_a_picture_and_a_paper(helped):
    files = [upload(), upload("合同.pdf", pdf(pages=2))]
    answer = post(browser(helped.applicant), helped, "need-testing", **{"need-0-files": files})
    assert answer.status_code == 302
    page = browser(helped.applicant).get(answer.headers["Location"]).content.decode()
    assert "企业提供的照片、文件和补充" in page
    for one in NeedFile.objects.all():
        assert reverse("need-file", args=[one.pk]) in page
        assert reverse("need-file-page", args=[one.pk, 1]) in page
    assert "门坏了.png" in page
    assert "2 页" in page


def test_a_file_that_is_refused_says_why_at_its_place_and_nothing_typed_or_chosen_is_lost(helped):
    client = browser(helped.applicant)
    refused = post(client, helped, "need-testing", **{"need-0-files": [upload(), virus()]})
    page = refused.content.decode()
    assert refused.status_code == 422
    assert "清单.pdf：只收 PDF 和 JPG" in page
    assert 'href="#need-0-files"' in page
    assert "能不能给我们员工做核酸检测" in page
    assert not Case.objects.exists()
    (token,) = tokens(page, "need-0-files")
    assert client.get(reverse("held-file", args=[token])).headers["Content-Type"] == "image/jpeg"
    again = post(client, helped, "need-testing", **{"need-0-files-kept": token})
    assert again.status_code == 302
    assert NeedFile.objects.get().name == "门坏了.png"


def test_a_file_is_taken_away_before_it_is_sent_by_unticking_it(helped):
    client = browser(helped.applicant)
    page = post(client, helped, "need-testing", **{"need-0-title": "", "need-0-files": upload()}).content.decode()
    assert tokens(page, "need-0-files")
    post(client, helped, "need-testing")
    assert Case.objects.exists()
    assert not NeedFile.objects.exists()


def test_files_stay_with_their_need_when_one_before_it_is_taken_away(helped):
    client = browser(helped.applicant)
    page = post(
        client, helped, "need-labour", "need-testing", remove="0", **{"need-1-files": upload()}
    ).content.decode()
    assert len(tokens(page, "need-0-files")) == 1


def test_nobody_sends_or_looks_at_what_another_handed_in(helped):
    client = browser(helped.applicant)
    page = post(client, helped, "need-testing", **{"need-0-title": "", "need-0-files": upload()}).content.decode()
    (token,) = tokens(page, "need-0-files")
    other = world.sign_in(Client(), helped.duty)
    assert other.get(reverse("held-file", args=[token])).status_code == 404
    case = raised(helped)
    told = {"text": "您好。", "files-kept": token}
    answer = other.post(reverse("desk-act", args=[help_of(case).pk, "answer"]), told)
    assert "先前选的文件已经过期" in answer.content.decode()
    assert not NeedFile.objects.exists()


@pytest.mark.parametrize("token", ["x", "eyJibG9iIjoiIn0:1:abc"])
def test_a_token_made_up_opens_nothing(helped, token):
    assert browser(helped.applicant).get(reverse("held-file", args=[token])).status_code == 404


def test_what_a_form_says_was_refused_is_not_believed(rf, helped):
    request = rf.post("/", {"files-refused": "伪造的话"})
    request.actor, request.now = helped.applicant, world.MORNING
    hold(request)
    assert "files-refused" not in request.POST


def test_a_firm_adds_words_and_pictures_later_and_an_empty_addition_is_told_so(helped):
    case = raised(helped)
    client = browser(helped.applicant)
    empty = client.post(reverse("case-add", args=[case.number]), {"text": ""})
    assert empty.status_code == 422
    assert "请写几句，或者加上照片、文件。" in empty.content.decode()
    refused = client.post(reverse("case-add", args=[case.number]), {"text": "后门也坏了", "files": virus()})
    assert refused.status_code == 422
    assert ">后门也坏了</textarea>" in refused.content.decode()
    client.post(reverse("case-add", args=[case.number]), {"text": "后门也坏了", "files": upload()})
    desk = world.sign_in(Client(), helped.duty).get(reverse("desk-case", args=[case.number])).content.decode()
    assert "后门也坏了" in desk
    assert "门坏了.png" in desk


def test_a_helper_sends_a_file_with_the_answer_and_keeps_it_when_the_words_are_missing(helped):
    case = raised(helped)
    client = world.sign_in(Client(), User.objects.get(pk=helped.duty.pk))
    address = reverse("desk-act", args=[help_of(case).pk, "answer"])
    lacking = client.post(address, {"text": "", "files": upload("回执.png")})
    assert lacking.status_code == 422
    (token,) = tokens(lacking.content.decode(), "files")
    client.post(address, {"text": "请看回执。", "files-kept": token})
    firm = browser(helped.applicant).get(reverse("case", args=[case.number])).content.decode()
    assert "回执.png" in firm


def test_staff_note_what_a_firm_gave_them_with_its_file(helped):
    case = raised(helped)
    client = world.sign_in(Client(), helped.duty)
    client.post(
        reverse("desk-act", args=[help_of(case).pk, "add"]), {"text": "电话里说后门也坏了", "files": upload()}
    )
    firm = browser(helped.applicant).get(reverse("case", args=[case.number])).content.decode()
    assert "代企业登记" in firm
    assert "电话里说后门也坏了" in firm


def test_progress_shows_its_file_in_the_history(helped):
    case = raised(helped)
    client = world.sign_in(Client(), helped.duty)
    client.post(reverse("desk-act", args=[help_of(case).pk, "report"]), {"text": "在修。", "files": upload()})
    firm = browser(helped.applicant).get(reverse("case", args=[case.number])).content.decode()
    assert reverse("need-file", args=[NeedFile.objects.get().pk]) in firm


def test_a_file_is_opened_by_its_readers_alone_and_never_runs_anything(helped):
    post(browser(helped.applicant), helped, "need-testing", **{"need-0-files": upload()})
    one = NeedFile.objects.get()
    for address in (reverse("need-file", args=[one.pk]), reverse("need-file-page", args=[one.pk, 1])):
        for reader in (browser(helped.applicant), world.sign_in(Client(), helped.duty)):
            answer = reader.get(address)
            assert answer.status_code == 200
            for close in answer._resource_closers:
                close()
        assert world.sign_in(Client(), helped.second).get(address).status_code == 404
        assert browser(helped.district.stranger).get(address).status_code == 404
        assert Client().get(address).status_code == 302
    shown = browser(helped.applicant).get(reverse("need-file", args=[one.pk]))
    for close in shown._resource_closers:
        close()
    assert "default-src 'none'" in shown.headers["Content-Security-Policy"]
    assert shown.headers["X-Content-Type-Options"] == "nosniff"


def test_more_files_cost_no_more_queries(helped, django_assert_max_num_queries):
    client = browser(helped.applicant)
    post(client, helped, "need-testing", **{"need-0-files": [upload(f"{n}.png", shade=n) for n in range(6)]})
    address = reverse("case", args=[Case.objects.get().number])
    assert client.get(address).content.decode().count("pages/1/") == 6
    with django_assert_max_num_queries(15):
        client.get(address)
