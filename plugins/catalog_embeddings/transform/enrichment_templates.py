"""How a record is put to a language model: enrichment templates, each a folder of files in enrichments/.

Knows which fields a template reads and how a record is written into the messages. The record hash covers what is sent
and nothing else, so the ``variants`` of a product share one enrichment, and what is their own is added back by the
template that is embedded. Personal data is scrubbed by the caller, between ``record`` and ``record_hash``; what comes
back is read by ``enrichment_answers`` and judged by the guards.
"""

import hashlib
import json
import math
import re
import tomllib
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import jinja2
from pydantic import BaseModel, ConfigDict, Field

from catalog_embeddings.domain.item import PROMPT_FIELDS, CatalogItem
from catalog_embeddings.errors import ConfigurationError
from catalog_embeddings.transform.variants import VariantFields

Message = dict[str, str]

_FOLDER = Path(__file__).parent / "enrichments"

# Formats no eye sees, among them the tags and the turns of direction that hide an instruction. Joiners stay: in some
# scripts they are spelling.
_JOINERS = "\u200c\u200d"
_HIDDEN = frozenset(("Cc", "Cf", "Cs"))

_LOCALE = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8}){0,3}")

# Inside of JSON these stand in strings only; spelled so, no string can close the delimiters around the record.
_DELIMITERS = {ord("<"): "\\u003c", ord(">"): "\\u003e", ord("&"): "\\u0026"}

_LONGEST_REASON = 300


@dataclass(frozen=True)
class EnrichmentTemplate:
    """A template: what it reads, how it is asked, and what an answer has to look like.

    ``prompt_hash`` is the sha256 in hex over all its files. ``variant_fields`` says by the names of attributes which
    of them tell variants apart. ``schema`` is the JSON schema that an answer is held against, ``max_tokens`` bounds
    it. ``locales`` are the languages and regions that have a system prompt of their own, such as ``de``.
    """

    name: str
    title: str
    prompt_hash: str
    record_fields: tuple[str, ...]
    variant_fields: VariantFields
    temperature: float
    words: int
    max_tokens: int
    schema: Mapping[str, Any]
    _systems: Mapping[str, str]
    _prompt: jinja2.Template
    _reminder: jinja2.Template

    @property
    def locales(self) -> tuple[str, ...]:
        """The languages and regions with a system prompt of their own."""
        return tuple(sorted(locale for locale in self._systems if locale))

    def record(self, item: CatalogItem) -> dict[str, Any]:
        """What is sent of an item: its normalised fields in canonical order, without what only its variant has.

        Empty fields are left out; ``attributes`` are sorted by name. The result is plain JSON, and empty where the
        item says nothing that could be written about.
        """
        normal = {field: _normalised(getattr(item, field)) for field in self.record_fields}
        # A feed may send attributes that are none; they say nothing by name.
        normal["attributes"] = normal.get("attributes") if isinstance(item.attributes, dict) else None
        record = self.variant_fields.shared({field: value for field, value in normal.items() if value is not None})
        return {} if record.keys() <= {"locale"} else record

    def variant_facts(self, item: CatalogItem) -> dict[str, Any]:
        """The attributes that ``record`` leaves out because they tell variants apart, as the item has them."""
        return self.variant_fields.facts(item.attributes) if isinstance(item.attributes, dict) else {}

    def messages(self, record: Mapping[str, Any]) -> list[Message]:
        """The chat messages that ask for an enrichment of a record; its ``locale`` chooses the system prompt."""
        locale = str(record.get("locale", ""))
        # It comes from the catalog as everything else does, and stands outside of the delimiters.
        locale = locale.replace("_", "-") if _LOCALE.fullmatch(locale) else ""
        language = locale.casefold().partition("-")[0]
        system = next(self._systems[name] for name in (locale.casefold(), language, "") if name in self._systems)
        user = self._prompt.render(record=_as_data(record), locale=locale, words=self.words)
        return [{"role": "system", "content": system}, {"role": "user", "content": user}]

    def reminder(self, errors: Sequence[str]) -> Message:
        """The message that asks once more, to be put after ``messages`` and the answer that was of no use.

        ``errors`` are sentences: ``AnswerInvalid.reasons``, or the reasons of findings.
        """
        named = [_as_data(_clean(error)[:_LONGEST_REASON]) for error in errors]
        return {"role": "user", "content": self._reminder.render(errors=named, words=self.words)}


class _Variants(BaseModel):
    """The table ``variants`` of settings.toml."""

    model_config = ConfigDict(extra="forbid")

    colour: tuple[str, ...] = ()
    size: tuple[str, ...] = ()
    pack: tuple[str, ...] = ()


class _Settings(BaseModel):
    """settings.toml: the bounds are the house's, so that no template is written that would make things up."""

    model_config = ConfigDict(extra="forbid")

    title: str
    record_fields: tuple[str, ...] = Field(min_length=1)
    temperature: float = Field(ge=0, le=0.3)
    words: int = Field(ge=5, le=300)
    max_tokens: int = Field(ge=50, le=4_000)
    variants: _Variants = _Variants()


@cache
def load_enrichment(name: str) -> EnrichmentTemplate:
    """The enrichment template of that name, such as ``review.v1``.

    Raises:
        ConfigurationError: there is no such template, or its files do not make one.
    """
    if name not in enrichment_names():
        raise ConfigurationError(f"there is no enrichment {name!r}; there are: {', '.join(enrichment_names())}")
    return read_enrichment(_FOLDER / name)


def enrichment_names() -> list[str]:
    """The enrichment templates that ship, by name."""
    return sorted(path.parent.name for path in _FOLDER.glob("*/settings.toml"))


def read_enrichment(folder: Path) -> EnrichmentTemplate:
    """The enrichment template whose files lie in a folder.

    Raises:
        ConfigurationError: they do not make one; the message names the file.
    """
    files = {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if path.is_file()}
    if missing := {"settings.toml", "system.txt", "prompt.j2", "reminder.j2", "schema.json"} - files.keys():
        raise ConfigurationError(f"enrichment {folder.name!r} lacks {', '.join(sorted(missing))}")
    try:
        texts = {name: content.decode() for name, content in files.items()}
    except UnicodeDecodeError:
        raise ConfigurationError(f"enrichment {folder.name!r} holds a file that is no text in UTF-8") from None
    try:
        settings = _Settings.model_validate(tomllib.loads(texts["settings.toml"]))
    except ValueError as error:
        raise ConfigurationError(f"enrichment {folder.name!r}, settings.toml: {error}") from None
    if unknown := set(settings.record_fields) - set(PROMPT_FIELDS):
        raise ConfigurationError(f"enrichment {folder.name!r} reads {sorted(unknown)}, which no item has")
    return EnrichmentTemplate(
        name=folder.name,
        title=settings.title,
        prompt_hash=_files_hash(files),
        record_fields=tuple(field for field in PROMPT_FIELDS if field in settings.record_fields),
        variant_fields=VariantFields(settings.variants.colour, settings.variants.size, settings.variants.pack),
        temperature=settings.temperature,
        words=settings.words,
        max_tokens=settings.max_tokens,
        schema=_schema(folder.name, texts["schema.json"]),
        _systems={
            name.removeprefix("system").removesuffix(".txt").removeprefix("."): text.strip()
            for name, text in texts.items()
            if name.startswith("system") and name.endswith(".txt")
        },
        _prompt=_prompt(folder.name, texts["prompt.j2"]),
        _reminder=_compiled(folder.name, "reminder.j2", texts["reminder.j2"], {"errors": ["{}"], "words": 1}),
    )


def record_hash(record: Mapping[str, Any]) -> bytes:
    """The identity of a record as it is sent (scrubbed, its locale among its fields): 32 bytes of sha256.

    Each field is written as ``name:octets:JSON``, so no two records spell the same.
    """
    digest = hashlib.sha256()
    for field in PROMPT_FIELDS:
        if field in record:
            text = _json(record[field]).encode()
            digest.update(f"{field}:{len(text)}:".encode() + text)
    return digest.digest()


def _files_hash(files: Mapping[str, bytes]) -> str:
    digest = hashlib.sha256()
    for name in sorted(files):
        digest.update(f"{name}:{len(files[name])}:".encode() + files[name])
    return digest.hexdigest()


def _schema(template: str, content: str) -> dict[str, Any]:
    """The schema of an answer: closed, and of the fields that a draft has."""
    import jsonschema  # noqa: PLC0415 - it takes a tenth of a second, and most versions have no enrichment

    try:
        schema = json.loads(content)
        jsonschema.Draft202012Validator.check_schema(schema)
        fields = schema["properties"].keys()
    except (ValueError, LookupError, TypeError, AttributeError, jsonschema.SchemaError) as error:
        raise ConfigurationError(
            f"enrichment {template!r}, schema.json is no schema ({type(error).__name__})"
        ) from None
    if not {"description", "tags"} <= fields <= {"description", "tags", "use_cases"}:
        raise ConfigurationError(f"enrichment {template!r}, schema.json: a draft is description, tags, use_cases")
    if schema.get("additionalProperties") is not False or set(schema.get("required", ())) != set(fields):
        raise ConfigurationError(
            f"enrichment {template!r}, schema.json: all fields are required, and no others allowed"
        )
    return dict(schema)


def _prompt(template: str, source: str) -> jinja2.Template:
    tried: dict[str, Any] = {"record": "{}", "locale": "", "words": 1}
    prompt = _compiled(template, "prompt.j2", source, tried)
    if "<record>\n{}\n</record>" not in prompt.render(tried):
        raise ConfigurationError(
            f"enrichment {template!r}, prompt.j2: the record has to stand between <record> and </record>, "
            "on a line of its own"
        )
    return prompt


def _compiled(template: str, file: str, source: str, tried: Mapping[str, Any]) -> jinja2.Template:
    # Autoescape is for HTML; what comes from the catalog is JSON here, with its delimiters spelled out.
    environment = jinja2.Environment(undefined=jinja2.StrictUndefined, autoescape=False, trim_blocks=True)  # noqa: S701
    try:
        compiled = environment.from_string(source)
        compiled.render(tried)
    except jinja2.TemplateError as error:
        raise ConfigurationError(f"enrichment {template!r}, {file}: {error}") from None
    return compiled


def _normalised(value: Any) -> Any:
    """A JSON value with its texts cleaned, its objects sorted and its whole numbers whole; None where it is empty."""
    match value:
        case str():
            return _clean(value) or None
        case float():
            # Infinity is what Python reads of more than 308 digits, and no JSON.
            return int(value) if value.is_integer() else value if math.isfinite(value) else None
        case Mapping():
            named = {_clean(str(name)): _normalised(inner) for name, inner in value.items()}
            return {name: named[name] for name in sorted(named) if name and named[name] is not None} or None
        case list() | tuple():
            return [inner for inner in map(_normalised, value) if inner is not None] or None
        case _:
            return value


def _clean(text: str) -> str:
    """Text on one line, composed, without what no eye sees."""
    composed = unicodedata.normalize("NFC", text)
    # What is printable holds nothing hidden; nearly every text is.
    if not composed.isprintable():
        composed = "".join(
            char if char in _JOINERS or unicodedata.category(char) not in _HIDDEN else " " * char.isspace()
            for char in composed
        )
    return " ".join(composed.split())


def _as_data(value: Any) -> str:
    """JSON that can close no delimiter."""
    return _json(value).translate(_DELIMITERS)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=False, separators=(",", ":"))
