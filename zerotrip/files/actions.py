"""Every write to the file store."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Exists, ForeignObjectRel, OuterRef

from zerotrip.files import store as folder
from zerotrip.files.content import DOCUMENTS, judge
from zerotrip.files.models import Blob
from zerotrip.files.scanning import scan

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from django.db.models import QuerySet

    from zerotrip.files.store import Readable

GRACE = timedelta(days=1)
"""How long a content may lie unused before it is swept away."""


def store(
    stream: Readable, *, at: datetime, allowed: Collection[str] = DOCUMENTS, limit: int | None = None
) -> Blob:
    """Keep what ``stream`` holds, once however often it comes, and say what it is.

    Belongs to the caller's transaction: if that fails, the content is swept away a day later.
    Raises TooLarge beyond ``limit`` bytes (``settings.FILE_LIMIT``), WrongType for a content of
    another type than ``allowed`` or a broken one, Refused for an unsafe one. Of what is refused
    nothing remains on disk.
    """
    with folder.receive(stream, limit=settings.FILE_LIMIT if limit is None else limit) as arrival:
        content = judge(arrival.file, allowed=allowed)
        scan(arrival.file)
        blob = Blob(
            sha256=arrival.sha256,
            size=arrival.size,
            media_type=content.media_type,
            pages=content.pages,
            stored_at=at,
        )
        with transaction.atomic():
            # The row first: its lock keeps the sweeper away until this transaction has ended.
            Blob.objects.bulk_create(
                [blob], update_conflicts=True, unique_fields=["sha256"], update_fields=["stored_at"]
            )
            folder.keep(arrival)
        return blob


def sweep(*, at: datetime) -> int:
    """Delete the contents that nothing refers to and that came more than a day before ``at``.

    What refers to a content is what the database says: every foreign key to it counts, also of
    apps that this one knows nothing of. Returns how many went.
    """
    before = at - GRACE
    swept = sum(_sweep_row(sha256, before) for sha256 in _unused(before).values_list("pk", flat=True))
    swept += sum(_sweep_file(sha256, at) for sha256 in folder.stored_before(before))
    folder.discard_leftovers(before)
    return swept


def _unused(before: datetime) -> QuerySet[Blob]:
    blobs = Blob.objects.filter(stored_at__lt=before)
    for relation in Blob._meta.get_fields(include_hidden=True):
        if isinstance(relation, ForeignObjectRel):
            referring = relation.related_model._base_manager.filter(**{relation.field.name: OuterRef("pk")})
            blobs = blobs.exclude(Exists(referring))
    return blobs


@transaction.atomic
def _sweep_row(sha256: str, before: datetime) -> bool:
    """Row and file go together. Whoever stores the same content meanwhile waits for the row."""
    blob = _unused(before).select_for_update(of=("self",), skip_locked=True).filter(pk=sha256).first()
    if blob is None:
        return False
    blob.delete()
    folder.remove(sha256)
    return True


def _sweep_file(sha256: str, at: datetime) -> bool:
    """Remove a file without a row, left by a transaction that failed after writing it.

    A row of its own stands guard while the file goes, so that nobody stores the content meanwhile.
    """
    if Blob.objects.filter(pk=sha256).exists():
        return False
    try:
        with transaction.atomic():
            guard = Blob.objects.create(sha256=sha256, size=1, media_type="", stored_at=at)
            folder.remove(sha256)
            guard.delete()
    except IntegrityError:
        return False
    return True
