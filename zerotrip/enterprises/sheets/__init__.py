"""Workbooks of enterprises: read from whoever hands them in, judged row by row, written from what was found."""
