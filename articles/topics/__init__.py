"""Topics: decide which documents belong to the corpus, by the weighted words of a topic file."""
