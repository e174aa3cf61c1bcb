"""Outlets from the side of a run: checks, health, revisits, drafts of new outlet files."""
