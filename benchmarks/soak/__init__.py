"""Months of scheduled runs at an accelerated clock, with outages and kills; at the end the corpus is compared with what was planted."""
