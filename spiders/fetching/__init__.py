"""Fetching: one guarded, polite, archived HTTP exchange at a time."""
