"""Words lead to the thing they mean, and what is named more closely goes before."""

from catalog_embeddings.transform.guards.aspects import aspects


def test_words_of_names_and_sentences_meet() -> None:
    assert aspects("100 mm wide") & aspects("attr n width")
    assert aspects("in der Breite") == aspects("width")
    assert aspects("hard drive capacity") >= {"storage"}


def test_graphics_memory_is_no_memory_and_intel_core_no_core() -> None:
    assert aspects("discrete graphics adapter memory") == {"graphics"}
    assert aspects("cache memory") == {"cache"}
    assert "core" not in aspects("Intel Core i7")
    assert "core" in aspects("processor cores")


def test_versions_of_usb_are_told_apart() -> None:
    assert aspects("USB 3.0 ports") >= {"usb", "usb 3"}
    assert "usb 3" not in aspects("usb 2 0 ports quantity")
