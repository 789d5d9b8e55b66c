"""The worked example of docs/ranking.md: it runs on a user's environment, and joins candidates to popularity."""

import subprocess
import sys
import uuid
from pathlib import Path

import pytest
from benchmarks.toy_ranking import rank

from catalog_embeddings.domain.candidate import CandidateData
from catalog_embeddings.pipeline.register import register_version, text_spec
from catalog_embeddings.postgres import embedding_aliases
from catalog_embeddings.postgres.connection import Connection

SCRIPT = Path(__file__).resolve().parents[2] / "benchmarks" / "toy_ranking.py"


def _candidate(item_id: str, score: float) -> CandidateData:
    return CandidateData(item_id, "home", None, "tags", 0.0, score, score, "v1")


def test_a_popular_item_passes_one_that_is_a_little_more_alike() -> None:
    ranked = rank([_candidate("near", 0.9), _candidate("loved", 0.8), _candidate("far", 0.1)], {"loved": 50, "far": 2})
    assert [row.candidate.item_id for row in ranked] == ["loved", "near", "far"]
    assert [row.popularity for row in ranked] == [1.0, 0.0, pytest.approx(0.279, abs=0.001)]
    assert ranked[0].points == pytest.approx(0.7 * 0.8 + 0.3)


def test_without_counts_the_blended_score_decides() -> None:
    assert [row.points for row in rank([_candidate("a", 0.5), _candidate("b", 0.9)], {})] == [
        pytest.approx(0.63),
        pytest.approx(0.35),
    ]
    assert rank([], {}) == []


def test_the_script_ranks_the_candidates_of_an_item(
    connection: Connection, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    version = register_version(connection, "v1", text_spec("emulator", "text-embedding-3-small", dims=2))
    connection.execute("select set_config('catalog_embeddings.fingerprint', %s, false)", [version.fingerprint])
    for item_id, tags, vector in (
        ("lamp", ["light"], "[1,0]"),
        ("bulb", ["light"], "[1,1]"),
        ("shade", None, "[4,1]"),
    ):
        connection.execute(
            "insert into analytics.catalog_features_raw (org_id, item_id, tags) values (%s, %s, %s)",
            [uuid.UUID(int=1), item_id, tags],
        )
        connection.execute(
            "insert into item_embeddings (org_id, item_id, version, modality, dims, vector, record_hash, content_hash)"
            " values (%s, %s, 'v1', 'text', 2, %s, '', '')",
            [uuid.UUID(int=1), item_id, vector],
        )
    embedding_aliases.point(connection, "v1", reason="a test")
    counts = tmp_path / "counts.csv"
    counts.write_text("item_id,count\nshade,9\n", encoding="utf-8")
    monkeypatch.setenv("CATALOG_EMBEDDINGS_DATABASE_URL", database_url)
    monkeypatch.delenv("BLEND_EMBEDDING_VERSION", raising=False)
    finished = subprocess.run(
        [sys.executable, str(SCRIPT), "lamp", "--interactions", str(counts)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr
    first, *table = finished.stdout.splitlines()
    assert first == "2 candidates for lamp, read from v1"
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in table if line.startswith("|")]
    assert [row[:2] for row in rows[-2:]] == [["shade", "neighbours"], ["bulb", "tags"]]
    assert rows[-2][2:] == ["0.00", "0.970", "0.485", "1.00", "0.640"]
