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
from catalog_embeddings.emulator.serve import background
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


def test_no_canary_sings(
    river: River,
    bucket: Any,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    record_property: Callable[[str, object], None],
) -> None:
    caplog.set_level("DEBUG")
    river.connection.execute(
        "insert into analytics.catalog_features_raw (org_id, item_id, title)"
        " select %s, 'item-' || n, case when n < 4 then 'Marrowby ' || n else 'Thing ' || n end"
        " from generate_series(1, 20) as n",
        [uuid.UUID(int=1)],
    )
    address = os.environ["CATALOG_EMBEDDINGS_DATABASE_URL"]
    parts = urlsplit(address)
    with_password = parts._replace(netloc=f"postgres:{PASSWORD}@").geturl()
    monkeypatch.setenv("CATALOG_EMBEDDINGS_DATABASE_URL", with_password)
    monkeypatch.setenv("CATALOG_EMBEDDINGS_LAKE_URL", "s3://lake/below")
    monkeypatch.setenv("OPENAI_API_KEY", API_KEY)
    said: dict[str, str] = {}
    returned: list[object] = []
    with webhook() as there, background(api_key=API_KEY) as emulator:
        monkeypatch.setenv("CATALOG_EMBEDDINGS_ALERT_URL", there.url)
        monkeypatch.setenv("OPENAI_BASE_URL", emulator.url)
        there.status = 500

        # What the steps return is all that Airflow's XCom ever holds.
        emulator.faults(fail_next=[{"status": 401, "message": f"Incorrect API key provided: {API_KEY}"}])
        run_id = bootstrap.start_run(None, "a scheduler")
        returned += [run_id, bootstrap.extract_changes(run_id), bootstrap.plan_run(run_id)]
        with pytest.raises(RunPaused) as paused:
            bootstrap.load_shard(run_id, 0)
        returned.append(str(paused.value))

        emulator.faults(poison=["Marrowby"])
        summary, error = bootstrap.run(None, "a person")
        assert isinstance(error, ThresholdExceeded)
        returned += [summary, str(error)]
        assert there.requests, "nobody was told"

        said["a good run"] = _run("run", "--json")
        monkeypatch.setenv("OPENAI_API_KEY", f"{API_KEY}-wrong")
        said["a refused key"] = _run("run")
        monkeypatch.setenv("OPENAI_API_KEY", API_KEY)
        monkeypatch.setenv("CATALOG_EMBEDDINGS_LAKE_URL", "s3://no-such-bucket")
        said["no bucket"] = _run("run")
        monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
        monkeypatch.setenv("CATALOG_EMBEDDINGS_DATABASE_URL", f"postgresql://nobody:{PASSWORD}@127.0.0.1:9/nowhere")
        said["no database"] = _run("run")
        monkeypatch.setenv("CATALOG_EMBEDDINGS_DATABASE_URL", f"postgresql//{PASSWORD}")
        said["no address"] = _run("run")
    assert [text.partition("\n")[0] for text in said.values()] == ["0", "4", "2", "1", "2"], said

    tables = river.connection.execute(
        "select format('%I.%I', schemaname, tablename) from pg_tables where schemaname in ('pipeline', 'public')"
    ).fetchall()
    places = {
        **said,
        "the log": caplog.text,
        "what the steps return": json.dumps(returned, default=str),
        **{table: str(river.one(f"select string_agg(t::text, ' ') from {table} as t")) for (table,) in tables},
        **{entry.key: entry.key + entry.get()["Body"].read().decode("latin-1") for entry in bucket.objects.all()},
    }
    assert any(place.endswith(".parquet") for place in places)
    assert any("manifests/" in place for place in places)
    sung = [(kind, place) for place, text in places.items() for kind, canary in CANARIES.items() if canary in text]
    assert sung == []
    record_property(
        "fault", "a canary in every credential; a refused key, no bucket, no database, a webhook that fails"
    )
    record_property("expected", "found in no log, returned value (XCom), table, manifest or parquet file")
    record_property("seen", f"{len(places)} places searched, found in {len(sung)}")
