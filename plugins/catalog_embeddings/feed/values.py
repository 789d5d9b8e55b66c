"""What a feed's values become in our columns. Pure functions; each refuses with a stable code, never with the value."""

import json
import math
import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any
from uuid import UUID

from catalog_embeddings.errors import ItemRefused
from catalog_embeddings.transform.embeddable import MAX_DEPTH, check_depth

#: The key must fit into an index entry of 2,704 bytes, the uuid and the overhead included.
MAX_KEY_BYTES = 512

# Beyond these a float has lost digits of the id it once was.
_EXACT_FLOAT = 2**53
_NUL_ESCAPE = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")


def as_text(column: str, value: Any) -> str | None:
    """A text column's value; whole numbers without a fraction, nothing for an empty text.

    Raises:
        ItemRefused: ``wrong_type`` or ``number_out_of_range``.
    """
    if value is None or isinstance(value, str):
        return value or None
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        return _number_text(column, value)
    if isinstance(value, date | time | UUID):
        return value.isoformat() if not isinstance(value, UUID) else str(value)
    raise ItemRefused("wrong_type", f"{column} is {_kind(value)}, not a text")


def as_item_id(value: Any) -> str:
    """The id as text: 3920564, "3920564" and 3920564.0 are the same item.

    Raises:
        ItemRefused: ``item_id_missing``, ``wrong_type``, ``number_out_of_range`` or ``item_id_too_long``.
    """
    text = as_text("item_id", value)
    if text is None or not text.strip():
        raise ItemRefused("item_id_missing")
    return _key_part("item_id", text)


def as_namespace(value: Any, default: str) -> str:
    """The namespace, or the default where the line names none."""
    text = as_text("namespace", value)
    return _key_part("namespace", text) if text else default


def as_org_id(value: Any, default: UUID) -> UUID:
    """The org, or the default where the line names none."""
    if value is None or isinstance(value, UUID):
        return value or default
    try:
        return UUID(str(value))
    except ValueError:
        raise ItemRefused("wrong_type", "org_id is not a UUID") from None


def as_timestamp(value: Any) -> datetime | None:
    """A time in UTC from ISO 8601; one without an offset is in UTC already.

    Raises:
        ItemRefused: ``bad_timestamp``; words such as now and infinity, and years outside 1-9999, are none.
    """
    if value is None or value == "":
        return None
    try:
        if isinstance(value, str):
            value = datetime.fromisoformat(value.strip())
        elif isinstance(value, date) and not isinstance(value, datetime):
            value = datetime.combine(value, time())
        if isinstance(value, datetime):
            return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise ItemRefused("bad_timestamp", "updated_at is not an ISO 8601 time such as 2025-03-11T15:05:00Z")


def as_tags(value: Any) -> list[str] | None:
    """Tags from a list, from the JSON text of one, or from text divided by ``|`` or by commas."""
    if value is None or value == "":
        return None
    if isinstance(value, str):
        value = _listed(value)
    if not isinstance(value, list):
        raise ItemRefused("wrong_type", f"tags is {_kind(value)}, not a list")
    return [tag for tag in (as_text("tags", tag) for tag in value) if tag] or None


def as_attributes(value: Any, others: dict[str, Any]) -> str | None:
    """The JSON text of the attributes, the fields without a column among them.

    Attributes that are no object stay what they are: a later guard makes that the item's dead letter.

    Raises:
        ItemRefused: ``number_out_of_range``, ``nested_too_deep``, ``wrong_type`` or ``nul_character``.
    """
    if isinstance(value, str):
        value = _parsed(value)
    if value is None or value == "":
        value = others or None
    elif isinstance(value, dict) and others:
        value = others | value
    return None if value is None else _json_text(value)


def check_characters(texts: Iterable[str]) -> None:
    """Refuse what no database and no API takes.

    Raises:
        ItemRefused: ``nul_character`` or ``lone_surrogate``.
    """
    joined = "".join(texts)
    if "\0" in joined:
        raise ItemRefused("nul_character")
    try:
        joined.encode()
    except UnicodeEncodeError:
        detail = "half of a character, or bytes that are not of the file's encoding"
        raise ItemRefused("lone_surrogate", detail) from None


def _key_part(column: str, text: str) -> str:
    check_characters([text])
    if len(text.encode()) > MAX_KEY_BYTES:
        raise ItemRefused(f"{column}_too_long", f"more than {MAX_KEY_BYTES} bytes")
    return text


def _number_text(column: str, value: float | Decimal) -> str:
    if isinstance(value, int):
        return str(value)
    if not math.isfinite(value):
        raise ItemRefused("number_out_of_range", f"{column} is not a finite number")
    if value != int(value):
        return str(value)
    if isinstance(value, float) and abs(value) > _EXACT_FLOAT:
        raise ItemRefused("number_out_of_range", f"{column} is a number that has lost digits; write it as text")
    return str(int(value))


def _listed(text: str) -> list[Any]:
    parsed = _parsed(text) if text.lstrip().startswith("[") else None
    if isinstance(parsed, list):
        return parsed
    return [tag.strip() for tag in text.split("|" if "|" in text else ",")]


def _parsed(text: str) -> Any:
    try:
        return json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return text


def _json_text(value: Any) -> str:
    try:
        text = _ENCODER.encode(value)
    except RecursionError:
        raise ItemRefused("nested_too_deep", "attributes") from None
    except ValueError:
        raise ItemRefused("number_out_of_range", "attributes hold NaN, Infinity or a number as large") from None
    if text.count("{") + text.count("[") > MAX_DEPTH:
        check_depth(value)
    if "\\u0000" in text and _NUL_ESCAPE.search(text):
        raise ItemRefused("nul_character")
    return text


def _plain(value: Any) -> Any:
    """What parquet has and JSON has not."""
    if isinstance(value, Decimal):
        return int(value) if value == int(value) else float(value)
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    raise ItemRefused("wrong_type", f"attributes hold {_kind(value)}")


def _kind(value: Any) -> str:
    names = {bool: "a boolean", list: "a list", dict: "an object", bytes: "bytes"}
    return names.get(type(value), f"a {type(value).__name__}")


_ENCODER = json.JSONEncoder(ensure_ascii=False, allow_nan=False, default=_plain)
