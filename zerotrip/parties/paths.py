"""The paths of areas: ``/city/district/street/``. What lies in an area has a path that begins with its own."""

from __future__ import annotations


def around(path: str) -> list[str]:
    """The paths of an area and of every area it lies in: ``/a/b/`` → ``["/a/", "/a/b/"]``."""
    codes = path.strip("/").split("/")
    return ["/" + "/".join(codes[: count + 1]) + "/" for count in range(len(codes))]


def code_of(path: str) -> str:
    """The code of the area of a path."""
    return path.rstrip("/").rpartition("/")[2]
