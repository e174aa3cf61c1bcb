"""Export: a snapshot, or a part of it, in the forms that users read."""
