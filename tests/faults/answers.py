"""What lies in the lake of a language model's answers, read without the code that wrote it."""

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path


def misplaced_answers(lake: Path, keys_by_enrichment: Sequence[Sequence[str]]) -> Iterator[tuple[str, str]]:
    """Each answer that is not what one enrichment rests on: its key, and what was seen."""
    told = Counter(key for keys in keys_by_enrichment for key in keys)
    stored = {
        path.relative_to(lake).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(lake.glob("answers/**/*.parquet"))
    }
    for key, times in told.items():
        if times > 1 or stored.get(key) != Path(key).stem[-64:]:
            yield key, f"{times} enrichments rest on it, and its bytes are {stored.get(key)}"
    for key in stored.keys() - told.keys():
        yield key, "it was paid for, and no enrichment rests on it"
