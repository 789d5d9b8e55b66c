"""Rendering: the record that is sent, the text that is embedded, and what neither is made of."""

from typing import Any
from uuid import UUID

import pytest

from catalog_embeddings.domain.enrichment import Draft
from catalog_embeddings.domain.item import CatalogItem, ItemKey
from catalog_embeddings.errors import ItemRefused
from catalog_embeddings.pipeline.register import text_spec
from catalog_embeddings.pipeline.rendering import Renderer
from catalog_embeddings.postgres.run_plan import ChangedItem

PLAIN = text_spec("emulator", dims=16)
ENRICHED = text_spec("emulator", dims=16, template="product.v4", enrichment="review.v1")
DRAFT = Draft("Lights a desk without glare.", ("desk lamp",), ("reading at night",))


def _item(**fields: Any) -> ChangedItem:
    defect = fields.pop("defect", None)
    key = ItemKey(UUID(int=1), "default", "lamp")
    return ChangedItem(CatalogItem(key, **({"title": "Zephyrine lamp"} | fields)), "new", b"hash", None, defect)


def test_nobody_is_asked_for_a_version_without_an_enrichment() -> None:
    assert Renderer(PLAIN).wanted(_item()) is None


def test_variants_are_one_record_and_two_texts() -> None:
    renderer = Renderer(ENRICHED)
    black, white = (_item(attributes={"colour": colour, "watts": 5}) for colour in ("black", "white"))
    assert renderer.wanted(black) == renderer.wanted(white)
    texts = [renderer.render(each, DRAFT) for each in (black, white)]
    assert texts[0].content_hash != texts[1].content_hash
    assert all(DRAFT.description in text.chunks[0] for text in texts)
    assert "black" in texts[0].chunks[0]
    assert "black" not in str(renderer.wanted(black))


def test_without_a_draft_the_plain_record_is_embedded() -> None:
    assert Renderer(ENRICHED).render(_item()).chunks == ("Zephyrine lamp",)


def test_personal_data_is_scrubbed_and_counted() -> None:
    renderer = Renderer(ENRICHED)
    wanted = renderer.wanted(_item(description="Write to anna.berg@example.com"))
    assert wanted is not None
    assert "anna.berg" not in str(wanted.record)
    assert renderer.scrubbed == {"email": 1}


@pytest.mark.parametrize(
    "fields",
    [
        {"title": None},
        {"title": "Wordy " * 40_000},
        {"attributes": ["no", "object"]},
        {"defect": ItemRefused("attributes_unreadable")},
    ],
)
def test_nobody_is_asked_about_what_cannot_be_embedded(fields: dict[str, Any]) -> None:
    renderer = Renderer(ENRICHED)
    assert renderer.wanted(_item(**fields)) is None
    with pytest.raises(ItemRefused):
        renderer.render(_item(**fields))


def test_a_language_alone_says_nothing_to_write_about() -> None:
    assert Renderer(ENRICHED).wanted(_item(title=None, image_url="https://example.com/a.jpg", locale="de")) is None
