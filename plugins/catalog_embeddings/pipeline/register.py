"""Registering versions, and choosing the one that a run works on, and the slice of the catalog it is made for."""

import re
from collections.abc import Callable
from dataclasses import replace

from catalog_embeddings.domain.item import PROMPT_FIELDS
from catalog_embeddings.domain.slice import BUCKETS, Slice
from catalog_embeddings.domain.version import EmbeddingVersion, VersionSpec
from catalog_embeddings.errors import ConfigurationError, InputError
from catalog_embeddings.postgres import embedding_aliases, embedding_versions, version_slices
from catalog_embeddings.postgres.connection import Connection
from catalog_embeddings.postgres.runs import Run
from catalog_embeddings.transform.enrichment_templates import load_enrichment
from catalog_embeddings.transform.hashing import spec_fingerprint
from catalog_embeddings.transform.prompts import DEFAULT_TEMPLATE, load_template, template_names

DEFAULT_MODEL = "text-embedding-3-large"
DEFAULT_DIMS = 3_072
DEFAULT_ENRICHMENT_MODEL = "gpt-4.1-mini"

# One for all, so that two versions on trial hold the same items and can be compared on them.
_DEFAULT_SALT = "trial"
_SALT = re.compile(r"[A-Za-z0-9._-]{1,64}")


def text_spec(
    provider: str,
    model: str = DEFAULT_MODEL,
    dims: int = DEFAULT_DIMS,
    template: str = DEFAULT_TEMPLATE,
    enrichment: str | None = None,
    enrichment_model: str = DEFAULT_ENRICHMENT_MODEL,
) -> VersionSpec:
    """The spec of a text version; what its record hash covers is read from the templates, the enrichment's included.

    Raises:
        ConfigurationError: there is no such template.
        InputError: the template has no use for an enrichment, or cannot do without one.
    """
    prompt = load_template(template)
    if prompt.reads_enrichment != (enrichment is not None):
        raise InputError(_mismatch(template, enrichment))
    spec = VersionSpec(
        provider=provider,
        model=model,
        dims=dims,
        template=prompt.name,
        template_hash=prompt.template_hash,
        record_fields=prompt.record_fields,
    )
    if enrichment is None:
        return spec
    asked = load_enrichment(enrichment)
    read = {*prompt.record_fields, *asked.record_fields}
    return replace(
        spec,
        record_fields=tuple(field for field in PROMPT_FIELDS if field in read),
        enrichment=asked.name,
        enrichment_model=enrichment_model,
        enrichment_hash=asked.prompt_hash,
    )


def _mismatch(template: str, enrichment: str | None) -> str:
    if enrichment is None:
        return f"template {template} is written for enriched records: name what enriches them with --enrichment"
    return f"template {template} has no use for enrichment {enrichment}: {enriched_template()} shows one"


def enriched_template() -> str:
    """The newest prompt template that shows an enrichment."""
    return max(name for name in template_names() if load_template(name).reads_enrichment)


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


def kept_versions(connection: Connection, identify_provider: Callable[[], str]) -> list[EmbeddingVersion]:
    """The versions that are kept fresh every night, those that readers see first: active ones and candidates.

    Where there are none yet, what ``choose_version`` finds. A version that is being built waits for its backfill.
    """
    kept = [
        found
        for found in embedding_versions.all_versions(connection)
        if found.status in {"active", "candidate"} and found.spec.modality == "text"
    ]
    return sorted(kept, key=lambda found: found.status) or [choose_version(connection, None, identify_provider)]


def choose_slice(
    connection: Connection, version: EmbeddingVersion, share: str | None, salt: str | None
) -> Slice | None:
    """The slice that a person asks for, such as ``5%``; None where the version's own is to stand.

    Raises:
        InputError: it is none, or the version holds vectors that would lie outside it.
    """
    if share is None:
        if salt is not None:
            raise InputError("a salt draws the items of a slice: say with --slice how large that is to be")
        return None
    if salt is not None and not _SALT.fullmatch(salt):
        raise InputError("a salt is at most 64 letters, digits, dots, dashes and underscores")
    own = version_slices.find_slice(connection, version.version)
    try:
        asked = Slice.parse(share, salt or (own.salt if own else _DEFAULT_SALT))
    except ValueError as error:
        raise InputError(str(error)) from None
    if asked.buckets < BUCKETS and version_slices.holds_vectors(connection, version.version):
        _refuse_left_behind(version.version, own, asked)
    return asked


def _refuse_left_behind(version: str, own: Slice | None, asked: Slice) -> None:
    """Slices only grow: what lies outside would never be refreshed again, and would be paid for in vain."""
    instead = "ramp it up, or create another version to try on less"
    if own is None or own.buckets > asked.buckets:
        raise InputError(
            f"version {version} holds vectors of {own or '100%'} of the catalog: at {asked} the others would go stale "
            f"unnoticed; {instead}"
        )
    if own.salt != asked.salt:
        raise InputError(
            f"version {version} holds vectors of the slice that salt {own.salt!r} draws: {asked.salt!r} draws other "
            f"items, and those it has would go stale unnoticed; keep the salt, or {instead}"
        )


def check_resumable(connection: Connection, run: Run, asked: Slice | None) -> None:
    """Refuse a slice that a run, whose plan is frozen, was not planned for.

    Raises:
        InputError: the run has to be finished first.
    """
    own = version_slices.find_slice(connection, run.version)
    if run.plan_id is not None and asked is not None and asked != own:
        raise InputError(
            f"run {run.run_id} is unfinished, and was planned for {own or '100%'} of the catalog: finish it with "
            f"`catalog-embeddings run --version {run.version}` first, then go on to {asked}"
        )


def check_reproducible(version: EmbeddingVersion, provider: str) -> None:
    """Refuse to add to a version what would not fit the vectors it holds.

    Raises:
        ConfigurationError: a template was edited since, or another kind of server answers.
    """
    spec = version.spec
    if spec.enrichment is not None and load_enrichment(spec.enrichment).prompt_hash != spec.enrichment_hash:
        raise ConfigurationError(
            f"enrichment {spec.enrichment} was edited since version {version.version} was made with it; "
            "restore it, or ship the edit as a new enrichment and a new version"
        )
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
