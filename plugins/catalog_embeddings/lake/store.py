"""Object storage by address. Knows how to make bytes durable; leaves their meaning to parts and texts.

On a local disk obstore does not fsync, so a file is written aside, synced, renamed, and its folder synced:
what ``create`` has returned from survives a power cut.
"""

import os
import tempfile
from pathlib import Path
from urllib.parse import unquote, urlsplit

import obstore
from obstore import store as stores
from obstore.exceptions import AlreadyExistsError, BaseError
from obstore.exceptions import NotFoundError as ObjectNotFoundError

from catalog_embeddings.errors import ConfigurationError, ServerFailed

# What a crash may leave of an object that was being written; never listed, never read.
_UNFINISHED = ".writing-"


class ObjectMissing(ServerFailed):
    """The lake holds no object of that key."""


class Lake:
    """A place for immutable objects: created once, read many times, never changed."""

    def __init__(self, address: str) -> None:
        """Open the lake at ``address`` (file://, s3://, gs://, az://); a local folder is made.

        Raises:
            ConfigurationError: the address is not one of these.
        """
        self.address = address
        parts = urlsplit(address)
        self._folder: Path | None = None
        try:
            if parts.scheme == "file" and not parts.netloc and parts.path.startswith("/"):
                self._folder = Path(unquote(parts.path))
                self._folder.mkdir(parents=True, exist_ok=True)
                self._store: stores.ObjectStore = stores.LocalStore(self._folder)
            elif parts.scheme in {"s3", "gs", "az"}:
                # Plain http is for object stores on the same machine or network; the address says which.
                plain = os.environ.get("AWS_ENDPOINT_URL", "").startswith("http://")
                self._store = stores.from_url(address, client_options={"allow_http": plain})
            else:
                raise ConfigurationError(
                    f"CATALOG_EMBEDDINGS_LAKE_URL is {address!r}; it must begin with file:///, s3://, gs:// or az://"
                )
        except (BaseError, OSError) as error:
            raise ConfigurationError(f"the lake at {address} cannot be opened: {_reason(error)}") from error

    def create(self, key: str, data: bytes) -> None:
        """Store an object durably. Storing the same bytes again is no error: a lost answer looks just so.

        Raises:
            ServerFailed: the store fails, or the key is taken by other bytes.
        """
        try:
            if self._folder is None:
                obstore.put(self._store, key, data, mode="create")
            else:
                _create_durably(self._folder / key, data)
        except (AlreadyExistsError, FileExistsError):
            if self.read(key) != data:
                raise ServerFailed(f"the lake already holds other bytes at {key}") from None
        except (BaseError, OSError) as error:
            raise ServerFailed(f"the lake did not store {key}: {_reason(error)}") from error

    def read(self, key: str) -> bytes:
        """The bytes of an object.

        Raises:
            ObjectMissing: there is none.
            ServerFailed: the store fails.
        """
        try:
            return bytes(obstore.get(self._store, key).bytes())
        except (ObjectNotFoundError, FileNotFoundError) as error:
            raise ObjectMissing(f"the lake at {self.address} holds no {key}") from error
        except (BaseError, OSError) as error:
            raise ServerFailed(f"the lake did not read {key}: {_reason(error)}") from error

    def keys(self, prefix: str) -> list[str]:
        """The keys below a prefix (a folder, ending in a slash), sorted.

        Raises:
            ServerFailed: the store fails.
        """
        try:
            pages = obstore.list(self._store, prefix)
            paths = [entry["path"] for page in pages for entry in page]
        except (BaseError, OSError) as error:
            raise ServerFailed(f"the lake did not list {prefix}: {_reason(error)}") from error
        return sorted(path for path in paths if _UNFINISHED not in path)


def _reason(error: Exception) -> str:
    """The first line: below it obstore prints the store's whole answer and its own internals."""
    return str(error).partition("\n")[0]


def _create_durably(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=_UNFINISHED)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        # A link, unlike a rename, refuses to replace what is there.
        os.link(temporary, path)
    finally:
        Path(temporary).unlink()
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
