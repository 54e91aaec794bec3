"""The settings of an installation, with the peer that lives in Django and plain static files beside them."""

from __future__ import annotations

from config.settings import *  # noqa: F403 - all of them
from config.settings import INSTALLED_APPS, STORAGES

INSTALLED_APPS = [*INSTALLED_APPS, "viewflow", "viewflow.workflow", "bench.peers.viewflow_permit"]
STORAGES = STORAGES | {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
