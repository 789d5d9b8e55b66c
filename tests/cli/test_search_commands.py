"""The commands similar and search: neighbours of an item, and of a text."""

from collections.abc import Callable

import pytest

from catalog_embeddings.pipeline.register import register_version, text_spec
from tests.cli.conftest import Ended, World


def _found(ended: Ended) -> list[str]:
    assert ended.code == 0, ended.err
    return [hit["item_id"] for hit in ended.answer["hits"]]


def test_similar_items_of_an_item(world: World, cli: Callable[..., Ended]) -> None:
    ended = cli("similar", "chair", "-k", "2", "--json")
    first, second = ended.answer["hits"]
    assert set(first) == {"item_id", "namespace", "score", "title"}
    assert (first["item_id"], first["namespace"], first["title"]) == (
        "armchair",
        "default",
        "Marrowby rocking armchair",
    )
    assert 1 > first["score"] > second["score"]
    assert world.requests() == 0


def test_items_near_to_a_text_cost_one_request(world: World, cli: Callable[..., Ended]) -> None:
    assert _found(cli("search", "a rocking chair", "-k", "2", "--json")) == ["chair", "armchair"]
    assert world.requests() == 1


def test_a_table_for_a_person_shows_titles_as_they_are(world: World, cli: Callable[..., Ended]) -> None:
    ended = cli("search", "[oak] desk", "-k", "1")
    assert (ended.code, ended.err) == (0, "")
    assert "Nearest to '[oak] desk'" in ended.out
    assert "Quillwood [oak] standing desk" in ended.out


def test_a_deleted_item_is_not_found_before_the_next_run(world: World, cli: Callable[..., Ended]) -> None:
    world.connection.execute("delete from analytics.catalog_features_raw where item_id = 'armchair'")
    assert "armchair" not in _found(cli("similar", "chair", "--json"))
    assert "armchair" not in _found(cli("search", "rocking armchair", "--json"))
    assert cli("similar", "armchair").code == 2


def test_namespace_and_version_are_heeded(world: World, cli: Callable[..., Ended]) -> None:
    register_version(world.connection, "v2", text_spec("emulator", "text-embedding-3-small", dims=8))
    assert _found(cli("search", "chair", "--version", "v2", "--json")) == []
    assert _found(cli("search", "chair", "--namespace", "shoes", "--json")) == []
    assert len(_found(cli("search", "chair", "--namespace", "default", "--version", "v1", "--json"))) == 4


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["similar", "sofa"], 'item "sofa" has no vector'),
        (["similar", "silent"], "pipeline.dead_letters may say why not"),
        (["similar", "chair", "--version", "v9"], 'there is no embedding version "v9"'),
        (["search", "chair", "--version", "v9"], "there is no embedding version 'v9'"),
    ],
)
def test_what_is_not_there_ends_with_two(
    world: World, cli: Callable[..., Ended], arguments: list[str], sentence: str
) -> None:
    ended = cli(*arguments, "--json")
    assert (ended.code, ended.out) == (2, "")
    assert sentence in ended.err


def test_before_anything_is_active_a_search_says_what_to_do(world: World, cli: Callable[..., Ended]) -> None:
    world.connection.execute("delete from embedding_aliases")
    ended = cli("search", "chair")
    assert (ended.code, ended.out) == (2, "")
    assert "no embedding version is active: run the pipeline first" in ended.err
