"""The error tree, drawn first: may the same call succeed if it is simply made again?

    CatalogEmbeddingsError
    ├── Transient               again may help
    │   ├── RateLimited         429 with a wait: the gate obeys retry_after
    │   ├── ServerFailed        5xx, time-outs, lost connections
    │   ├── UntrustedAnswer     200, but the body is not what was asked for
    │   └── BatchesUnderWay     the Batch API has not answered yet: look again later
    └── Permanent               again will not help
        ├── ConfigurationError  a setting is missing or wrong; nothing was started
        ├── InputError          a file or an argument a person gave is wrong
        ├── ItemRefused         one item cannot be embedded: a dead letter, never the run's end
        ├── RequestRefused      the API refuses what this request holds (400, 413, 422)
        ├── RunLocked           another run works on the same version
        ├── RunFenced           this worker was superseded and may write nothing more
        ├── RunPaused           quota, auth or outage: a person acts, then the run resumes
        ├── RunHeld             it cannot end well: what it did stands, the next plans the rest
        └── ThresholdExceeded   finished, but more items failed than is allowed

Every message a person sees says what happened, in which item or file, and what to do next. No message
carries catalog text or a secret. Which exit code belongs to which error is the command line's business.
"""


class CatalogEmbeddingsError(Exception):
    """The root: everything this package raises on purpose."""


class Transient(CatalogEmbeddingsError):
    """The same call may succeed later."""


class RateLimited(Transient):
    """The API asked for a pause; ``retry_after`` is in seconds, None when it did not say how long."""

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class ServerFailed(Transient):
    """The API or the network failed: 5xx, a time-out, a lost connection."""


class UntrustedAnswer(Transient):
    """The API answered 200 with a body that is not what was asked for; it is never stored."""


class BatchesUnderWay(Transient):
    """All that can be done now is done; the rest waits for batches. ``seconds``: when it is worth looking again."""

    def __init__(self, seconds: float, batches: int, answered: int, requests: int) -> None:
        super().__init__(
            f"the Batch API is at work: {batches} batches are under way, {answered} of their {requests} requests are "
            "answered; look again later, and it goes on"
        )
        self.seconds = seconds
        self.batches = batches
        self.answered = answered
        self.requests = requests

    def __add__(self, other: "BatchesUnderWay") -> "BatchesUnderWay":
        """Both together, to be looked at when the first of them is worth it."""
        return BatchesUnderWay(
            min(self.seconds, other.seconds),
            self.batches + other.batches,
            self.answered + other.answered,
            self.requests + other.requests,
        )


class Permanent(CatalogEmbeddingsError):
    """Making the same call again will not help."""


class ConfigurationError(Permanent):
    """A setting is missing or wrong; nothing was started."""


class InputError(Permanent):
    """A file or an argument a person gave cannot be used; nothing was changed."""


class ItemRefused(Permanent):
    """One item cannot be embedded. ``reason`` is a stable code such as ``empty_text``."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason
        self.detail = detail


class RequestRefused(Permanent):
    """The API refuses what a request holds; another request may pass. ``code`` is the API's own."""

    def __init__(self, message: str, code: str) -> None:
        super().__init__(message)
        self.code = code


class RunLocked(Permanent):
    """Another run works on the same version."""


class RunFenced(Permanent):
    """This worker was superseded by another and may write nothing more."""


class RunPaused(Permanent):
    """Quota, auth or an outage stopped the run. Nothing is lost: run again once it is mended."""


class RunHeld(Permanent):
    """The run cannot be brought to a good end. What it did stands; the next run plans the rest anew."""


class ThresholdExceeded(Permanent):
    """The run finished, but more items failed than the failure threshold allows."""
