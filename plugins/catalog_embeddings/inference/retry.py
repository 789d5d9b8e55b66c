"""The one retry policy: what the server says first, full jitter otherwise, and an end to it.

A plain exponential backoff up to 60 s made a run under 40 % of 429s stand still; waits are therefore capped
low, and a server that says how long to wait is obeyed exactly. Full jitter: AWS Architecture Blog,
"Exponential Backoff And Jitter" (2015).
"""

import tenacity

from catalog_embeddings.errors import RateLimited, Transient

ATTEMPTS = 8
_JITTER = tenacity.wait_random_exponential(multiplier=0.5, max=15)


def _wait(state: tenacity.RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome else None
    if isinstance(error, RateLimited) and error.retry_after is not None:
        # The gate holds everybody for that long; nothing more to wait for here.
        return 0.0
    return float(_JITTER(state))


def retrying() -> tenacity.Retrying:
    """A fresh iteration of attempts: transient errors are tried again, all others pass through at once."""
    return tenacity.Retrying(
        retry=tenacity.retry_if_exception_type(Transient),
        wait=_wait,
        stop=tenacity.stop_after_attempt(ATTEMPTS),
        reraise=True,
    )
