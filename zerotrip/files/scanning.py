"""ClamAV, asked over its socket when one is configured (``clamd``, INSTREAM)."""

from __future__ import annotations

import socket
import struct
from typing import BinaryIO

from django.conf import settings
from django.utils.translation import gettext as _

from zerotrip.errors import Invalid, Refused
from zerotrip.files.store import CHUNK

PATIENCE = 30.0
"""Seconds to wait for the scanner."""


def scan(file: BinaryIO) -> None:
    """Have ``file`` scanned. Raises Refused when something is found, or when the scanner does not answer.

    Does nothing unless ``settings.CLAMAV_SOCKET`` names a socket: a path, or ``host:port``.
    """
    if not settings.CLAMAV_SOCKET:
        return
    try:
        reply = _ask(settings.CLAMAV_SOCKET, file)
    except OSError as error:
        raise Refused(_unavailable()) from error
    if reply.endswith(b" FOUND"):
        raise Invalid(_("安全检查在这个文件里发现了病毒，没有保存。请换一个文件。"))
    if reply != b"stream: OK":
        raise Refused(_unavailable())


def _unavailable() -> str:
    return _("文件安全检查暂时不可用，请过几分钟再上传。您填写的内容没有丢失。")


def _ask(address: str, file: BinaryIO) -> bytes:
    with _connect(address) as connection:
        connection.sendall(b"zINSTREAM\0")
        file.seek(0)
        while chunk := file.read(CHUNK):
            connection.sendall(struct.pack("!I", len(chunk)) + chunk)
        connection.sendall(struct.pack("!I", 0))
        reply = b""
        while part := connection.recv(4096):
            reply += part
        return reply.rstrip(b"\0\n")


def _connect(address: str) -> socket.socket:
    if address.startswith("/"):
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(PATIENCE)
        try:
            connection.connect(address)
        except OSError:
            connection.close()
            raise
        return connection
    host, _colon, port = address.rpartition(":")
    return socket.create_connection((host, int(port)), timeout=PATIENCE)
