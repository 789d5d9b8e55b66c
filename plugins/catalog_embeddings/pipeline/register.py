"""Registering versions, and choosing the one that a run works on."""

from collections.abc import Callable

from catalog_embeddings.domain.version import EmbeddingVersion, VersionSpec
from catalog_embeddings.errors import ConfigurationError, InputError
from catalog_embeddings.postgres import embedding_aliases, embedding_versions
from catalog_embeddings.postgres.connection import Connection
from catalog_embeddings.transform.hashing import spec_fingerprint
from catalog_embeddings.transform.prompts import DEFAULT_TEMPLATE, load_template

DEFAULT_MODEL = "text-embedding-3-large"
DEFAULT_DIMS = 3_072


def text_spec(
    provider: str, model: str = DEFAULT_MODEL, dims: int = DEFAULT_DIMS, template: str = DEFAULT_TEMPLATE
) -> VersionSpec:
    """The spec of a text version; what its record hash covers is read from the template.

    Raises:
        ConfigurationError: there is no such template.
    """
    prompt = load_template(template)
    return VersionSpec(
        provider=provider,
        model=model,
        dims=dims,
        template=prompt.name,
        template_hash=prompt.template_hash,
        record_fields=prompt.record_fields,
    )


def register_version(connection: Connection, version: str, spec: VersionSpec) -> EmbeddingVersion:
    """Register a version and make its partition.

    Raises:
        InputError: the name is taken, or another version has the same spec.
    """
    embedding_versions.register(connection, version, spec, spec_fingerprint(spec))
    return embedding_versions.find_version(connection, version)


def choose_version(
    connection: Connection, version: str | None, identify_provider: Callable[[], str]
) -> EmbeddingVersion:
    """The version a run works on: the one named, else the active one, else the only one, else a first ``v1``.

    ``identify_provider`` is asked who answers only where a first version has to be registered.

    Raises:
        InputError: there is no such version, or there are several and none is active.
    """
    if version is not None:
        return embedding_versions.find_version(connection, version)
    if active := embedding_aliases.active_version(connection):
        return embedding_versions.find_version(connection, active)
    living = [found for found in embedding_versions.all_versions(connection) if found.status != "retired"]
    if len(living) > 1:
        names = ", ".join(found.version for found in living)
        raise InputError(f"no version is active and there are several ({names}): say which with --version")
    return living[0] if living else register_version(connection, "v1", text_spec(identify_provider()))


def check_reproducible(version: EmbeddingVersion, provider: str) -> None:
    """Refuse to add to a version what would not fit the vectors it holds.

    Raises:
        ConfigurationError: the template was edited since, or another kind of server answers.
    """
    spec = version.spec
    if load_template(spec.template).template_hash != spec.template_hash:
        raise ConfigurationError(
            f"template {spec.template} was edited since version {version.version} was made with it; "
            "restore it, or ship the edit as a new template and a new version"
        )
    if (spec.provider == "emulator") != (provider == "emulator"):
        raise ConfigurationError(
            f"version {version.version} was made by {spec.provider!r}, but {provider!r} answers at OPENAI_BASE_URL; "
            "their vectors do not mix: create a new version for it"
        )
