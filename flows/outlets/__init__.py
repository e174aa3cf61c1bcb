"""Work on outlets: check a file, show health, choose known articles to fetch again, draft a new file."""
