"""A catalog that dbt has looked at once, to copy for each test, and the steps of a run on it.

One dbt build takes seconds, so it happens once a session. What a later build would find, a test says itself
with ``Steps.found``.
"""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest
from psycopg import sql
from psycopg.types.json import Jsonb

from catalog_embeddings.domain.plan import EnrichmentPlan, Plan
from catalog_embeddings.domain.run import Lease, RunSummary
from catalog_embeddings.domain.version import EmbeddingVersion
from catalog_embeddings.emulator.serve import Emulator, background
from catalog_embeddings.errors import Permanent
from catalog_embeddings.inference.chat import ChatApi
from catalog_embeddings.inference.client import EmbeddingsApi
from catalog_embeddings.inference.limits import Gate
from catalog_embeddings.inference.pace import CHAT_PACE
from catalog_embeddings.lake.store import Lake
from catalog_embeddings.pipeline.ask import Shard
from catalog_embeddings.pipeline.embed import embed_shard
from catalog_embeddings.pipeline.enrich import enrich_shard
from catalog_embeddings.pipeline.enrichment_plan import plan_enrichment
from catalog_embeddings.pipeline.extract import extract_changes
from catalog_embeddings.pipeline.finish import finish_run
from catalog_embeddings.pipeline.plan import Limits, make_plan
from catalog_embeddings.pipeline.register import register_version, text_spec
from catalog_embeddings.postgres import leases, run_enrichments, run_plan, runs
from catalog_embeddings.postgres.connection import Connection, connect
from catalog_embeddings.postgres.embedding_versions import find_version
from catalog_embeddings.postgres.migrations import migrate

ORG = uuid.UUID(int=1)
KEY = "sk-a-very-secret-key"

# Ten items that can be embedded, in nine texts: the twins share one. Two cannot be.
CATALOG: dict[str, dict[str, Any]] = {
    "lamp": {"title": "Zephyrine reading lamp", "brand": "Lumora", "attributes": {"watts": 5}},
    "desk": {"title": "Quillwood standing desk", "tags": ["office", "oak"]},
    "chair": {"title": "Marrowby rocking chair"},
    "stove": {"title": "Emberline camping stove", "namespace": "outdoor"},
    "tent": {"title": "Tarnside tent for two", "namespace": "outdoor"},
    "kettle": {"title": "Brassica whistling kettle"},
    "vase": {"title": "Ollivander glass vase"},
    "rug": {"title": "Thistledown wool rug"},
    "twin_a": {"title": "Gemini candle holder"},
    "twin_b": {"title": "Gemini candle holder"},
    "silent": {},
    "listed": {"title": "Harkness paper tray", "attributes": ["not", "an", "object"]},
}
WORDS = [row["title"].split()[0] for row in CATALOG.values() if "title" in row]


def _put(connection: Connection, item_id: str, **fields: Any) -> None:
    row = {"namespace": "default", "title": None, "brand": None, "tags": None, "attributes": None} | fields
    row["attributes"] = None if row["attributes"] is None else Jsonb(row["attributes"])
    connection.execute(
        "insert into analytics.catalog_features_raw"
        " (org_id, namespace, item_id, title, brand, tags, attributes, updated_at)"
        " values (%(org_id)s, %(namespace)s, %(item_id)s, %(title)s, %(brand)s, %(tags)s, %(attributes)s, now())"
        " on conflict (org_id, namespace, item_id) do update set title = excluded.title, updated_at = now()",
        {"org_id": ORG, "item_id": item_id, **row},
    )


@dataclass
class Steps:
    """The steps of a run on one database, one lake and one API."""

    database_url: str
    connection: Connection
    version: EmbeddingVersion
    lake: Lake
    lake_folder: Path
    emulator: Emulator
    limits: Limits = field(default_factory=lambda: Limits(batch_size=128, parallelism=10))
    started: datetime = field(default_factory=lambda: datetime.now(UTC))

    def put(self, item_id: str, **fields: Any) -> None:
        """What the feed does: insert an item, or give it another title."""
        _put(self.connection, item_id, **fields)

    def remove(self, item_id: str) -> None:
        self.connection.execute("delete from analytics.catalog_features_raw where item_id = %s", [item_id])

    def found(self, *, new: tuple[str, ...] = (), changed: tuple[str, ...] = (), deleted: tuple[str, ...] = ()) -> None:
        """Write down what a dbt build would have found."""
        execute = self.connection.execute
        execute("truncate catalog.changed_catalog_items, catalog.deleted_catalog_items")
        execute(
            "insert into catalog.changed_catalog_items"
            " (version, org_id, namespace, item_id, change, record_hash, source_updated_at)"
            " select 'v1', org_id, namespace, item_id, case when item_id = any(%(new)s) then 'new' else 'changed' end,"
            " sha256(convert_to(concat(title, brand), 'UTF8')), updated_at"
            " from analytics.catalog_features_raw where item_id = any(%(both)s)",
            {"new": list(new), "both": [*new, *changed]},
        )
        execute(
            "insert into catalog.deleted_catalog_items (version, org_id, namespace, item_id)"
            " select 'v1', org_id, namespace, item_id from item_embeddings where item_id = any(%s)",
            [list(deleted)],
        )
        execute(
            "update catalog.catalog_change_counts set new = %s, changed = %s, deleted = %s, unchanged = 0, refused = 0",
            [len(new), len(changed), len(deleted)],
        )

    def lease(self, run_id: str = "run-1") -> Lease:
        """Open a run, or take it up again."""
        if not self.ask("select 1 from pipeline.runs where run_id = %s", run_id):
            runs.open_run(self.connection, run_id, "v1", "a test")
        return leases.take(self.connection, "v1", run_id, "a test", 0.0)

    def plan(self, lease: Lease) -> Plan:
        return make_plan(self.connection, self.lake, lease.run_id, self.version, self.limits)

    def api(self) -> EmbeddingsApi:
        gate = Gate(self.limits.parallelism)
        return EmbeddingsApi(self.version.spec, api_key=KEY, base_url=self.emulator.url, gate=gate)

    def embed(self, lease: Lease, connection: Connection | None = None) -> list[dict[str, int]]:
        """Embed every pending shard, in a process's own client."""
        connection = connection or self.connection
        plan_id = runs.find_run(connection, lease.run_id).plan_id or ""
        api = self.api()
        try:
            return [
                embed_shard(connection, self.lake, api, Shard(lease, self.version, plan_id, number), self.limits)
                for number in run_plan.pending_shards(connection, lease.run_id)
            ]
        finally:
            api.close()

    def finish(self, lease: Lease, failure_threshold: float = 0.05) -> tuple[RunSummary, Permanent | None]:
        return finish_run(self.connection, self.lake, lease, self.version, failure_threshold, self.started)

    def run(self, run_id: str = "run-1", failure_threshold: float = 0.5) -> RunSummary:
        """All of it after the dbt build; by default without minding how much of it failed."""
        lease = self.lease(run_id)
        self.plan(lease)
        self.embed(lease)
        return self.finish(lease, failure_threshold)[0]

    def ask(self, question: str, *parameters: object) -> list[tuple[Any, ...]]:
        return self.connection.execute(question.encode(), parameters or None).fetchall()

    def column(self, question: str, *parameters: object) -> list[Any]:
        return [row[0] for row in self.ask(question, *parameters)]

    def loaded(self) -> list[str]:
        return self.column("select item_id from item_embeddings order by item_id")

    def parts(self) -> list[Path]:
        return sorted(self.lake_folder.glob("vectors/**/*.parquet"))

    def paid(self) -> tuple[int, int]:
        """Inputs the API was paid for, and how many of them it was paid for twice."""
        stats: dict[str, Any] = self.emulator.stats()
        return stats["inputs_paid"], stats["inputs_paid_twice"]


def _address(server: str, database: str) -> str:
    return urlsplit(server)._replace(path=f"/{database}").geturl()


@pytest.fixture(scope="session")
def extracted_template(postgres_server: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The name of a database with the catalog, version v1, and one dbt build."""
    with connect(postgres_server) as connection:
        connection.execute("create database extracted_template")
    address = _address(postgres_server, "extracted_template")
    migrate(address)
    with connect(address) as connection:
        register_version(connection, "v1", text_spec("emulator", "text-embedding-3-small", dims=16))
        for item_id, row in CATALOG.items():
            _put(connection, item_id, **row)
        extract_changes(connection, address, tmp_path_factory.mktemp("dbt"))
    return "extracted_template"


@pytest.fixture
def extracted_url(postgres_server: str, extracted_template: str) -> Iterator[str]:
    """The address of a copy of it."""
    name = f"test_{uuid.uuid4().hex[:12]}"
    names = (sql.Identifier(name), sql.Identifier(extracted_template))
    with psycopg.connect(postgres_server, autocommit=True) as connection:
        connection.execute(sql.SQL("create database {} template {}").format(*names))
        yield _address(postgres_server, name)
        connection.execute(sql.SQL("drop database {} with (force)").format(names[0]))


@pytest.fixture(scope="session")
def running_emulator() -> Iterator[Emulator]:
    with background(api_key=KEY) as emulator:
        yield emulator


@pytest.fixture
def steps(extracted_url: str, emulator: Emulator, tmp_path: Path) -> Iterator[Steps]:
    with connect(extracted_url) as connection:
        version = find_version(connection, "v1")
        yield Steps(extracted_url, connection, version, Lake((tmp_path / "lake").as_uri()), tmp_path / "lake", emulator)


@dataclass
class EnrichedSteps:
    """The steps of a run of a version that asks a language model about its records first."""

    steps: Steps
    version: EmbeddingVersion

    @property
    def connection(self) -> Connection:
        return self.steps.connection

    def found(self, *item_ids: str) -> None:
        """Write down that dbt has found these items new, or the whole catalog."""
        execute = self.connection.execute
        execute("delete from catalog.changed_catalog_items where version = %s", [self.version.version])
        execute("delete from catalog.catalog_change_counts where version = %s", [self.version.version])
        execute(
            "insert into catalog.changed_catalog_items"
            " (version, org_id, namespace, item_id, change, record_hash, source_updated_at)"
            " select %(version)s, org_id, namespace, item_id, 'new', sha256(convert_to(concat(title, brand), 'UTF8')),"
            " updated_at from analytics.catalog_features_raw where %(all)s or item_id = any(%(items)s)",
            {"version": self.version.version, "all": not item_ids, "items": list(item_ids)},
        )
        execute(
            "insert into catalog.catalog_change_counts (version, items, new, changed, unchanged, refused, deleted)"
            " select %(version)s, count(*), count(*), 0, 0, 0, 0 from catalog.changed_catalog_items"
            " where version = %(version)s",
            {"version": self.version.version},
        )

    def lease(self, run_id: str = "enriched-1") -> Lease:
        """Open a run of the version, or take it up again."""
        if not self.steps.ask("select 1 from pipeline.runs where run_id = %s", run_id):
            runs.open_run(self.connection, run_id, self.version.version, "a test")
        return leases.take(self.connection, self.version.version, run_id, "a test", 0.0)

    def plan_enrichment(self, lease: Lease) -> EnrichmentPlan:
        return plan_enrichment(self.connection, self.steps.lake, lease, self.version, self.steps.limits)

    @contextmanager
    def chat(self) -> Iterator[ChatApi]:
        """A process's own client for the language model."""
        gate = Gate(self.steps.limits.parallelism, pace=CHAT_PACE)
        api = ChatApi("gpt-4.1-mini", api_key=KEY, base_url=self.steps.emulator.url, gate=gate)
        try:
            yield api
        finally:
            api.close()

    def enrich(self, lease: Lease) -> list[dict[str, int]]:
        """Enrich every pending shard."""
        connection, lake, limits = self.connection, self.steps.lake, self.steps.limits
        with self.chat() as api:
            return [
                enrich_shard(connection, lake, api, lease, self.version, shard, limits)
                for shard in run_enrichments.pending(connection, lease.run_id)
            ]

    def calls(self) -> int:
        """Chat requests that the server was sent so far."""
        return int(str(self.steps.emulator.stats()["chat_requests"]))

    def verdicts(self) -> dict[str, int]:
        return dict(self.steps.ask("select verdict, count(*)::int from item_enrichments group by verdict"))


@pytest.fixture
def enriched(steps: Steps) -> EnrichedSteps:
    """Version v2, of which dbt has found the whole catalog new."""
    spec = text_spec("emulator", "text-embedding-3-small", 16, "product.v4", "review.v1")
    found = EnrichedSteps(steps, register_version(steps.connection, "v2", spec))
    found.found()
    return found
