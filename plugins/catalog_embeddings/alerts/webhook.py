"""An alert goes to a webhook as Slack, Mattermost and Teams take it, or to the log where none is configured.

The webhook's address is a secret: whoever has it can write to the channel. So this speaks HTTP by the standard
library, which logs nothing; ``httpx2`` writes every address it asks to the log.
"""

import json
import logging
from collections.abc import Callable
from http.client import HTTPException
from typing import IO
from urllib.error import HTTPError
from urllib.request import HTTPRedirectHandler, Request, build_opener

from catalog_embeddings.errors import ServerFailed

log = logging.getLogger(__name__)

# Seconds: an alert is worth a short wait, and nobody waits for its answer.
_PATIENCE = 10.0


def alert_poster(address: str | None, patience: float = _PATIENCE) -> Callable[[str], None]:
    """How an alert is given out: a function of its message, which raises ServerFailed when it did not arrive."""
    if address is None:
        return _to_log

    # A closure: unlike a partial or a dataclass it does not show the address when it is printed.
    def to_webhook(message: str) -> None:
        _post(address, message, patience)

    return to_webhook


def _to_log(message: str) -> None:
    log.error("%s", message)


class _NoRedirect(HTTPRedirectHandler):
    """A webhook that moved is a wrong address: what is said to it may not go elsewhere."""

    def redirect_request(
        self,
        req: Request,  # noqa: ARG002 - the library passes them by position, and a redirect is never made
        fp: IO[bytes],  # noqa: ARG002
        code: int,  # noqa: ARG002
        msg: str,  # noqa: ARG002
        headers: object,  # noqa: ARG002
        newurl: str,  # noqa: ARG002
    ) -> None:
        return None


def _post(address: str, message: str, patience: float) -> None:
    headers = {"content-type": "application/json", "user-agent": "catalog-embeddings"}
    body = json.dumps({"text": message}).encode()
    try:
        # The settings let nothing but http and https pass.
        request = Request(address, body, headers, method="POST")  # noqa: S310
        build_opener(_NoRedirect).open(request, timeout=patience).close()
    except HTTPError as refused:
        refused.close()
        # From None here and below: the library's own errors hold the address.
        raise ServerFailed(f"the alert webhook answered HTTP {refused.code}") from None
    except (OSError, HTTPException, ValueError) as error:
        reason = getattr(error, "reason", None)
        cause = reason if isinstance(reason, Exception) else error
        raise ServerFailed(f"no answer from the alert webhook ({type(cause).__name__})") from None
