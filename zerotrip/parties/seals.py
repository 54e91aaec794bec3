"""Identity numbers at rest: sealed so that they can be read again, digested so that they can be found.

The key is ``settings.SEAL_KEYS``: the first seals, all of them open, so that keys can be changed.
"""

from __future__ import annotations

import hashlib
import hmac
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings

from zerotrip.errors import Refused


@lru_cache(maxsize=1)
def _box(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys])


def seal(number: str) -> str:
    """The number sealed; never twice the same."""
    return _box(tuple(settings.SEAL_KEYS)).encrypt(number.encode()).decode()


def unseal(sealed: str) -> str:
    """The number again. Raises Refused when no key opens it. Whoever calls this journals why."""
    try:
        return _box(tuple(settings.SEAL_KEYS)).decrypt(sealed.encode()).decode()
    except InvalidToken as error:
        raise Refused("密钥已更换，无法读取这个号码。请联系系统管理员。") from error


def digest(number: str) -> bytes:
    """A keyed digest: the same number always gives the same 32 bytes, which tell nothing without the key."""
    return hmac.new(settings.DIGEST_KEY.encode(), number.encode(), hashlib.sha256).digest()


def mask(number: str) -> str:
    """What may be shown of a number: the first four and the last four characters."""
    return f"{number[:4]}{'*' * (len(number) - 8)}{number[-4:]}" if len(number) > 8 else "*" * len(number)
