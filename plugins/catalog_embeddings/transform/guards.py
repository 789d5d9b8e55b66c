"""What cannot be embedded, found before a cent is spent. Each reason is a stable code."""

from catalog_embeddings.domain.item import CatalogItem
from catalog_embeddings.domain.version import Chunking
from catalog_embeddings.errors import ItemRefused


def check_item(item: CatalogItem) -> None:
    """Refuse an item whose fields no template can read.

    Raises:
        ItemRefused: ``attributes_not_object``.
    """
    if item.attributes is not None and not isinstance(item.attributes, dict):
        raise ItemRefused("attributes_not_object", f"attributes is a JSON {_json_type(item.attributes)}")


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


def _json_type(value: object) -> str:
    names = {list: "array", str: "string", bool: "boolean", int: "number", float: "number"}
    return names.get(type(value), "value")
