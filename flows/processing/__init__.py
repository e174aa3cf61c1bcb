"""Processing: captures of pending segments, through a pool of workers, to the files of a commit."""
