"""The command embed-item: one item now, said in a sentence or as JSON."""

from collections.abc import Callable

from tests.cli.conftest import Ended, World


def _retitle(world: World) -> None:
    world.connection.execute(
        "update analytics.catalog_features_raw set title = 'Corduroy chair' where item_id = 'chair'"
    )


def test_an_item_is_embedded_at_once(world: World, cli: Callable[..., Ended]) -> None:
    _retitle(world)
    done = cli("embed-item", "chair", "--json").answer
    assert (done["item_id"], done["version"], done["outcome"], done["requests"]) == ("chair", "v1", "embedded", 1)
    assert done["api_seconds"] <= done["seconds"]
    assert world.requests() == 1
    again = cli("embed-item", "chair", "--json").answer
    assert (again["outcome"], again["requests"]) == ("unchanged", 0)


def test_a_person_reads_a_sentence(world: World, cli: Callable[..., Ended]) -> None:
    _retitle(world)
    ended = cli("embed-item", "chair", "--namespace", "default")
    assert ended.code == 0
    assert ended.out.startswith("Item chair is embedded in version v1: 0 calls of the language model, 1 of the")


def test_an_unknown_item_is_bad_input(world: World, cli: Callable[..., Ended]) -> None:
    ended = cli("embed-item", "nothing")
    assert ended.code == 2
    assert "the catalog has no item 'nothing'" in ended.err
