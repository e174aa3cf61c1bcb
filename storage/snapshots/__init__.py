"""Snapshots: what a commit made visible; names, contents, counts, checks."""
