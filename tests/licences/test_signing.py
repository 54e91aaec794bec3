"""A signature holds for the document as it was signed, and for nothing else."""

from __future__ import annotations

import io
import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12
from django.core.exceptions import ImproperlyConfigured
from pyhanko.keys import load_cert_from_pemder
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.status import PdfSignatureStatus
from pyhanko_certvalidator import ValidationContext

from tests.files import samples
from zerotrip.licences import keys
from zerotrip.licences.signing import sign

AT = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


def judged(pdf: bytes, folder: Path) -> PdfSignatureStatus:
    roots = [load_cert_from_pemder(folder / "ca.pem")]
    (signature,) = PdfFileReader(io.BytesIO(pdf)).embedded_signatures
    context = ValidationContext(trust_roots=roots, moment=AT + timedelta(days=1), best_signature_time=AT)
    return validate_pdf_signature(signature, context)


@pytest.fixture
def authority() -> Path:
    return keys.make_demonstration(at=AT)


def test_a_signed_document_is_whole_trusted_and_dated(authority):
    status = judged(sign(samples.pdf(), at=AT), authority)
    assert status.bottom_line
    assert status.intact
    assert status.trusted
    assert status.signer_reported_dt == AT


def test_the_signature_is_pades_over_p256_and_allows_no_change(authority):
    (signature,) = PdfFileReader(io.BytesIO(sign(samples.pdf(), at=AT))).embedded_signatures
    assert signature.sig_object["/SubFilter"] == SigSeedSubFilter.PADES.value
    assert signature.signer_cert.public_key.curve == ("named", "secp256r1")
    assert signature.docmdp_level.name == "NO_CHANGES"


def test_a_flipped_byte_is_noticed(authority):
    pdf = bytearray(sign(samples.pdf(), at=AT))
    place = pdf.index(b"/MediaBox [0 0 200") + len(b"/MediaBox [0 0 20")
    pdf[place] ^= 1
    status = judged(bytes(pdf), authority)
    assert not status.intact
    assert not status.bottom_line


def test_another_authority_is_not_trusted(authority, settings, tmp_path):
    settings.KEYS = tmp_path
    stranger = keys.make_demonstration(at=AT)
    assert not judged(sign(samples.pdf(), at=AT), authority).trusted
    assert judged(sign(samples.pdf(), at=AT), stranger).trusted


def test_keys_are_for_their_owner_only_and_made_once(settings, tmp_path):
    settings.KEYS = tmp_path / "keys"
    with ThreadPoolExecutor(6) as crowd:
        places = set(crowd.map(lambda _n: keys.make_demonstration(at=AT), range(6)))
    (place,) = places
    assert [path.name for path in place.parent.iterdir()] == ["licences"]
    assert sorted(path.name for path in place.iterdir()) == ["ca.pem", "signer.p12"]
    assert {stat.S_IMODE(path.stat().st_mode) for path in place.iterdir()} == {0o600}
    before = (place / "signer.p12").read_bytes()
    keys.make_demonstration(at=AT)
    assert (place / "signer.p12").read_bytes() == before


def test_a_real_certificate_is_used_when_configured(authority, settings, tmp_path):
    key, leaf, others = pkcs12.load_key_and_certificates((authority / "signer.p12").read_bytes(), None)
    bundle = pkcs12.serialize_key_and_certificates(b"x", key, leaf, others, BestAvailableEncryption(b"secret"))
    (tmp_path / "real.p12").write_bytes(bundle)
    settings.LICENCE_P12, settings.LICENCE_P12_PASSWORD = str(tmp_path / "real.p12"), "secret"
    settings.DEMO, settings.KEYS = False, tmp_path / "unused"
    assert judged(sign(samples.pdf(), at=AT), authority).bottom_line
    assert not keys.is_demonstration()
    assert not settings.KEYS.exists()


def test_a_wrong_password_explains_itself(authority, settings):
    settings.LICENCE_P12, settings.LICENCE_P12_PASSWORD = str(authority / "signer.p12"), "wrong"
    with pytest.raises(ImproperlyConfigured, match="ZEROTRIP_LICENCE_P12"):
        sign(samples.pdf(), at=AT)


def test_without_a_certificate_of_ones_own_licences_are_specimens(settings):
    settings.DEMO = False
    assert keys.is_demonstration()
