"""One member of staff named for an enterprise, for one subject of needs or for all (点对点帮办)."""
