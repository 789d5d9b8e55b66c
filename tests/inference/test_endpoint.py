"""What every client shares, seen without any: who may ask, what is counted, what a canary is for.

How it deals with servers that lie, stall and refuse is tested with the clients, in ``test_client`` and ``test_chat``.
"""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from typing import Any

import openai
import pytest

from catalog_embeddings.domain.spent import Spent
from catalog_embeddings.emulator.serve import Emulator
from catalog_embeddings.errors import RequestRefused, RunPaused, UntrustedAnswer
from catalog_embeddings.inference.endpoint import CANARY, Endpoint, Question
from catalog_embeddings.inference.limits import Gate
from tests.inference.conftest import QUICK


@dataclass(frozen=True)
class Body:
    """An answer that is its size."""

    size: int
    tokens: int = 7


def question(text: str, *unreadable: bytes) -> Question[Body]:
    """A question whose first answers cannot be read."""
    left = list(unreadable)

    def read(body: bytes) -> Body:
        if left:
            raise UntrustedAnswer(left.pop().decode())
        return Body(len(body))

    return Question(
        text_bytes=len(text),
        send=lambda client: client.embeddings.with_raw_response.create(
            model="text-embedding-3-small", input=[text], encoding_format="base64", dimensions=8
        ),
        read=read,
    )


@pytest.fixture
def endpoint(emulator: Emulator) -> Iterator[Endpoint[Body]]:
    opened = Endpoint(question(CANARY), api_key=None, base_url=emulator.url, gate=Gate(2, pace=QUICK))
    with closing(opened):
        yield opened


def test_what_is_read_is_what_is_answered_and_billed(endpoint: Endpoint[Body]) -> None:
    assert endpoint.ask(question("a lamp")).size > 0
    assert endpoint.spent == Spent(requests=1, retries=0, tokens=7)


def test_what_cannot_be_read_is_asked_again_and_not_billed(endpoint: Endpoint[Body]) -> None:
    endpoint.ask(question("a lamp", b"no JSON", b"no vectors"))
    assert endpoint.spent == Spent(requests=3, retries=2, tokens=7)


def test_a_refusal_is_told_from_a_broken_system_by_the_canary(endpoint: Endpoint[Body], emulator: Emulator) -> None:
    emulator.faults(poison=["lamp"])
    with pytest.raises(RequestRefused):
        endpoint.ask(question("a lamp"))
    endpoint.check_canary()
    emulator.faults(poison=[CANARY])
    with pytest.raises(RunPaused, match="even a plain sentence"):
        endpoint.check_canary()
    with pytest.raises(RunPaused):
        endpoint.ask(question("a chair"))


def test_in_an_outage_the_canary_goes_ahead(endpoint: Endpoint[Body], emulator: Emulator) -> None:
    emulator.faults(fail_next=[{"status": 503}] * 6)
    asked = question("a lamp")
    sent: list[openai.OpenAI] = []

    def send(client: openai.OpenAI) -> Any:
        sent.append(client)
        return asked.send(client)

    endpoint.ask(replace(asked, send=send))
    # It fails five times; then a probe fails and one passes before it is sent again.
    assert (len(sent), emulator.stats()["requests"]) == (6, 8)


def test_no_error_holds_the_key_or_the_text(emulator: Emulator) -> None:
    emulator.faults(poison=["madagascar"])
    opened = Endpoint(question(CANARY), api_key="sk-zanzibar", base_url=emulator.url, gate=Gate(2, pace=QUICK))
    with closing(opened), pytest.raises(RequestRefused) as refused:
        opened.ask(question("the madagascar chair"))
    assert not isinstance(refused.value.__cause__, openai.APIError)
    assert "madagascar" not in str(refused.value)
    assert "zanzibar" not in str(refused.value)
