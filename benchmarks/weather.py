"""What the client makes of an API's weather: random refusals, limits and an outage, measured on the emulator.

Every scenario sends the same short requests from ten threads to an emulator that takes 0.2 s for an answer, and
prints a row: answers a second, as a share of what that server allows, calls the server counted for each answer, and
the most that were in flight. The outage is played fifty times as fast as real life, on both sides.
"""

import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table

from catalog_embeddings.domain.version import VersionSpec
from catalog_embeddings.emulator.serve import Emulator, background
from catalog_embeddings.inference.client import EmbeddingsApi
from catalog_embeddings.inference.limits import Gate
from catalog_embeddings.inference.pace import PACE, Pace

IN_FLIGHT, LATENCY = 10, 0.2
FULL_SPEED = IN_FLIGHT / LATENCY
SPEC = VersionSpec("emulator", "text-embedding-3-small", 64, "product.v2", "0" * 64, ("title",))

FASTER = 50
FAST = Pace(
    first_backoff=PACE.first_backoff / FASTER,
    longest_backoff=PACE.longest_backoff / FASTER,
    first_probe=PACE.first_probe / FASTER,
    longest_probe=PACE.longest_probe / FASTER,
    patience=PACE.patience / FASTER,
)
OUTAGE = 300 / FASTER


@dataclass(frozen=True)
class Scenario:
    """A weather, how many answers are wanted, and the seconds that the best client would take for them."""

    name: str
    answers: int
    ideal_seconds: float
    faults: Mapping[str, Any] = field(default_factory=dict)
    pace: Pace = PACE
    meanwhile: Callable[[Emulator], None] | None = None


def outage(emulator: Emulator) -> None:
    """After a second of fair weather the server fails for five minutes, compressed."""
    time.sleep(1)
    emulator.faults(rate_of_500=1.0)
    time.sleep(OUTAGE)
    emulator.faults(rate_of_500=0.0)


SCENARIOS = (
    Scenario("no faults", 500, 500 / FULL_SPEED),
    Scenario("30 % random 429", 500, 500 / (0.7 * FULL_SPEED), {"rate_of_429": 0.3}),
    Scenario(
        "30 % random 429, retry-after-ms 100", 500, 500 / (0.7 * FULL_SPEED), {"rate_of_429": 0.3, "retry_after": 0.1}
    ),
    # The server's bucket is full at first, and holds a minute's worth.
    Scenario("600 requests a minute", 900, 15 + (900 - 15 * FULL_SPEED) / 10, {"requests_per_minute": 600}),
    Scenario("at most 4 in flight", 400, 400 / (4 / LATENCY), {"max_in_flight": 4}),
    Scenario("outage of 5 minutes", 200, OUTAGE + 200 / FULL_SPEED, pace=FAST, meanwhile=outage),
)


def play(scenario: Scenario, emulator: Emulator) -> tuple[str, ...]:
    """One scenario, as a row of the table."""
    emulator.reset(latency_s=LATENCY, **scenario.faults)
    gate = Gate(IN_FLIGHT, pace=scenario.pace)
    with closing(EmbeddingsApi(SPEC, api_key=None, base_url=emulator.url, gate=gate)) as api:
        aside = threading.Thread(target=scenario.meanwhile or (lambda _: None), args=(emulator,))
        began = time.monotonic()
        aside.start()
        with ThreadPoolExecutor(IN_FLIGHT) as pool:
            for _ in pool.map(lambda number: api.embed([f"chair {number}"]), range(scenario.answers)):
                pass
        seconds = time.monotonic() - began
        aside.join()
    stats: dict[str, Any] = emulator.stats()
    return (
        scenario.name,
        f"{scenario.answers / seconds:.1f}",
        f"{scenario.ideal_seconds / seconds:.2f}",
        f"{stats['embedding_requests'] / scenario.answers:.2f}",
        str(sum(stats["errors"].values())),
        str(stats["max_in_flight"]),
    )


def main() -> None:
    """Play every scenario and print the table."""
    table = Table("weather", "answers/s", "of the ideal", "calls/answer", "refused", "max in flight", box=box.MARKDOWN)
    with background() as emulator:
        for scenario in SCENARIOS:
            table.add_row(*play(scenario, emulator))
    Console(width=110).print(table)


if __name__ == "__main__":
    main()
