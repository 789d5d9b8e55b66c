"""Named queries: the statements live in sql/queries/, one file a table, and are known here by name.

A file is a series of blocks, each begun by ``-- name: the_name``. Statements are constants: identifiers
that vary go through ``psycopg.sql``, values through parameters.
"""

import re
from functools import cache
from typing import LiteralString, cast

from catalog_embeddings.resources import sql_directory

_NAME = re.compile(r"^-- name: (?P<name>\w+)$", re.MULTILINE)


@cache
def named_queries(table: str) -> dict[str, LiteralString]:
    """The statements of ``sql/queries/{table}.sql`` by name.

    Raises:
        ValueError: a name stands twice, or text stands before the first name.
    """
    text = (sql_directory() / "queries" / f"{table}.sql").read_text(encoding="utf-8")
    preamble, *pieces = _NAME.split(text)
    if any(line and not line.startswith("--") for line in preamble.splitlines()):
        raise ValueError(f"sql/queries/{table}.sql: a statement stands before the first '-- name:'")
    names, statements = pieces[::2], pieces[1::2]
    if len(set(names)) != len(names):
        raise ValueError(f"sql/queries/{table}.sql: a name stands twice")
    # The files are part of the source, so their text is as trusted as a literal in it.
    return {
        name: cast("LiteralString", statement.strip().rstrip(";"))
        for name, statement in zip(names, statements, strict=True)
    }
