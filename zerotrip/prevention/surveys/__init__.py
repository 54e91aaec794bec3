"""Surveys of every firm, one by one (逐一摸排): who goes where, how far they are."""
