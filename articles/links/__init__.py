"""Links between documents: duplicates, translations and rewrites, found by fingerprints, anchors and sentence vectors."""
