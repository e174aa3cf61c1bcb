"""Export: write a snapshot, or a part of it, to files."""
