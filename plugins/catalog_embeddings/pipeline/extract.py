"""Extracting: one dbt build finds what is new, changed and gone, for every living version at once."""

import logging
from pathlib import Path

from catalog_embeddings.dbt.build import ModelStatus, dbt_build
from catalog_embeddings.postgres import catalog_features
from catalog_embeddings.postgres.connection import Connection
from catalog_embeddings.postgres.locks import held_lock

log = logging.getLogger(__name__)


def extract_changes(connection: Connection, database_url: str, target_directory: Path) -> list[ModelStatus]:
    """Build every dbt model; two runs that need it at once wait for each other, for they share its tables.

    Rows whose key no table can hold become dead letters here, for no plan will ever see them.

    Raises:
        ServerFailed: dbt cannot reach the database.
        Permanent: a model or a data test failed; the message names it.
    """
    with held_lock(connection, "catalog_embeddings.dbt"):
        statuses = dbt_build(database_url, target_directory=target_directory, log=log.debug)
        catalog_features.refuse_keys(connection)
    return statuses
