"""Comparing two versions by what is known of them already: nothing is embedded, and no API is asked.

Which of the two finds better is ``evaluate``'s to say; its last verdict is repeated here.
"""

from dataclasses import asdict

from catalog_embeddings.domain.comparison import SpecDifference, VersionComparison
from catalog_embeddings.domain.version import VersionSpec
from catalog_embeddings.errors import InputError
from catalog_embeddings.postgres import embedding_aliases, embedding_evaluations, embedding_versions, version_states
from catalog_embeddings.postgres.connection import Connection


def compare(
    connection: Connection, version: str, against: str | None = None, *, k: int = 10, sample: int = 50
) -> VersionComparison:
    """A version beside another: the one named, else the active one. A ``sample`` of 0 leaves neighbours out.

    Raises:
        InputError: one of them does not exist or was dropped, or there is nothing to compare with.
    """
    own = embedding_versions.find_version(connection, version)
    named = against or embedding_aliases.active_version(connection)
    if named is None or named == version:
        raise InputError(
            f"there is no other version to compare {version} with: name one with --against"
            if against is None
            else f"version {version} cannot be compared with itself"
        )
    other = embedding_versions.find_version(connection, named)
    return VersionComparison(
        version=version_states.state_of(connection, version),
        against=version_states.state_of(connection, named),
        spec=differences(own.spec, other.spec),
        neighbours=version_states.overlap_of(connection, version, named, k, sample) if sample else None,
        evaluation=embedding_evaluations.latest_evaluation(connection, version, named),
    )


def differences(version: VersionSpec, against: VersionSpec) -> tuple[SpecDifference, ...]:
    """The parts of two specs that differ, in the order of the spec; parts of the chunking are told one by one."""
    own, other = _parts(version), _parts(against)
    return tuple(SpecDifference(name, own[name], other[name]) for name in own if own[name] != other[name])


def _parts(spec: VersionSpec) -> dict[str, object]:
    parts = asdict(spec)
    chunking = parts.pop("chunking")
    return {**parts, "record_fields": list(spec.record_fields)} | {
        f"chunking.{name}": value for name, value in chunking.items()
    }
