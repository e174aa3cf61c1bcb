"""Generated news texts in several languages: translations, rewrites, other reports of the same event."""
