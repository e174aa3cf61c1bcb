"""Crawling with Scrapy: discover, fetch and archive. Nothing of a page is parsed but its links."""
