"""One outlet, one file."""
