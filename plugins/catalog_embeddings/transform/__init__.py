"""Pure functions: text, hashes, batches, averages, guards. No I/O but the templates beside them."""
