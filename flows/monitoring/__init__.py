"""Metrics of a store for Prometheus: `irtysh metrics`, and the file that runs write."""
