"""What ClamAV says decides, and its silence refuses.

The scanner here speaks clamd's INSTREAM as its manual has it; it was not compared with a real one.
"""

from __future__ import annotations

import io
import socket
import struct
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest

from tests.files import samples
from zerotrip.errors import Invalid, Refused
from zerotrip.files import actions
from zerotrip.files.models import Blob

AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def _exactly(connection: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        data += connection.recv(size - len(data))
    return data


def _serve(listener: socket.socket, reply: bytes) -> bytes:
    connection, _address = listener.accept()
    with connection:
        assert _exactly(connection, 10) == b"zINSTREAM\0"
        seen = b""
        while size := struct.unpack("!I", _exactly(connection, 4))[0]:
            seen += _exactly(connection, size)
        connection.sendall(reply)
    return seen


@contextmanager
def clamd(listener: socket.socket, reply: bytes):
    """A scanner that answers one request and gives what it was sent."""
    with listener, ThreadPoolExecutor(1) as thread:
        listener.settimeout(10)
        listener.listen(1)
        yield thread.submit(_serve, listener, reply)


@pytest.fixture
def address(settings):
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    settings.CLAMAV_SOCKET = f"127.0.0.1:{listener.getsockname()[1]}"
    return listener


@pytest.mark.django_db
def test_a_clean_file_is_sent_whole_and_stored(address):
    with clamd(address, b"stream: OK\0") as seen:
        actions.store(io.BytesIO(samples.pdf()), at=AT)
    assert seen.result() == samples.pdf()
    assert Blob.objects.count() == 1


@pytest.mark.django_db
def test_a_unix_socket_serves_as_well(settings, tmp_path):
    listener = socket.socket(socket.AF_UNIX)
    settings.CLAMAV_SOCKET = str(tmp_path / "clamd")
    listener.bind(settings.CLAMAV_SOCKET)
    with clamd(listener, b"stream: OK\0"):
        actions.store(io.BytesIO(samples.pdf()), at=AT)
    assert Blob.objects.count() == 1


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (b"stream: Win.Test.EICAR_HDB-1 FOUND\0", "病毒"),
        (b"INSTREAM size limit exceeded. ERROR\0", "不可用"),
        (b"", "不可用"),
    ],
)
@pytest.mark.django_db
def test_anything_but_a_clean_answer_refuses(address, reply, words, contents):
    with clamd(address, reply), pytest.raises((Refused, Invalid), match=words):
        actions.store(io.BytesIO(samples.pdf()), at=AT)
    assert contents() == 0
    assert not Blob.objects.exists()


@pytest.mark.django_db
def test_a_scanner_that_is_away_refuses(settings, tmp_path):
    settings.CLAMAV_SOCKET = str(tmp_path / "nobody")
    with pytest.raises(Refused, match="不可用"):
        actions.store(io.BytesIO(samples.pdf()), at=AT)
