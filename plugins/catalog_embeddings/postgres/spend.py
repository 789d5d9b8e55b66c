"""The table spend: what a run has paid, and what requests under way may still cost it. Amounts are US dollars.

Each function is one short statement, so tasks that run at once keep one limit between them.
"""

from dataclasses import dataclass
from decimal import Decimal

from catalog_embeddings.domain.spent import ChatSpent
from catalog_embeddings.domain.version import VersionSpec
from catalog_embeddings.postgres.connection import Connection
from catalog_embeddings.postgres.queries import named_queries

_QUERIES = named_queries("spend")


@dataclass(frozen=True, slots=True)
class Spending:
    """A run's account: ``limit`` is None where there is none; ``reserved`` counts as spent until it is settled."""

    limit: Decimal | None
    reserved: Decimal
    spent: Decimal


def open_account(connection: Connection, run_id: str) -> Spending:
    """The account of a run, which it has from now on."""
    connection.execute(_QUERIES["open"], [run_id])
    row = connection.execute(_QUERIES["of_run"], [run_id]).fetchone()
    return Spending(*(row or (None, Decimal(0), Decimal(0))))


def set_limit(connection: Connection, run_id: str, max_cost_usd: Decimal) -> None:
    """The most that the run may cost from now on, what it has spent already included."""
    connection.execute(_QUERIES["open"], [run_id])
    connection.execute(_QUERIES["set_limit"], {"run_id": run_id, "max_cost_usd": max_cost_usd})


def reserve(connection: Connection, run_id: str, usd: Decimal) -> bool:
    """Set so much aside for requests to come; False when the limit leaves no room for it, and nothing is reserved."""
    return connection.execute(_QUERIES["reserve"], {"run_id": run_id, "usd": usd}).fetchone() is not None


def settle(
    connection: Connection, run_id: str, *, released: Decimal, spent: Decimal, tokens: int, text_bytes: int
) -> None:
    """Give back what was reserved for requests that have ended, and record what they cost.

    ``tokens`` were billed for ``text_bytes`` bytes of text.
    """
    connection.execute(
        _QUERIES["settle"],
        {"run_id": run_id, "released_usd": released, "spent_usd": spent, "tokens": tokens, "text_bytes": text_bytes},
    )


def settle_chat(connection: Connection, run_id: str, *, released: Decimal, spent: Decimal, paid: ChatSpent) -> None:
    """Give back what was reserved for a record that a language model was asked about, and record what it cost."""
    connection.execute(
        _QUERIES["settle_chat"],
        {
            "run_id": run_id,
            "released_usd": released,
            "spent_usd": spent,
            "calls": paid.calls,
            "prompt_tokens": paid.prompt_tokens,
            "completion_tokens": paid.completion_tokens,
        },
    )


def chat_spent(connection: Connection, run_id: str) -> ChatSpent:
    """What a run has paid language models for so far."""
    row = connection.execute(_QUERIES["chat_spent"], [run_id]).fetchone()
    return ChatSpent(*(row or (0, 0, 0)))


def measured_tokens(connection: Connection, spec: VersionSpec) -> tuple[int, int]:
    """What every run so far was billed by the spec's model: tokens, and the bytes of text they were billed for."""
    row = connection.execute(_QUERIES["measured"], {"provider": spec.provider, "model": spec.model}).fetchone()
    tokens, text_bytes = row or (0, 0)
    return tokens, text_bytes
