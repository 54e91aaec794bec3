"""Needs at the desk: the acts of helping, raising one for a firm, the overview, the routing rules."""
