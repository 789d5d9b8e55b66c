"""What the lake alone says a version holds, read without the code that wrote it.

Each run leaves a manifest and files of rows. Replayed in the order they were sealed, the last line of each item must
be its row in the database, or say that there is none; and every file must be what its name and its manifest promise.
"""

import hashlib
import json
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

Key = tuple[Any, str, str]
Line = tuple[str, bytes, bytes]


def held_by_the_lake(lake: Path, version: str) -> tuple[dict[Key, Line], list[str]]:
    """Of each item its part, record_hash and content_hash; and a sentence on each file that is not as it should."""
    wrong: list[str] = []
    manifests = sorted(_last_sealings(lake, version, wrong), key=lambda manifest: str(manifest["sealed_at"]))
    held: dict[Key, Line] = {}
    for manifest in manifests:
        before = dict(held)
        for file in manifest["rows"]:
            path = lake / file["key"]
            if not path.is_file() or hashlib.sha256(path.read_bytes()).hexdigest() != file["sha256"]:
                wrong.append(
                    f"{file['key']}: the manifest of run {manifest['run_id']} names it, and it is not that file"
                )
                continue
            for key, line in _lines(path, manifest["parts"]):
                if line is None:
                    held.pop(key, None)
                else:
                    held[key] = line
        if len(held) != manifest["rows_held"]:
            said = f"run {manifest['run_id']} says the version held {manifest['rows_held']} rows after it"
            wrong.append(f"{said}, its lines make {len(held)} of {len(before)}")
    return held, wrong


def _last_sealings(lake: Path, version: str, wrong: list[str]) -> Iterator[dict[str, Any]]:
    """Of each run the sealing that counts: that of the highest fence, and of its last attempt."""
    for run in sorted((lake / "manifests" / version).iterdir()):
        path = max(run.iterdir(), key=lambda path: [int(number) for number in path.stem.split("-")])
        sealed = json.loads(path.read_bytes())
        manifest = sealed["manifest"]
        if hashlib.sha256(json.dumps(manifest, sort_keys=True).encode()).hexdigest() != sealed["sha256"]:
            wrong.append(f"{path.relative_to(lake)}: it is not what was sealed")
        yield manifest


def _lines(path: Path, parts: list[dict[str, Any]]) -> Iterator[tuple[Key, Line | None]]:
    for row in pq.read_table(path, page_checksum_verification=True).to_pylist():
        key = (uuid.UUID(bytes=row["org_id"]), row["namespace"], row["item_id"])
        if row["part"] is None:
            yield key, None
        else:
            yield key, (parts[row["part"]]["key"], row["record_hash"], row["content_hash"])
