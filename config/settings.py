"""All settings, from the environment, with defaults that run the demo on one machine."""

from __future__ import annotations

import os
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from csp.constants import NONCE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from config.places import DATA, ROOT

DEMO = os.environ.get("ZEROTRIP_DEMO", "") == "1"
"""Shows codes in a local outbox, seeds a fictitious district. Never on in earnest."""

DEBUG = False


def setting(name: str, default: str | None = None, *, why: str = "") -> str:
    """The environment variable ``name``; without it the default, or an error that explains itself."""
    value = os.environ.get(name, default)
    if value is None:
        raise ImproperlyConfigured(f"{name} is not set. {why}")
    return value


CONNECTIONS = int(setting("ZEROTRIP_POOL", "8"))
"""Most connections a process keeps to PostgreSQL; 0 keeps none, for use behind a pooler."""


def database(url: str) -> dict[str, Any]:
    """Django's description of a ``postgresql://`` address; ``?host=`` may name a socket folder."""
    parts = urlsplit(url)
    options = dict(parse_qsl(parts.query))
    pool = {"min_size": 1, "max_size": CONNECTIONS, "timeout": 10}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")) or "zerotrip",
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.pop("host", parts.hostname or ""),
        "PORT": options.pop("port", str(parts.port or "")),
        "OPTIONS": {"pool": pool, **options} if CONNECTIONS else options,
    }


SECRET_KEY = setting("ZEROTRIP_SECRET", why="Set it to at least 50 random characters and keep it.")
ALLOWED_HOSTS = setting("ZEROTRIP_HOSTS", "localhost,127.0.0.1,[::1]").split(",")
SITE_URL = setting("ZEROTRIP_URL", "http://localhost:8000")

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django_htmx",
    "csp",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "procrastinate.contrib.django",
    "zerotrip.workdays",
    "zerotrip.files",
    "zerotrip.ledger",
    "zerotrip.parties",
    "zerotrip.catalogue",
    "zerotrip.channels",
    "zerotrip.cases",
    "zerotrip.licences",
    "zerotrip.web",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "zerotrip.web.middleware.ActorMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "zerotrip.web.context.site",
            ],
        },
    }
]

DATABASES = {
    "default": database(setting("DATABASE_URL", why="`zerotrip run` sets it to the embedded PostgreSQL."))
}

AUTH_USER_MODEL = "parties.User"

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("中文")), ("en", _("English"))]
LOCALE_PATHS = [ROOT / "locale"]
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = DATA / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

FILES = DATA / "files"
"""Folder of the content-addressed store."""
FILE_LIMIT = 20 * 1024 * 1024
"""Largest upload in bytes."""
CLAMAV_SOCKET = setting("ZEROTRIP_CLAMAV", "")
"""Where clamd listens: a path, or ``host:port``. Empty: uploads are not scanned."""

LICENCE_P12 = setting("ZEROTRIP_LICENCE_P12", "")
"""PKCS#12 file of the key that signs licences. Empty: a demonstration authority is made in ``KEYS``."""
LICENCE_P12_PASSWORD = setting("ZEROTRIP_LICENCE_P12_PASSWORD", "")
KEYS = DATA / "keys"
"""Folder of generated keys."""

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": [SELF],
        "frame-ancestors": ["'none'"],
    }
}
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SITE_URL.startswith("https://")
X_FRAME_OPTIONS = "DENY"

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    # Without this every page that is not there would be a line.
    "loggers": {"django.request": {"level": "ERROR"}},
}
