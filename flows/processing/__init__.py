"""Processing: extract the captures of pending segments in a pool of workers, and write the files of a commit."""
