"""Figures of the first page on a phone: what travels, and where it comes from."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from django.contrib.staticfiles import finders
from django.test import Client

from bench.figures import Figure, figure

AIM = 100.0
FETCHED = re.compile(r"""<(?:script|img|link)\b[^>]*?(?:src|href)="([^"]+)\"""")
INSIDE = re.compile(r"""url\(["']?([^"')]+)""")


def measure() -> Iterator[Figure]:
    """The home page with everything it fetches, compressed."""
    page = Client(HTTP_HOST="localhost").get("/").content.decode()
    sizes = {"/": _compressed(page.encode())}
    foreign: list[str] = []
    for address in sorted(set(FETCHED.findall(page))):
        if urlsplit(address).netloc:
            foreign.append(address)
            continue
        path = finders.find(address.removeprefix("/static/"))
        if path is None:
            continue
        content = Path(path).read_bytes()
        sizes[address] = _compressed(content)
        if address.endswith(".css"):
            foreign += [found for found in INSIDE.findall(content.decode()) if urlsplit(found).netloc]
    yield figure("first_page", [sum(sizes.values()) / 1024], "KB", aim=AIM, files=len(sizes), foreign=len(foreign))


def _compressed(content: bytes) -> int:
    return len(gzip.compress(content))
