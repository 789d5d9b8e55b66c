"""Titles against full records on real products: a version is ramped up, compared, promoted and taken back.

Version ``titles`` is made of titles alone (template product.v3), ``records`` of all that a record says (product.v2),
both by all-MiniLM-L6-v2: it needs the extra ``[local]``. Everything goes through the commands a person would type, on
an embedded Postgres and an emulator of its own; what was paid is what that server has counted. The tables are those of
docs/evaluating.md. On two cores it takes about half an hour, nearly all of it the model's.
"""

import argparse
import gzip
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table

from catalog_embeddings.emulator.serve import Emulator, background
from catalog_embeddings.emulator.vectors import LOCAL_MODEL, MODEL_DIMS, local_model_installed
from catalog_embeddings.postgres.connection import connect
from catalog_embeddings.postgres.embedded import embedded_postgres
from catalog_embeddings.postgres.migrations import migrate

ICECAT = Path(__file__).resolve().parents[1].parent / "shared/data/icecat"
TITLES, RECORDS = "titles", "records"
TEMPLATES = {TITLES: "product.v3", RECORDS: "product.v2"}
RAMP = ("5%", "25%", "100%")
# The model encodes one request at a time, so a second one in flight only waits; and a request must end within 60 s.
PACE = {"CATALOG_EMBEDDINGS_PARALLELISM": "2", "CATALOG_EMBEDDINGS_BATCH_SIZE": "64"}

Row = tuple[object, ...]


@dataclass
class Trial:
    """A platform that is driven by its commands, and the server that it pays."""

    environment: dict[str, str]
    emulator: Emulator
    database_url: str
    _paid_before: int = field(default=0)

    def command(self, *words: str) -> dict[str, Any]:
        """What a command answers with --json; whatever it says beside goes through."""
        program = [sys.executable, "-c", "from catalog_embeddings.cli.app import main; main()"]
        finished = subprocess.run(
            [*program, *words, "--json"], env=self.environment, stdout=subprocess.PIPE, text=True, check=False
        )
        if finished.returncode:
            sys.exit(f"catalog-embeddings {' '.join(words)} ended with {finished.returncode}")
        answered: dict[str, Any] = json.loads(finished.stdout)
        return answered

    def paid(self) -> int:
        """How many texts the server was paid for since this was asked last."""
        total = int(str(self.emulator.stats()["inputs_paid"]))
        since, self._paid_before = total - self._paid_before, total
        return since

    def held(self, version: str) -> tuple[int, int]:
        """How many items a version holds, and how many texts they have."""
        question = "select count(*), count(distinct content_hash) from item_embeddings where version = %s"
        with connect(self.database_url) as connection:
            row = connection.execute(question, [version]).fetchone() or (0, 0)
        return row[0], row[1]


@contextmanager
def trial(folder: Path) -> Iterator[Trial]:
    """A fresh platform in a folder."""
    with embedded_postgres(folder / "postgres") as address, background() as emulator:
        migrate(address)
        where = {
            "CATALOG_EMBEDDINGS_DATABASE_URL": address,
            "CATALOG_EMBEDDINGS_STATE_DIRECTORY": str(folder),
            "OPENAI_BASE_URL": emulator.url,
        }
        yield Trial(os.environ | PACE | where, emulator, address)


def write_subset(catalog: Path, wanted: Path, target: Path) -> None:
    """Write the items of a catalog whose ids stand in a file, a line each."""
    ids = set(wanted.read_text(encoding="utf-8").split())
    with gzip.open(catalog, "rt", encoding="utf-8") as lines, gzip.open(target, "wt", encoding="utf-8") as chosen:
        chosen.writelines(line for line in lines if json.loads(line)["id"] in ids)


def ramp(platform: Trial, version: str) -> Iterator[Row]:
    """Create a version and let it grow; a row a step: what the server was paid, beside the texts that were new."""
    dims = str(MODEL_DIMS[LOCAL_MODEL])
    platform.command(
        *("versions", "create", version, "--model", LOCAL_MODEL, "--dims", dims, "--template", TEMPLATES[version])
    )
    texts_before = 0
    for share in RAMP:
        began = time.perf_counter()
        platform.command("run", "--version", version, "--slice", share)
        items, texts = platform.held(version)
        seconds = time.perf_counter() - began
        yield version, share, f"{items:,}", f"{texts - texts_before:,}", f"{platform.paid():,}", f"{seconds:.0f}"
        texts_before = texts


def compared(report: dict[str, Any]) -> Iterator[Row]:
    """A row a measure over all judged queries: both versions, the difference and how sure it is."""
    for name, figure in report["judged"]["strata"][0]["measures"].items():
        p_value = "" if figure["p_value"] is None else f"{figure['p_value']:.1g}"
        yield (
            name,
            f"{figure['against']:.3f}",
            f"{figure['version']:.3f}",
            f"{figure['difference']:+.3f}",
            f"{figure['low']:+.3f} … {figure['high']:+.3f}",
            p_value,
        )


def main() -> None:
    """Ramp both versions up, compare them, promote the better one, and go back."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--catalog", type=Path, default=ICECAT / "products.jsonl.gz")
    parser.add_argument("--items", type=Path, default=ICECAT / "subset_8000.txt", help="a file of item ids")
    parser.add_argument("--judgments", type=Path, default=ICECAT / "judgments.csv")
    parser.add_argument("--html", type=Path, help="write the report with plots to this file")
    options = parser.parse_args()
    if not local_model_installed():
        sys.exit("pip install 'catalog-embeddings[local]' first: the vectors are a real model's.")

    console = Console(width=110)
    with TemporaryDirectory(ignore_cleanup_errors=True) as folder, trial(Path(folder)) as platform:
        subset = Path(folder) / "subset.jsonl.gz"
        write_subset(options.catalog, options.items, subset)
        platform.command("import", str(subset), "--preset", "icecat")

        paid = Table("version", "slice", "items", "texts that are new", "paid", "seconds", box=box.MARKDOWN)
        for version in (TITLES, RECORDS):
            for row in ramp(platform, version):
                paid.add_row(*map(str, row))
                print(*row, file=sys.stderr, flush=True)
        console.print(paid)

        platform.command("versions", "promote", TITLES)
        words = ["evaluate", "--version", RECORDS, "--against", TITLES, "--judgments", str(options.judgments)]
        html = ["--html", str(options.html)] if options.html else []
        report = platform.command(*words, "--min-rating", "2", *html)
        print(f"{len(report['judged']['queries'])} queries, {report['candidates']:,} items")
        found = Table("measure", TITLES, RECORDS, "difference", "95 % interval", "p", box=box.MARKDOWN)
        for row in compared(report):
            found.add_row(*map(str, row))
        console.print(found)
        print("gate:", report["gate"]["state"], report["gate"]["reason"], sep=" ")

        moved = platform.command("versions", "promote", RECORDS)
        print(f"promoted: {moved['from_version']} -> {moved['version']}")
        back = platform.command("versions", "rollback")
        print(f"rolled back: {back['from_version']} -> {back['version']}, behind: {back['behind']}")


if __name__ == "__main__":
    main()
