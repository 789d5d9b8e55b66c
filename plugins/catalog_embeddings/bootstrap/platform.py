"""The wiring of a run: beside the database a lake, and clients by version. Here and nowhere else they are made."""

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from uuid import UUID

from catalog_embeddings.alerts.webhook import alert_poster
from catalog_embeddings.bootstrap.database import database_address, settings
from catalog_embeddings.domain.batch import Via
from catalog_embeddings.domain.candidate import BlendWeights, CandidateData
from catalog_embeddings.domain.version import EmbeddingVersion
from catalog_embeddings.errors import ConfigurationError
from catalog_embeddings.inference.batches import BatchesApi
from catalog_embeddings.inference.chat import ChatApi
from catalog_embeddings.inference.client import EmbeddingsApi, identify_provider
from catalog_embeddings.inference.limits import Gate
from catalog_embeddings.inference.pace import BATCH_PACE, CHAT_PACE, PACE, Pace
from catalog_embeddings.lake.store import Lake
from catalog_embeddings.pipeline.plan import Limits
from catalog_embeddings.pipeline.register import check_reproducible
from catalog_embeddings.postgres.connection import Connection, connect, explained
from catalog_embeddings.serving.candidates import candidates
from catalog_embeddings.serving.retriever import Retriever
from catalog_embeddings.settings import Settings

# Python collects garbage after 700 objects more than it has freed.
_COLLECT_AFTER = 20_000


@dataclass(frozen=True)
class Platform:
    """What the steps work with: settings, an open connection, the lake, and clients by version."""

    settings: Settings
    database_url: str
    connection: Connection

    @cached_property
    def lake(self) -> Lake:
        """The lake, opened when it is first needed."""
        return Lake(self.settings.lake_address)

    def identify_provider(self) -> str:
        """Who answers at the configured endpoint, which is asked once."""
        self.settings.require_endpoint()
        return self._provider

    @cached_property
    def _provider(self) -> str:
        return identify_provider(self._api_key, self.settings.openai_base_url)

    @contextmanager
    def api(self, version: EmbeddingVersion, *, cautious: bool = False) -> Iterator[EmbeddingsApi]:
        """A client for a version's model, once it is sure that its vectors fit the version's.

        A ``cautious`` one begins with a single request: for a run that was paused, and may still have to be.
        """
        check_reproducible(version, self.identify_provider())
        gate = self._gate(PACE, cautious=cautious)
        client = EmbeddingsApi(version.spec, api_key=self._api_key, base_url=self.settings.openai_base_url, gate=gate)
        try:
            yield client
        finally:
            client.close()

    @contextmanager
    def chat_api(self, version: EmbeddingVersion, *, cautious: bool = False) -> Iterator[ChatApi]:
        """A client for the language model that enriches a version's records, with the care of ``api``."""
        check_reproducible(version, self.identify_provider())
        model = version.spec.enrichment_model
        if model is None:
            raise ConfigurationError(f"version {version.version} has no enrichment")
        gate = self._gate(CHAT_PACE, cautious=cautious)
        client = ChatApi(model, api_key=self._api_key, base_url=self.settings.openai_base_url, gate=gate)
        try:
            yield client
        finally:
            client.close()

    @contextmanager
    def batches_api(self) -> Iterator[BatchesApi]:
        """A client for the Batch API of the configured endpoint."""
        gate = Gate(1, pace=BATCH_PACE)
        client = BatchesApi(api_key=self._api_key, base_url=self.settings.openai_base_url, gate=gate)
        try:
            yield client
        finally:
            client.close()

    def _gate(self, pace: Pace, *, cautious: bool) -> Gate:
        return Gate(
            self.settings.parallelism,
            requests_per_minute=self.settings.requests_per_minute,
            tokens_per_minute=self.settings.tokens_per_minute,
            cautious=cautious,
            pace=pace,
        )

    def limits(self, max_cost_usd: float | None = None, via: Via = "api") -> Limits:
        """What bounds a run that asks the API in this way."""
        return Limits(
            batch_size=self.settings.batch_size,
            parallelism=self.settings.parallelism,
            max_cost_usd=max_cost_usd,
            requests_per_minute=self.settings.requests_per_minute,
            tokens_per_minute=self.settings.tokens_per_minute,
            via=via,
        )

    def post_alert(self) -> Callable[[str], None]:
        """How an alert goes out: to the configured webhook, or to the log."""
        address = self.settings.alert_url
        return alert_poster(None if address is None else address.get_secret_value())

    def retriever(self) -> Retriever:
        """A reader of the version that this environment names, or of the active one."""
        return Retriever(self.connection, blend=self.settings.blend_embedding_version)

    def candidates(
        self,
        item_id: str,
        k: int = 50,
        *,
        namespace: str | None = None,
        org_id: UUID | None = None,
        version: str | None = None,
    ) -> list[CandidateData]:
        """Candidates for an item, best first, as this environment blends tags and similarity.

        Raises:
            InputError: the item or the version cannot be read.
        """
        return candidates(
            self.connection,
            item_id,
            k,
            weights=BlendWeights(self.settings.tags_weight, self.settings.similarity_weight),
            blend=self.settings.blend_embedding_version,
            namespace=namespace,
            org_id=org_id,
            version=version,
        )

    @property
    def _api_key(self) -> str | None:
        key = self.settings.openai_api_key
        return None if key is None else key.get_secret_value()


@contextmanager
def open_platform() -> Iterator[Platform]:
    """Everything the steps need, from the environment."""
    # Rows come by the thousand and make no cycles, and each full collection walks all that the imports have made:
    # a tenth of a second, twice in a plan of 20,000 items.
    gc.set_threshold(_COLLECT_AFTER)
    configured = settings()
    with explained(), database_address(configured) as address, connect(address) as connection:
        yield Platform(configured, address, connection)
