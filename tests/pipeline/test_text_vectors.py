"""What a part brings: a vector a text, as the database keeps it."""

import numpy as np

from catalog_embeddings.lake.parts import Part
from catalog_embeddings.pipeline.text_vectors import TextVectors


def test_a_text_in_pieces_brings_one_vector() -> None:
    vectors = np.array([[1, 0], [0, 3], [0.5, 0.25]], dtype=np.float32)
    part = Part([b"in pieces", b"whole"], np.array([0, 0, 1]), np.array([3, 1, 2]), vectors)
    texts = TextVectors.of(part)
    assert (texts.content_hashes, texts.text_bytes) == ([b"in pieces", b"whole"], 6)
    whole = np.frombuffer(texts.vectors[1], dtype=">f2", offset=4)
    assert whole.tolist() == [0.5, 0.25]
    mean = np.frombuffer(texts.vectors[0], dtype=">f2", offset=4).astype(np.float64)
    assert np.abs(mean - np.array([1, 1]) / np.sqrt(2)).max() < 1e-3
