"""Metadata of a page: title, authors, dates, section, rights, each with its candidates and evidence."""
