"""Figures of certificates: printing and signing."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils import timezone

from bench.figures import Figure, figure, timed
from bench.flow import District, whole_case
from zerotrip.licences.certificates import draw, printed
from zerotrip.licences.models import Licence
from zerotrip.licences.signing import sign

AIM = 40.0


def measure(district: District, *, repeats: int) -> Iterator[Figure]:
    """A construction permit, as it is issued: with fonts, QR code, signature; and its two halves."""
    licence = Licence.objects.get(case=whole_case(district))
    at = timezone.now()
    paper = printed(licence, at=at)
    size = len(draw(licence, at=at))
    yield figure("licence", timed(repeats, lambda: draw(licence, at=at)), "ms", aim=AIM, bytes=size)
    yield figure("licence_render", timed(repeats, lambda: printed(licence, at=at)), "ms", bytes=len(paper))
    yield figure("licence_sign", timed(repeats, lambda: sign(paper, at=at)), "ms")
