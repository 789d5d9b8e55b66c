"""The lake edge: vectors and planned texts as parquet on object storage."""

import os

# Arrow's own pool keeps what worker threads free: a run over 20,000 items of 3,072 dims peaked at 500 MB with it and at
# 345 MB with the system's, at the same speed. Its Parquet writer asks this variable alone, and when it is first loaded.
os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
