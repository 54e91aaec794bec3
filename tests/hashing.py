"""Passwords hashed as the product does, without the work that is only there to slow down a thief."""

from __future__ import annotations

from django.contrib.auth.hashers import ScryptPasswordHasher


class Quick(ScryptPasswordHasher):
    """The same algorithm and form, a thousandth of the work."""

    work_factor = 2**4
