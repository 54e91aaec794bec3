"""Every write about the record of enterprises."""

from zerotrip.enterprises.actions.merging import Held, holdings, merge, unmerge

__all__ = ["Held", "holdings", "merge", "unmerge"]
