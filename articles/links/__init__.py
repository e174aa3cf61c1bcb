"""Links between documents: duplicates, translations and rewrites, from fingerprints, anchors and vectors."""
