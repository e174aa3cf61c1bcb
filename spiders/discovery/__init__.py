"""Discovery: find URLs of articles in feeds, sitemaps, listings and web archives."""
