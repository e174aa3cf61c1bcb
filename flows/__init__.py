"""Thin verbs over the core, each a plain function that Prefect may wrap, and the command line."""
