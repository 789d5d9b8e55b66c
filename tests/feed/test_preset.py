"""Presets are field maps under a name."""

import pytest

from catalog_embeddings.errors import InputError
from catalog_embeddings.feed.preset import load_preset, preset_names


def test_every_preset_can_be_loaded() -> None:
    assert "icecat" in preset_names()
    for name in preset_names():
        assert load_preset(name).sources["item_id"]


def test_an_unknown_preset_is_refused_with_the_known_ones() -> None:
    with pytest.raises(InputError, match="no preset 'icekat'; there are: icecat"):
        load_preset("icekat")
    with pytest.raises(InputError):
        load_preset("../icecat")
