"""Cleaning: remove the blocks of the main column that are not the article, each by a named rule."""
