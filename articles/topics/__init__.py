"""Topics: which documents belong to the corpus, by weighted words in a topic file."""
