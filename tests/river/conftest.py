"""The whole river on real parts: an embedded Postgres, dbt, the emulator over HTTP, parquet on disk."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from catalog_embeddings import bootstrap
from catalog_embeddings.emulator.serve import Emulator, background
from catalog_embeddings.pipeline.import_catalog import ImportOptions, ImportReport, import_catalog
from catalog_embeddings.postgres.connection import Connection

EXPECTED_NEIGHBOURS = Path(__file__).parent.parent / "data" / "expected_neighbours.json"


@dataclass
class River:
    """A platform in a folder of its own, and the API it calls."""

    connection: Connection
    emulator: Emulator
    _calls_before: int = field(default=0)
    _paid_before: int = field(default=0)

    def bring(self, path: Path, options: ImportOptions) -> ImportReport:
        """Import a catalog file."""
        return import_catalog(self.connection, path, options)

    def run(self) -> dict[str, Any]:
        """A whole run; its summary, with what the server itself counted since the last one."""
        summary, error = bootstrap.run(None, "test")
        stats = self.emulator.stats()
        calls, paid = int(str(stats["embedding_requests"])), int(str(stats["inputs_paid"]))
        summary |= {"calls": calls - self._calls_before, "paid": paid - self._paid_before, "error": error}
        self._calls_before, self._paid_before = calls, paid
        return summary

    def one(self, sql: str, *parameters: object) -> Any:
        """The single value that a statement gives."""
        row = self.connection.execute(sql.encode(), parameters).fetchone()
        return row[0] if row else None

    def fingerprint_of_rows(self) -> str:
        """Changes when any row of item_embeddings was written again, even with the same values."""
        return str(self.one("select md5(string_agg(ctid::text || xmin::text, ',' order by ctid)) from item_embeddings"))

    def neighbours(self, item_id: str, k: int) -> list[dict[str, Any]]:
        """The nearest items, with what a person would judge them by."""
        rows = self.connection.execute(
            "select hits.item_id, hits.title, items.category"
            " from similar_items(%s, %s) as hits"
            " join analytics.catalog_features_raw as items using (org_id, namespace, item_id)",
            [item_id, k],
        ).fetchall()
        return [{"item_id": item, "title": title, "category": category} for item, title, category in rows]


@pytest.fixture
def river(postgres_server: str, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[River]:
    """A fresh platform; the environment says where it runs, as it would for a user."""
    monkeypatch.setenv("CATALOG_EMBEDDINGS_DATABASE_URL", database_url)
    monkeypatch.setenv("CATALOG_EMBEDDINGS_STATE_DIRECTORY", str(tmp_path))
    monkeypatch.delenv("CATALOG_EMBEDDINGS_LAKE_URL", raising=False)
    with background() as emulator, bootstrap.open_database() as connection:
        monkeypatch.setenv("OPENAI_BASE_URL", emulator.url)
        yield River(connection, emulator)


@pytest.fixture(scope="session")
def expected_neighbours() -> dict[str, list[dict[str, Any]]]:
    """What a person would expect to find near an item."""
    return dict(json.loads(EXPECTED_NEIGHBOURS.read_text(encoding="utf-8")))
