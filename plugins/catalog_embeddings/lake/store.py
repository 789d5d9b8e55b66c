"""The lake by its address: objects created once and never changed. What they mean is left to parts, texts and others.

Most are named by the hash of their bytes, and their names decide: what lies where it does not belong may be replaced
by what does. How bytes become durable is left to ``folder`` and ``bucket``.
"""

import hashlib
import re
import secrets
from contextlib import suppress
from pathlib import Path
from urllib.parse import unquote, urlsplit

from obstore.exceptions import BaseError

from catalog_embeddings.errors import ConfigurationError, RunPaused, ServerFailed
from catalog_embeddings.lake.bucket import Bucket
from catalog_embeddings.lake.folder import Folder
from catalog_embeddings.lake.layout import sha256_in

_SHA256 = re.compile(r"[0-9a-f]{64}")


class ObjectMissing(ServerFailed):
    """The lake holds no object of that key."""


class KeyTaken(ServerFailed):
    """Other bytes lie at ``key``, and nothing says that they are wrong."""

    def __init__(self, key: str) -> None:
        super().__init__(f"the lake already holds other bytes at {key}")
        self.key = key


class Lake:
    """A place for immutable objects.

    Every method may raise RunPaused (the store is down, full, or refuses the credentials; the sentence says what to
    do) and ConfigurationError (there is no such bucket).
    """

    def __init__(self, address: str, patience_seconds: float = 90.0) -> None:
        """Open the lake at ``address`` (file://, s3://, gs://, az://); a local folder is made.

        ``patience_seconds``: how long a bucket that fails is asked again.

        Raises:
            ConfigurationError: the address is not one of these.
        """
        self.address = address
        parts = urlsplit(address)
        if parts.username:
            raise ConfigurationError(
                "CATALOG_EMBEDDINGS_LAKE_URL holds a user or a key; they have variables of their own"
            )
        self._objects: Folder | Bucket
        try:
            if parts.scheme == "file" and not parts.netloc and parts.path.startswith("/"):
                self._objects = Folder(Path(unquote(parts.path)))
            elif parts.scheme in {"s3", "gs", "az"}:
                self._objects = Bucket(address, patience_seconds)
            else:
                raise ConfigurationError(
                    f"CATALOG_EMBEDDINGS_LAKE_URL is {address!r}; it must begin with file:///, s3://, gs:// or az://"
                )
        except (BaseError, OSError) as error:
            reason = str(error).partition("\n")[0]
            raise ConfigurationError(f"the lake at {address} cannot be opened: {reason}") from error

    def probe(self) -> None:
        """Make sure that objects can be written here, and that nobody's object can be overwritten by another's.

        Some stores take the condition and ignore it; two runs would then silently replace what the other wrote.

        Raises:
            ConfigurationError: this is such a store.
        """
        # A key of its own: another probe at the same time must not remove what this one looks for.
        key = f"probes/{secrets.token_hex(8)}"
        with suppress(FileExistsError):
            self._objects.put(key, b"first")
        try:
            self._objects.put(key, b"second")
        except FileExistsError:
            return
        finally:
            # Who may not delete leaves a few bytes.
            with suppress(RunPaused, ServerFailed):
                self._objects.remove(key)
        raise ConfigurationError(
            f"the object store at {self.address} overwrites objects although it is asked not to (it ignores "
            "If-None-Match): use one that knows conditional writes, or a newer release of this one"
        )

    def create(self, key: str, data: bytes) -> None:
        """Store an object durably. Storing the same bytes again is no error: a lost answer looks just so.

        Bytes that are not what the key's hash promises are replaced by those that are.

        Raises:
            KeyTaken: other bytes lie there, and nothing says that they are wrong.
            ServerFailed: the store fails.
        """
        try:
            self._objects.put(key, data)
        except FileExistsError:
            there = self.read(key)
            if there != data:
                # Only the answer may have been damaged, and not every name tells.
                there = self.read(key)
            if there == data:
                return
            if not _belongs(data, key) or _belongs(there, key):
                raise KeyTaken(key) from None
            self._objects.put(key, data, replace=True)

    def read(self, key: str) -> bytes:
        """The bytes of an object. Where they are not what its name promises they are asked for once more.

        Whoever reads still has to look: what lies there may be damaged, not only the answer.

        Raises:
            ObjectMissing: there is none.
            ServerFailed: the store fails.
        """
        try:
            data = self._objects.get(key)
            if _SHA256.fullmatch(sha256_in(key)) and not _belongs(data, key):
                data = self._objects.get(key)
        except FileNotFoundError as error:
            raise ObjectMissing(f"the lake at {self.address} holds no {key}") from error
        return data

    def keys(self, prefix: str) -> list[str]:
        """The keys below a prefix (a folder, ending in a slash), sorted; not what other programs hide there.

        Raises:
            ServerFailed: the store fails.
        """
        return sorted(key for key in self._objects.keys(prefix) if key.startswith(prefix) and _is_ours(key))


def _belongs(data: bytes, key: str) -> bool:
    return hashlib.sha256(data).hexdigest() == sha256_in(key)


def _is_ours(key: str) -> bool:
    return key.isprintable() and not any(name.startswith(".") for name in key.split("/"))
