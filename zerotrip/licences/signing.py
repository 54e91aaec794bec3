"""Signatures: on PDF files PAdES baseline B-B (ETSI EN 319 142-1), on anything else detached CMS."""

from __future__ import annotations

import asyncio
import hashlib
import io
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from asn1crypto.cms import ContentInfo
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import MDPPerm, SigFieldSpec, SigSeedSubFilter
from pyhanko.sign.general import CMSExtractionError, extract_certificate_info, extract_signer_info
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner
from pyhanko.sign.signers.pdf_cms import PdfCMSSignedAttributes
from pyhanko.sign.validation.errors import SignatureValidationError
from pyhanko.sign.validation.generic_cms import validate_sig_integrity

from zerotrip.licences import keys

if TYPE_CHECKING:
    from collections.abc import Coroutine
    from datetime import datetime

FIELD = "Licence"
"""Name of the signature field. It has no appearance: the certificate shows its own."""
RESERVED = 16 * 1024
"""Hexadecimal digits kept free for the signature and its certificates."""


def sign(pdf: bytes, *, at: datetime) -> bytes:
    """``pdf`` with a certifying signature dated ``at``, after which no change is allowed."""
    signer = PdfSigner(
        PdfSignatureMetadata(
            field_name=FIELD,
            md_algorithm="sha256",
            subfilter=SigSeedSubFilter.PADES,
            certify=True,
            docmdp_permissions=MDPPerm.NO_CHANGES,
        ),
        signer=keys.signer(at=at),
        new_field_spec=SigFieldSpec(FIELD),
    )
    output = io.BytesIO()
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    session = signer.init_signing_session(writer)
    session.system_time = at
    document = session.prepare_tbs_document(validation_info=None, bytes_reserved=RESERVED)
    digest, _same = document.digest_tbs_document(output=output)
    _finish(
        document.perform_signature(
            document_digest=digest.document_digest,
            pdf_cms_signed_attrs=PdfCMSSignedAttributes(signing_time=at),
        )
    )
    return output.getvalue()


def _finish(step: Coroutine[Any, Any, Any]) -> None:
    """Run a step of pyHanko in a thread and an event loop of its own.

    The caller's thread may already run one, as under asynchronous servers and driven browsers.
    """
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, step).result()


def sign_data(content: bytes, *, at: datetime) -> bytes:
    """A detached signature over anything, with the key that signs licences: CMS (RFC 5652), DER."""
    signature: list[bytes] = []

    async def step() -> None:
        attributes = PdfCMSSignedAttributes(signing_time=at)
        made = await keys.signer(at=at).async_sign_general_data(content, "sha256", signed_attr_settings=attributes)
        signature.append(made.dump())

    _finish(step())
    return signature[0]


def signed_by(content: bytes, signature: bytes) -> str:
    """The name in the certificate of whoever signed ``content``; empty when the signature does not hold.

    Whether that certificate is to be trusted is for the reader to say.
    """
    try:
        signed = ContentInfo.load(signature)["content"]
        signer, certificate = extract_signer_info(signed), extract_certificate_info(signed).signer_cert
        intact, valid = validate_sig_integrity(signer, certificate, "data", hashlib.sha256(content).digest())
    except (ValueError, SignatureValidationError, CMSExtractionError):
        return ""
    return str(certificate.subject.native["common_name"]) if intact and valid else ""
