"""The sample catalog enriched: bought once, whatever comes after, and a killed run repays what was in flight."""

import os
import signal
import subprocess
import sys
import time

from catalog_embeddings import bootstrap
from catalog_embeddings.pipeline.import_catalog import ImportOptions
from catalog_embeddings.pipeline.register import register_version, text_spec
from catalog_embeddings.resources import SAMPLE_CATALOG
from tests.river.conftest import River

# 296 items can be embedded; those that are the same up to colour, size and pack share their record.
RECORDS = 269
RUN = [sys.executable, "-m", "catalog_embeddings.cli.app", "run", "--version", "v1", "--json"]


def _register(river: River, version: str, dims: int) -> None:
    spec = text_spec("emulator", "text-embedding-3-small", dims, "product.v4", "review.v1")
    register_version(river.connection, version, spec)


def _calls(river: River) -> int:
    return int(str(river.emulator.stats()["chat_requests"]))


def test_an_enrichment_is_bought_once(river: River) -> None:
    river.bring(SAMPLE_CATALOG, ImportOptions())
    _register(river, "v1", 16)

    first, error = bootstrap.run("v1", "test")

    assert error is None
    assert (first["state"], first["loaded"], first["dead"]) == ("verified", 296, 4)
    enriched = first["enrichment"]
    assert enriched["records"] == RECORDS
    # A draft that a guard objects to is asked for once more.
    bought = _calls(river)
    assert RECORDS <= bought == enriched["calls"] == river.one("select sum(attempts) from item_enrichments")
    assert enriched["accepted"] + enriched["repaired"] + enriched["rejected"] == RECORDS
    assert enriched["price_usd"] > 0
    assert river.one("select (enrichment ->> 'records')::int from embedding_health where version = 'v1'") == RECORDS

    second, _ = bootstrap.run("v1", "test")
    assert (second["planned"], second["enrichment"]["calls"]) == (0, 0)
    assert _calls(river) == bought

    # Another embedding model: every text is embedded anew, nothing is written anew.
    _register(river, "v2", 32)
    other, _ = bootstrap.run("v2", "test")
    assert (other["loaded"], other["enrichment"]["calls"]) == (296, 0)
    assert _calls(river) == bought

    # One percent of the catalog changes, and another item only its price and its colour.
    river.connection.execute(
        "update analytics.catalog_features_raw set title = title || ' Mark II' where item_id in"
        " ('espresso-torrevia-uno', 'espresso-torrevia-duo', 'espresso-torrevia-leva')"
    )
    river.connection.execute(
        """update analytics.catalog_features_raw set attributes = attributes || '{"price": 7, "colour": "mauve"}'"""
        " where item_id = 'espresso-nocciola-one'"
    )
    changed, _ = bootstrap.run("v1", "test")
    assert (changed["planned"], changed["embedded"], changed["enrichment"]["records"]) == (4, 4, 3)
    assert _calls(river) == bought + changed["enrichment"]["calls"]

    sealed = river.one("select string_agg(plan::text || summary::text, ' ') from pipeline.runs")
    assert "Torrevia" not in sealed


def test_a_killed_run_asks_again_at_most_for_what_was_in_flight(river: River) -> None:
    river.bring(SAMPLE_CATALOG, ImportOptions())
    _register(river, "v1", 16)
    river.emulator.faults(latency_s=0.3)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}

    with subprocess.Popen(RUN, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as doomed:
        while _calls(river) < 100:
            assert doomed.poll() is None, "it ended before it could be killed"
            time.sleep(0.02)
        doomed.send_signal(signal.SIGKILL)
    assert river.one("select count(*) from item_enrichments") < RECORDS

    finished = subprocess.run(RUN, env=environment, capture_output=True, text=True, check=False)

    assert finished.returncode == 0, finished.stderr
    bought = river.one("select sum(attempts) from item_enrichments")
    assert RECORDS <= bought <= _calls(river) <= bought + 10
    assert river.one("select count(*) from item_enrichments") == RECORDS
    assert river.one("select count(*) from item_embeddings") == 296
    assert river.one("select array_agg(state) from pipeline.runs") == ["verified"]
