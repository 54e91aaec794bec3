"""Enterprises at the desk: found, looked at, kept right, merged, taken in and out as workbooks."""
