"""Versions the way a door or a scheduler calls them: promoted, rolled back, compared, listed with their places."""

from typing import Any
from uuid import UUID

from catalog_embeddings.bootstrap.database import open_database, settings
from catalog_embeddings.domain.comparison import VersionComparison
from catalog_embeddings.domain.promotion import EVERY_NAMESPACE, Behind, Move, Place
from catalog_embeddings.domain.version import EmbeddingVersion
from catalog_embeddings.errors import InputError
from catalog_embeddings.pipeline import compare as comparing
from catalog_embeddings.pipeline import promote as promoting
from catalog_embeddings.postgres import embedding_aliases, embedding_versions


def _place(namespace: str | None, org_id: UUID | None) -> Place:
    """Whose readers are meant; None stands for every namespace, and every org."""
    return Place(org_id, namespace or EVERY_NAMESPACE)


def list_versions() -> list[tuple[EmbeddingVersion, list[Place]]]:
    """Every version, oldest first, and the places whose readers see it."""
    with open_database() as connection:
        aliases = embedding_aliases.all_aliases(connection)
        return [
            (version, [place for place, pointed_at in aliases if pointed_at == version.version])
            for version in embedding_versions.all_versions(connection)
        ]


def promote(
    version: str, namespace: str | None = None, org_id: UUID | None = None, *, force: bool, reason: str | None
) -> Move:
    """Let the readers of a place see a version from now on.

    Raises:
        InputError: something speaks against it; the message says all of it.
    """
    max_ndcg_drop = settings().max_ndcg_drop
    with open_database() as connection:
        return promoting.promote(
            connection,
            version,
            _place(namespace, org_id),
            reason=reason,
            force=force,
            max_ndcg_drop=max_ndcg_drop,
        )


def promote_by_names(
    *,
    version: str,
    namespace: str | None = None,
    org_id: str | None = None,
    force: bool | None = None,
    reason: str | None = None,
) -> dict[str, Any]:
    """Promote as a scheduler asks for it, in plain names; returns the move.

    Raises:
        InputError: something speaks against it; the message says all of it.
    """
    return promote(version, namespace, org_of(org_id), force=bool(force), reason=reason).as_json()


def org_of(text: str | None) -> UUID | None:
    """The org that a form names; None where the field is empty.

    Raises:
        InputError: it is no UUID.
    """
    try:
        return UUID(text) if text else None
    except ValueError:
        raise InputError(f"{text!r} is no org_id: it is a UUID") from None


def rollback(namespace: str | None = None, org_id: UUID | None = None) -> tuple[Move, Behind]:
    """Take back the last promotion at a place.

    Raises:
        InputError: there is nothing to go back to.
    """
    with open_database() as connection:
        return promoting.rollback(connection, _place(namespace, org_id))


def compare_versions(version: str, against: str | None = None, k: int = 10, sample: int = 50) -> VersionComparison:
    """A version beside another, or beside the active one; a ``sample`` of 0 leaves their neighbours out.

    Raises:
        InputError: there is no such version, it was dropped, or there is none to compare it with.
    """
    with open_database() as connection:
        return comparing.compare(connection, version, against, k=k, sample=sample)
