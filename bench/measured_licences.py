"""Figures of certificates: printing and signing."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils import timezone

from bench.figures import Figure, figure, timed
from bench.flow import District, whole_case
from zerotrip.licences.certificates import draw, template_of
from zerotrip.licences.models import Licence
from zerotrip.licences.printing import qr_code, render
from zerotrip.licences.signing import sign

AIM = 40.0


def measure(district: District, *, repeats: int) -> Iterator[Figure]:
    """A construction permit, as it is issued: with fonts, QR code, signature; and its two halves."""
    licence = Licence.objects.get(case=whole_case(district))
    at = timezone.now()
    main, files = template_of(licence.version_id)
    data = {
        "title": licence.title,
        "number": licence.number,
        "identifier": licence.identifier,
        "holder": licence.holder.name,
        "issuer": licence.issuer.name,
        "issued_on": "二〇二六年十一月二十三日",
        "valid_until": "",
        "facts": licence.facts,
        "url": licence.url,
        "specimen": True,
    }

    def rendered() -> bytes:
        return render(files, main, data, at=at, pictures={"qr": qr_code(licence.url)})

    printed = rendered()
    size = len(draw(licence, at=at))
    yield figure("licence", timed(repeats, lambda: draw(licence, at=at)), "ms", aim=AIM, bytes=size)
    yield figure("licence_render", timed(repeats, rendered), "ms", bytes=len(printed))
    yield figure("licence_sign", timed(repeats, lambda: sign(printed, at=at)), "ms")
