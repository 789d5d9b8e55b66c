"""What must always hold, I1 to I12 of docs/reliability.md, once a run is done.

The checker believes nobody. It reads the database, the files of the lake and the server's own counts; it hashes
the files itself, averages the chunks itself, renders the text of every item anew from the source, and asks the
emulator's own function which vector belongs to it. What a run says of itself is only ever compared.
"""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
from numpy.typing import NDArray

from catalog_embeddings.domain.enrichment import Draft
from catalog_embeddings.domain.item import CatalogItem, ItemKey
from catalog_embeddings.domain.version import EmbeddingVersion
from catalog_embeddings.emulator import vectors
from catalog_embeddings.postgres.connection import Connection
from catalog_embeddings.postgres.embedding_versions import find_version
from catalog_embeddings.transform.chunking import split_text
from catalog_embeddings.transform.enrichment_templates import load_enrichment, record_hash
from catalog_embeddings.transform.guards.personal_data import scrub
from catalog_embeddings.transform.hashing import content_hash, vector_recipe
from catalog_embeddings.transform.prompts import load_template
from tests.faults.answers import misplaced_answers
from tests.faults.sealed import held_by_the_lake

Key = tuple[Any, str, str]
Chunks = tuple[NDArray[np.float32], NDArray[np.int64]]
Contents = dict[bytes, Chunks]


@dataclass(frozen=True)
class Violation:
    """An invariant that does not hold, the item (or file, or run) it does not hold for, and what was seen."""

    invariant: str
    where: str
    seen: str

    def __str__(self) -> str:
        return f"{self.invariant} {self.where}: {self.seen}"


@dataclass(frozen=True)
class Source:
    """An item as the source has it now: its text, None where it has none that could be embedded."""

    text: str | None
    updated_at: Any


@dataclass(frozen=True)
class Evidence:
    """Where to look. ``said`` is what was logged; ``secret`` and ``word`` are what nobody may have said."""

    connection: Connection
    lake: Path
    stats: Mapping[str, Any]
    said: str
    poison: str
    secret: str
    word: str
    version_name: str = "v1"

    @cached_property
    def version(self) -> EmbeddingVersion:
        return find_version(self.connection, self.version_name)

    @cached_property
    def parts(self) -> "Parts":
        return Parts(self.lake)

    @cached_property
    def source(self) -> dict[Key, Source]:
        """Every item of the catalog, rendered anew."""
        template = load_template(self.version.spec.template)
        rows = self.ask(
            "select org_id, namespace, item_id, title, description, brand, category, attributes, tags, locale,"
            " image_url, updated_at from catalog.catalog_items"
        )
        found = {}
        for *key, title, description, brand, category, attributes, tags, locale, image_url, updated_at in rows:
            item = CatalogItem(
                ItemKey(*key), title, description, brand, category, attributes, tuple(tags or ()), locale, image_url
            )
            whole = attributes is None or isinstance(attributes, dict)
            text = template.render(item, *self.written_of(item)) if whole else ""
            found[tuple(key)] = Source(None if not text or self.poison in text else text, updated_at)
        return found

    def written_of(self, item: CatalogItem) -> tuple[Draft | None, dict[str, Any]]:
        """What a language model wrote of an item, as the table has it, and what it was not told of the item."""
        if self.version.spec.enrichment is None:
            return None, {}
        enrichment = load_enrichment(self.version.spec.enrichment)
        rows = self.ask(
            "select text, tags, use_cases from public.item_enrichments where record_hash = %s and text is not null",
            record_hash(scrub(enrichment.record(item))[0]),
        )
        return next(((Draft(*row), enrichment.variant_facts(item)) for row in rows), (None, {}))

    def ask(self, question: str, *parameters: object) -> list[tuple[Any, ...]]:
        return self.connection.execute(question.encode(), parameters or None).fetchall()

    def content_hash(self, text: str) -> bytes:
        return content_hash(text, vector_recipe(self.version.spec))


def violations(evidence: Evidence, paid_twice_at_most: int) -> list[Violation]:
    """Everything that does not hold; an empty list is what a test wants to see."""
    checks = (_rows, _parts, _answers, _seals, _packages, _one_version, _outcomes, _runs, _letters, _deleted, _silence)
    found = [violation for check in checks for violation in check(evidence)]
    return [*found, *_payments(evidence, paid_twice_at_most)]


def fingerprint(connection: Connection) -> str:
    """Changes when any row of item_embeddings was written, even with the same values, and with any dead letter."""
    row = connection.execute(
        "select (select md5(string_agg(tableoid::text || ctid::text || xmin::text, ',' order by tableoid, ctid))"
        " from public.item_embeddings),"
        " (select md5(string_agg(ctid::text || xmin::text, ',' order by ctid)) from pipeline.dead_letters)"
    ).fetchone()
    return str(row)


def _rows(evidence: Evidence) -> Iterator[Violation]:
    """I1, I3, I6: the row's vector is that of its part, its part is that of its text, its text is the source's."""
    rows = evidence.ask(
        "select held.org_id, held.namespace, held.item_id, held.dims, halfvec_send(held.vector), held.content_hash,"
        " held.source_updated_at, paid.part_key, parts.sha256"
        " from public.item_embeddings as held"
        " left join pipeline.paid_contents as paid using (content_hash)"
        " left join pipeline.lake_parts as parts using (part_key)"
        " where held.version = %s",
        evidence.version_name,
    )
    for *key, dims, sent, hashed, updated_at, part_key, sha256 in rows:
        where = _name(key)
        vector = np.frombuffer(sent, dtype=">f2", offset=4)
        if (source := evidence.source.get(tuple(key))) and source.text is not None:
            yield from _row_and_source(evidence, where, hashed, updated_at, source)
        if part_key is None:
            yield Violation("I1", where, "no part of the lake is known to hold its vector")
            continue
        try:
            chunks, weights = evidence.parts.chunks(part_key, sha256.hex(), hashed)
        except ValueError as damage:
            yield Violation("I1", where, str(damage))
            continue
        if len(vector) != dims or not _same(vector, _average(chunks, weights)):
            yield Violation("I6", where, "its vector is not the one its part holds")
        if source and source.text is not None and evidence.content_hash(source.text) == hashed:
            made = _made(evidence.version, source.text)
            if chunks.shape != made.shape or not np.allclose(chunks, made, atol=1e-6):
                yield Violation("I6", where, "its part does not hold the vector of its text")


def _row_and_source(
    evidence: Evidence, where: str, hashed: bytes, updated_at: Any, source: Source
) -> Iterator[Violation]:
    if evidence.content_hash(source.text or "") == hashed:
        return
    if updated_at is not None and source.updated_at is not None and updated_at < source.updated_at:
        yield Violation("I3", where, "it still holds the vector of an older record")
    else:
        yield Violation("I6", where, "its content_hash is not that of its text")


def _payments(evidence: Evidence, paid_twice_at_most: int) -> Iterator[Violation]:
    """I7: the server counts what was paid for twice; the lake shows it too, over all nights."""
    if (counted := evidence.stats["inputs_paid_twice"]) > paid_twice_at_most:
        yield Violation(
            "I7", "the API", f"{counted} inputs were paid for twice, at most {paid_twice_at_most} are allowed"
        )
    stored = Counter(hashed for key in evidence.parts.whole() for hashed in evidence.parts.contents(key))
    if (again := sum(stored.values()) - len(stored)) > paid_twice_at_most:
        yield Violation("I7", "the lake", f"{again} texts lie in it twice, at most {paid_twice_at_most} are allowed")


def _parts(evidence: Evidence) -> Iterator[Violation]:
    """I1: what was paid for is known: no whole part lies in the lake without its index row, and none is missing."""
    known = {key for (key,) in evidence.ask("select part_key from pipeline.lake_parts")}
    for key in evidence.parts.whole():
        if key not in known:
            yield Violation("I1", key, "it was paid for and is not indexed")
    for key in known:
        if not (evidence.lake / key).is_file():
            yield Violation("I1", key, "it is indexed and is not in the lake")


def _answers(evidence: Evidence) -> Iterator[Violation]:
    """I1: what a language model was paid for lies in the lake, and belongs to one enrichment."""
    rows = evidence.ask("select answer_keys from public.item_enrichments")
    yield from (Violation("I1", key, seen) for key, seen in misplaced_answers(evidence.lake, [row[0] for row in rows]))


def _seals(evidence: Evidence) -> Iterator[Violation]:
    """I1: the lake alone says of every item what the database says of it, and a finished run's seal is in it."""
    sealed, wrong = held_by_the_lake(evidence.lake, evidence.version_name)
    for sentence in wrong:
        yield Violation("I1", "the seal", sentence)
    held = {
        (org_id, namespace, item_id): tuple(line)
        for org_id, namespace, item_id, *line in evidence.ask(
            "select held.org_id, held.namespace, held.item_id, paid.part_key, held.record_hash, held.content_hash"
            " from public.item_embeddings as held left join pipeline.paid_contents as paid using (content_hash)"
            " where held.version = %s",
            evidence.version_name,
        )
    }
    for key in sorted(held.keys() | sealed.keys(), key=_name):
        if held.get(key) != sealed.get(key):
            yield Violation("I1", _name(key), "the lake's manifests say something else of it than the database")
    for run_id, manifest in evidence.ask(
        "select run_id, manifest_key from pipeline.runs where version = %s and manifest_key is not null",
        evidence.version_name,
    ):
        if not (evidence.lake / manifest).is_file():
            yield Violation("I1", run_id, "its manifest is not in the lake")


def _packages(evidence: Evidence) -> Iterator[Violation]:
    """I2: fences never go back, and every text of a run went in by exactly one package."""
    rows = evidence.ask(
        "select runs.run_id, packages.fence from pipeline.load_packages as packages"
        " inner join pipeline.runs using (run_id) where runs.version = %s order by packages.applied_at",
        evidence.version_name,
    )
    for (_, before), (run_id, fence) in pairwise(rows):
        if fence < before:
            yield Violation("I2", run_id, f"a package of fence {fence} went in after one of fence {before}")
    for run_id, contents, loaded in evidence.ask(
        "select run_id, coalesce(sum(contents), 0)::int, (select count(*) from pipeline.run_texts as texts"
        " where texts.run_id = runs.run_id and texts.outcome = 'loaded')"
        " from pipeline.runs left join pipeline.load_packages using (run_id) group by run_id"
    ):
        if contents != loaded:
            yield Violation("I2", run_id, f"its packages hold {contents} texts, and {loaded} of its texts are loaded")


def _one_version(evidence: Evidence) -> Iterator[Violation]:
    """I4: a reader sees one row an item, of one version."""
    for *key, rows in evidence.ask(
        "select org_id, namespace, item_id, count(*) from public.active_item_embeddings"
        " where modality = 'text' group by org_id, namespace, item_id having count(*) > 1"
    ):
        yield Violation("I4", _name(key), f"a reader sees {rows} rows of it")


def _outcomes(evidence: Evidence) -> Iterator[Violation]:
    """I5: every item of the source has its row, or else an open dead letter."""
    rows = set(
        evidence.ask(
            "select org_id, namespace, item_id from public.item_embeddings where version = %s", evidence.version_name
        )
    )
    letters = set(
        evidence.ask(
            "select distinct org_id, namespace, item_id from pipeline.dead_letters"
            " where resolved_at is null and version in (%s, '*')",
            evidence.version_name,
        )
    )
    for key, source in evidence.source.items():
        where = _name(key)
        if source.text is not None and key not in rows:
            yield Violation("I5", where, "it has no row")
        if source.text is None and key not in letters:
            yield Violation("I5", where, "it cannot be embedded and has no dead letter")


def _runs(evidence: Evidence) -> Iterator[Violation]:
    """I5: no run is left unfinished, and what a finished one says of its items is what the plan holds."""
    for run_id, state, summary, planned in evidence.ask(
        "select run_id, state, summary, (select count(*) from pipeline.run_plan as plan"
        " where plan.run_id = runs.run_id) from pipeline.runs where version = %s and state <> 'previewed'",
        evidence.version_name,
    ):
        if state not in {"verified", "failed"}:
            yield Violation("I5", run_id, f"it is left {state}")
            continue
        said = {name: summary[name] for name in ("planned", "loaded", "dead", "deleted", "unresolved")}
        settled = said["loaded"] + said["dead"] + said["deleted"]
        if said["unresolved"] or not said["planned"] == planned == settled:
            yield Violation("I5", run_id, f"its plan has {planned} items, and it says {said}")


def _letters(evidence: Evidence) -> Iterator[Violation]:
    """I9: only what cannot be embedded is dead; quota, outages and crashes bury nobody."""
    for *key, reason in evidence.ask(
        "select org_id, namespace, item_id, reason from pipeline.dead_letters where resolved_at is null"
    ):
        source = evidence.source.get(tuple(key))
        if source is None:
            yield Violation("I9", _name(key), f"it is gone from the source and still dead of {reason}")
        elif source.text is not None:
            yield Violation("I9", _name(key), f"it is innocent and dead of {reason}")


def _deleted(evidence: Evidence) -> Iterator[Violation]:
    """I10: what the source no longer has is in no row, and no reader finds it."""
    places = {
        "it has a row": "select org_id, namespace, item_id from public.item_embeddings",
        "the active view shows it": "select org_id, namespace, item_id from public.active_item_embeddings",
        "a search finds it": "select org_id, namespace, item_id from public.search_items("
        "(select vector from public.item_embeddings where version = 'v1' limit 1), 10000, version => 'v1')",
    }
    for seen, question in places.items():
        for key in evidence.ask(question):
            if key not in evidence.source:
                yield Violation("I10", _name(key), f"it is deleted, and {seen}")


def _silence(evidence: Evidence) -> Iterator[Violation]:
    """I12: neither the key nor the catalog is quoted in a log, a key, a manifest or what a run writes of itself."""
    places = {"the log": evidence.said}
    for path in sorted(path for path in evidence.lake.rglob("*") if path.is_file()):
        name, data = path.relative_to(evidence.lake).as_posix(), path.read_bytes()
        # A file of texts that a killed worker left half written has no name of its own yet.
        is_parquet = path.suffix == ".parquet" or data.startswith(b"PAR1")
        places[name] = name if is_parquet else name + data.decode(errors="replace")
    for table in ("runs", "run_shards", "leases", "dead_letters", "load_packages", "lake_parts"):
        question = f"select coalesce(string_agg(entry::text, ' '), '') from pipeline.{table} as entry"
        places[f"pipeline.{table}"] = evidence.ask(question)[0][0]
    for place, text in places.items():
        for kind, canary in (("the API key", evidence.secret), ("the catalog", evidence.word)):
            if canary.lower() in text.lower():
                yield Violation("I12", place, f"it quotes {kind}")


class Parts:
    """The parts of a lake, each read and hashed once."""

    def __init__(self, lake: Path) -> None:
        self._lake = lake
        self._read: dict[str, Contents] = {}
        self._hashed = {
            path.relative_to(lake).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted(lake.glob("vectors/**/*.parquet"))
        }

    def whole(self) -> list[str]:
        """The keys of all parts whose bytes are those that were stored."""
        return [key for key, sha256 in self._hashed.items() if sha256 == Path(key).stem]

    def chunks(self, key: str, sha256: str, hashed: bytes) -> Chunks:
        """The chunk vectors of a text and their lengths in bytes; raises ValueError with what is wrong."""
        if key not in self._hashed:
            raise ValueError(f"its part {key} is missing")
        if not self._hashed[key] == Path(key).stem == sha256:
            raise ValueError(f"its part {key} is damaged")
        if hashed not in self.contents(key):
            raise ValueError(f"its part {key} does not hold it")
        return self.contents(key)[hashed]

    def contents(self, key: str) -> Contents:
        """What a whole part holds, by content_hash."""
        if key not in self._read:
            found: dict[bytes, list[tuple[int, int, list[float]]]] = defaultdict(list)
            for row in pq.read_table(self._lake / key, page_checksum_verification=True).to_pylist():
                found[row["content_hash"]].append((row["chunk"], row["weight"], row["vector"]))
            self._read[key] = {
                each: (
                    np.array([vector for _, _, vector in sorted(rows)], dtype=np.float32),
                    np.array([weight for _, weight, _ in sorted(rows)], dtype=np.int64),
                )
                for each, rows in found.items()
            }
        return self._read[key]


def _average(chunks: NDArray[np.float32], weights: NDArray[np.int64]) -> NDArray[np.float32]:
    if len(chunks) == 1:
        return chunks[0]
    mean = np.average(chunks.astype(np.float64), axis=0, weights=weights)
    return (mean / np.linalg.norm(mean)).astype(np.float32)


def _same(held: NDArray[Any], expected: NDArray[np.float32]) -> bool:
    """Whether a halfvec is that vector; a mean may fall on the other side of a rounding, a neighbouring half away."""
    halves = expected.astype(np.float16)
    return held.shape == halves.shape and bool(np.all(np.abs(held - halves) <= np.spacing(np.abs(halves))))


def _made(version: EmbeddingVersion, text: str) -> NDArray[np.float32]:
    chunks = split_text(text, version.spec.chunking)
    return vectors.embed(version.spec.model, chunks, version.spec.dims)


def _name(key: Any) -> str:
    return "/".join(map(str, key[1:]))
