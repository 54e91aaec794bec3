"""Benefit without application, at the desk: runs, grants, objections, payment lists."""
