"""Offers and wants at the portal."""
