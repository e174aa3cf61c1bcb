"""What a worker needs before its first page. The fork server of `flows.processing.workers` imports this once for all."""

import articles.topics.topic  # noqa: F401  every process that judges pages needs it
from articles.pipeline import warm_up
from storage.user_cache import use_cached_model

use_cached_model()
warm_up()
