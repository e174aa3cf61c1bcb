"""What a worker needs before its first page. The fork server of `flows.processing.workers` imports this once for all."""

from articles.pipeline import warm_up
from storage.model_cache import use_cached_model

use_cached_model()
warm_up()
