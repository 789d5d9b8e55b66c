"""Candidates: tags first, neighbours where they are too few, similarity beside each, all of one version."""

from collections.abc import Callable
from math import sqrt
from uuid import UUID

import pytest

from catalog_embeddings.domain.candidate import BlendWeights, CandidateData
from catalog_embeddings.domain.version import VersionSpec
from catalog_embeddings.errors import InputError
from catalog_embeddings.postgres import embedding_aliases, embedding_versions
from catalog_embeddings.postgres.connection import Connection
from catalog_embeddings.serving.candidates import candidates

ORG = UUID(int=1)
Put = Callable[..., None]

# item -> its tags, its vector in v1 and in v2: there all is the other way round.
ITEMS: dict[str, tuple[list[str] | None, str, str]] = {
    "lamp": (["light", "desk"], "[1,0]", "[0,1]"),
    "torch": (["light"], "[0,1]", "[1,0]"),
    "bulb": (["light", "desk"], "[1,1]", "[1,1]"),
    "shade": (None, "[4,1]", "[1,4]"),
    "rug": (["floor"], "[-1,0]", "[0,-1]"),
}


@pytest.fixture(autouse=True)
def put(connection: Connection) -> Put:
    """Two versions of the items above, v1 active; what puts one more item into the catalog, and into versions."""

    def put_item(
        item_id: str,
        tags: list[str] | None = None,
        *vectors: str,
        org: UUID = ORG,
        namespace: str = "home",
    ) -> None:
        connection.execute(
            "insert into analytics.catalog_features_raw (org_id, namespace, item_id, title, tags)"
            " values (%s, %s, %s, %s, %s)",
            [org, namespace, item_id, item_id.title(), tags],
        )
        for version, vector in zip(("v1", "v2"), vectors, strict=False):
            connection.execute("select set_config('catalog_embeddings.fingerprint', %s, false)", [version])
            connection.execute(
                "insert into item_embeddings (org_id, namespace, item_id, version, modality, dims, vector,"
                " record_hash, content_hash) values (%s, %s, %s, %s, 'text', 2, %s, '', '')",
                [org, namespace, item_id, version, vector],
            )

    for version in ("v1", "v2"):
        spec = VersionSpec("emulator", "text-embedding-3-small", 2, "product.v2", "hash", ("title",))
        embedding_versions.register(connection, version, spec, version)
    for item_id, (tags, *vectors) in ITEMS.items():
        put_item(item_id, tags, *vectors)
    embedding_aliases.point(connection, "v1", reason="a test")
    return put_item


def _sources(found: list[CandidateData]) -> dict[str, str]:
    return {candidate.item_id: candidate.source for candidate in found}


def test_each_candidate_says_why_it_is_one_and_how_alike_it_is(connection: Connection) -> None:
    bulb, shade, torch, rug = candidates(connection, "lamp")
    assert (bulb.item_id, bulb.namespace, bulb.title, bulb.version) == ("bulb", "home", "Bulb", "v1")
    assert (bulb.source, bulb.tag_overlap) == ("tags", 1.0)
    assert bulb.similarity == pytest.approx(1 / sqrt(2))
    assert bulb.score == pytest.approx((1 + 1 / sqrt(2)) / 2)
    assert (shade.source, shade.tag_overlap) == ("neighbours", 0)
    assert shade.similarity == pytest.approx(4 / sqrt(17), abs=1e-6)
    # One tag of two: the same tag twice is no second one.
    assert (torch.source, torch.tag_overlap) == ("tags", 0.5)
    assert torch.similarity == pytest.approx(0)
    assert rug.source == "neighbours"
    assert rug.similarity == pytest.approx(-1)


def test_neighbours_take_only_the_places_that_tags_leave_free(connection: Connection) -> None:
    assert _sources(candidates(connection, "lamp", 2)) == {"bulb": "tags", "torch": "tags"}
    assert _sources(candidates(connection, "lamp", 3)) == {"bulb": "tags", "torch": "tags", "shade": "neighbours"}
    # Of too many that share a tag, the best by the blended score.
    assert _sources(candidates(connection, "lamp", 1)) == {"bulb": "tags"}


def test_an_item_without_tags_has_neighbours_and_one_without_a_vector_has_tags(
    connection: Connection, put: Put
) -> None:
    assert _sources(candidates(connection, "shade", 2)) == {"lamp": "neighbours", "bulb": "neighbours"}
    put("new", ["desk", "light", "light"])
    found = candidates(connection, "new")
    assert [(each.item_id, each.tag_overlap, each.similarity) for each in found] == [
        ("bulb", 1, None),
        ("lamp", 1, None),
        ("torch", 0.5, None),
    ]
    assert [(each.item_id, each.similarity) for each in candidates(connection, "torch") if each.item_id == "new"] == [
        ("new", None)
    ]
    put("nothing")
    assert candidates(connection, "nothing") == []


def test_the_weights_decide_about_the_order(connection: Connection) -> None:
    by_tags = candidates(connection, "lamp", weights=BlendWeights(tags=1, similarity=0))
    assert [each.item_id for each in by_tags] == ["bulb", "torch", "rug", "shade"]
    by_similarity = candidates(connection, "lamp", weights=BlendWeights(tags=0, similarity=1))
    assert [each.item_id for each in by_similarity] == ["shade", "bulb", "torch", "rug"]


def test_all_similarities_are_of_the_one_version_that_is_read(connection: Connection) -> None:
    connection.execute("update item_embeddings set vector = '[1,0]' where version = 'v2' and item_id <> 'lamp'")
    for found in (
        candidates(connection, "lamp", version="v2"),
        candidates(connection, "lamp", blend="v2"),
        candidates(connection, "lamp", blend="shoes=v1,home=v2"),
    ):
        assert {each.version for each in found} == {"v2"}
        assert [each.similarity for each in found] == [pytest.approx(0)] * 4
    assert {each.version for each in candidates(connection, "lamp", blend="shoes=v2")} == {"v1"}
    embedding_aliases.point(connection, "v2", reason="a test", org_id=ORG)
    assert {each.version for each in candidates(connection, "lamp")} == {"v2"}


def test_a_deleted_item_is_never_a_candidate(connection: Connection) -> None:
    connection.execute("delete from analytics.catalog_features_raw where item_id in ('bulb', 'shade')")
    assert _sources(candidates(connection, "lamp")) == {"torch": "tags", "rug": "neighbours"}


def test_candidates_are_of_the_items_own_place(connection: Connection, put: Put) -> None:
    put("globe", ["light", "desk"], "[1,0]", "[0,1]", namespace="garden")
    put("lantern", ["light", "desk"], "[1,0]", "[0,1]", org=UUID(int=2))
    assert not {"globe", "lantern"} & _sources(candidates(connection, "lamp")).keys()
    put("lamp", None, "[1,0]", "[0,1]", namespace="garden")
    with pytest.raises(InputError, match="'lamp' stands in several namespaces or orgs: name one"):
        candidates(connection, "lamp")
    assert _sources(candidates(connection, "lamp", namespace="garden")) == {"globe": "neighbours"}
    put("lamp", ["light"], org=UUID(int=2))
    assert _sources(candidates(connection, "lamp", namespace="home", org_id=UUID(int=2))) == {"lantern": "tags"}


def test_what_cannot_be_answered_is_a_sentence_for_a_person(connection: Connection) -> None:
    with pytest.raises(InputError, match="'sofa' is not in the catalog"):
        candidates(connection, "sofa")
    with pytest.raises(InputError, match="there is no embedding version 'v9'"):
        candidates(connection, "lamp", version="v9")
    embedding_versions.mark_dropped(connection, "v2", None)
    with pytest.raises(InputError, match="version v2 was dropped"):
        candidates(connection, "lamp", blend="v2")
    connection.execute("delete from embedding_aliases")
    with pytest.raises(InputError, match="no embedding version is active"):
        candidates(connection, "lamp")
