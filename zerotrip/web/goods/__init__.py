"""Goods in the ledger, at the portal and at the desk: the same pages, for one's own or for those of one's area."""
