"""The address a request comes from, as far as those in front of us can be believed."""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address

NOWHERE = "-"
"""Instead of an address where even the connection has none, as over a socket of this machine."""


def origin(forwarded: str, *, connection: str, proxies: int) -> str:
    """The address the outermost of our ``proxies`` saw, out of X-Forwarded-For.

    Where that is no address, or there are fewer than there are proxies, ``connection``: the one that
    speaks to us. What a visitor writes into the header themselves stands before what our proxies add,
    so it is never read.
    """
    told = forwarded.rsplit(",", proxies)[-proxies:] if proxies else []
    named = _address(told[0]) if len(told) == proxies > 0 else ""
    return named or _address(connection) or NOWHERE


def _address(text: str) -> str:
    """An address in its one way of writing, without port and zone; empty for what is none."""
    text = text.strip()
    if text.startswith("[") and "]" in text:  # [2001:db8::1]:443
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:  # 203.0.113.5:443
        text = text.partition(":")[0]
    try:
        found = ip_address(text.partition("%")[0])
    except ValueError:
        return ""
    mapped = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return str(mapped or found)
