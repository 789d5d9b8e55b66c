"""A draft names the place of everything it says."""

from catalog_embeddings.domain.enrichment import Draft


def test_every_passage_has_a_place() -> None:
    draft = Draft("A lamp.", tags=("lamp", "desk"), use_cases=("reading",))
    assert list(draft.passages()) == [
        ("description", "A lamp."),
        ("tags[0]", "lamp"),
        ("tags[1]", "desk"),
        ("use_cases[0]", "reading"),
    ]
