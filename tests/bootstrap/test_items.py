"""One item at once, the way a shop calls it."""

import uuid

import pytest

from catalog_embeddings import bootstrap
from catalog_embeddings.errors import InputError
from tests.bootstrap.conftest import Surroundings


def test_an_item_of_the_active_version(around: Surroundings) -> None:
    around.connection.execute(
        "insert into analytics.catalog_features_raw (org_id, item_id, title) values (%s, 'sofa', 'Corduroy sofa')",
        [uuid.UUID(int=1)],
    )
    done = bootstrap.embed_item("sofa", org_id=uuid.UUID(int=1))
    assert (done.version, done.outcome, done.requests) == ("v1", "embedded", 1)
    assert around.ask("select count(*) from item_embeddings where item_id = 'sofa'") == [(1,)]
    assert bootstrap.embed_item("sofa", version="v1").outcome == "unchanged"
    # The night finds nothing left to do.
    summary, error = bootstrap.run(None, "a night")
    assert (summary["planned"], error) == (0, None)


def test_an_unknown_item_is_an_error(around: Surroundings) -> None:
    with pytest.raises(InputError, match="no item 'nothing'"):
        bootstrap.embed_item("nothing")
