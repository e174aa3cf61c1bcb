"""Pure core: extraction and links. Uses no network, clock, bucket, Scrapy or Prefect."""
