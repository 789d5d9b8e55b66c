"""From a catalog item, and what was written of it, to the text that is embedded.

Templates are versioned files in templates/. What a template reads is taken from the template itself, so the
record hash covers just those fields: a changed price re-embeds nothing. A new wording is a new file: a
version records the hash of its template and refuses to run with another. A template may also read an ``enrichment``,
and the ``variant_facts`` that the enrichment was written without; which item fields those rest on is known to
``enrichment_templates``.
"""

import hashlib
import math
import unicodedata
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import jinja2
from jinja2 import meta

from catalog_embeddings.domain.enrichment import Draft
from catalog_embeddings.domain.item import PROMPT_FIELDS, CatalogItem
from catalog_embeddings.errors import ConfigurationError

DEFAULT_TEMPLATE = "product.v2"

_FOLDER = Path(__file__).parent / "templates"

# What a template may read beside the item's own fields.
_ENRICHMENT = frozenset(("enrichment", "variant_facts"))

# Controls, formats such as zero-width characters, spaces and line ends: no eye sees them.
_UNSEEN = frozenset(("Cc", "Cf", "Zs", "Zl", "Zp"))
# Unseen, too, although Unicode files them under letters, marks and symbols: joiners, fillers, selectors, a blank.
_UNSEEN_LETTERS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0") | {
    chr(point) for points in (range(0x180B, 0x1810), range(0xFE00, 0xFE10), range(0xE0100, 0xE01F0)) for point in points
}


@dataclass(frozen=True)
class PromptTemplate:
    """A template, the item fields it reads (in canonical order) and the sha256 of its file in hex."""

    name: str
    record_fields: tuple[str, ...]
    template_hash: str
    reads_enrichment: bool
    _compiled: jinja2.Template

    def render(
        self, item: CatalogItem, enrichment: Draft | None = None, variant_facts: Mapping[str, Any] | None = None
    ) -> str:
        """The text of an item: lines without surrounding space, no empty line; "" when it says nothing.

        Without an enrichment (rejected, or not there yet) the item's plain record is all there is to say.
        """
        fields = {field: _shown(getattr(item, field)) for field in self.record_fields}
        rendered = self._compiled.render(fields, enrichment=enrichment, variant_facts=variant_facts or {})
        lines = (" ".join(line.split()) for line in rendered.splitlines())
        return "\n".join(line for line in lines if line)


@cache
def load_template(name: str) -> PromptTemplate:
    """The template of that name, such as ``product.v2``.

    Raises:
        ConfigurationError: there is no such template, or it reads what an item does not have.
    """
    path = _FOLDER / f"{name}.j2"
    if not path.is_file():
        raise ConfigurationError(f"there is no prompt template {name!r}; there are: {', '.join(template_names())}")
    source = path.read_text(encoding="utf-8")
    # Autoescape is for HTML; this text goes to a model, and "&" must stay "&".
    environment = jinja2.Environment(undefined=jinja2.StrictUndefined, autoescape=False)  # noqa: S701
    environment.filters["facts"] = facts
    # No template may call what jinja brings along, such as ``range``; each rendering would be handed a copy of it.
    environment.globals.clear()
    used = meta.find_undeclared_variables(environment.parse(source))
    if unknown := used - set(PROMPT_FIELDS) - _ENRICHMENT:
        raise ConfigurationError(f"prompt template {name!r} reads {sorted(unknown)}, which no item has")
    return PromptTemplate(
        name=name,
        record_fields=tuple(field for field in PROMPT_FIELDS if field in used),
        template_hash=hashlib.sha256(source.encode()).hexdigest(),
        reads_enrichment="enrichment" in used,
        _compiled=environment.from_string(source),
    )


def template_names() -> list[str]:
    """The templates that ship, by name."""
    return sorted(path.stem for path in _FOLDER.glob("*.j2"))


def facts(attributes: Mapping[str, Any] | None, but: Collection[str] = ()) -> str:
    """Attributes as prose a model reads well: ``display diagonal: 17; touchscreen: no``. Empty ones are left out.

    So are those whose keys are in ``but``.
    """
    shown = {key: value for key, value in (attributes or {}).items() if key not in but}
    return "; ".join(f"{name}: {text}" for name, text in _named_facts(shown))


def _named_facts(attributes: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for key, value in attributes.items():
        if (name := key.replace("_", " ").strip()) and _says_something(name) and (text := _fact(value)):
            yield name, text


def _fact(value: Any) -> str:
    match value:
        case bool():
            return "yes" if value else "no"
        case int() | float():
            return _number(value)
        case dict():
            return ", ".join(f"{name} {text}" for name, text in _named_facts(value))
        case list():
            return ", ".join(filter(None, map(_fact, value)))
        case str() if _says_something(value):
            return value.strip()
        case _:
            return ""


def _number(value: Any) -> str:
    if isinstance(value, float) and not value.is_integer():
        # Infinity is what Python reads of more than 308 digits and a fraction, which Postgres takes.
        return str(value) if math.isfinite(value) else ""
    return str(int(value))


def _shown(value: Any) -> Any:
    """A field's value for the template: a text without a visible character is none, neither is such a tag."""
    if isinstance(value, str):
        return value if _says_something(value) else None
    return tuple(filter(_says_something, value)) if isinstance(value, tuple) else value


def _says_something(text: str) -> bool:
    return any(map(_is_seen, text))


@cache
def _is_seen(char: str) -> bool:
    return unicodedata.category(char) not in _UNSEEN and char not in _UNSEEN_LETTERS
