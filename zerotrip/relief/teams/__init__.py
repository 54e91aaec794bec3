"""Task forces (专班): which there are, and who belongs to them, from when to when."""
