"""/v1/files: what may be uploaded, and the files that there are. They live in memory, and not for ever.

Knows uploads and how a file is written as JSON; what stands in a file is left to ``batch_lines``.
"""

import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request

from catalog_embeddings.emulator.openai_errors import ApiError, bad_request

Purpose = Literal["batch", "batch_output"]
MAX_FILE_BYTES = 512 * 2**20
# Past this, the oldest files go. OpenAI does it after 30 days; memory does not last that long.
MAX_STORED_BYTES = 2**30
_KEPT_S = 30 * 86_400


@dataclass(frozen=True)
class StoredFile:
    """A file as it was uploaded, or as a batch has written it."""

    filename: str
    purpose: Purpose
    content: bytes
    id: str = field(default_factory=lambda: f"file-{uuid.uuid4().hex}")
    created_at: int = field(default_factory=lambda: int(time.time()))

    def as_json(self) -> dict[str, object]:
        """The file's JSON object, without its content."""
        return {
            "id": self.id,
            "object": "file",
            "bytes": len(self.content),
            "created_at": self.created_at,
            "expires_at": self.created_at + _KEPT_S,
            "filename": self.filename,
            "purpose": self.purpose,
            "status": "processed",
            "status_details": None,
        }


class Files:
    """The files there are, oldest first."""

    def __init__(self, max_stored_bytes: int = MAX_STORED_BYTES) -> None:
        self._files: dict[str, StoredFile] = {}
        self._max_stored_bytes = max_stored_bytes

    def __iter__(self) -> Iterator[StoredFile]:
        return iter(list(self._files.values()))

    def add(self, file: StoredFile) -> StoredFile:
        """Keep a file, and drop the oldest until all of them fit; the newest is kept whatever its size."""
        self._files[file.id] = file
        stored = sum(len(kept.content) for kept in self)
        for oldest in self:
            if stored <= self._max_stored_bytes or oldest is file:
                break
            stored -= len(oldest.content)
            self._files.pop(oldest.id, None)
        return file

    def get(self, file_id: str) -> StoredFile:
        """The file of this id; raises ApiError (404)."""
        if file := self._files.get(file_id):
            return file
        raise ApiError(404, f"No such File object: {file_id}", param="id")

    def delete(self, file_id: str) -> dict[str, object]:
        """Drop a file and say so in JSON; raises ApiError (404). A batch that has read it goes on."""
        self.get(file_id)
        self._files.pop(file_id, None)
        return {"id": file_id, "object": "file", "deleted": True}

    def clear(self) -> None:
        """Drop every file."""
        self._files.clear()


async def uploaded(request: Request) -> StoredFile:
    """Read an upload, a multipart form; raises ApiError: 413 for its size, 400 for everything else."""
    if int(request.headers.get("content-length", "0")) > MAX_FILE_BYTES:
        raise ApiError(413, f"File is too large: at most {MAX_FILE_BYTES} bytes are allowed.", param="file")
    try:
        form = await request.form()
    except HTTPException:
        raise bad_request("We could not parse the multipart form of your request.") from None
    upload = form.get("file")
    if not isinstance(upload, UploadFile) or not upload.filename:
        raise bad_request("'file' is a required property: send a multipart form.", param="file")
    if form.get("purpose") != "batch":
        raise bad_request("'purpose' must be batch: this emulator serves no other.", param="purpose")
    if not upload.filename.endswith(".jsonl"):
        raise bad_request("Invalid file format for Batch API. Must be .jsonl", param="file")
    return StoredFile(upload.filename, "batch", await upload.read())
