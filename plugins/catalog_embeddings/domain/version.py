"""What a version is: an immutable spec, and a name for the vectors made by it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Modality = Literal["text", "image", "fused"]
VersionStatus = Literal["building", "candidate", "active", "retired"]


@dataclass(frozen=True, slots=True)
class Chunking:
    """How a long text becomes several inputs.

    ``bytes_per_token`` is a cautious ratio of UTF-8 bytes to tokens: product text measured about 3.5,
    so 2 leaves room for model codes and for scripts that tokenise badly.
    """

    max_tokens: int = 8_000
    bytes_per_token: float = 2.0
    max_text_bytes: int = 200_000


@dataclass(frozen=True, slots=True)
class VersionSpec:
    """Everything that decides which vector an item gets. Never read from the environment.

    ``provider`` says who answers: the emulator's vectors must never mix with a real model's, although both
    are asked for by the same model name. ``enrichment`` names the template that a language model, ``enrichment_model``,
    is asked with about each record before it is embedded; all three are None where none is.
    """

    provider: str
    model: str
    dims: int
    template: str
    template_hash: str
    record_fields: tuple[str, ...]
    modality: Modality = "text"
    model_revision: str = ""
    enrichment: str | None = None
    enrichment_model: str | None = None
    enrichment_hash: str | None = None
    chunking: Chunking = Chunking()


@dataclass(frozen=True, slots=True)
class EmbeddingVersion:
    """A registered version: its name, its spec, the spec's fingerprint, and how far it has come.

    ``dropped_at`` is when its vectors were given up; then only its spec and history are left.
    """

    version: str
    spec: VersionSpec
    fingerprint: str
    status: VersionStatus
    dropped_at: datetime | None = None
