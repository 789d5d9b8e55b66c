"""Lakes to test against: a local folder, and a real S3 protocol over HTTP from moto's server."""

import uuid
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from moto.server import ThreadedMotoServer

from catalog_embeddings.lake.store import Lake


@pytest.fixture(scope="session")
def s3_server() -> Iterator[str]:
    """The address of an S3 server in this process."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def s3_bucket(s3_server: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """The name of an empty bucket, in an environment that leads there."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", s3_server)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "anybody")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "sk-zanzibar")
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    bucket = f"lake-{uuid.uuid4().hex[:12]}"
    httpx2.put(f"{s3_server}/{bucket}").raise_for_status()
    return bucket


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where ``folder_lake`` keeps its objects; the name needs quoting in an address."""
    return tmp_path / "lake of Ærø"


@pytest.fixture
def folder_lake(folder: Path) -> Lake:
    return Lake(folder.as_uri())


@pytest.fixture(params=["folder", "s3"])
def lake(request: pytest.FixtureRequest, folder: Path) -> Lake:
    """An empty lake of each kind."""
    if request.param == "folder":
        return Lake(folder.as_uri())
    return Lake(f"s3://{request.getfixturevalue('s3_bucket')}/some/where")
