"""catalog-embeddings: a product catalog in Postgres becomes versioned, searchable vectors in pgvector."""

__version__ = "0.1.0"
