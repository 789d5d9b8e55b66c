"""Whether this installation is fit for a run: each part of it is tried, and one that is not says what to do next."""

import secrets
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from catalog_embeddings.bootstrap.database import open_database, settings
from catalog_embeddings.domain.version import EmbeddingVersion
from catalog_embeddings.errors import CatalogEmbeddingsError, ConfigurationError, RunPaused, ServerFailed
from catalog_embeddings.inference.client import EmbeddingsApi, identify_provider
from catalog_embeddings.inference.limits import Gate
from catalog_embeddings.inference.pace import Pace
from catalog_embeddings.lake.layout import trial_key
from catalog_embeddings.lake.removal import ForgetfulLake
from catalog_embeddings.pipeline.register import check_reproducible, text_spec
from catalog_embeddings.postgres.connection import Connection
from catalog_embeddings.postgres.embedding_aliases import active_version
from catalog_embeddings.postgres.embedding_versions import find_version
from catalog_embeddings.postgres.migrations import require_migrated
from catalog_embeddings.postgres.pgvector import require_pgvector
from catalog_embeddings.settings import Settings

# A run sits out an outage, and a person who asks what is wrong does not.
_PACE = Pace(read=15.0, request=20.0, first_probe=1.0, longest_probe=2.0, patience=5.0)
_LAKE_PATIENCE = 10.0


@dataclass(frozen=True, slots=True)
class Tried:
    """A part, whether it is fit, and what is to be said of it; where it is not, what to do next."""

    part: str
    is_fit: bool
    told: str

    def as_json(self) -> dict[str, Any]:
        """The fields as JSON types."""
        return {"part": self.part, "fit": self.is_fit, "told": self.told}


def examine(*, ask_api: bool) -> list[Tried]:
    """Try one part after another. Only with ``ask_api`` a text is embedded, which may cost something.

    What rests on a part that is not fit is left out. The embedded database is started, as by any command.
    """
    try:
        configured = settings()
    except ConfigurationError as error:
        return [Tried("settings", False, str(error))]
    found, version = _database()
    return [
        Tried("settings", True, "every setting can be used"),
        *found,
        _tried("lake", lambda: _lake(configured)),
        _tried("api", lambda: _api(configured, version, ask=ask_api)),
    ]


def _tried(part: str, attempt: Callable[[], str]) -> Tried:
    try:
        return Tried(part, True, attempt())
    except CatalogEmbeddingsError as error:
        return Tried(part, False, str(error))


def _database() -> tuple[list[Tried], EmbeddingVersion | None]:
    """The database and what it has to hold, and the active version, if there is one."""
    try:
        with open_database() as connection:
            release = connection.info.parameter_status("server_version")
            found = [
                Tried("database", True, f"PostgreSQL {release} answers"),
                _tried("pgvector", lambda: _pgvector(connection)),
                _tried("migrations", lambda: _migrations(connection)),
            ]
            active = active_version(connection) if found[-1].is_fit else None
            return found, find_version(connection, active) if active else None
    except CatalogEmbeddingsError as error:
        return [Tried("database", False, str(error))], None


def _pgvector(connection: Connection) -> str:
    require_pgvector(connection)
    return "the server has a release that will do"


def _migrations(connection: Connection) -> str:
    require_migrated(connection)
    return "the schema is that of this release"


def _lake(configured: Settings) -> str:
    lake = ForgetfulLake(configured.lake_address, _LAKE_PATIENCE)
    lake.probe()
    key = trial_key(secrets.token_hex(8))
    lake.create(key, key.encode())
    try:
        if lake.read(key) != key.encode():
            raise ServerFailed(f"the lake at {lake.address} gives back other bytes than it was given: check the store")
    finally:
        # Who may not delete leaves a few bytes.
        with suppress(RunPaused, ServerFailed):
            lake.remove([key])
    return f"an object was written to {lake.address}, read and removed"


def _api(configured: Settings, version: EmbeddingVersion | None, *, ask: bool) -> str:
    configured.require_endpoint()
    secret = configured.openai_api_key
    key = None if secret is None else secret.get_secret_value()
    provider = identify_provider(key, configured.openai_base_url)
    if version is not None:
        check_reproducible(version, provider)
    if not ask:
        return f"{provider} is configured; --ask-api embeds one sentence, to see whether it answers"
    spec = text_spec(provider) if version is None else version.spec
    api = EmbeddingsApi(spec, api_key=key, base_url=configured.openai_base_url, gate=Gate(1, pace=_PACE))
    try:
        api.check_canary()
    finally:
        api.close()
    return f"{spec.model} of {provider} has embedded a sentence"
