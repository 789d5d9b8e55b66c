"""Objects in a bucket, over the network. Knows what its failures mean, and for how long to ask again.

obstore asks again after 5xx and 429, and when a read breaks. It does not where a create-if-absent breaks (its answer
may have been lost), nor where a page of a list ends in its middle: that is done here, for all calls alike and to an
end. What obstore prints holds addresses and the store's whole answer, so nothing of it is repeated but the status,
the store's one-word code and the system's own words. Which bytes are right is left to ``store``.
"""

import os
import re
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import TypeVar

import obstore
import tenacity
from obstore import store as stores
from obstore.exceptions import AlreadyExistsError, BaseError, InvalidPathError, PreconditionError

from catalog_embeddings.errors import CatalogEmbeddingsError, ConfigurationError, RunPaused, ServerFailed

_Result = TypeVar("_Result")

_STATUS = re.compile(r"status code: (\d{3})")
_CODE = re.compile(r"<Code>(\w{1,80})</Code>")
_CAUSE = re.compile(r'message: "([\w ]{1,80})"|(dns error|TimedOut|InvalidCertificate)')
_REDIRECT = "redirect without LOCATION"

_NO_BUCKET = {"NoSuchBucket", "ContainerNotFound"}
# S3 says these with status 400.
_EXPIRED = {"ExpiredToken", "InvalidToken", "TokenRefreshRequired"}
# Another writer is at work on the key at this moment; whether it will be taken is still open.
_CONFLICT = {"ConditionalRequestConflict", "OperationAborted"}
_PASSING = {408, 409, 425, 429, 500, 502, 503, 504, 507, 509}
# Where clouds give machines their credentials: asked only when the environment holds none.
_METADATA = ("/latest/api/token", "/latest/meta-data", "/computeMetadata/", "/metadata/identity/")


class Bucket:
    """A bucket (or what lies below a prefix of it). Every method may raise RunPaused or ConfigurationError."""

    def __init__(self, address: str, patience_seconds: float) -> None:
        """Open the bucket at ``address`` (s3://, gs://, az://) with the credentials of the environment.

        ``patience_seconds``: how long a call is made again before the run pauses; the last one may take as long
        again. A third of it without a byte is a stall.

        Raises:
            ConfigurationError: the environment does not lead to one.
        """
        self._address = address
        self._patience = patience_seconds
        endpoint = os.environ.get("AWS_ENDPOINT_URL", "https://")
        if address.startswith("s3://") and not endpoint.startswith(("http://", "https://")):
            raise ConfigurationError("AWS_ENDPOINT_URL is wrong: it must begin with http:// or https://")
        self._store = stores.from_url(
            address,
            client_options={
                # Plain http is for object stores on the same machine or network; the address says which.
                "allow_http": endpoint.startswith("http://"),
                "connect_timeout": timedelta(seconds=5),
                "read_timeout": timedelta(seconds=patience_seconds / 3),
                "timeout": timedelta(seconds=patience_seconds * 2 / 3),
            },
            retry_config={
                "max_retries": 10,
                "retry_timeout": timedelta(seconds=patience_seconds / 3),
                "backoff": {
                    "init_backoff": timedelta(milliseconds=100),
                    "max_backoff": timedelta(seconds=5),
                    "base": 2,
                },
            },
        )

    def put(self, key: str, data: bytes, *, replace: bool = False) -> None:
        """Store an object.

        Raises:
            FileExistsError: the key is taken, perhaps by this very call: an answer may have been lost.
        """

        def create() -> None:
            try:
                obstore.put(self._store, key, data, mode="create")
            except (AlreadyExistsError, PreconditionError) as error:
                if _code(error) in _CONFLICT:
                    raise
                raise FileExistsError(key) from None

        def overwrite() -> None:
            obstore.put(self._store, key, data, use_multipart=False)

        self._ask("store", key, overwrite if replace else create)

    def get(self, key: str) -> bytes:
        """The bytes of an object.

        Raises:
            FileNotFoundError: there is none.
        """
        return self._ask("read", key, lambda: bytes(obstore.get(self._store, key).bytes()))

    def keys(self, prefix: str) -> list[str]:
        """The keys below a prefix, in any order."""
        return self._ask(
            "list", prefix, lambda: [entry["path"] for page in obstore.list(self._store, prefix) for entry in page]
        )

    def remove(self, key: str) -> None:
        """Take an object away; it may be gone already."""
        with suppress(FileNotFoundError):
            self._ask("remove", key, lambda: obstore.delete(self._store, key))

    def _ask(self, doing: str, key: str, call: Callable[[], _Result]) -> _Result:
        def once() -> _Result:
            try:
                return call()
            except FileExistsError:
                raise
            except (BaseError, OSError) as error:
                if isinstance(error, FileNotFoundError) and doing != "store" and _code(error) not in _NO_BUCKET:
                    raise FileNotFoundError(key) from None
                # Without the original: its text would follow ours into every log that prints a traceback.
                raise self._failure(error, f"the lake did not {doing} {key}") from None

        attempts = tenacity.Retrying(
            retry=tenacity.retry_if_exception_type(ServerFailed),
            wait=tenacity.wait_random_exponential(multiplier=0.2, max=5),
            stop=tenacity.stop_after_delay(self._patience),
            reraise=True,
        )
        try:
            return attempts(once)
        except ServerFailed as error:
            raise RunPaused(f"{error}; run again once the object store at {self._address} answers") from None

    def _failure(self, error: Exception, what: str) -> CatalogEmbeddingsError:
        text, code = str(error), _code(error)
        found = _STATUS.search(text)
        status = int(found[1]) if found else None
        said = f"{what}: {_reason(error, status, code)}"
        if any(path in text for path in _METADATA):
            return ServerFailed(f"{what}: no credentials; the environment holds none, and this machine was given none")
        if code in _NO_BUCKET or status == 404 or _REDIRECT in text:
            return ConfigurationError(
                f"{said}; create the bucket, or mend CATALOG_EMBEDDINGS_LAKE_URL ({self._address}) or AWS_REGION"
            )
        if status in {401, 403} or code in _EXPIRED:
            remedy = "renew the credentials, or widen what they may do"
        elif isinstance(error, InvalidPathError):
            remedy = "remove that object"
        elif status is None or status in _PASSING or code == "RequestTimeout":
            return ServerFailed(said)
        else:
            remedy = "the object store refuses this; mend the cause"
        return RunPaused(f"{said}; {remedy} ({self._address}), then run again")


def _code(error: Exception) -> str | None:
    found = _CODE.search(str(error))
    return found[1] if found else None


def _reason(error: Exception, status: int | None, code: str | None) -> str:
    if status is not None:
        return f"HTTP {status} {code}" if code else f"HTTP {status}"
    if isinstance(error, InvalidPathError):
        return "an object there has a name that is no path"
    if _REDIRECT in str(error):
        return "the bucket lies in another region"
    found = _CAUSE.search(str(error))
    return f"no answer ({found[1] or found[2]})" if found else "the answer broke off or cannot be read"
