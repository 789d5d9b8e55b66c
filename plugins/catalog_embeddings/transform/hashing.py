"""The identities of the river: what makes two specs, or two pieces of paid work, the same."""

import hashlib
import json
from dataclasses import asdict

from catalog_embeddings.domain.version import VersionSpec


def spec_fingerprint(spec: VersionSpec) -> str:
    """sha256 in hex over the whole spec: two versions of the same fingerprint would hold the same vectors."""
    # These two came later: a version without them keeps the fingerprint it was registered with.
    later = ("enrichment_model", "enrichment_hash")
    parts = {name: value for name, value in asdict(spec).items() if name not in later or value is not None}
    return hashlib.sha256(_canonical(parts)).hexdigest()


def vector_recipe(spec: VersionSpec) -> bytes:
    """sha256 over what turns a text into a vector: the template is not part of it, the model is."""
    parts = ("modality", "provider", "model", "model_revision", "dims", "chunking")
    return hashlib.sha256(_canonical({part: asdict(spec)[part] for part in parts})).digest()


def enrichment_recipe(spec: VersionSpec) -> str:
    """sha256 in hex over what decides a language model's answers, but for the record it is asked about."""
    parts = ("provider", "enrichment", "enrichment_model", "enrichment_hash")
    return hashlib.sha256(_canonical({part: asdict(spec)[part] for part in parts})).hexdigest()


def content_hash(text: str, recipe: bytes) -> bytes:
    """The identity of paid work: 32 bytes over the recipe and the text. The same hash is never paid twice."""
    return hashlib.sha256(recipe + text.encode()).digest()


def _canonical(value: object) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode()
