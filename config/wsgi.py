"""What the HTTP server serves."""

from __future__ import annotations

import gc

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

application = get_wsgi_application()

# Every page is known before the first one is asked for: else whoever comes first waits until all are read.
_pages = get_resolver().url_patterns
# What is there now stays as long as the process does: to look through it for garbage again and again is of no use.
gc.freeze()
