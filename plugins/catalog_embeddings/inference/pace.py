"""How long things last when an API is slow, limits us or is down: every duration of this room, in one place."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Pace:
    """Durations in seconds. The defaults are for real APIs; who plays an outage in seconds gives shorter ones."""

    #: To open a connection.
    connect: float = 5.0
    #: For the next bytes of an answer; an honest server may think for half of that before it sends any.
    read: float = 60.0
    #: For one request as a whole, however slowly its answer drips in.
    request: float = 120.0
    #: The longest wait before a request's second attempt, where the API names none; doubled each time. The cap is
    #: low because the window and the breaker are what relieves a server: this only spreads the attempts of one request.
    first_backoff: float = 0.15
    longest_backoff: float = 4.0
    #: From the start of an outage to the first probe; doubled after each that fails.
    first_probe: float = 1.0
    longest_probe: float = 30.0
    #: Without any answer for so long, the run is paused.
    patience: float = 600.0


PACE = Pace()

#: A language model thinks before it answers, and no byte comes until it has.
CHAT_PACE = Pace(read=120.0, request=150.0)

#: A file of 200 MB takes its time on the way up and down.
BATCH_PACE = Pace(read=120.0, request=1_800.0)
