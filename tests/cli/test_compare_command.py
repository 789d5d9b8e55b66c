"""The command ``versions compare``: as JSON, as a table, and its refusals."""

from collections.abc import Callable

from tests.cli.conftest import Ended, World


def test_two_versions_stand_side_by_side(world: World, cli: Callable[..., Ended]) -> None:
    assert cli("versions", "create", "v2", "--dims", "8", "--template", "product.v3", "--json").code == 0
    found = cli("versions", "compare", "v2", "--json").answer
    assert found.keys() == {"version", "against", "spec", "neighbours", "evaluation"}
    assert {"field": "dims", "version": 8, "against": 512} in found["spec"]
    assert (found["version"]["held"], found["version"]["missing"], found["version"]["tokens"]) == (0, 5, 0)
    assert (found["against"]["version"], found["against"]["held"], found["against"]["dead"]) == ("v1", 4, 1)
    assert found["against"]["tokens"] > 0
    assert found["against"]["price_usd"] > 0
    assert found["neighbours"] == {"k": 10, "sample": 0, "overlap": None}
    assert cli("versions", "compare", "v2", "--sample", "0", "--json").answer["neighbours"] is None

    told = cli("versions", "compare", "v1", "--against", "v2").out
    assert "Version v1 beside v2" in told
    assert any("dims" in line and "512" in line and "8" in line for line in told.splitlines())
    assert any("template" in line and "product.v2" in line and "product.v3" in line for line in told.splitlines())
    assert "v1 was never evaluated against v2: `catalog-embeddings evaluate --version v1`." in told


def test_the_last_evaluation_is_said_with_its_interval(world: World, cli: Callable[..., Ended]) -> None:
    cli("versions", "create", "v2", "--template", "product.v3", "--json")
    world.connection.execute(
        "insert into embedding_evaluations (version, against, k, ndcg, ndcg_against, low, high, report, evaluated_at)"
        " values ('v2', 'v1', 10, 0.671, 0.573, 0.027, 0.169, '{}', '2026-05-01')"
    )
    told = cli("versions", "compare", "v2").out
    assert "NDCG@10 was 0.671 against 0.573 on 2026-05-01: +0.098 [+0.027, +0.169]." in told


def test_what_cannot_be_compared_ends_with_two(world: World, cli: Callable[..., Ended]) -> None:
    refused = cli("versions", "compare", "v1", "--json")
    assert (refused.code, refused.out) == (2, "")
    assert "there is no other version to compare v1 with" in refused.err
