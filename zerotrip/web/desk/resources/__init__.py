"""Offers and wants at the desk."""
