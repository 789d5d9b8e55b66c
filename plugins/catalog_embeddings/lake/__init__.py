"""The lake edge: vectors and planned texts as parquet on object storage."""
