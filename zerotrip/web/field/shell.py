"""The page phones install: the same for everybody, nothing of anybody in it, so that it may lie in their caches."""

from __future__ import annotations

import hashlib
import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar, cast

from csp.decorators import csp_update
from django.conf import settings
from django.contrib.staticfiles import finders
from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import get_template
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.http import require_GET

from zerotrip.web.field.words import words

if TYPE_CHECKING:
    from collections.abc import Callable

    from zerotrip.web.requests import Request

PAGES = "door gate inspection leaflet mending pages paper report sampling writing"
PARTS = "app camera clock day forms ids outbox states sync vault"
MODULES = ("vendor/idb.js", *(f"field/{name}.js" for name in f"{PAGES} {PARTS}".split()))
"""Of these each imports others by their plain names: their addresses carry no digest, the cache's name does."""
LOOKS = ("web/vendor/bootstrap-reboot.min.css", "web/zerotrip.css", "web/icon.svg")
READER = tuple(f"web/vendor/zxing/{name}" for name in ("share.js", "reader/index.js", "zxing_reader.wasm"))
"""What reads codes where the browser does not: only there it is kept, or fetched at all."""
ICONS = ("web/field/icon-192.png", "web/field/icon-512.png")
WORKER = "web/field/worker.js"
TEMPLATE = "web/field/shell.html"
View = TypeVar("View", bound="Callable[..., HttpResponse]")


def may_compile(view: View) -> View:
    """Let a page that scans compile the reader; scripts made of text stay forbidden."""
    return cast("View", csp_update({"script-src": ["'wasm-unsafe-eval'"]})(view))


@require_GET
@may_compile
def page(request: Request) -> HttpResponse:
    """The page."""
    answer = render(
        request, TEMPLATE, {"words": words(), "version": version(), "entry": _modules()["field/app.js"]}
    )
    answer["Cache-Control"] = "no-cache"
    return answer


@require_GET
def worker(request: Request) -> HttpResponse:
    """The script that answers for the page without a network: it knows its version and what belongs to it."""
    files = [reverse("field"), reverse("field-manifest"), *_modules().values(), *map(static, (*LOOKS, *ICONS))]
    reader = [f"{settings.STATIC_URL}{name}" for name in READER]
    told = {"version": version(), "page": reverse("field"), "files": files, "reader": reader}
    needs = {"field/sync.js": "APART, run", "field/outbox.js": "counts", "field/camera.js": "readsItself"}
    imports = "".join(f'import {{ {names} }} from "{_modules()[module]}";\n' for module, names in needs.items())
    begin = f"{imports}const TOLD = {json.dumps(told)};\n"
    text = begin + _found(WORKER).read_text(encoding="utf-8")
    answer = HttpResponse(text, content_type="text/javascript; charset=utf-8")
    answer["Cache-Control"] = "no-cache"
    return answer


@require_GET
def manifest(request: Request) -> JsonResponse:
    """What the phone calls the page on its home screen."""
    told = {
        "id": reverse("field"),
        "start_url": reverse("field"),
        "scope": reverse("field"),
        "name": _("零跑腿 · 现场"),
        "short_name": _("现场登记"),
        "display": "standalone",
        "background_color": "#f4f7f9",
        "theme_color": "#0b6a8f",
        "icons": [
            {"src": static(name), "sizes": f"{size}x{size}", "type": "image/png", "purpose": "any maskable"}
            for name, size in zip(ICONS, (192, 512), strict=True)
        ],
    }
    answer = JsonResponse(told, content_type="application/manifest+json")
    answer["Cache-Control"] = "no-cache"
    return answer


@cache
def version() -> str:
    """A digest of everything a phone keeps of the page."""
    digest = hashlib.sha256(Path(get_template(TEMPLATE).template.origin.name).read_bytes())  # type: ignore[attr-defined]
    for name in (*(f"web/{name}" for name in MODULES), *LOOKS, *ICONS, *READER, WORKER):
        digest.update(_found(name).read_bytes())
    for language, _name in settings.LANGUAGES:
        with override(language):
            digest.update(json.dumps(words()).encode())
    return digest.hexdigest()[:16]


def _modules() -> dict[str, str]:
    return {name: f"{settings.STATIC_URL}web/{name}" for name in MODULES}


def _found(name: str) -> Path:
    path = finders.find(name)
    if path is None:
        raise LookupError(name)
    return Path(path)
