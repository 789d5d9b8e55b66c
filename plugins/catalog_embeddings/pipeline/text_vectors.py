"""What a part brings to the database: one vector a text, its chunks averaged, its numbers as they are kept there."""

from dataclasses import dataclass

from catalog_embeddings.lake.parts import Part
from catalog_embeddings.postgres.halfvecs import Halfvec, halfvecs
from catalog_embeddings.transform.chunking import average_chunks


@dataclass(frozen=True, slots=True)
class TextVectors:
    """Texts by their hashes, a vector each, and their length together in bytes. A quarter of a part's memory or less.

    Made by whoever has the part in hand, so that the one thread that speaks to the database has nothing to compute.
    """

    content_hashes: list[bytes]
    vectors: list[Halfvec]
    text_bytes: int

    @classmethod
    def of(cls, part: Part) -> "TextVectors":
        """The texts of a part."""
        vectors = halfvecs(average_chunks(part.vectors, part.owners, part.weights))
        return cls(part.content_hashes, vectors, int(part.weights.sum()))
