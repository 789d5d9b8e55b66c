"""Manifests: how each run left its version, as JSON that proves itself.

A manifest names everything by its hash and holds the version's whole spec, so that a rebuild asks the lake alone.
What its rows mean is left to ``sealed_rows``, when to write one to the pipeline.
"""

import hashlib
import json
from dataclasses import asdict
from datetime import datetime
from typing import Any

from catalog_embeddings.domain.seal import Manifest, RowsFile, SealedPart
from catalog_embeddings.domain.version import Chunking, VersionSpec
from catalog_embeddings.errors import InputError, UntrustedAnswer
from catalog_embeddings.lake.layout import manifest_key, manifests_prefix, sealing_of
from catalog_embeddings.lake.store import Lake

#: What a release that changes the meaning of a manifest raises.
FORMAT = 1

_MOMENTS = ("started_at", "sealed_at")


def store_manifest(lake: Lake, manifest: Manifest) -> str:
    """Make a manifest durable, once everything it names is; returns its key.

    Raises:
        ServerFailed: the lake did not take it.
    """
    body = {"format": FORMAT} | asdict(manifest)
    body |= {moment: body[moment].isoformat() for moment in _MOMENTS}
    sealed = {"sha256": _digest(body), "manifest": body}
    key = manifest_key(manifest.version, manifest.run_id, manifest.fence, manifest.attempt)
    lake.create(key, json.dumps(sealed, indent=1).encode())
    return key


def manifest_keys(lake: Lake, version: str) -> list[str]:
    """Of every run of a version its last sealing; earlier ones were never committed, or by a superseded worker."""
    last: dict[str, str] = {}
    for key in sorted(lake.keys(manifests_prefix(version)), key=sealing_of):
        last[sealing_of(key)[0]] = key
    return sorted(last.values())


def read_manifest(lake: Lake, key: str) -> Manifest:
    """A manifest, held against its own hash.

    Raises:
        ObjectMissing: the lake does not hold it.
        UntrustedAnswer: it is damaged.
        InputError: a newer release wrote it.
    """
    try:
        sealed = json.loads(lake.read(key))
        body = sealed["manifest"]
        intact = sealed["sha256"] == _digest(body)
    except (ValueError, KeyError, TypeError) as error:
        raise UntrustedAnswer(f"{key} is not the manifest its name promises") from error
    if not intact:
        raise UntrustedAnswer(f"{key} is damaged: it is not what was sealed")
    if (found := body.pop("format")) != FORMAT:
        raise InputError(f"{key} has format {found}, and this release reads {FORMAT}: use the release that wrote it")
    return _manifest(body)


def _manifest(body: dict[str, Any]) -> Manifest:
    spec = body["spec"]
    spec |= {"record_fields": tuple(spec["record_fields"]), "chunking": Chunking(**spec["chunking"])}
    read: dict[str, Any] = {moment: datetime.fromisoformat(body[moment]) for moment in _MOMENTS}
    read |= {
        "spec": VersionSpec(**spec),
        "rows": tuple(RowsFile(**file) for file in body["rows"]),
        "parts": tuple(SealedPart(**part) for part in body["parts"]),
        "slice": tuple(body["slice"]) if body.get("slice") else None,
    }
    return Manifest(**body | read)


def _digest(body: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()
