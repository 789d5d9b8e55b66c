"""What cannot be embedded, found before a cent is spent, and when to stop spending. Each reason is a stable code."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from catalog_embeddings.domain.item import CatalogItem
from catalog_embeddings.domain.version import Chunking
from catalog_embeddings.errors import ItemRefused

#: How deep attributes may be nested. Rendering goes down level by level, and Python's stack is not without end.
MAX_DEPTH = 100

# So many outcomes make a rate; a few texts that happen to stand together do not.
_OUTCOMES_TO_JUDGE_BY = 100


@dataclass(slots=True)
class EarlyStop:
    """Whether so much is refused that nothing more should be spent. Counts texts; for one thread."""

    outcomes: int = 0
    refused: int = 0

    def count(self, embedded: int, refused: int) -> None:
        """So many more texts have their vector, and so many more were refused."""
        self.outcomes += embedded + refused
        self.refused += refused

    @property
    def stops(self) -> bool:
        """Of at least a hundred outcomes, more than half were refusals."""
        # In integers, so that exactly half is not more than half.
        return self.outcomes >= _OUTCOMES_TO_JUDGE_BY and 2 * self.refused > self.outcomes


def check_item(item: CatalogItem) -> None:
    """Refuse an item whose fields no template can read.

    Raises:
        ItemRefused: ``attributes_not_object`` or ``nested_too_deep``.
    """
    if item.attributes is not None and not isinstance(item.attributes, dict):
        raise ItemRefused("attributes_not_object", f"attributes is a JSON {_json_type(item.attributes)}")
    check_depth(item.attributes)


def check_depth(attributes: Any) -> None:
    """Refuse what is nested so deeply that it would depend on the caller whether it can be rendered.

    Raises:
        ItemRefused: ``nested_too_deep``.
    """
    level = [attributes]
    for _ in range(MAX_DEPTH + 1):
        level = [child for parent in level for child in _children(parent)]
        if not level:
            return
    raise ItemRefused("nested_too_deep", f"attributes hold more than {MAX_DEPTH} levels")


def check_text(text: str, chunking: Chunking) -> None:
    """Refuse a rendered text that no API would take, or that would cost more than any item is worth.

    Raises:
        ItemRefused: ``empty_text``, ``text_too_long``, ``nul_character`` or ``lone_surrogate``.
    """
    if not text:
        raise ItemRefused("empty_text", "the record says nothing that the template uses")
    if "\x00" in text:
        raise ItemRefused("nul_character")
    try:
        size = len(text.encode())
    except UnicodeEncodeError:
        raise ItemRefused("lone_surrogate") from None
    if size > chunking.max_text_bytes:
        raise ItemRefused("text_too_long", f"{size} bytes, at most {chunking.max_text_bytes} are embedded")


def _children(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def _json_type(value: object) -> str:
    names = {list: "array", str: "string", bool: "boolean", int: "number", float: "number"}
    return names.get(type(value), "value")
