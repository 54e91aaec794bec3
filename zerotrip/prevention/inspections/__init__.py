"""Inspections of sites, what was found wrong and put right, and the draw of sites and inspectors."""
