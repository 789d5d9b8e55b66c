"""Choosing a version, and refusing to add to one what does not fit it."""

from dataclasses import replace
from decimal import Decimal

import pytest

from catalog_embeddings.domain.slice import Slice
from catalog_embeddings.domain.version import EmbeddingVersion, VersionStatus
from catalog_embeddings.errors import ConfigurationError, InputError, RunPaused
from catalog_embeddings.pipeline.register import (
    check_reproducible,
    check_resumable,
    choose_slice,
    choose_version,
    kept_versions,
    register_version,
    text_spec,
)
from catalog_embeddings.postgres import embedding_aliases, embedding_versions, runs, version_slices
from catalog_embeddings.postgres.connection import Connection
from catalog_embeddings.transform.enrichment_templates import load_enrichment
from catalog_embeddings.transform.hashing import spec_fingerprint
from catalog_embeddings.transform.prompts import load_template


def _nobody() -> str:
    raise RunPaused("nobody answers")


def test_a_spec_takes_its_record_fields_from_the_template() -> None:
    old, new = text_spec("openai", template="product.v1"), text_spec("openai")
    assert old.record_fields == ("description", "brand", "category")
    assert set(old.record_fields) < set(new.record_fields)
    assert (new.model, new.dims) == ("text-embedding-3-large", 3072)
    assert old.template_hash != new.template_hash
    with pytest.raises(ConfigurationError, match="there is no prompt template 'haiku'"):
        text_spec("openai", template="haiku")


def test_a_spec_with_an_enrichment_reads_the_fields_of_both_templates() -> None:
    spec = text_spec("emulator", template="product.v4", enrichment="review.v1")
    asked = load_enrichment("review.v1")
    assert set(spec.record_fields) == {*load_template("product.v4").record_fields, *asked.record_fields}
    assert (spec.enrichment, spec.enrichment_model) == ("review.v1", "gpt-4.1-mini")
    assert spec.enrichment_hash == asked.prompt_hash


def test_a_template_and_an_enrichment_have_to_fit() -> None:
    with pytest.raises(InputError, match=r"product\.v2 has no use for enrichment review\.v1: product\.v4 shows one"):
        text_spec("emulator", enrichment="review.v1")
    with pytest.raises(InputError, match=r"product\.v4 is written for enriched records"):
        text_spec("emulator", template="product.v4")


def test_a_registered_version_bears_the_fingerprint_of_its_spec(connection: Connection) -> None:
    spec = text_spec("emulator", dims=8)
    version = register_version(connection, "v1", spec)
    assert (version.spec, version.fingerprint, version.status) == (spec, spec_fingerprint(spec), "building")
    assert connection.execute("select count(*) from item_embeddings_v1").fetchone() == (0,)
    with pytest.raises(InputError, match="very spec"):
        register_version(connection, "v2", spec)


def test_the_first_version_is_made_for_whoever_answers(connection: Connection) -> None:
    version = choose_version(connection, None, lambda: "emulator")
    assert (version.version, version.spec) == ("v1", text_spec("emulator"))
    assert choose_version(connection, None, _nobody) == version


def test_where_nobody_answers_nothing_is_registered(connection: Connection) -> None:
    with pytest.raises(RunPaused):
        choose_version(connection, None, _nobody)
    assert embedding_versions.all_versions(connection) == []


def test_the_named_version_goes_before_the_active_one_before_the_only_living_one(connection: Connection) -> None:
    for number, name in enumerate(("v1", "v2", "v3"), start=1):
        register_version(connection, name, text_spec("emulator", dims=number))
    with pytest.raises(InputError, match=r"no version is active and there are several \(v1, v2, v3\)"):
        choose_version(connection, None, _nobody)
    for gone in ("v1", "v2"):
        embedding_versions.set_status(connection, gone, "retired")
    assert choose_version(connection, None, _nobody).version == "v3"
    embedding_aliases.point(connection, "v2", reason="a test")
    assert choose_version(connection, None, _nobody).version == "v2"
    assert choose_version(connection, "v1", _nobody).version == "v1"
    with pytest.raises(InputError, match="there is no embedding version 'v9'"):
        choose_version(connection, "v9", _nobody)


def test_vectors_of_another_kind_of_server_are_not_added(connection: Connection) -> None:
    emulated = register_version(connection, "v1", text_spec("emulator", dims=8))
    real = register_version(connection, "v2", text_spec("openai", dims=8))
    check_reproducible(emulated, "emulator")
    check_reproducible(real, "openai")
    check_reproducible(real, "openai-compatible")
    for version, provider in ((emulated, "openai"), (real, "emulator")):
        with pytest.raises(ConfigurationError, match="their vectors do not mix"):
            check_reproducible(version, provider)


def test_an_edited_template_is_refused(connection: Connection) -> None:
    version = register_version(connection, "v1", replace(text_spec("emulator"), template_hash="of another file"))
    with pytest.raises(ConfigurationError, match=r"template product\.v2 was edited since version v1"):
        check_reproducible(version, "emulator")


def _hold_a_vector(connection: Connection, version: EmbeddingVersion) -> None:
    with connection.transaction():
        connection.execute("select set_config('catalog_embeddings.fingerprint', %s, true)", [version.fingerprint])
        connection.execute(
            "insert into item_embeddings (org_id, item_id, version, modality, dims, vector, record_hash, content_hash)"
            " values (gen_random_uuid(), 'lamp', %s, 'text', 1, '[1]', '', '')",
            [version.version],
        )


def test_every_night_is_for_what_readers_see_and_for_candidates(connection: Connection) -> None:
    first = kept_versions(connection, lambda: "emulator")
    assert [found.version for found in first] == ["v1"]
    others: dict[str, VersionStatus] = {
        "v2": "candidate",
        "v3": "active",
        "v4": "building",
        "v5": "candidate",
        "v6": "retired",
    }
    for number, (name, status) in enumerate(others.items(), start=1):
        register_version(connection, name, text_spec("emulator", dims=number))
        embedding_versions.set_status(connection, name, status)
    register_version(connection, "v7", replace(text_spec("emulator", dims=7), modality="image"))
    embedding_versions.set_status(connection, "v7", "active")
    assert [found.version for found in kept_versions(connection, _nobody)] == ["v3", "v2", "v5"]


def test_a_slice_is_what_was_asked_for_with_the_salt_it_had(connection: Connection) -> None:
    version = register_version(connection, "v1", text_spec("emulator", dims=1))
    assert choose_slice(connection, version, None, None) is None
    first = choose_slice(connection, version, "5%", None)
    assert first is not None
    assert (str(first), choose_slice(connection, version, "5%", "other")) == ("5%", replace(first, salt="other"))
    version_slices.set_slice(connection, "v1", replace(first, salt="other"))
    assert choose_slice(connection, version, "25 %", None) == Slice(Decimal(25), "other")
    # As long as it holds nothing, everything may change.
    assert choose_slice(connection, version, "1%", "third") == Slice(Decimal(1), "third")


def test_a_slice_that_holds_vectors_only_grows(connection: Connection) -> None:
    version = register_version(connection, "v1", text_spec("emulator", dims=1))
    version_slices.set_slice(connection, "v1", Slice(Decimal(25), "trial"))
    _hold_a_vector(connection, version)
    for share in ("25%", "40%", "100%"):
        assert choose_slice(connection, version, share, None) == Slice.parse(share, "trial")
    with pytest.raises(InputError, match=r"version v1 holds vectors of 25% of the catalog: at 24\.99% the"):
        choose_slice(connection, version, "24.99%", None)
    with pytest.raises(InputError, match="the slice that salt 'trial' draws: 'other' draws other items"):
        choose_slice(connection, version, "50%", "other")
    assert choose_slice(connection, version, "100%", "other") == Slice(Decimal(100), "other")

    whole = register_version(connection, "v2", text_spec("emulator", dims=2))
    _hold_a_vector(connection, replace(whole, spec=replace(whole.spec, dims=1)))
    assert choose_slice(connection, whole, "100%", None) is not None
    with pytest.raises(InputError, match="version v2 holds vectors of 100% of the catalog: at 99% the others would"):
        choose_slice(connection, whole, "99%", None)


@pytest.mark.parametrize(
    ("share", "salt", "sentence"),
    [
        (None, "trial", "say with --slice how large"),
        ("5", None, "'5' is no slice: write a percentage such as 5%"),
        ("0%", None, "a slice is more than 0 % and at most 100 %"),
        ("5%", "a:b", "a salt is at most 64 letters, digits, dots"),
        ("5%", "", "a salt is at most 64 letters, digits, dots"),
    ],
)
def test_what_is_no_slice_is_said(connection: Connection, share: str | None, salt: str | None, sentence: str) -> None:
    version = register_version(connection, "v1", text_spec("emulator", dims=1))
    with pytest.raises(InputError, match=sentence):
        choose_slice(connection, version, share, salt)


def test_a_frozen_run_is_resumed_with_its_own_slice_alone(connection: Connection) -> None:
    register_version(connection, "v1", text_spec("emulator", dims=1))
    runs.open_run(connection, "run-1", "v1", "a test")
    more = Slice(Decimal(25), "trial")
    check_resumable(connection, runs.find_run(connection, "run-1"), more)
    runs.freeze(connection, "run-1", "plan-1", {})
    version_slices.set_slice(connection, "v1", Slice(Decimal(5), "trial"))
    frozen = runs.find_run(connection, "run-1")
    check_resumable(connection, frozen, None)
    check_resumable(connection, frozen, Slice(Decimal(5), "trial"))
    with pytest.raises(InputError, match="run run-1 is unfinished, and was planned for 5% of the catalog: finish it"):
        check_resumable(connection, frozen, more)
