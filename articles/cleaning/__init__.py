"""Cleaning: which blocks of the main column are not the article, and by which rule each is removed."""
