"""History: versions of an article over time, and what kind of edit each is."""
