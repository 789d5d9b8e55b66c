"""The commands ``similar`` and ``search``: the neighbours of an item, or of a text."""

from typing import Annotated

import typer

from catalog_embeddings import bootstrap
from catalog_embeddings.cli.output import JsonFlag, answer
from catalog_embeddings.cli.render import render_hits
from catalog_embeddings.cli.run_commands import VersionOption
from catalog_embeddings.domain.hit import Hit
from catalog_embeddings.postgres.embedding_versions import find_version

_K = Annotated[int, typer.Option("-k", min=1, max=1000, help="How many.")]
_Namespace = Annotated[str | None, typer.Option(help="Only within this namespace.")]


def similar(
    item: Annotated[str, typer.Argument(help="An item_id.")],
    k: _K = 10,
    namespace: _Namespace = None,
    version: VersionOption = None,
    as_json: JsonFlag = False,
) -> None:
    """The items most similar to an item."""
    with bootstrap.open_platform() as platform:
        hits = platform.retriever().similar(item, k, namespace=namespace, version=version)
    _show(f"Similar to {item}", hits, as_json)


def search(
    text: Annotated[str, typer.Argument(help="What to look for, in plain words.")],
    k: _K = 10,
    namespace: _Namespace = None,
    version: VersionOption = None,
    as_json: JsonFlag = False,
) -> None:
    """The items nearest to a text; asks the embeddings API once."""
    with bootstrap.open_platform() as platform:
        retriever = platform.retriever()
        chosen = find_version(platform.connection, retriever.version_for(namespace, version))
        with platform.api(chosen) as api:
            vector = api.embed([text]).vectors[0]
        hits = retriever.nearest(vector, k, namespace=namespace, version=chosen.version)
    _show(f"Nearest to {text!r}", hits, as_json)


def _show(title: str, hits: list[Hit], as_json: bool) -> None:
    found = [hit.as_json() for hit in hits]
    answer({"hits": found}, as_json, lambda console: render_hits(console, title, found))
