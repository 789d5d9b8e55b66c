"""The command ``embed-item``: one item at once, without waiting for the night."""

from typing import Annotated
from uuid import UUID

import typer
from rich.console import Console

from catalog_embeddings import bootstrap
from catalog_embeddings.cli.output import JsonFlag, answer
from catalog_embeddings.cli.render import shown
from catalog_embeddings.cli.run_commands import VersionOption


def embed_item(
    item: Annotated[str, typer.Argument(help="An item_id that the feed has written.")],
    namespace: Annotated[str | None, typer.Option(help="Where several namespaces have it.")] = None,
    org: Annotated[UUID | None, typer.Option("--org-id", help="Where several orgs have it.")] = None,
    version: VersionOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Enrich, embed and load one item now, also while the nightly run is under way, which finds nothing left to do."""
    done = bootstrap.embed_item(item, namespace, org, version).as_json()

    def render(console: Console) -> None:
        paid = f"{done['chat_calls']} calls of the language model, {done['requests']} of the embeddings API"
        console.print(
            f"Item {shown(item)} is {done['outcome']} in version {done['version']}: {paid}, {done['tokens']:,} tokens; "
            f"{done['seconds']:.2f} s, of which {done['api_seconds']:.2f} s were the API's.",
            highlight=False,
            soft_wrap=True,
        )

    answer(done, as_json, render)
