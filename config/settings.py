"""All settings, from the environment, with defaults that run the demo on one machine."""

from __future__ import annotations

import base64
import hashlib
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


def number(name: str, default: int, *, most: int, least: int = 0) -> int:
    """The environment variable ``name`` as a whole number from ``least`` to ``most``, or an error that says so."""
    written = setting(name, str(default)).strip()
    if not (written.isascii() and written.isdigit() and least <= int(written) <= most):
        raise ImproperlyConfigured(f"{name} is {written!r}. It has to be a whole number from {least} to {most}.")
    return int(written)


CONNECTIONS = number("ZEROTRIP_POOL", 8, most=1000)
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
        # Statements that stay the same are prepared (zerotrip.compiled) only on connections that are kept.
        "OPTIONS": {"pool": pool, "prepare_threshold": 1, **options} if CONNECTIONS else options,
    }


SECRET_KEY = setting("ZEROTRIP_SECRET", why="Set it to at least 50 random characters and keep it.")


def derived_key(purpose: str) -> str:
    """A key for one purpose, made from the secret: 32 bytes in URL-safe base64."""
    made = hashlib.scrypt(SECRET_KEY.encode(), salt=purpose.encode(), n=2**14, r=8, p=1, dklen=32)
    return base64.urlsafe_b64encode(made).decode()


ALLOWED_HOSTS = setting("ZEROTRIP_HOSTS", "localhost,127.0.0.1,[::1]").split(",")
SITE_URL = setting("ZEROTRIP_URL", "http://localhost:8000")
CSRF_TRUSTED_ORIGINS = [SITE_URL]
"""Behind a proxy that speaks TLS, forms come from an https address we do not see."""
ALLAUTH_TRUSTED_PROXY_COUNT = number("ZEROTRIP_TRUSTED_PROXIES", 0, most=9)
"""Proxies in front of us, each of which adds to X-Forwarded-For: limits go by the client's address.

Too many, and a visitor writes the address themselves; too few, and all visitors share one limit.
"""

INSTALLED_APPS = [
    "zerotrip.web",  # first: its pages stand in for those of the accounts library
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
    "zerotrip.facts",
    "zerotrip.enterprises",
    "zerotrip.catalogue",
    "zerotrip.channels",
    "zerotrip.duties",
    "zerotrip.cases",
    "zerotrip.licences",
    "zerotrip.relief",
    "zerotrip.policies",
    "zerotrip.projects",
    "zerotrip.indicators",
    "zerotrip.prevention",
    "zerotrip.insight",
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
    "zerotrip.web.errors.RefusalMiddleware",
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

DATABASES = {"default": database(setting("DATABASE_URL", why="`zerotrip run` sets it to the embedded PostgreSQL."))}

AUTH_USER_MODEL = "parties.User"

AUTHENTICATION_BACKENDS = ["zerotrip.web.accounts.backends.AuthenticationBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.ScryptPasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ["email", "phone"]},
    },
]
LOGIN_URL = "sign-in"
ACCOUNT_ADAPTER = "zerotrip.web.accounts.adapter.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}  # with a password; by code, phones too
ACCOUNT_SIGNUP_FIELDS = ["email", "phone", "password1*"]
SILENCED_SYSTEM_CHECKS = ["account.W001"]  # an account has a phone or an e-mail address, not both
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PHONE_VERIFICATION_ENABLED = False  # signing in by code has verified it
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 300
ACCOUNT_LOGIN_BY_CODE_MAX_ATTEMPTS = 5
ACCOUNT_LOGIN_BY_CODE_SUPPORTS_RESEND = True
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_RATE_LIMITS = {
    "request_login_code": "20/m/ip,3/m/key,10/h/key,30/d/key",
    "confirm_login_code": "30/m/ip,15/5m/key,150/d/key",
    "rate": "20/m/key",
    "counter_code": "60/h/user,3/m/key,8/h/key",  # codes sent to applicants from the counter
    "guide_link": "120/h/user,5/h/key",  # guides sent to callers
    "case_status": "20/m/ip,10/h/key",  # the last digits of a phone, tried at the address on a receipt
    "objection": "10/h/ip",  # objections to public lists, by anybody
    "add_agent": "5/m/user,30/d/user",  # the answer tells whether somebody is known at an address, and their name
}
"""Codes asked for and tried, colleagues looked for. With six digits, nobody has a chance of more than 1 in 6,000
a day."""
STAFF_IDLE = 60 * 60
"""Seconds without a request after which a member of staff is signed out."""
ALLAUTH_USER_CODE_FORMAT = {"numeric": True, "dashed": False, "length": 6}
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_ADAPTER = "zerotrip.web.accounts.second_factor.SecondFactorAdapter"
MFA_FORMS = {
    "authenticate": "zerotrip.web.accounts.second_factor.SignInForm",
    "reauthenticate": "zerotrip.web.accounts.second_factor.AgainForm",
}
MFA_TOTP_ISSUER = "zerotrip"
MFA_TOTP_TOLERANCE = 1  # steps a phone's clock may be off (RFC 6238, section 5.2)
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "cache",
        "OPTIONS": {"MAX_ENTRIES": 50_000},  # past it, counts are dropped before their time
    },
    "memory": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "LOCATION": "views",
        "OPTIONS": {"MAX_ENTRIES": 50_000},
    },
}
"""Counts of sign-in attempts and spent codes, shared by all processes. In memory, views of pages open to all."""

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("中文")), ("en", _("English"))]
LOCALE_PATHS = [ROOT / "locale"]
FORMAT_MODULE_PATH = ["config.formats"]
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
REQUEST_LIMIT = 5 * FILE_LIMIT
"""Largest request in bytes: several files may come at once."""
CLAMAV_SOCKET = setting("ZEROTRIP_CLAMAV", "")
"""Where clamd listens: a path, or ``host:port``. Empty: uploads are not scanned."""

LICENCE_P12 = setting("ZEROTRIP_LICENCE_P12", "")
"""PKCS#12 file of the key that signs licences. Empty: a demonstration authority is made in ``KEYS``."""
LICENCE_P12_PASSWORD = setting("ZEROTRIP_LICENCE_P12_PASSWORD", "")
KEYS = DATA / "keys"
"""Folder of generated keys."""

SEAL_KEYS = setting("ZEROTRIP_SEAL_KEYS", derived_key("seal")).split(",")
"""Fernet keys for identity numbers: the first seals, all open. Derived from the secret unless set."""
DIGEST_KEY = setting("ZEROTRIP_DIGEST_KEY", derived_key("digest"))
"""Key of the digests by which identity numbers are found. Changing it means digesting anew."""

SMS_URL, SMS_SECRET = setting("ZEROTRIP_SMS_URL", ""), setting("ZEROTRIP_SMS_SECRET", "")
"""A gateway for text messages that takes signed JSON, and the key of the signature."""
SMS_SENDER = setting("ZEROTRIP_SMS_SENDER", "zerotrip.channels.transports.sms.http" if SMS_URL else "")
"""Dotted path of ``sender(to, body, key)``. Without one, the demo keeps text messages on its outbox page."""

COURIER_URL, COURIER_KEY = setting("ZEROTRIP_COURIER_URL", ""), setting("ZEROTRIP_COURIER_KEY", "")
"""Where a courier is asked about parcels, and the key it knows us by."""
COURIER_SECRETS = [secret for secret in setting("ZEROTRIP_COURIER_SECRETS", "").split(",") if secret]
"""Secrets with which a courier signs what it sends us; any of them will do."""
COURIER_FORMS = {"": "", "webhook": "webhook.Webhook", "polling": "polling.Polling"}
COURIER = setting("ZEROTRIP_COURIER", "webhook" if COURIER_SECRETS else "polling" if COURIER_URL else "")
"""``webhook``, ``polling``, or the dotted path of one's own. Empty: clerks write down what they are told."""
if COURIER in COURIER_FORMS:
    COURIER = COURIER and f"zerotrip.licences.post.couriers.{COURIER_FORMS[COURIER]}"
COURIER_NAME = setting("ZEROTRIP_COURIER_NAME", "")
"""What the courier is called on pages."""
COURIER_NUMBERS = setting("ZEROTRIP_COURIER_NUMBERS", "ZT{year}{seq:08}")
"""The range of tracking numbers agreed with the courier, as a scheme of numbers: ``{year}`` and ``{seq}``."""
GOODS_SECRETS = [secret for secret in setting("ZEROTRIP_GOODS_SECRETS", "").split(",") if secret]
"""Secrets with which other platforms sign the movements of goods they send; any of them will do."""
LABORATORY_SECRETS = [secret for secret in setting("ZEROTRIP_LABORATORY_SECRETS", "").split(",") if secret]
"""Secrets with which laboratories sign the results they send; any of them will do."""
HEALTH_CODE_URL, HEALTH_CODE_SECRET = (
    setting("ZEROTRIP_HEALTH_CODE_URL", ""),
    setting("ZEROTRIP_HEALTH_CODE_SECRET", ""),
)
"""Where the colour of a health code is asked, with signed JSON, and the key of the signature."""
MAIL_ADDRESS = setting("ZEROTRIP_MAIL_ADDRESS", "").lower()
"""Where applicants send materials by e-mail, such as ``cases@example.gov``."""
MAIL_SECRETS = [secret for secret in setting("ZEROTRIP_MAIL_SECRETS", "").split(",") if secret]
"""Secrets with which the mail server signs what it passes on; any of them will do."""
MAIL_KEEP = number("ZEROTRIP_MAIL_KEEP", 180, most=3650)
"""Days for which sender, text and files of a message are kept."""
CONSULTATION_KEEP = number("ZEROTRIP_CONSULTATION_KEEP", 180, most=3650)
"""Days for which caller, address, question and answer of a call for advice are kept."""
LICENCE_REGISTRY_URL = setting("ZEROTRIP_REGISTRY_URL", "")
"""Where the licence registry of others answers signed JSON over HTTPS."""
LICENCE_REGISTRY_SECRET = setting("ZEROTRIP_REGISTRY_SECRET", "")
"""The secret with which we sign what we ask it, and it what it answers."""
_REGISTRY_FORMS = {"": "", "http": "http.Http", "demo": "demo.Demo"}
LICENCE_REGISTRY = setting("ZEROTRIP_REGISTRY", "http" if LICENCE_REGISTRY_URL else "demo" if DEMO else "")
"""``http``, ``demo``, or the dotted path of one's own. Empty: only licences held here stand in for materials."""
if LICENCE_REGISTRY in _REGISTRY_FORMS:
    LICENCE_REGISTRY = LICENCE_REGISTRY and f"zerotrip.licences.registries.{_REGISTRY_FORMS[LICENCE_REGISTRY]}"
DELIVERY_KEEP = number("ZEROTRIP_DELIVERY_KEEP", 90, most=3650)
"""Days after a case has closed for which recipient, phone and address are kept."""
FIELD_HOURS = number("ZEROTRIP_FIELD_HOURS", 12, least=8, most=24)
"""Hours for which a phone keeps what it was given along for work without a network."""
ORDER_ASKS_ABOVE = number("ZEROTRIP_ORDER_ASKS_ABOVE", 300, most=5000)
"""Enterprises beyond which whoever sends a notice or a report has to say once more that so many are meant."""
CONCERNED_KEEP = number("ZEROTRIP_CONCERNED_KEEP", 210, most=3650)
"""Days after a case has closed for which it is kept how those concerned are reached: the six months in which a
decision can be taken to court (行政诉讼法 art. 46), and the weeks until we hear of it."""

EMAIL_BACKEND = (
    "django.core.mail.backends." + ("smtp" if "ZEROTRIP_SMTP" in os.environ else "dummy") + ".EmailBackend"
)
EMAIL_HOST, _colon, EMAIL_PORT = setting("ZEROTRIP_SMTP", "localhost:25").partition(":")
EMAIL_HOST_USER = setting("ZEROTRIP_SMTP_USER", "")
EMAIL_HOST_PASSWORD = setting("ZEROTRIP_SMTP_PASSWORD", "")
EMAIL_USE_TLS = setting("ZEROTRIP_SMTP_TLS", "0") == "1"
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = setting("ZEROTRIP_MAIL_FROM", "zerotrip@localhost")

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
SESSION_ENGINE = "zerotrip.web.accounts.sessions"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SITE_URL.startswith("https://")
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "zerotrip.web.errors.forged"

PROCRASTINATE_IMPORT_PATHS = [
    "config.tasks",
    "zerotrip.licences.post.tasks",
    "zerotrip.licences.reuse.tasks",
    "zerotrip.relief.routing.tasks",
    "zerotrip.relief.matching.tasks",
    "zerotrip.relief.visits.tasks",
]
"""Jobs outside the apps, or deeper in them."""

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
