"""The key that signs licences: the agency's own, or one of an authority made here for demonstrations."""

from __future__ import annotations

import os
import secrets
import shutil
import tempfile
from datetime import UTC, timedelta
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, pkcs12
from cryptography.x509.oid import NameOID
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

if TYPE_CHECKING:
    from datetime import datetime

    from pyhanko.sign.signers import SimpleSigner

YEARS = 10
"""How long the demonstration authority and its signer hold."""
ISSUER = "zerotrip 演示证书颁发机构（无法律效力）"
SIGNER = "zerotrip 演示签发（无法律效力）"


def is_demonstration() -> bool:
    """Whether licences are signed with a key that vouches for nobody: they are then marked specimens."""
    return settings.DEMO or not settings.LICENCE_P12


def signer(*, at: datetime) -> SimpleSigner:
    """Key and certificates licences are signed with; a demonstration authority is made when none is set.

    Raises ImproperlyConfigured when ``LICENCE_P12`` cannot be read.
    """
    if settings.LICENCE_P12:
        return _load(settings.LICENCE_P12, settings.LICENCE_P12_PASSWORD)
    return _load(str(make_demonstration(at=at) / "signer.p12"), "")


@lru_cache(maxsize=4)
def _load(path: str, password: str) -> SimpleSigner:
    from pyhanko.sign.signers import SimpleSigner  # a second to load: only for what signs

    try:
        content = Path(path).read_bytes()
        loaded: SimpleSigner = SimpleSigner.load_pkcs12_data(
            content, other_certs=[], passphrase=password.encode() or None
        )
    except (OSError, ValueError) as error:
        raise ImproperlyConfigured(
            f"ZEROTRIP_LICENCE_P12: {path} is not a PKCS#12 file that ZEROTRIP_LICENCE_P12_PASSWORD opens."
        ) from error
    return loaded


def make_demonstration(*, at: datetime) -> Path:
    """The folder of the demonstration authority (``ca.pem``, ``signer.p12``), made if it is not there.

    Two processes may do so at once: the folder appears whole, and the first one stands. The key of
    the authority is not kept, so it can never certify anybody else.
    """
    place = Path(settings.KEYS, "licences")
    if place.is_dir():
        return place
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(dir=place.parent))
    try:
        for name, content in _authority(at).items():
            _write_private(draft / name, content)
        draft.rename(place)
    except OSError:
        if not place.is_dir():
            raise
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return place


def _write_private(path: Path, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _authority(at: datetime) -> dict[str, bytes]:
    root_key, key = (ec.generate_private_key(ec.SECP256R1()) for _which in range(2))
    root = _certificate(ISSUER, root_key.public_key(), ISSUER, root_key, at, authority=True)
    leaf = _certificate(SIGNER, key.public_key(), ISSUER, root_key, at, authority=False)
    bundle = pkcs12.serialize_key_and_certificates(b"licences", key, leaf, [root], NoEncryption())
    return {"ca.pem": root.public_bytes(Encoding.PEM), "signer.p12": bundle}


def _certificate(
    subject: str,
    key: ec.EllipticCurvePublicKey,
    issuer: str,
    issuer_key: ec.EllipticCurvePrivateKey,
    at: datetime,
    *,
    authority: bool,
) -> x509.Certificate:
    start = at.astimezone(UTC) - timedelta(days=1)
    usage = {"digital_signature": not authority, "content_commitment": not authority}
    signs = {"key_cert_sign": authority, "crl_sign": authority}
    never = dict.fromkeys(
        ("key_encipherment", "data_encipherment", "key_agreement", "encipher_only", "decipher_only"), False
    )
    return (
        x509.CertificateBuilder()
        .subject_name(_name(subject))
        .issuer_name(_name(issuer))
        .public_key(key)
        .serial_number(secrets.randbits(159) | 1)
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=365 * YEARS))
        .add_extension(x509.BasicConstraints(ca=authority, path_length=0 if authority else None), critical=True)
        .add_extension(x509.KeyUsage(**usage, **signs, **never), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False)
        .sign(issuer_key, SHA256())
    )


def _name(common: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "CN"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "zerotrip"),
            x509.NameAttribute(NameOID.COMMON_NAME, common),
        ]
    )
