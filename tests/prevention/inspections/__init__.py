"""Tests of inspections and draws."""
