"""Visits (走访): rounds over many firms, what was found and what the firms need, warnings that propose a visit."""
