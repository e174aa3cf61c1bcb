"""Words that name a snapshot. Apart from `storage.snapshots.catalog`, as the options of every command need them."""

LATEST = "latest"
