"""Discovery: answers of feeds, sitemaps, listings and web archives to URLs of articles."""
