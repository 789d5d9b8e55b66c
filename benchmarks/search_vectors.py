"""The vectors that search_at_scale.py searches: of real passages, and points made from them where more are wanted.

A passage is a product's title, its short description, or its title with one attribute. Some products are held back
whole: what is said of them is asked for, and stands in no row. A made point lies on the way from a real one to one of
its ten nearest, at most half of it, and as far off it, in any direction, as half of that way is long. Whether such
points may stand for real ones is put to the test: half of the real ones, grown back by made ones, against the real
half that they replace. As many of both, so what a query finds near it can be compared.
"""

import argparse
import csv
import gzip
import json
import time
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich import box
from rich.console import Console
from rich.table import Table

from catalog_embeddings.emulator.vectors import embed

ROOT = Path(__file__).resolve().parents[1]
HELD_BACK = 600

Vectors = NDArray[np.float32]

_NEIGHBOURS, _FAR, _QUANTILES = 10, 100, (0.05, 0.25, 0.5, 0.75, 0.95)
#: So many scores are held at once.
_SCORES = 50_000_000


def passages(catalog: Path) -> tuple[list[str], list[str]]:
    """The distinct passages of a file of JSON lines in an order of chance, and those of the products held back."""
    with gzip.open(catalog, "rt", encoding="utf-8") as lines:
        products = [json.loads(line) for line in lines]
    held_back = set(np.random.default_rng(7).permutation(len(products))[:HELD_BACK].tolist())
    rows: dict[str, None] = {}
    queries = []
    for number, product in enumerate(products):
        plain = [said for said in (product["title"], product.get("short_description")) if said]
        if number in held_back:
            queries.append(plain[number % len(plain)])
        else:
            rows.update(dict.fromkeys([*plain, *_attributes(product)]))
    texts = list(rows)
    order = np.random.default_rng(0).permutation(len(texts))
    return [texts[number] for number in order], [query for query in queries if query not in rows]


def searches(judgments: Path) -> list[str]:
    """What people have typed into the search of a shop, of a file with the column ``query``."""
    with judgments.open(encoding="utf-8", newline="") as lines:
        return sorted({line["query"] for line in csv.DictReader(lines)})


def _attributes(product: dict[str, Any]) -> list[str]:
    return [
        f"{product['title']}. {name[7:].strip('_').replace('_', ' ')}: {str(value)[:120]}"[:300]
        for name, value in product.items()
        if name.startswith(("attr_t_", "attr_n_")) and str(value).strip()
    ]


def grown(real: Vectors, count: int, chance: np.random.Generator) -> Vectors:
    """So many made points (count, dims), at length 1."""
    neighbours = _nearest(real, real, _NEIGHBOURS + 1)[1][:, 1:]
    made = np.empty((count, real.shape[1]), dtype=np.float32)
    for begin in range(0, count, 10_000):
        some = min(10_000, count - begin)
        from_ = chance.integers(0, len(real), some)
        way = real[neighbours[from_, chance.integers(0, _NEIGHBOURS, some)]] - real[from_]
        off = chance.normal(size=way.shape) * np.linalg.norm(way, axis=1, keepdims=True) / way.shape[1] ** 0.5
        points = real[from_] + chance.uniform(0, 0.5, (some, 1)) * way + 0.5 * off
        made[begin : begin + some] = points / np.linalg.norm(points, axis=1, keepdims=True)
    return made


def comparison(real: Vectors, queries: Vectors, whole: Vectors) -> Table:
    """What the queries find near them among real points and made ones."""
    chance = np.random.default_rng(1)
    half, other = np.array_split(chance.permutation(real), 2)
    table = Table("rows", "number", "nearest", "10th", "100th", "local dimension", box=box.MARKDOWN)
    for name, rows in (
        ("half of the real ones", half),
        ("all real ones", real),
        ("half, grown to as many", np.concatenate([half, grown(half, len(other), chance)])),
        ("all real ones, grown", whole),
    ):
        scores = _nearest(queries, rows, _FAR)[0]
        # Levina and Bickel: how fast the number of neighbours grows with their distance.
        distance = np.sqrt(np.maximum(2 - 2 * scores, 1e-8))
        dimension = -1 / np.log(distance[:, :-1] / distance[:, -1:]).mean(axis=1)
        found = (scores[:, 0], scores[:, _NEIGHBOURS - 1], scores[:, -1])
        table.add_row(
            name,
            f"{len(rows):,}",
            *(" ".join(f"{value:.3f}" for value in np.quantile(each, _QUANTILES)) for each in found),
            " ".join(f"{value:.0f}" for value in np.quantile(dimension, _QUANTILES)),
        )
    return table


def _nearest(queries: Vectors, rows: Vectors, k: int) -> tuple[Vectors, NDArray[np.int64]]:
    """Cosines and places of the k nearest (queries, k), best first."""
    best, places = [], []
    for piece in np.array_split(queries, 1 + len(queries) * len(rows) // _SCORES):
        scores = piece @ rows.T
        near = np.argpartition(scores, -k, axis=1)[:, -k:]
        values = np.take_along_axis(scores, near, axis=1)
        order = np.argsort(-values, axis=1)
        best.append(np.take_along_axis(values, order, axis=1))
        places.append(np.take_along_axis(near, order, axis=1))
    return np.concatenate(best), np.concatenate(places)


def main() -> None:
    """Embed passages until enough are there or the time is up, grow them, and keep both in a file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path, help="the .npz file")
    parser.add_argument("--catalog", type=Path, default=ROOT.parent / "shared/data/icecat/products.jsonl.gz")
    parser.add_argument("--judgments", type=Path, default=ROOT.parent / "shared/data/icecat/judgments.csv")
    parser.add_argument("--model", default="all-MiniLM-L6-v2", help="one of the emulator's")
    parser.add_argument("--dims", type=int, default=384)
    parser.add_argument("--real", type=int, default=100_000, help="at most so many real ones")
    parser.add_argument("--seconds", type=float, default=3_600, help="at most so long for them")
    parser.add_argument("--rows", type=int, default=1_000_000)
    options = parser.parse_args()
    texts, held_back = passages(options.catalog)
    searched = searches(options.judgments)
    began, pieces = time.monotonic(), []
    queries = embed(options.model, [*held_back, *searched], options.dims)
    for begin in range(0, min(options.real, options.rows, len(texts)), 4_096):
        if time.monotonic() - began > options.seconds:
            break
        some = texts[begin : min(begin + 4_096, options.real, options.rows)]
        pieces.append(embed(options.model, some, options.dims).astype(np.float16))
    rows = real = np.concatenate(pieces)
    if options.rows > len(real):
        floats = real.astype(np.float32)
        whole = np.concatenate([floats, grown(floats, options.rows - len(real), np.random.default_rng(2))])
        Console(width=200).print(comparison(floats, queries[: len(held_back)], whole))
        rows = whole.astype(np.float16)
    kinds = np.array(["held back"] * len(held_back) + ["searched"] * len(searched))
    np.savez(options.out, rows=rows, queries=queries.astype(np.float16), kinds=kinds, real=len(real))


if __name__ == "__main__":
    main()
