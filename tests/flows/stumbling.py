"""Replacements for what worker processes run: they fail on demand, as a hostile page could make ours fail."""

import os

from articles import pipeline
from flows.processing import limited_pages
from tests.stumbling import stumble


def read_chunk(captures, topics, sites):
    for capture in captures:
        stumble(capture.body)
    return pipeline.read_chunk(captures, topics, sites)


def send_outcome(page, site, send):
    stumble(page.body)
    limited_pages.send_outcome(page, site, send)


def send_explanation(page, site, send):
    stumble(page.body)
    limited_pages.send_explanation(page, site, send)


def send_lines(page, selectors, send):
    stumble(page.body)
    limited_pages.send_lines(page, selectors, send)


def send_links(page, send):
    stumble(page.body)
    limited_pages.send_links(page, send)


def send_entries(source, most, send):
    stumble(source.body)
    limited_pages.send_entries(source, most, send)


def exit_at_once():
    os._exit(3)
