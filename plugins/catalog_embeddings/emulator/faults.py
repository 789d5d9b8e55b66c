"""How the emulator misbehaves, on request. Knows the settings, the script of faults and whom to refuse.

``Behaviour`` is what a person sets; ``Faults`` applies it to one request after another. Spoilt answers are
made in ``spoiling``, budgets a minute are kept in ``limits``.
"""

import random
from collections import deque
from collections.abc import Mapping, Sequence
from typing import Annotated, Literal, Self, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from catalog_embeddings.emulator.counters import EndpointName
from catalog_embeddings.emulator.limits import Bucket, RateLimits, retry_headers
from catalog_embeddings.emulator.openai_errors import (
    ApiError,
    insufficient_quota,
    rate_limited,
    server_error,
)

SpoiltVectors = Literal["shuffled_index", "duplicate_index", "too_few", "wrong_dims", "nan", "zero"]
SpoiltDelivery = Literal["html_200", "truncated", "drop_connection"]
Kind = SpoiltVectors | SpoiltDelivery | Literal["insufficient_quota"]
#: What a language model makes of a catalog record; ``drafts`` writes each of them.
DraftKind = Literal["faithful", "obedient", "false_claims", "wrong_schema", "refusal", "length", "content_filter"]
Seconds = Annotated[float, Field(ge=0, le=3600, allow_inf_nan=False)]
Share = Annotated[float, Field(ge=0, le=1)]
PerMinute = Annotated[int, Field(ge=1)]
_EMBEDDINGS_ONLY = get_args(SpoiltVectors)


class ScriptedFault(BaseModel):
    """What happens to exactly one request: an error status, or a spoilt answer, either after a stall."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    status: Annotated[int, Field(ge=400, le=599)] | None = None
    code: str | None = None
    message: str = "This error was asked for."
    headers: dict[str, str] = {}
    kind: Kind | None = None
    stall_s: Seconds = 0.0
    # None is a request for embeddings or an answer; a file is uploaded, and a batch created, only where it says so.
    endpoint: Literal["files", "batches"] | None = None

    @model_validator(mode="after")
    def _says_what_happens(self) -> Self:
        if self.status and self.kind:
            raise ValueError("a fault has a status or a kind, not both")
        if not (self.status or self.kind or self.stall_s):
            raise ValueError("a fault needs a status, a kind or stall_s")
        if self.endpoint and self.kind in _EMBEDDINGS_ONLY:
            raise ValueError(f"{self.kind} is a fault of vectors, and there are none in an answer of {self.endpoint}")
        return self


class Behaviour(BaseModel):
    """Every setting of the emulator; the defaults are a server that never fails."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    latency_s: Seconds = 0.0
    latency_per_input_s: Seconds = 0.0
    requests_per_minute: PerMinute | None = None
    tokens_per_minute: PerMinute | None = None
    max_in_flight: PerMinute | None = None
    rate_of_429: Share = 0.0
    rate_of_500: Share = 0.0
    retry_after: Seconds | None = None
    fail_next: tuple[ScriptedFault, ...] = ()
    poison: tuple[Annotated[str, Field(min_length=1)], ...] = ()
    poison_status: Annotated[int, Field(ge=400, le=599)] = 400
    batch_seconds: Seconds = 0.0
    batch_expires_after: Share | None = None
    batch_fails: bool = False
    draft: DraftKind = "faithful"
    # How many of the answers to one question are drafts of that kind, the rest are faithful; None is all of them.
    draft_tries: PerMinute | None = None
    # Texts of the records that get such drafts; without any, all do.
    draft_for: tuple[Annotated[str, Field(min_length=1)], ...] = ()
    seed: int = 0

    def changed(self, settings: Mapping[str, object]) -> "Behaviour":
        """This behaviour with some settings replaced; raises ValueError with a sentence for a person."""
        try:
            return Behaviour.model_validate({**self.model_dump(), **settings})
        except ValidationError as error:
            raise ValueError(_sentence(error)) from None


def _sentence(error: ValidationError) -> str:
    problem = error.errors(include_url=False, include_input=False)[0]
    where = ".".join(str(step) for step in problem["loc"])
    if problem["type"] == "extra_forbidden":
        known = Behaviour if len(problem["loc"]) == 1 else ScriptedFault
        return f"{where} is not a setting of the emulator; known are: {', '.join(known.model_fields)}."
    return f"{where}: {problem['msg'].removeprefix('Value error, ')}."


class Faults:
    """Decides on each request: refuse it, spoil its answer, or let it pass."""

    def __init__(self, behaviour: Behaviour) -> None:
        self.set(behaviour)

    def set(self, behaviour: Behaviour) -> None:
        """Behave so from now on: budgets are full again and the dice start over from the seed."""
        self._behaviour = behaviour
        self._script = deque(behaviour.fail_next)
        self._dice = random.Random(behaviour.seed)
        self._limits = RateLimits(
            requests=Bucket(behaviour.requests_per_minute) if behaviour.requests_per_minute else None,
            tokens=Bucket(behaviour.tokens_per_minute) if behaviour.tokens_per_minute else None,
        )

    @property
    def behaviour(self) -> Behaviour:
        """The behaviour in force; ``fail_next`` holds the faults that have not happened yet."""
        return self._behaviour.model_copy(update={"fail_next": tuple(self._script)})

    def headers(self) -> dict[str, str]:
        """The x-ratelimit-* headers that every answer carries."""
        return self._limits.headers()

    def latency(self, inputs: int) -> float:
        """Seconds that an answer to ``inputs`` texts takes."""
        return self._behaviour.latency_s + inputs * self._behaviour.latency_per_input_s

    def admit(self, texts: Sequence[str], tokens: int, in_flight: int) -> None:
        """Let a request pass, or raise the ApiError that it gets; ``in_flight`` counts it too."""
        self.refuse_poison(texts)
        wish = self._behaviour
        headers = self._retry_after()
        if wish.max_in_flight and in_flight > wish.max_in_flight:
            raise rate_limited(f"Too many requests at once; the limit is {wish.max_in_flight}.", headers)
        try:
            self._limits.admit(tokens)
        except ApiError as refusal:
            refusal.headers |= headers
            raise
        self.roll()

    def draft_kind(self, texts: Sequence[str], tries: int) -> DraftKind:
        """How an answer is written to messages that ask for the so-maniest time."""
        wish = self._behaviour
        spared = wish.draft_for and not any(wanted in text for wanted in wish.draft_for for text in texts)
        late = wish.draft_tries is not None and tries > wish.draft_tries
        return "faithful" if spared or late else wish.draft

    def refuse_poison(self, texts: Sequence[str]) -> None:
        """Raise the ApiError that one of these texts is answered with, wherever it comes from."""
        if any(poison in text for poison in self._behaviour.poison for text in texts):
            raise _refused_poison(self._behaviour.poison_status)

    def roll(self) -> None:
        """Let a request pass by chance, or raise the ApiError that it gets."""
        roll = self._dice.random()
        if roll < self._behaviour.rate_of_429:
            raise rate_limited("Rate limit reached.", self._retry_after())
        if roll < self._behaviour.rate_of_429 + self._behaviour.rate_of_500:
            raise server_error()

    def _retry_after(self) -> dict[str, str]:
        seconds = self._behaviour.retry_after
        return {} if seconds is None else retry_headers(seconds)

    def next_fault(self, endpoint: EndpointName) -> ScriptedFault | None:
        """Take the first scripted fault that can happen to such a request.

        Asked only for admitted requests, so that each scripted fault hits one that would have succeeded.
        """
        for fault in self._script:
            if _can_happen(fault, endpoint):
                self._script.remove(fault)
                return fault
        return None


def _can_happen(fault: ScriptedFault, endpoint: EndpointName) -> bool:
    if fault.endpoint or endpoint in ("files", "batches"):
        return fault.endpoint == endpoint
    return endpoint == "embeddings" or fault.kind not in _EMBEDDINGS_ONLY


def _refused_poison(status: int) -> ApiError:
    kind = "server_error" if status >= 500 else "invalid_request_error"
    return ApiError(status, "The input holds something this server was told to refuse.", kind=kind, param="input")


def refusal(fault: ScriptedFault) -> ApiError | None:
    """The error a scripted fault answers with, None where it is of another kind."""
    if fault.kind == "insufficient_quota":
        return insufficient_quota()
    if fault.status is None:
        return None
    kind = "server_error" if fault.status >= 500 else "invalid_request_error"
    return ApiError(fault.status, fault.message, code=fault.code, kind=kind, headers=fault.headers)
