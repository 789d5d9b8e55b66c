"""The client in bad weather, over real HTTP: what it costs, that every request gets its answer, and when it gives up.

Time is compressed (``QUICK``); what the server counted is what is asserted.
"""

import random
import socket
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from email.utils import formatdate
from typing import Any

import pytest

from catalog_embeddings.emulator.serve import Emulator, background
from catalog_embeddings.errors import RequestRefused, RunPaused
from catalog_embeddings.inference.client import EmbeddingsApi
from catalog_embeddings.inference.limits import Gate
from catalog_embeddings.inference.pace import Pace
from tests.inference.conftest import QUICK

OpenApi = Callable[..., EmbeddingsApi]
Record = Callable[[str, object], None]

IN_FLIGHT = 10
#: Five minutes at the pace of ``QUICK``.
FIVE_MINUTES = 3.0
#: What five minutes of outage may cost.
MOST_CALLS = 40


@pytest.fixture
def gate() -> Gate:
    return Gate(IN_FLIGHT, pace=QUICK)


@pytest.fixture
def api(open_api: OpenApi, gate: Gate) -> EmbeddingsApi:
    """A client with ten requests in flight, at a quick pace."""
    return open_api(gate=gate)


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(IN_FLIGHT) as threads:
        yield threads


def embed_all(pool: ThreadPoolExecutor, api: EmbeddingsApi, texts: Iterable[str]) -> list[Future[Any]]:
    return [pool.submit(api.embed, [text]) for text in texts]


def chairs(count: int) -> list[str]:
    return [f"chair {number}" for number in range(count)]


def errors(emulator: Emulator) -> dict[str, int]:
    counted: Any = emulator.stats()["errors"]
    return dict(counted)


def calls(emulator: Emulator) -> int:
    counted: Any = emulator.stats()["embedding_requests"]
    return int(counted)


def test_refusals_at_random_cost_little_more_than_they_must(
    api: EmbeddingsApi, gate: Gate, pool: ThreadPoolExecutor, emulator: Emulator, record_property: Record
) -> None:
    emulator.faults(rate_of_429=0.3, latency_s=0.03)
    assert all(each.result() for each in embed_all(pool, api, chairs(300)))
    # 1 / 0.7 = 1.43 is what they cost at least; the emulator's dice have a fixed seed.
    assert 300 * 1.35 <= calls(emulator) <= 300 * 1.5
    assert emulator.stats()["max_in_flight"] == IN_FLIGHT
    # The rate is the window's: it has not closed, though nothing said how long to wait.
    assert gate._window.size >= 7
    record_property("expected", "all answered; at most 450 attempts for 300 calls, 429 at least; the window stays open")
    record_property("seen", f"{calls(emulator)} attempts, window {gate._window.size:.1f} of {IN_FLIGHT}")


def test_a_real_limit_brings_the_window_down_and_its_end_brings_it_back(
    api: EmbeddingsApi, gate: Gate, pool: ThreadPoolExecutor, emulator: Emulator
) -> None:
    emulator.faults(max_in_flight=3, latency_s=0.03)
    assert all(each.result() for each in embed_all(pool, api, chairs(150)))
    assert gate._window.size <= 7
    emulator.reset(latency_s=0.03)
    assert all(each.result() for each in embed_all(pool, api, chairs(100)))
    assert gate._window.size == emulator.stats()["max_in_flight"] == IN_FLIGHT
    assert errors(emulator) == {}


def test_requests_a_minute_are_learnt_from_the_headers(open_api: OpenApi, emulator: Emulator) -> None:
    emulator.faults(requests_per_minute=120, latency_s=0.02)
    api = open_api(gate=Gate(4, pace=QUICK))
    with ThreadPoolExecutor(4) as pool:
        # A minute's worth is there at first, and then two a second.
        assert all(each.result() for each in embed_all(pool, api, chairs(127)))
    # Who does not read the headers is refused a dozen times, though it keeps to Retry-After.
    assert errors(emulator).get("429", 0) <= 1


def test_tokens_a_minute_are_learnt_from_the_headers(open_api: OpenApi, emulator: Emulator) -> None:
    emulator.faults(tokens_per_minute=48_000, latency_s=0.02)
    api = open_api(gate=Gate(4, pace=QUICK))
    with ThreadPoolExecutor(4) as pool:
        # 400 tokens each: 120 of them are there at first, and then two a second.
        assert all(each.result() for each in embed_all(pool, api, [text.ljust(1_600, ".") for text in chairs(127)]))
    assert errors(emulator).get("429", 0) <= 1


def test_the_settings_hold_where_the_server_says_nothing(open_api: OpenApi, emulator: Emulator) -> None:
    api = open_api(gate=Gate(IN_FLIGHT, requests_per_minute=600, tokens_per_minute=10_000_000, pace=QUICK))
    with ThreadPoolExecutor(IN_FLIGHT) as pool:
        pending = embed_all(pool, api, chairs(90))
        began = time.monotonic()
        while (elapsed := time.monotonic() - began) < 1.5:
            # Six seconds' worth at once, then ten a second; a second more for what is on the way.
            assert calls(emulator) <= 60 + 10 * (elapsed + 1)
            time.sleep(0.02)
        assert all(each.result() for each in pending)
    assert calls(emulator) == 90


@pytest.mark.parametrize(
    "headers",
    [
        lambda: {"retry-after": "1"},
        lambda: {"retry-after-ms": "800"},
        lambda: {"retry-after": formatdate(int(time.time()) + 2, usegmt=True)},
    ],
    ids=["seconds", "milliseconds", "date"],
)
@pytest.mark.parametrize("status", [429, 503])
def test_a_pause_is_kept_by_everyone(
    api: EmbeddingsApi,
    pool: ThreadPoolExecutor,
    emulator: Emulator,
    headers: Callable[[], dict[str, str]],
    status: int,
) -> None:
    emulator.faults(latency_s=0.01, fail_next=[{"stall_s": 0.01}] * 20 + [{"status": status, "headers": headers()}])
    pending = embed_all(pool, api, chairs(60))
    while not errors(emulator):
        time.sleep(0.001)
    # The answer has been sent: give the client time to read it, and what is in flight time to come back.
    time.sleep(0.15)
    before = calls(emulator)
    assert before < 60
    time.sleep(0.5)
    assert calls(emulator) == before
    assert all(each.result() for each in pending)
    assert (calls(emulator), errors(emulator)) == (61, {str(status): 1})


def test_the_end_of_the_quota_costs_ten_calls_and_then_none(
    open_api: OpenApi, api: EmbeddingsApi, pool: ThreadPoolExecutor, emulator: Emulator, record_property: Record
) -> None:
    emulator.faults(latency_s=0.05, fail_next=[{"kind": "insufficient_quota"}] * 1_000)
    sentences = {str(each.exception()) for each in embed_all(pool, api, chairs(100))}
    assert sentences == {"the API's quota is used up: raise it or wait for the next period, then run again"}
    assert calls(emulator) <= IN_FLIGHT
    before = calls(emulator)
    record_property("expected", "at most 10 calls, then paused")
    record_property("seen", f"{before} calls")
    with pytest.raises(RunPaused, match="quota"):
        api.embed(["one more"])
    assert calls(emulator) == before
    # The next run finds out with a single call that nothing has changed.
    cautious = open_api(gate=Gate(IN_FLIGHT, cautious=True, pace=QUICK))
    assert all(isinstance(each.exception(), RunPaused) for each in embed_all(pool, cautious, chairs(100)))
    assert calls(emulator) == before + 1


def test_an_outage_of_five_minutes_is_sat_out_for_a_few_calls(
    api: EmbeddingsApi, gate: Gate, pool: ThreadPoolExecutor, emulator: Emulator, record_property: Record
) -> None:
    emulator.faults(latency_s=0.02)
    pending = embed_all(pool, api, chairs(400))
    while calls(emulator) < 100:
        time.sleep(0.005)
    emulator.faults(rate_of_500=1.0)
    time.sleep(FIVE_MINUTES)
    emulator.faults(rate_of_500=0.0)
    assert all(each.result() for each in pending)
    assert IN_FLIGHT / 2 <= errors(emulator)["500"] <= MOST_CALLS
    record_property("expected", f"at most {MOST_CALLS} failed calls (time compressed), then everything is answered")
    record_property("seen", f"{errors(emulator)['500']} failed calls")
    # Probes are a plain sentence, so that no batch is paid for to find out: the last of them was answered.
    assert emulator.stats()["inputs_paid"] == 401
    assert gate._window.size == IN_FLIGHT


def test_an_outage_that_refuses_connections_is_sat_out_too(open_api: OpenApi, pool: ThreadPoolExecutor) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    api = open_api(base_url=f"http://127.0.0.1:{port}/v1", gate=Gate(IN_FLIGHT, pace=QUICK))
    pending = embed_all(pool, api, chairs(50))
    time.sleep(FIVE_MINUTES)
    in_vain = api.spent.requests
    assert in_vain <= MOST_CALLS
    with background(port) as emulator:
        assert all(each.result() for each in pending)
        assert emulator.stats()["errors"] == {}
        assert api.spent.requests <= in_vain + 1 + calls(emulator)


def test_one_request_alone_sits_an_outage_out(api: EmbeddingsApi, emulator: Emulator, pool: ThreadPoolExecutor) -> None:
    emulator.faults(rate_of_500=1.0)
    alone = pool.submit(api.embed, ["a chair"])
    time.sleep(FIVE_MINUTES)
    assert calls(emulator) <= MOST_CALLS
    emulator.faults(rate_of_500=0.0)
    assert len(alone.result().vectors) == 1


def test_a_longer_outage_pauses_the_run(open_api: OpenApi, pool: ThreadPoolExecutor, emulator: Emulator) -> None:
    emulator.faults(rate_of_500=1.0)
    hasty = Pace(first_backoff=0.01, first_probe=0.02, longest_probe=0.2, patience=1.0)
    api = open_api(gate=Gate(IN_FLIGHT, pace=hasty))
    [sentence] = {str(each.exception()) for each in embed_all(pool, api, chairs(100))}
    assert sentence.startswith("no answer from the API for 1 s, last: the API failed (HTTP 500); run again")
    before = calls(emulator)
    assert before <= MOST_CALLS
    with pytest.raises(RunPaused):
        api.embed(["one more"])
    assert calls(emulator) == before


def test_answers_that_are_never_what_was_asked_for_are_an_outage(
    open_api: OpenApi, pool: ThreadPoolExecutor, emulator: Emulator
) -> None:
    emulator.faults(fail_next=[{"kind": "wrong_dims"}] * 1_000)
    hasty = Pace(first_backoff=0.01, first_probe=0.02, longest_probe=0.2, patience=0.5)
    api = open_api(gate=Gate(IN_FLIGHT, pace=hasty))
    assert all("dims" in str(each.exception()) for each in embed_all(pool, api, chairs(100)))
    # Not a batch of each thread eight times over: whoever failed first waits for the canary.
    assert calls(emulator) <= MOST_CALLS


def test_an_answer_that_does_not_come_is_given_up(open_api: OpenApi) -> None:
    # Its own emulator: to a server, a stalled request that nobody waits for any more is still in flight.
    with background(fail_next=[{"stall_s": 60}]) as emulator:
        api = open_api(base_url=emulator.url, gate=Gate(IN_FLIGHT, pace=Pace(read=300, request=0.5)))
        assert len(api.embed(["a chair"]).vectors) == 1
        assert (api.spent.requests, api.spent.retries) == (2, 1)


def test_an_honest_server_may_be_slow(api: EmbeddingsApi, emulator: Emulator) -> None:
    emulator.faults(fail_next=[{"stall_s": 1.0}])
    assert len(api.embed(["a chair"]).vectors) == 1
    assert (calls(emulator), api.spent.retries) == (1, 0)


def test_who_fails_while_others_are_answered_is_found_out(
    api: EmbeddingsApi, pool: ThreadPoolExecutor, emulator: Emulator
) -> None:
    emulator.faults(poison=["zanzibar"], poison_status=500, latency_s=0.005)
    texts = chairs(300)
    random.Random(3).shuffle(texts)
    texts[10] = "zanzibar"
    pending = embed_all(pool, api, texts)
    with pytest.raises(RequestRefused, match="while the API answered others") as refused:
        pending[10].result()
    assert refused.value.code == "server_failed"
    assert all(each.result() for each in pending if each is not pending[10])
    assert "zanzibar" not in str(refused.value)


def test_who_fails_alone_is_found_out_by_a_plain_sentence(api: EmbeddingsApi, emulator: Emulator) -> None:
    emulator.faults(poison=["zanzibar"], poison_status=503)
    with pytest.raises(RequestRefused) as refused:
        api.embed(["zanzibar"])
    assert refused.value.code == "server_failed"
    assert errors(emulator) == {"503": 8}
    # The canary, once.
    assert emulator.stats()["inputs_paid"] == 1
    assert (api.spent.requests, api.spent.retries) == (9, 8)
    assert len(api.embed(["a chair"]).vectors) == 1


def test_whoever_sizes_the_gate_decides_how_many_are_in_flight(
    api: EmbeddingsApi, pool: ThreadPoolExecutor, emulator: Emulator
) -> None:
    emulator.faults(latency_s=0.02)
    api.gate.resize(0)
    pending = embed_all(pool, api, chairs(20))
    time.sleep(0.2)
    assert (calls(emulator), api.gate.in_flight) == (0, 0)
    api.gate.resize(3)
    assert all(each.result() for each in pending)
    assert emulator.stats()["max_in_flight"] == 3


def test_a_gate_may_be_sized_while_requests_are_under_way(
    api: EmbeddingsApi, pool: ThreadPoolExecutor, emulator: Emulator
) -> None:
    emulator.faults(latency_s=0.002)
    pending = embed_all(pool, api, chairs(400))
    ended = threading.Event()

    def resize() -> None:
        dice = random.Random(5)
        while not ended.wait(0.005):
            api.gate.resize(dice.randint(0, IN_FLIGHT))
        api.gate.resize(IN_FLIGHT)

    sizing = threading.Thread(target=resize)
    sizing.start()
    while sum(each.done() for each in pending) < 300:
        time.sleep(0.01)
    ended.set()
    sizing.join()
    assert all(each.result() for each in pending)
    assert (calls(emulator), api.gate.in_flight) == (400, 0)
