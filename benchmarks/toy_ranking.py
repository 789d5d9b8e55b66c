"""A ranking joined to its candidates: the smallest one that does, as docs/ranking.md walks through it.

It reads the configured database (after `catalog-embeddings demo`: the sample catalog) and no API. What a real ranking
would learn from clicks is here two weights and a file of counts.
"""

import argparse
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich import box
from rich.console import Console
from rich.table import Table

from catalog_embeddings import bootstrap
from catalog_embeddings.domain.candidate import CandidateData
from catalog_embeddings.pipeline.judgments import read_popularity

#: What the blended score of a candidate and its popularity weigh.
ALIKE, POPULAR = 0.7, 0.3


@dataclass(frozen=True)
class Ranked:
    """A candidate with the features that a ranking adds; ``popularity`` is 0 to 1."""

    candidate: CandidateData
    popularity: float
    points: float


def rank(candidates: Sequence[CandidateData], chosen: Mapping[str, float]) -> list[Ranked]:
    """Order candidates by how alike and how popular they are; ``chosen`` says how often items were."""
    most = max((math.log1p(chosen.get(each.item_id, 0)) for each in candidates), default=0.0)
    ranked = []
    for each in candidates:
        popularity = math.log1p(chosen.get(each.item_id, 0)) / most if most else 0.0
        ranked.append(Ranked(each, popularity, ALIKE * each.score + POPULAR * popularity))
    return sorted(ranked, key=lambda row: (-row.points, row.candidate.item_id))


def main() -> None:
    """Rank the candidates of an item and print them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("item", help="an item_id")
    parser.add_argument("-k", type=int, default=8, help="how many candidates")
    parser.add_argument("--interactions", type=Path, help="how often items were chosen: item_id,count")
    options = parser.parse_args()

    with bootstrap.open_platform() as platform:
        candidates = platform.candidates(options.item, options.k)
    ranked = rank(candidates, read_popularity(options.interactions) if options.interactions else {})

    names = ("item_id", "source", "tag_overlap", "similarity", "score", "popularity", "points")
    table = Table(*names, box=box.MARKDOWN)
    for row in ranked:
        each = row.candidate
        similarity = "" if each.similarity is None else f"{each.similarity:.3f}"
        shown = (f"{each.tag_overlap:.2f}", similarity, f"{each.score:.3f}", f"{row.popularity:.2f}")
        table.add_row(each.item_id, each.source, *shown, f"{row.points:.3f}")
    versions = sorted({each.version for each in candidates})
    print(f"{len(candidates)} candidates for {options.item}, read from {', '.join(versions) or 'nothing'}")
    Console(width=110).print(table)


if __name__ == "__main__":
    main()
