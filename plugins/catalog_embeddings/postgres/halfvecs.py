"""Vectors as Postgres takes them in binary form: pgvector's halfvec, laid out by numpy.

Row by row a vector costs hundreds of microseconds as text, and tens as a list of floats.
"""

import numpy as np
from numpy.typing import NDArray

#: One vector: dims, an unused int16, then big-endian float16s (pgvector, src/halfvec.c, halfvec_recv).
Halfvec = memoryview


def halfvecs(vectors: NDArray[np.float32]) -> list[Halfvec]:
    """Every row as a halfvec, its numbers rounded to float16.

    Args:
        vectors: (rows, dims) float32.
    """
    dims = vectors.shape[1]
    laid_out = np.zeros(len(vectors), dtype=[("dims", ">i2"), ("unused", ">i2"), ("vector", ">f2", (dims,))])
    laid_out["dims"] = dims
    # In two steps: halving contiguous floats is done in hardware, and what is left is a swap of bytes.
    laid_out["vector"] = vectors.astype(np.float16)
    data, size = laid_out.view(np.uint8).data, laid_out.itemsize
    return [data[begin : begin + size] for begin in range(0, len(data), size)]
