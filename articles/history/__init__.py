"""History: versions of an article over time, and the kinds of edits between them."""
