"""The pure core: no network, clock, bucket, Scrapy or Prefect."""
