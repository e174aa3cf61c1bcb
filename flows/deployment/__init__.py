"""Deployment on Prefect: flows, limits and retries of tasks, run logs and progress."""
