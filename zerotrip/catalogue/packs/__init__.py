"""Packs on disk: read, judged with file, line and reason for each fault, and written back."""

from __future__ import annotations

from zerotrip.catalogue.packs.checking import check, read
from zerotrip.catalogue.packs.faults import Fault
from zerotrip.catalogue.packs.folder import Pack
from zerotrip.catalogue.packs.variants import terms
from zerotrip.catalogue.packs.writing import service_yaml, write

__all__ = ["Fault", "Pack", "check", "read", "service_yaml", "terms", "write"]
