"""Objects as files below a folder. Knows how to survive a power cut, and what a disk's failures ask of a person.

obstore does not fsync on a local disk, so a file is written aside, synced and linked to its place, and every folder
on the way there is synced: what ``put`` has returned from is durable. Which bytes are right is left to ``store``.
"""

import errno
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from time import time

from catalog_embeddings.errors import CatalogEmbeddingsError, RunPaused, ServerFailed

_FULL = {errno.ENOSPC, errno.EDQUOT}
_FORBIDDEN = {errno.EROFS, errno.EACCES, errno.EPERM}

# Nobody writes one object for so long: what is older in the folder aside was left there by a crash. Seconds.
_ABANDONED = 86_400.0


class Folder:
    """A folder on this machine (or mounted on it). Every method may raise RunPaused or ServerFailed."""

    def __init__(self, root: Path) -> None:
        """Make the folder, and clear away what a crash left half written."""
        self._root = root
        self._aside = root / ".writing"
        root.mkdir(parents=True, exist_ok=True)
        with suppress(OSError):
            for left in self._aside.iterdir():
                if left.stat().st_mtime < time() - _ABANDONED:
                    left.unlink()

    def put(self, key: str, data: bytes, *, replace: bool = False) -> None:
        """Store an object durably.

        Raises:
            FileExistsError: the key is taken, and is not to be replaced.
        """
        path = self._root / key
        with self._explained("store", key):
            self._make_folder(path.parent)
            self._make_folder(self._aside)
            descriptor, temporary = tempfile.mkstemp(dir=self._aside)
            try:
                with os.fdopen(descriptor, "wb") as file:
                    file.write(data)
                    file.flush()
                    os.fsync(file.fileno())
                # A link, unlike a rename, refuses to replace what is there.
                (os.replace if replace else os.link)(temporary, path)
            finally:
                Path(temporary).unlink(missing_ok=True)
                # Also where the key is taken: who put it there may have crashed before this line.
                _sync(path.parent)

    def get(self, key: str) -> bytes:
        """The bytes of an object.

        Raises:
            FileNotFoundError: there is none.
        """
        with self._explained("read", key):
            return (self._root / key).read_bytes()

    def keys(self, prefix: str) -> list[str]:
        """The keys of the files below a prefix, in any order."""

        def fail(error: OSError) -> None:
            raise error

        found = []
        with suppress(FileNotFoundError), self._explained("list", prefix):
            for folder, _, files in os.walk(self._root / prefix, onerror=fail):
                found += [(Path(folder) / file).relative_to(self._root).as_posix() for file in files]
        return found

    def remove(self, key: str) -> None:
        """Take an object away; it may be gone already."""
        with self._explained("remove", key):
            (self._root / key).unlink(missing_ok=True)

    def _make_folder(self, path: Path) -> None:
        if path == self._root or path.is_dir():
            return
        self._make_folder(path.parent)
        with suppress(FileExistsError):
            path.mkdir()
        _sync(path.parent)

    @contextmanager
    def _explained(self, doing: str, key: str) -> Iterator[None]:
        try:
            yield
        except FileExistsError:
            raise
        except OSError as error:
            missing = isinstance(error, FileNotFoundError | NotADirectoryError) and doing != "store"
            if missing and self._root.is_dir():
                raise FileNotFoundError(key) from error
            raise self._failure(error, f"the lake did not {doing} {key}") from error

    def _failure(self, error: OSError, what: str) -> CatalogEmbeddingsError:
        if not self._root.is_dir():
            return RunPaused(f"{what}: its folder {self._root} is gone; mount or restore it, then run again")
        if error.errno in _FULL:
            return RunPaused(f"{what}: the disk of {self._root} is full; make space there, then run again")
        if error.errno in _FORBIDDEN:
            forbidden = f"{what}: {self._root} does not let us ({error.strerror})"
            return RunPaused(f"{forbidden}; mend its mount or permissions, then run again")
        return ServerFailed(f"{what}: {error.strerror}")


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
