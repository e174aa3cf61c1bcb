"""Captures: WARC segments in the store, written, read, imported and recovered from damage."""
