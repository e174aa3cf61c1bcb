"""Exit codes of the command line."""

DONE = 0
FAILED = 1  # some URLs failed (each is named), the store failed, or a check found a problem
WRONG_USAGE = 2  # wrong usage or configuration
OUTAGE = 4  # the store does not answer or is overloaded: nothing is wrong with the request; run it again later
INTERRUPTED = 130  # Ctrl-C
