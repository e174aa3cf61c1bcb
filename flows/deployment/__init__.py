"""Deployment: the stages as Prefect flows, their limits, logs and progress in Prefect."""
