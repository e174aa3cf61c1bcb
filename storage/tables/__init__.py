"""Tables: rows as content-addressed Parquet, and the Delta log that makes them visible."""
