"""The certificates of the pack, as its sample applications bring them forth."""

from __future__ import annotations

import pypdfium2
import pytest

from config.places import ROOT
from tests.licences.conftest import AT, make_version
from zerotrip import questions
from zerotrip.catalogue.packs import Pack, read
from zerotrip.files.models import Blob
from zerotrip.files.previews import page_image
from zerotrip.files.store import open_blob
from zerotrip.licences import actions
from zerotrip.parties.access import SYSTEM

PACK = ROOT / "packs" / "jinan"
SERVICES = sorted(path.stem for path in (PACK / "scenarios").glob("*.yaml") if not path.stem.startswith("need-"))
"""Those that are open for application; needs bring forth no certificate."""

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def pack() -> Pack:
    found, _faults = read(PACK)
    assert found is not None
    return found


@pytest.fixture
def licence(request, granted, pack):
    spec = pack.services[request.param]
    answers = questions.parse(spec.form).check(pack.samples[request.param]).values
    version = make_version(spec.model_dump(mode="json"))
    named = (value["name"] for value in answers.values() if isinstance(value, dict) and "uscc" in value)
    name = next(named, "林知远")
    return actions.issue(case=granted(of=version, answers=answers, name=name), by=SYSTEM, at=AT)


@pytest.mark.parametrize("licence", SERVICES, indirect=True)
def test_every_fact_of_a_sample_is_on_its_certificate(licence, artefacts):
    with open_blob(licence.blob_id) as file, pypdfium2.PdfDocument(file.read()) as document:
        printed = [page.get_textpage().get_text_range() for page in document]
    spec = licence.version.spec
    assert len(printed) == max(1, len(spec.outcome.sheets))
    text = "".join("".join(printed).replace("\u200b", "").split())
    said = {fact for fact in spec.outcome.facts if spec.id != "company-change-name-address" or fact != "site"}
    assert set(licence.facts) == said, "its sample moves no seat"
    for fact in licence.facts.values():
        assert "".join(fact.split()) in text
    assert "—" not in text
    (artefacts / f"{licence.kind}.jpg").write_bytes(page_image(Blob.objects.get(pk=licence.blob_id), 1, 1600))
