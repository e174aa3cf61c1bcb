"""What a worker needs before its first page. The fork server of `flows.processing.workers` imports this once for all."""

from articles.pipeline import warm_up

warm_up()
