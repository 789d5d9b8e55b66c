"""The command ``versions create``: what a version is made of, said once and for good."""

from typing import Annotated

import typer

from catalog_embeddings import bootstrap
from catalog_embeddings.cli.output import JsonFlag, answer
from catalog_embeddings.cli.render import render_rows
from catalog_embeddings.pipeline.register import (
    DEFAULT_DIMS,
    DEFAULT_ENRICHMENT_MODEL,
    DEFAULT_MODEL,
    register_version,
    text_spec,
)
from catalog_embeddings.transform.prompts import DEFAULT_TEMPLATE


def create_version(
    version: Annotated[str, typer.Argument(help="Its name: lower-case letters, digits and _.")],
    model: Annotated[str, typer.Option(help="The model to ask for.")] = DEFAULT_MODEL,
    dims: Annotated[int, typer.Option(min=1, max=4000, help="The width of its vectors.")] = DEFAULT_DIMS,
    template: Annotated[str, typer.Option(help="The prompt template.")] = DEFAULT_TEMPLATE,
    enrichment: Annotated[
        str | None, typer.Option(help="What a language model is asked to write of each record, such as review.v1.")
    ] = None,
    enrichment_model: Annotated[
        str, typer.Option(help="The language model; only with --enrichment.")
    ] = DEFAULT_ENRICHMENT_MODEL,
    as_json: JsonFlag = False,
) -> None:
    """Register a version. Nothing is embedded yet: `plan --version` shows what that would cost."""
    with bootstrap.open_platform() as platform:
        spec = text_spec(platform.identify_provider(), model, dims, template, enrichment, enrichment_model)
        created = register_version(platform.connection, version, spec)
    row = {"version": created.version, "status": created.status, "fingerprint": created.fingerprint}
    answer(row, as_json, lambda console: render_rows(console, "Registered", [row]))
