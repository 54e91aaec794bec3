"""Anybody may ask what a licence is worth, and learns that and no more."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.world import MORNING, acting, agent, draft, enterprise, open_work, person, staff
from zerotrip.cases import actions
from zerotrip.licences.actions import confirm_revocation, propose_revocation, resume, suspend
from zerotrip.licences.models import Licence
from zerotrip.parties.access import SYSTEM
from zerotrip.parties.models import Role


@pytest.fixture
def leader(offered):
    return acting(staff("leader", "approval-bureau", Role.CLERK, Role.LEADER))


@pytest.fixture
def licence(leader, settings, tmp_path) -> Licence:
    settings.FILES, settings.KEYS, settings.DEMO = tmp_path / "files", tmp_path / "keys", True
    firm = enterprise("济南虚构材料有限公司")
    applicant = acting(agent(person("林知远"), firm))
    case = actions.submit(draft("investment-filing", firm, applicant), by=applicant, at=MORNING)
    actions.accept(open_work(case)[0], by=leader, at=MORNING)
    case = actions.grant(open_work(case)[0], by=leader, at=MORNING)
    actions.issue(case, by=SYSTEM, at=MORNING)
    return Licence.objects.get(case=case)


def test_a_valid_licence_is_called_genuine_and_valid(client, licence):
    page = client.get(f"/v/{licence.token}")
    text = page.content.decode()
    assert page.status_code == 200
    assert "证照真实，有效" in text
    for said in (licence.number, "济南虚构材料有限公司", "济南市示范区行政审批服务局", licence.identifier):
        assert said in text
    assert "林知远" not in text, "who applied is nobody's business"
    assert "no-store" in page["Cache-Control"]


def test_a_stopped_licence_says_so_from_then_on(client, licence, leader):
    licence = suspend(licence, reason="核查中", by=leader, at=MORNING + timedelta(hours=1))
    assert "已暂停" in client.get(f"/v/{licence.token}").content.decode()
    licence = resume(licence, reason="核查完毕", by=leader, at=MORNING + timedelta(hours=2))
    assert "证照真实，有效" in client.get(f"/v/{licence.token}").content.decode()
    at, clerk = MORNING + timedelta(hours=3), acting(staff("clerk", "approval-bureau", Role.CLERK))
    proposed = propose_revocation(licence, ground="annul", reasons="以欺骗手段取得", by=clerk, at=at)
    licence = confirm_revocation(proposed, by=leader, at=at).licence
    text = client.get(f"/v/{licence.token}").content.decode()
    assert "已撤销，不再有效" in text
    assert 'class="banner page verdict late"' in text
    assert "以欺骗手段取得" not in text


@pytest.mark.parametrize("token", ["x", "abcdefghijklmnopqrstuv", "%00", "a" * 200, "../etc"])
def test_an_unknown_code_is_said_plainly(client, db, token):
    page = client.get(f"/v/{token}")
    assert page.status_code == 404


def test_the_code_is_typed_or_pasted_with_its_address(client, licence):
    for typed in (licence.token, f" {licence.token} ", licence.url):
        assert client.get("/v/", {"code": typed}).url == f"/v/{licence.token}"
    assert 'name="code"' in client.get("/v/").content.decode()
