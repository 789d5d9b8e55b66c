"""Long texts: cut on sentence ends, embedded piece by piece, averaged by length, normalised.

The average of chunk vectors weighted by their length is the recipe of OpenAI's cookbook ("Embedding texts
that are longer than the model's maximum context length").
"""

import re

import numpy as np
from numpy.typing import NDArray

from catalog_embeddings.domain.version import Chunking

# A sentence ends at a full stop, exclamation or question mark (also CJK and Devanagari ones) or a line's end.
_SENTENCE = re.compile(r".*?(?:[.!?…](?=\s)|[。！？।]|\n|$)\s*", re.DOTALL)


def split_text(text: str, chunking: Chunking) -> list[str]:
    """The text in pieces of at most ``max_tokens`` (estimated), cut on sentence ends where there are any.

    Nothing is lost: the pieces joined are the text, up to white space at the cuts.
    """
    limit = int(chunking.max_tokens * chunking.bytes_per_token)
    if len(text.encode()) <= limit:
        return [text]
    chunks: list[str] = []
    current, size = "", 0
    for sentence in _SENTENCE.findall(text):
        for piece in _within(sentence, limit):
            length = len(piece.encode())
            if current and size + length > limit:
                chunks.append(current.strip())
                current, size = "", 0
            current += piece
            size += length
    chunks.append(current.strip())
    return [chunk for chunk in chunks if chunk]


def _within(sentence: str, limit: int) -> list[str]:
    """A sentence as pieces of at most ``limit`` bytes: cut at spaces, and inside a word only where it must be."""
    if len(sentence.encode()) <= limit:
        return [sentence]
    pieces, current, size = [], "", 0
    for word in re.findall(r"\S+\s*|\s+", sentence):
        length = len(word.encode())
        if current and size + length > limit:
            pieces.append(current)
            current, size = "", 0
        if length <= limit:
            current += word
            size += length
            continue
        characters = max(1, limit // 4)
        pieces.extend(word[start : start + characters] for start in range(0, len(word), characters))
    return [*pieces, current] if current else pieces


def average_chunks(
    vectors: NDArray[np.float32], owners: NDArray[np.int64], weights: NDArray[np.int64]
) -> NDArray[np.float32]:
    """One vector a text from one vector a chunk.

    Args:
        vectors: (chunks, dims) float32.
        owners: (chunks,) int64, the text each chunk belongs to: 0..texts-1, ascending, none left out.
        weights: (chunks,) int64, the length of each chunk in bytes.

    Returns:
        (texts, dims) float32: the single chunk's own vector untouched, or the mean of several weighted by
        length and brought to unit norm.
    """
    starts = np.flatnonzero(np.diff(owners, prepend=-1))
    if len(starts) == len(owners):
        return vectors
    weighted = vectors.astype(np.float64) * weights[:, None]
    sums = np.add.reduceat(weighted, starts, axis=0)
    means: NDArray[np.float32] = (sums / np.linalg.norm(sums, axis=1, keepdims=True)).astype(np.float32)
    single = np.diff(starts, append=len(owners)) == 1
    means[single] = vectors[starts[single]]
    return means
