"""Choosing a version, and refusing to add to one what does not fit it."""

from dataclasses import replace

import pytest

from catalog_embeddings.errors import ConfigurationError, InputError, RunPaused
from catalog_embeddings.pipeline.register import check_reproducible, choose_version, register_version, text_spec
from catalog_embeddings.postgres import embedding_aliases, embedding_versions
from catalog_embeddings.postgres.connection import Connection
from catalog_embeddings.transform.hashing import spec_fingerprint


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
