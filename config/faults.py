"""What stops a command, said to whoever typed it."""

from __future__ import annotations


class Fault(Exception):
    """A thing that could not be done. The message says why and what to do; exit code 1."""


class WrongSetting(Fault):
    """A setting that is missing or wrong."""
