"""Where the platform runs, from the environment. What a version is made of is never here: see VersionSpec."""

from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from catalog_embeddings.errors import ConfigurationError
from catalog_embeddings.transform.gate import MAX_NDCG_DROP


def _sendable(key: SecretStr) -> SecretStr:
    """A key as a header can hold it; the line end that a file or a paste brought along is cut off."""
    stripped = key.get_secret_value().strip()
    if not stripped or not (stripped.isascii() and stripped.isprintable()):
        raise ValueError("it is blank, or holds a character that no key has")
    return SecretStr(stripped)


def _http_address(address: str) -> str:
    parts = urlsplit(address)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.port == 0:
        raise ValueError("it must look like http://127.0.0.1:8088/v1")
    return address


def _webhook(address: SecretStr) -> SecretStr:
    """An address that alerts can be posted to; like a key, it comes without the line end it was pasted with."""
    stripped = address.get_secret_value().strip()
    parts = urlsplit(stripped)
    sendable = stripped.isascii() and stripped.isprintable() and " " not in stripped
    if parts.scheme not in {"http", "https"} or not parts.hostname or not sendable:
        raise ValueError("it must look like https://hooks.example.com/services/T0/B0/x")
    return SecretStr(stripped)


class Settings(BaseSettings):
    """Every setting with its default. Secrets are SecretStr: they print as stars wherever they turn up."""

    model_config = SettingsConfigDict(
        env_prefix="CATALOG_EMBEDDINGS_", env_ignore_empty=True, populate_by_name=True, hide_input_in_errors=True
    )

    #: Absent: the embedded Postgres in ``state_directory``.
    database_url: SecretStr | None = None
    #: file://, s3://, gs://, az://; absent: a folder in ``state_directory``.
    lake_url: str | None = None
    #: Requests in flight over a whole run.
    parallelism: int = Field(default=10, ge=1, le=10)
    #: What the account allows a minute, over the whole deployment; absent: what the server's headers say, if anything.
    requests_per_minute: int | None = Field(default=None, ge=1)
    tokens_per_minute: int | None = Field(default=None, ge=1)
    #: Texts in one request: a crash pays again for at most parallelism x batch_size of them.
    batch_size: int = Field(default=128, ge=1, le=2_048)
    #: The share of attempted items that may fail before a run counts as failed.
    failure_threshold: float = Field(default=0.05, ge=0, le=1)
    #: How much worse than the version it replaces a promoted one may rank, in NDCG.
    max_ndcg_drop: float = Field(default=MAX_NDCG_DROP, ge=0, le=1)
    #: What a candidate's score is made of; only the proportion of the two matters.
    tags_weight: float = Field(default=0.5, ge=0)
    similarity_weight: float = Field(default=0.5, gt=0)
    #: Where a run that fails is told, as Slack, Mattermost and Teams take it; absent: the log.
    alert_url: Annotated[SecretStr, AfterValidator(_webhook)] | None = None
    #: Whatever this installation keeps on this machine.
    state_directory: Path = Path(".catalog-embeddings")

    openai_api_key: Annotated[SecretStr, AfterValidator(_sendable)] | None = Field(
        default=None, validation_alias="OPENAI_API_KEY"
    )
    openai_base_url: Annotated[str, AfterValidator(_http_address)] | None = Field(
        default=None, validation_alias="OPENAI_BASE_URL"
    )
    blend_embedding_version: str | None = Field(default=None, validation_alias="BLEND_EMBEDDING_VERSION")

    @property
    def lake_address(self) -> str:
        """The lake's URL; where none is set, a folder beside the embedded database."""
        return self.lake_url or (self.state_directory.resolve() / "lake").as_uri()

    def require_endpoint(self) -> None:
        """Refuse to go on without an embeddings API: nothing falls back to the emulator by itself.

        Raises:
            ConfigurationError: neither a key nor an address is set.
        """
        if self.openai_api_key is None and self.openai_base_url is None:
            raise ConfigurationError(
                "no embeddings API is configured: set OPENAI_API_KEY for OpenAI, or OPENAI_BASE_URL for a server "
                "that speaks its protocol (start a local one with `catalog-embeddings emulator`)"
            )
