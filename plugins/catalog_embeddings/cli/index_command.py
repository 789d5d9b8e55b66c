"""The command ``versions index``: a version's vector index by hand, however long that takes."""

from typing import Annotated

import typer

from catalog_embeddings import bootstrap
from catalog_embeddings.cli.output import JsonFlag, answer, notes
from catalog_embeddings.cli.render import render_rows
from catalog_embeddings.domain.vector_index import IndexBuild


def index_version(
    version: Annotated[str, typer.Argument(help="The version whose vectors are to be indexed.")],
    as_json: JsonFlag = False,
) -> None:
    """See to it that a version has a valid index, beside whoever reads and writes. A run does the same at its end."""
    with notes.status("looking at the version") as status:

        def tell(build: IndexBuild) -> None:
            share = "" if build.share is None else f", {build.share:.0%}"
            status.update(f"{build.phase}{share}")

        report = bootstrap.index_version(version, on_progress=tell)
    found = {"version": version, "index": report}
    if report is None:
        told = f"Version {version} needs no index: its rows are few, or have too many dims for one."
        answer(found, as_json, lambda console: console.print(told, highlight=False, soft_wrap=True))
        return
    shown = [{"what": name, "index": value} for name, value in report.items()]
    answer(found, as_json, lambda console: render_rows(console, f"Vector index of version {version}", shown))
