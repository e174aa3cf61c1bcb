"""Display: what commands print or write for people and programs."""
