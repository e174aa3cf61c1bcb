"""Metadata of a page: title, authors, dates, section and rights, each with its candidates as evidence."""
