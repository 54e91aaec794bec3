"""Signatures on PDF files: PAdES baseline B-B (ETSI EN 319 142-1)."""

from __future__ import annotations

import asyncio
import io
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import MDPPerm, SigFieldSpec, SigSeedSubFilter
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner
from pyhanko.sign.signers.pdf_cms import PdfCMSSignedAttributes

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
