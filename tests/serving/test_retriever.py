"""The retriever: which version it reads, and that what SQL refuses becomes a sentence."""

from uuid import UUID

import numpy as np
import pytest

from catalog_embeddings.domain.hit import Hit
from catalog_embeddings.domain.version import VersionSpec
from catalog_embeddings.errors import InputError
from catalog_embeddings.postgres import embedding_aliases, embedding_versions
from catalog_embeddings.postgres.connection import Connection
from catalog_embeddings.serving.retriever import Retriever

ORG = UUID(int=1)
EAST = np.array([1, 0], dtype=np.float32)


@pytest.fixture(autouse=True)
def catalog(connection: Connection) -> None:
    """Lamp, desk and chair in two versions: v1, which is active, and v2, where all is the other way round."""
    vectors = {"lamp": ("[1,0]", "[0,1]"), "desk": ("[1,1]", "[1,1]"), "chair": ("[0,1]", "[1,0]")}
    for number, version in enumerate(("v1", "v2")):
        spec = VersionSpec("emulator", "text-embedding-3-small", 2, "product.v2", "hash", ("title",))
        embedding_versions.register(connection, version, spec, version)
        connection.execute("select set_config('catalog_embeddings.fingerprint', %s, false)", [version])
        for item, own in vectors.items():
            connection.execute(
                "insert into analytics.catalog_features_raw (org_id, namespace, item_id, title)"
                " values (%s, 'home', %s, %s) on conflict do nothing",
                [ORG, item, item.title()],
            )
            connection.execute(
                "insert into item_embeddings (org_id, namespace, item_id, version, modality, dims, vector,"
                " record_hash, content_hash) values (%s, 'home', %s, %s, 'text', 2, %s, '', '')",
                [ORG, item, version, own[number]],
            )
    embedding_aliases.point(connection, "v1", reason="a test")


def _ids(hits: list[Hit]) -> list[str]:
    return [hit.item_id for hit in hits]


def test_hits_say_what_was_found_and_how_near(connection: Connection) -> None:
    first, second = Retriever(connection).nearest(EAST, 2)
    assert first == Hit("lamp", "home", 1.0, "Lamp")
    assert second.item_id == "desk"
    assert second.score == pytest.approx(2**-0.5)
    assert _ids(Retriever(connection).similar("lamp", 1)) == ["desk"]


def test_a_deleted_item_is_never_a_hit(connection: Connection) -> None:
    connection.execute("delete from analytics.catalog_features_raw where item_id = 'desk'")
    assert _ids(Retriever(connection).nearest(EAST)) == ["lamp", "chair"]
    assert _ids(Retriever(connection).similar("lamp")) == ["chair"]


def test_namespace_and_org_are_passed_on(connection: Connection) -> None:
    retriever = Retriever(connection)
    assert len(retriever.nearest(EAST, namespace="home", org_id=ORG)) == 3
    assert retriever.nearest(EAST, namespace="shoes") == retriever.nearest(EAST, org_id=UUID(int=2)) == []
    assert len(retriever.similar("lamp", namespace="home", org_id=ORG)) == 2


def test_the_version_named_goes_before_the_setting_before_the_active_one(connection: Connection) -> None:
    for blend, namespace, version, read in (
        (None, None, None, "v1"),
        ("", None, None, "v1"),
        ("v2", None, None, "v2"),
        (" v2 ", "home", None, "v2"),
        ("home=v2", "home", None, "v2"),
        ("home=v2", "shoes", None, "v1"),
        ("home=v2", None, None, "v1"),
        ("shoes=v1, home = v2,", "home", None, "v2"),
        ("*=v2,shoes=v1", "home", None, "v2"),
        ("*=v2,shoes=v1", "shoes", None, "v1"),
        ("v2", "home", "v1", "v1"),
    ):
        retriever = Retriever(connection, blend=blend)
        assert retriever.version_for(namespace, version) == read, (blend, namespace, version)
        hits = retriever.nearest(EAST, 1, namespace=namespace, version=version)
        assert _ids(hits) == ([] if namespace == "shoes" else ["lamp"] if read == "v1" else ["chair"])


def test_the_setting_decides_about_neighbours_too(connection: Connection) -> None:
    connection.execute("update embedding_aliases set version = 'v2'")
    connection.execute("delete from item_embeddings where version = 'v2'")
    with pytest.raises(InputError, match="has no vector in the version that is read"):
        Retriever(connection).similar("lamp")
    for blend in ("v1", "home=v1"):
        assert _ids(Retriever(connection, blend=blend).similar("lamp", namespace="home")) == ["desk", "chair"]


def test_the_setting_of_an_items_own_namespace_counts_where_none_is_named(connection: Connection) -> None:
    for blend, nearest in (
        ("home=v2", "desk"),
        ("shoes=v2", "desk"),
        ("home=v9", None),
        ("*=v9,home=v1", "desk"),
        ("*=v9,shoes=v1", None),
    ):
        retriever = Retriever(connection, blend=blend)
        if nearest is None:
            with pytest.raises(InputError, match='there is no embedding version "v9"'):
                retriever.similar("lamp")
        else:
            assert _ids(retriever.similar("lamp", 1)) == [nearest], blend
    # Told apart by what only one of the versions holds.
    connection.execute("delete from item_embeddings where version = 'v1'")
    assert _ids(Retriever(connection, blend="home=v2").similar("lamp")) == ["desk", "chair"]
    assert _ids(Retriever(connection, blend="home=v1").similar("lamp", version="v2")) == ["desk", "chair"]
    with pytest.raises(InputError, match="has no vector"):
        Retriever(connection, blend="shoes=v2").similar("lamp")
    with pytest.raises(InputError, match="has no vector"):
        Retriever(connection, blend="home=v2").similar("sofa")


def test_an_item_of_several_namespaces_has_no_setting_of_its_own(connection: Connection) -> None:
    for org, namespace in ((ORG, "garden"), (UUID(int=2), "home")):
        connection.execute(
            "insert into analytics.catalog_features_raw (org_id, namespace, item_id) values (%s, %s, 'lamp')",
            [org, namespace],
        )
        connection.execute(
            "insert into item_embeddings (org_id, namespace, item_id, version, modality, dims, vector, record_hash,"
            " content_hash) values (%s, %s, 'lamp', 'v2', 'text', 2, '[1,0]', '', '')",
            [org, namespace],
        )
    retriever = Retriever(connection, blend="home=v2")
    with pytest.raises(InputError, match="'lamp' stands in several namespaces: name one with --namespace"):
        retriever.similar("lamp")
    assert _ids(retriever.similar("lamp", namespace="home", org_id=ORG)) == ["desk", "chair"]
    assert retriever.similar("lamp", org_id=UUID(int=2)) == []
    connection.execute("delete from analytics.catalog_features_raw where namespace = 'garden'")
    assert _ids(retriever.similar("lamp", org_id=ORG)) == ["desk", "chair"]


def test_the_pointer_of_an_org_goes_before_that_of_a_namespace(connection: Connection) -> None:
    embedding_aliases.point(connection, "v1", reason="a test", namespace="home")
    embedding_aliases.point(connection, "v2", reason="a test", org_id=ORG)
    retriever = Retriever(connection)
    assert retriever.version_for("home") == "v1"
    assert retriever.version_for("home", org_id=ORG) == "v2"
    assert _ids(retriever.nearest(EAST, 1, namespace="home", org_id=ORG)) == ["chair"]
    assert _ids(retriever.nearest(EAST, 1, namespace="home")) == ["lamp"]


def test_a_setting_that_says_nothing_clear_is_refused(connection: Connection) -> None:
    for blend in ("home=", "=v2", "home=v2,=", "home=v2,books"):
        with pytest.raises(InputError, match="write v7, or shoes=v7,books=v5"):
            Retriever(connection, blend=blend)


def test_what_cannot_be_answered_is_a_sentence_for_a_person(connection: Connection) -> None:
    retriever = Retriever(connection)
    with pytest.raises(InputError, match=r'item "sofa" has no vector .*\(is it in the catalog'):
        retriever.similar("sofa")
    with pytest.raises(InputError, match='the query vector has 3 dims, version "v1" has 2'):
        retriever.nearest(np.ones(3, dtype=np.float32))
    with pytest.raises(InputError, match='there is no embedding version "v9"'):
        retriever.nearest(EAST, version="v9")
    embedding_versions.mark_dropped(connection, "v2", None)
    with pytest.raises(InputError, match=r'embedding version "v2" was dropped on .*: its vectors are gone'):
        retriever.nearest(EAST, version="v2")
    with pytest.raises(InputError, match='embedding version "v2" was dropped: its vectors are gone'):
        Retriever(connection, blend="v2").similar("lamp")
    connection.execute("delete from embedding_aliases")
    with pytest.raises(InputError, match="no embedding version is active: run the pipeline first"):
        retriever.nearest(EAST)
