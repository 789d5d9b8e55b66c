"""The proxies themselves: what they break is broken as they say, and nothing else is."""

from datetime import UTC, datetime
from itertools import islice

import httpx2
import psycopg
import pytest

from catalog_embeddings.emulator.serve import Emulator
from catalog_embeddings.inference.responses import retry_after
from tests.faults import catalog
from tests.faults.postgres_proxy import PostgresProxy
from tests.faults.proxy import (
    Answer,
    Drip,
    Fault,
    FlipBit,
    HttpProxy,
    Request,
    Reset,
    Stall,
    StripHeader,
    Truncate,
    always,
    in_turn,
    on,
    rate_limited,
    sometimes,
)

QUESTION = {"model": "text-embedding-3-large", "input": "a chair"}


HEADERS = {"x-note": "kept", "authorization": f"Bearer {catalog.KEY}"}


def ask(proxy: HttpProxy) -> httpx2.Response:
    return httpx2.post(f"{proxy.url}/v1/embeddings", json=QUESTION, headers=HEADERS, timeout=2.0)


def asked(emulator: Emulator) -> object:
    return emulator.stats()["requests"]


def test_without_a_fault_nothing_is_changed(emulator: Emulator) -> None:
    direct = httpx2.post(f"{emulator.url}/embeddings", json=QUESTION, headers=HEADERS)
    with HttpProxy(("127.0.0.1", emulator.port)) as proxy:
        answers = [ask(proxy) for _ in range(3)]
        assert [answer.content for answer in answers] == [direct.content] * 3
        assert (proxy.seen, proxy.forwarded, proxy.broken.total()) == (3, 3, 0)


@pytest.mark.parametrize(
    ("fault", "reached", "error"),
    [
        (Reset(), 0, httpx2.TransportError),
        (Reset(forwarded=True), 1, httpx2.TransportError),
        (Stall(), 0, httpx2.ReadTimeout),
        (Stall(forwarded=True), 1, httpx2.ReadTimeout),
        (Truncate(), 1, httpx2.RemoteProtocolError),
        (Truncate(0.0), 1, httpx2.RemoteProtocolError),
    ],
    ids=str,
)
def test_an_answer_that_does_not_come(emulator: Emulator, fault: Fault, reached: int, error: type[Exception]) -> None:
    with HttpProxy(("127.0.0.1", emulator.port)) as proxy:
        proxy.program = in_turn(fault)
        with pytest.raises(error):
            ask(proxy)
        assert asked(emulator) == reached
        assert ask(proxy).status_code == 200
        assert proxy.broken == {type(fault).__name__: 1}


def test_an_answer_that_is_not_as_it_was(emulator: Emulator) -> None:
    with HttpProxy(("127.0.0.1", emulator.port)) as proxy:
        right = ask(proxy).content
        proxy.program = in_turn(FlipBit(0.3), Drip(0.001, piece=500), StripHeader("x-note"), Answer(503, body=b"no"))
        flipped = ask(proxy).content
        assert len(flipped) == len(right)
        assert sum((a ^ b).bit_count() for a, b in zip(flipped, right, strict=True)) == 1
        assert ask(proxy).content == right
        assert ask(proxy).content == right
        refused = ask(proxy)
        assert (refused.status_code, refused.content) == (503, b"no")


def test_every_form_of_retry_after() -> None:
    assert retry_after(rate_limited(seconds=1.5).headers) == 1.5
    assert retry_after(rate_limited(milliseconds=250).headers) == 0.25
    assert retry_after(rate_limited(date=datetime(2001, 1, 1, tzinfo=UTC)).headers) == 0.0
    assert retry_after(rate_limited().headers) is None


def test_an_outage_lasts_until_it_ends(emulator: Emulator) -> None:
    with HttpProxy(("127.0.0.1", emulator.port)) as proxy:
        proxy.go_down()
        for _ in range(2):
            with pytest.raises(httpx2.TransportError):
                ask(proxy)
        proxy.come_back()
        assert ask(proxy).status_code == 200
        assert (proxy.broken["outage"], asked(emulator)) == (2, 1)


def test_programs_choose() -> None:
    down, reset = Answer(503), Reset()
    request = Request(1, "GET", "/", {}, b"")
    put = Request(1, "PUT", "/", {}, b"")
    turns = in_turn(down, None, reset)
    assert [turns(request) for _ in range(5)] == [down, None, reset, None, None]
    assert on("PUT", always(down))(request) is None
    assert on("PUT", always(down))(put) == down
    some = sometimes(0.3, down, reset, seed=7)
    fallen = list(islice(iter(lambda: some(request), 0), 1_000))
    assert 250 < 1_000 - fallen.count(None) < 350
    assert down in fallen
    assert reset in fallen


def rows(database_url: str) -> object:
    with psycopg.connect(database_url) as connection:
        return connection.execute("select count(*) from t").fetchone()


def test_a_commit_may_happen_and_its_answer_be_lost(empty_database_url: str) -> None:
    with PostgresProxy(empty_database_url) as proxy, psycopg.connect(proxy.url) as connection:
        connection.execute("create table t (n int)")
        connection.commit()
        proxy.cut_at(b"COMMIT", answered=True)
        connection.execute("insert into t values (1)")
        with pytest.raises(psycopg.OperationalError):
            connection.commit()
        assert rows(empty_database_url) == (1,)
        assert rows(proxy.url) == (1,)
        assert proxy.broken == {"answer lost": 1}


def test_a_commit_may_never_arrive(empty_database_url: str) -> None:
    with PostgresProxy(empty_database_url) as proxy, psycopg.connect(proxy.url) as connection:
        connection.execute("create table t (n int)")
        proxy.cut_at(b"COMMIT", nth=2)
        connection.commit()
        with connection.cursor().copy("copy t from stdin") as copy:
            for number in range(50_000):
                copy.write_row((number,))
        with pytest.raises(psycopg.OperationalError):
            connection.commit()
        assert rows(proxy.url) == (0,)
        assert proxy.broken == {"cut": 1}


def test_what_is_open_can_be_cut_and_kept_away(empty_database_url: str) -> None:
    with PostgresProxy(empty_database_url) as proxy:
        connection = psycopg.connect(proxy.url)
        proxy.go_down()
        with pytest.raises(psycopg.OperationalError):
            connection.execute("select 1")
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(proxy.url)
        proxy.come_back()
        psycopg.connect(proxy.url).close()
