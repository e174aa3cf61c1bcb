"""The crawl process: started, watched and stopped by its parent; resumed after a crash."""
