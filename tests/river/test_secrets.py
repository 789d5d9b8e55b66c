"""A canary in every credential, and every way to fail: no log, table, object of the lake or returned value sings."""

import json
import os
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import boto3
import httpx2
import pytest
from moto.server import ThreadedMotoServer

from catalog_embeddings import bootstrap
from catalog_embeddings.emulator.serve import Emulator, background
from catalog_embeddings.errors import RunPaused, ThresholdExceeded
from tests.river.conftest import River
from tests.webhook import SECRET, webhook

API_KEY = "sk-canary-api-7c1f"
PASSWORD = "canary-password-52ab"
S3_SECRET = "canary-s3-secret-9d3e"
CANARIES = {"the API key": API_KEY, "the password": PASSWORD, "the S3 secret": S3_SECRET, "the webhook": SECRET}
# Said aloud by every library that has anything to say.
RUN = (
    "import logging, sys; logging.basicConfig(level=logging.DEBUG); sys.argv = ['catalog-embeddings', *sys.argv[1:]];"
    "from catalog_embeddings.cli.app import main; main()"
)


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://{host}:{port}")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "anybody")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", S3_SECRET)
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    httpx2.put(f"http://{host}:{port}/lake").raise_for_status()
    yield boto3.resource("s3", endpoint_url=f"http://{host}:{port}", region_name="us-east-1").Bucket("lake")
    server.stop()


def _run(*arguments: str) -> str:
    """What a command line says, all of it."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    ended = subprocess.run(
        [sys.executable, "-c", RUN, *arguments], env=environment, capture_output=True, text=True, check=False
    )
    return f"{ended.returncode}\n{ended.stdout}\n{ended.stderr}"


@pytest.fixture
def canaries(river: River, bucket: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Emulator]:
    """A catalog, and an environment with a canary in every credential; yields the API."""
    river.connection.execute(
        "insert into analytics.catalog_features_raw (org_id, item_id, title)"
        " select %s, 'item-' || n, case when n < 4 then 'Marrowby ' || n else 'Thing ' || n end"
        " from generate_series(1, 20) as n",
        [uuid.UUID(int=1)],
    )
    address = urlsplit(os.environ["CATALOG_EMBEDDINGS_DATABASE_URL"])
    monkeypatch.setenv("CATALOG_EMBEDDINGS_DATABASE_URL", address._replace(netloc=f"postgres:{PASSWORD}@").geturl())
    monkeypatch.setenv("CATALOG_EMBEDDINGS_LAKE_URL", "s3://lake/below")
    monkeypatch.setenv("OPENAI_API_KEY", API_KEY)
    with webhook() as there, background(api_key=API_KEY) as emulator:
        there.status = 500
        monkeypatch.setenv("CATALOG_EMBEDDINGS_ALERT_URL", there.url)
        monkeypatch.setenv("OPENAI_BASE_URL", emulator.url)
        yield emulator
        assert there.requests, "nobody was told"


def _steps(emulator: Emulator) -> str:
    """What the steps return and raise, which is all that Airflow's XCom ever holds."""
    emulator.faults(fail_next=[{"status": 401, "message": f"Incorrect API key provided: {API_KEY}"}])
    run_id = bootstrap.start_run(None, "a scheduler")
    returned: list[object] = [run_id, bootstrap.extract_changes([run_id]), bootstrap.plan_run(run_id)]
    with pytest.raises(RunPaused) as paused:
        bootstrap.load_shard(run_id, 0)
    emulator.faults(poison=["Marrowby"])
    summary, error = bootstrap.run(None, "a person")
    assert isinstance(error, ThresholdExceeded)
    return json.dumps([*returned, str(paused.value), summary, str(error)], default=str)


def _commands(patch: pytest.MonkeyPatch) -> dict[str, str]:
    """What the command line says of a good run, and of every way in which one cannot begin."""
    said = {"a good run": _run("run", "--json")}
    with patch.context() as wrong:
        wrong.setenv("OPENAI_API_KEY", f"{API_KEY}-wrong")
        said["a refused key"] = _run("run")
    patch.setenv("CATALOG_EMBEDDINGS_LAKE_URL", "s3://no-such-bucket")
    said["no bucket"] = _run("run")
    patch.setenv("CATALOG_EMBEDDINGS_DATABASE_URL", f"postgresql://nobody:{PASSWORD}@127.0.0.1:9/nowhere")
    said["no database"] = _run("run")
    patch.setenv("CATALOG_EMBEDDINGS_DATABASE_URL", f"postgresql//{PASSWORD}")
    said["no address"] = _run("run")
    assert [text.partition("\n")[0] for text in said.values()] == ["0", "4", "2", "1", "2"], said
    return said


def test_no_canary_sings(
    river: River,
    bucket: Any,
    canaries: Emulator,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    record_property: Callable[[str, object], None],
) -> None:
    caplog.set_level("DEBUG")
    places = {"what the steps return": _steps(canaries), **_commands(monkeypatch), "the log": caplog.text}
    for (table,) in river.connection.execute(
        "select format('%I.%I', schemaname, tablename) from pg_tables where schemaname in ('pipeline', 'public')"
    ).fetchall():
        places[table] = str(river.one(f"select string_agg(t::text, ' ') from {table} as t"))
    for entry in bucket.objects.all():
        places[entry.key] = entry.key + entry.get()["Body"].read().decode("latin-1")
    assert any(place.endswith(".parquet") for place in places)
    assert any("manifests/" in place for place in places)

    sung = [(kind, place) for place, text in places.items() for kind, canary in CANARIES.items() if canary in text]
    assert sung == []
    record_property("fault", "a canary in every credential; a refused key, no bucket, no database, a failing webhook")
    record_property("expected", "found in no log, returned value (XCom), table, manifest or parquet file")
    record_property("seen", f"{len(places)} places searched, found in {len(sung)}")
