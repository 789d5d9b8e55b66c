"""Presets: field maps for feeds that many people have, each a file in presets/."""

import tomllib
from importlib.resources import files

from catalog_embeddings.errors import InputError
from catalog_embeddings.feed.mapping import FieldMap, parse_field_map

_FOLDER = files("catalog_embeddings.feed") / "presets"


def preset_names() -> list[str]:
    """The presets there are."""
    return sorted(file.name.removesuffix(".toml") for file in _FOLDER.iterdir() if file.name.endswith(".toml"))


def load_preset(name: str) -> FieldMap:
    """The field map of a preset.

    Raises:
        InputError: there is no such preset.
    """
    if name not in preset_names():
        raise InputError(f"there is no preset {name!r}; there are: {', '.join(preset_names())}")
    preset = tomllib.loads((_FOLDER / f"{name}.toml").read_text(encoding="utf-8"))
    return parse_field_map(
        (f"{target}={source}" for target, source in preset["map"].items()),
        preset["drop"],
        preset["attribute_prefixes"],
    )
