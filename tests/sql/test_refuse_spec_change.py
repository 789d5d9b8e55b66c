"""refuse_spec_change: what a version is made of never changes, what becomes of it does."""

import psycopg
import pytest

from tests.sql.conftest import Shelf


def test_what_becomes_of_a_version_may_be_written(shelf: Shelf) -> None:
    for change in (
        "index_report = '{}'",
        "status = 'retired', dropped_at = now(), lake_due_at = now()",
        "lake_removed_at = now()",
    ):
        assert shelf.ask(f"update embedding_versions set {change} returning version") == [("v1",)]


def test_the_spec_may_not_even_along_with_it(shelf: Shelf) -> None:
    for change in ("dims = 3", "index_report = '{}', model = 'another'"):
        with pytest.raises(psycopg.errors.IntegrityConstraintViolation, match="version v1 is immutable"):
            shelf.ask(f"update embedding_versions set {change}")
