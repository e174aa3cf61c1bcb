"""Search and read a snapshot in a browser: Datasette with Irtysh's own pages, on the SQLite file of a pull."""
