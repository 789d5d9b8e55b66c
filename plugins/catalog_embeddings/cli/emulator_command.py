"""The command ``emulator``: a local server that speaks OpenAI's protocol, for demos and tests."""

from typing import Annotated

import typer

from catalog_embeddings.cli.output import notes
from catalog_embeddings.emulator.serve import serve


def emulator(
    port: Annotated[int, typer.Option(min=0, max=65535, help="Where to listen, on loopback.")] = 8088,
    latency: Annotated[float, typer.Option(min=0, help="Seconds each answer takes.")] = 0.0,
) -> None:
    """Serve a local stand-in for the OpenAI API until interrupted. Its vectors carry meaning, but are no model's."""
    notes.print(f"Listening on http://127.0.0.1:{port}/v1 (set OPENAI_BASE_URL to it); Ctrl-C ends it.")
    serve(host="127.0.0.1", port=port, latency_s=latency)
