"""Visits at the desk: mine, one, rounds of many, and the warnings that propose them."""
