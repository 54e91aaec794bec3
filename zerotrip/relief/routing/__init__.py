"""Routing (分派): ordered rules by which a need finds whoever helps with it."""
