"""Commands of the command line. `flows.cli` loads the module of a command when it is called."""
