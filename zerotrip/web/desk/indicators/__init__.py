"""The indicators at the desk: a board, a page for each, entry by form and by file."""
