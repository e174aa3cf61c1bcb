"""Fetching: guard addresses, obey robots.txt and delays, and archive every HTTP exchange."""
