"""What is stored lies there once, whole, under the digest of its content."""

from __future__ import annotations

import hashlib
import io
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, transaction

from tests.files import samples
from zerotrip.errors import Invalid, NotFound, TooLarge, WrongType
from zerotrip.files import actions
from zerotrip.files.models import Blob
from zerotrip.files.store import blob_path, open_blob

AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


class Endless:
    """A stream that tells how much was asked of it."""

    def __init__(self, size: int, head: bytes = b"") -> None:
        self.left, self.taken, self.head = size, 0, head

    def read(self, size: int) -> bytes:
        part = (self.head + b"\0" * size)[: min(size, self.left)]
        self.head = b""
        self.left -= len(part)
        self.taken += len(part)
        return part


def put(data: bytes, **options) -> Blob:
    return actions.store(io.BytesIO(data), at=options.pop("at", AT), **options)


@pytest.mark.django_db
class TestStoring:
    def test_what_comes_in_comes_out(self):
        data = samples.pdf(pages=2)
        blob = put(data)
        assert blob.sha256 == hashlib.sha256(data).hexdigest()
        assert (blob.size, blob.media_type, blob.pages) == (len(data), "application/pdf", 2)
        with open_blob(blob.pk) as file:
            assert file.read() == data

    def test_the_same_content_twice_is_one_blob(self, contents):
        assert put(samples.image()) == put(samples.image(), at=AT + timedelta(hours=1))
        assert Blob.objects.count() == 1
        assert contents() == 1

    def test_a_content_whose_file_was_lost_is_mended_by_storing_it_again(self):
        blob = put(samples.image())
        blob_path(blob.pk).unlink()
        put(samples.image())
        with open_blob(blob.pk) as file:
            assert file.read() == samples.image()

    def test_200_megabytes_are_refused_early_and_without_a_trace(self, contents, settings):
        stream = Endless(200 * 1024 * 1024, head=b"%PDF-1.7\n")
        with pytest.raises(TooLarge, match="20"):
            actions.store(stream, at=AT)
        assert stream.taken < settings.FILE_LIMIT + 1024 * 1024
        assert contents() == 0
        assert not Blob.objects.exists()

    def test_a_file_of_exactly_the_limit_is_taken(self):
        data = samples.image()
        assert put(data, limit=len(data)).size == len(data)
        with pytest.raises(TooLarge):
            put(data, limit=len(data) - 1)

    @pytest.mark.parametrize(
        ("data", "refusal"),
        [
            (b"", WrongType),
            (samples.zip_bomb(), WrongType),
            (b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", WrongType),
            (samples.png_claiming(60_000, 60_000), Invalid),
            (samples.image("JPEG", size=(300, 300))[:900], WrongType),
        ],
    )
    def test_what_is_refused_leaves_no_trace(self, data, refusal, contents):
        with pytest.raises(refusal):
            put(data)
        assert contents() == 0
        assert not Blob.objects.exists()

    def test_a_digest_is_never_a_way_out_of_the_folder(self):
        for name in ("../../etc/passwd", "a" * 63, "A" * 64, "0" * 63 + "/", ""):
            with pytest.raises(NotFound):
                open_blob(name)

    def test_a_digest_nobody_stored_is_not_found(self):
        with pytest.raises(NotFound):
            open_blob("0" * 64)


@pytest.mark.django_db(transaction=True)
def test_many_storing_the_same_at_once_get_one_blob(contents):
    def one(_number: int) -> str:
        try:
            return put(samples.pdf()).pk
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as crowd:
        assert len(set(crowd.map(one, range(24)))) == 1
    assert Blob.objects.count() == 1
    assert contents() == 1


@pytest.mark.django_db(transaction=True)
class TestSweeping:
    def test_what_nobody_refers_to_goes_after_a_day(self, contents):
        put(samples.image())
        assert actions.sweep(at=AT + timedelta(hours=23)) == 0
        assert actions.sweep(at=AT + timedelta(hours=25)) == 1
        assert contents() == 0
        assert not Blob.objects.exists()

    def test_handing_it_in_again_keeps_it_for_another_day(self):
        put(samples.image())
        put(samples.image(), at=AT + timedelta(hours=20))
        assert actions.sweep(at=AT + timedelta(hours=25)) == 0

    def test_a_file_whose_transaction_failed_goes_too(self, contents):
        with transaction.atomic():
            put(samples.image())
            transaction.set_rollback(True)
        assert contents() == 1
        now = datetime.now(UTC)
        assert actions.sweep(at=now) == 0
        assert actions.sweep(at=now + timedelta(days=2)) == 1
        assert contents() == 0

    def test_what_an_interrupted_upload_left_goes_too(self, folder, contents):
        (folder / "incoming").mkdir(parents=True)
        (folder / "incoming" / "half").write_bytes(b"%PDF")
        actions.sweep(at=datetime.now(UTC) + timedelta(days=2))
        assert contents() == 0
