"""Deployment files and the demonstration."""
