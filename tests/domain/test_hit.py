"""A hit as other programs read it."""

import json

from catalog_embeddings.domain.hit import Hit


def test_the_json_of_a_hit_has_the_names_that_callers_rely_on() -> None:
    hit = Hit(item_id="7", namespace="shoes", score=0.5, title=None)
    expected = {"item_id": "7", "namespace": "shoes", "score": 0.5, "title": None}
    assert json.loads(json.dumps(hit.as_json())) == expected
