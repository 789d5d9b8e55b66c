"""From a catalog item to the text that is embedded.

Templates are versioned files in templates/. What a template reads is taken from the template itself, so the
record hash covers just those fields: a changed price re-embeds nothing. A new wording is a new file: a
version records the hash of its template and refuses to run with another.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import jinja2
from jinja2 import meta

from catalog_embeddings.domain.item import PROMPT_FIELDS, CatalogItem
from catalog_embeddings.errors import ConfigurationError

DEFAULT_TEMPLATE = "product.v2"

_FOLDER = Path(__file__).parent / "templates"


@dataclass(frozen=True)
class PromptTemplate:
    """A template, the fields it reads (in canonical order) and the sha256 of its file in hex."""

    name: str
    record_fields: tuple[str, ...]
    template_hash: str
    _compiled: jinja2.Template

    def render(self, item: CatalogItem) -> str:
        """The text of an item: lines without surrounding space, no empty line; "" when it says nothing."""
        rendered = self._compiled.render({field: getattr(item, field) for field in self.record_fields})
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
    used = meta.find_undeclared_variables(environment.parse(source))
    if unknown := used - set(PROMPT_FIELDS):
        raise ConfigurationError(f"prompt template {name!r} reads {sorted(unknown)}, which no item has")
    return PromptTemplate(
        name=name,
        record_fields=tuple(field for field in PROMPT_FIELDS if field in used),
        template_hash=hashlib.sha256(source.encode()).hexdigest(),
        _compiled=environment.from_string(source),
    )


def template_names() -> list[str]:
    """The templates that ship, by name."""
    return sorted(path.stem for path in _FOLDER.glob("*.j2"))


def facts(attributes: dict[str, Any] | None) -> str:
    """Attributes as prose a model reads well: ``display diagonal: 17; touchscreen: no``. Empty ones are left out."""
    return "; ".join(f"{name}: {text}" for name, text in _named_facts(attributes or {}))


def _named_facts(attributes: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for key, value in attributes.items():
        if (name := key.replace("_", " ").strip()) and (text := _fact(value)):
            yield name, text


def _fact(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case float() if value.is_integer():
            return str(int(value))
        case dict():
            return ", ".join(f"{name} {text}" for name, text in _named_facts(value))
        case list():
            return ", ".join(filter(None, map(_fact, value)))
        case _:
            return str(value).strip()
