"""Snapshots: their names, contents, counts, checks and garbage collection."""
