"""Identifiers of e-licences (GB/T 36904): ``root.type.issuer.serial.version.check``.

The check character is ISO 7064 MOD 37,36 over type, issuer, serial and version without separators.
"""

from __future__ import annotations

import secrets

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
ROOT = "1.2.156.3005.2"
DEMONSTRATION_TYPE = "ZEROTRIPDEMO000000" + "000"
"""Stands where the USCC of the ministry that owns the type and three digits would: no such ministry."""
VERSION = "001"
SERIAL_LENGTH = 20


def check_character(body: str) -> str:
    """The ISO 7064 MOD 37,36 check character of ``body``. Raises ValueError outside 0-9 and A-Z."""
    product = 36
    for character in body:
        product = (product + ALPHABET.index(character)) % 36 or 36
        product = product * 2 % 37
    return ALPHABET[(37 - product) % 36]


def identifier(*, kind: str, issuer: str, serial: str, version: str = VERSION) -> str:
    """The identifier of a licence of type code ``kind`` from the agency or area ``issuer``."""
    parts = (kind, issuer, serial, version)
    return ".".join((ROOT, *parts, check_character("".join(parts))))


def next_edition(present: str) -> str:
    """The identifier of the next edition of a licence: its three-digit version one up, checked anew."""
    *_root, kind, issuer, serial, version, _check = present.split(".")
    return identifier(kind=kind, issuer=issuer, serial=serial, version=f"{int(version) + 1:03}")


def is_identifier(text: str) -> bool:
    """Whether ``text`` is laid out as an identifier and its check character is right."""
    parts = text.removeprefix(f"{ROOT}.").split(".")
    if not text.startswith(f"{ROOT}.") or len(parts) != 5 or not all(parts):
        return False
    *body, check = parts
    return set("".join(body)) <= set(ALPHABET) and check_character("".join(body)) == check


def new_serial() -> str:
    """Twenty random digits and capitals."""
    return "".join(secrets.choice(ALPHABET) for _position in range(SERIAL_LENGTH))
