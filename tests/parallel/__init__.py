"""News prose in several languages, made by code: translations, rewrites, other reports of the same event."""
