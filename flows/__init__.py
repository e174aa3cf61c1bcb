"""Steps of the pipeline as plain functions, the command line, and the deployment on Prefect."""
