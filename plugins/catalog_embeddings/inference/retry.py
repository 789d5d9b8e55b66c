"""The one retry policy: who is to blame when a request fails again and again, and how long to wait in between.

Waits are full jitter, doubled, and capped low: a plain exponential backoff up to 60 s made a run under 40 % of
429s stand still. Where the server says how long to wait, the gate holds everybody for so long, and nothing is
added here. Full jitter: AWS Architecture Blog, "Exponential Backoff And Jitter" (2015).

A 429 is never the request's own fault: it is waited out. A failed server or an answer that cannot be believed
counts as an attempt, unless a probe has failed since: then it was an outage, which is nobody's fault either. Who
has used up all attempts although the API answers others is refused, so that the culprit in it can be found. An API
that answers nobody pauses the run: see ``Pace.patience``.
"""

import time
from typing import NoReturn

import tenacity

from catalog_embeddings.errors import RateLimited, RequestRefused, RunPaused, ServerFailed, Transient
from catalog_embeddings.inference.limits import Gate

ATTEMPTS = 8

# A request that brings the server down each time would be forgiven for ever: so many failures end it all the same.
_MOST_FAILURES = 4 * ATTEMPTS


class _Trials:
    """What one request has been through."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        self._began = time.monotonic()
        self._answers_before = gate.answers
        self._failed_probes = gate.failed_probes
        self._limited = 0
        self._failures = 0
        self._unexcused = 0
        self._jitter = tenacity.wait_random_exponential(
            multiplier=gate.pace.first_backoff, max=gate.pace.longest_backoff
        )

    def wait(self, state: tenacity.RetryCallState) -> float:
        """Seconds to the next attempt."""
        error = _error_of(state)
        if isinstance(error, RateLimited) and error.retry_after is not None:
            return 0.0
        return float(self._jitter(state))

    def are_over(self, state: tenacity.RetryCallState) -> bool:
        """Whether the last failure was one too many."""
        if isinstance(_error_of(state), RateLimited):
            self._limited += 1
            return self._limited >= ATTEMPTS and time.monotonic() - self._began > self._gate.pace.patience
        if self._failed_probes != self._gate.failed_probes:
            self._failed_probes = self._gate.failed_probes
            self._unexcused = 0
        self._failures += 1
        self._unexcused += 1
        return self._unexcused >= ATTEMPTS or self._failures >= _MOST_FAILURES

    def judge(self, state: tenacity.RetryCallState) -> NoReturn:
        """Say whose fault it was."""
        error = _error_of(state)
        if isinstance(error, RateLimited):
            paused = RunPaused(
                f"one request was asked to wait {self._limited} times (429) in {time.monotonic() - self._began:.0f} s: "
                "if it is too large for the account's limits, lower CATALOG_EMBEDDINGS_BATCH_SIZE; then run again"
            )
        elif self._gate.answers > self._answers_before:
            code = "server_failed" if isinstance(error, ServerFailed) else "untrusted_answer"
            raise RequestRefused(
                f"one request failed {self._failures} times while the API answered others, last: {error}", code
            ) from error
        else:
            paused = RunPaused(
                f"the API failed {self._failures} times in a row, last: {error}; run again once it is up"
            )
        self._gate.stop(paused)
        raise paused from error


def retrying(gate: Gate) -> tenacity.Retrying:
    """A fresh iteration of attempts: transient errors are tried again, all others pass through at once.

    Raises:
        RequestRefused: every attempt failed while the API answered others; ``code`` is ``server_failed`` or
            ``untrusted_answer``.
        RunPaused: nobody is answered, or the gate was stopped.
    """
    trials = _Trials(gate)
    return tenacity.Retrying(
        retry=tenacity.retry_if_exception_type(Transient),
        wait=trials.wait,
        stop=trials.are_over,
        sleep=gate.rest,
        retry_error_callback=trials.judge,
    )


def _error_of(state: tenacity.RetryCallState) -> BaseException | None:
    return state.outcome.exception() if state.outcome else None
