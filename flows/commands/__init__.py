"""What each command of the line does; `flows.cli` loads the one that is asked for."""
