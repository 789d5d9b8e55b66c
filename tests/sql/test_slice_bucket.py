"""slice_bucket: the same number in SQL, in dbt's macro and in Python."""

import os
import random
import subprocess
import sys
from pathlib import Path
from uuid import UUID

import pytest
from psycopg.pq import Conninfo

from catalog_embeddings.domain.slice import Slice
from catalog_embeddings.postgres.connection import Connection
from catalog_embeddings.resources import dbt_project_directory
from catalog_embeddings.transform.slicing import slice_bucket

SALT = "пилот 1:2"
Key = tuple[UUID, str]


def _keys() -> list[Key]:
    """100,000 items of three orgs; ids of every script, and such as might be quoted, trimmed or normalised."""
    dice = random.Random(4)
    alphabets = [
        "0123456789",
        "abcXYZ-_/",
        "äé߯å",
        "商品棚灯",
        "كتابשלום",
        "👟🧦\u200d\ufe0f",
        "e\u0301a\u030a",
        " \t\n\x01\x7f'\"\\:%",
    ]
    ids = {"", " ", "1", "01", "a\\", "'; --", "\ufeff1", "\u00e9", "e\u0301", "\U0010ffff", "x" * 2_000}
    while len(ids) < 100_000:
        ids.add("".join(dice.choices(dice.choice(alphabets), k=dice.randint(5, 12))) + str(len(ids)))
    orgs = [UUID(int=0), UUID(int=2**128 - 1), UUID("0123abcd-4567-89ab-cdef-0123456789ab")]
    return [(orgs[number % 3], item_id) for number, item_id in enumerate(sorted(ids))]


@pytest.fixture(scope="module")
def keys() -> list[Key]:
    return _keys()


@pytest.fixture
def items(connection: Connection, keys: list[Key]) -> Connection:
    """A database that holds the items in a temporary table."""
    connection.execute("create temporary table items (position int, org_id uuid, item_id text)")
    with connection.cursor() as cursor, cursor.copy("copy items from stdin (format binary)") as copy:
        copy.set_types(["int4", "uuid", "text"])
        for position, key in enumerate(keys):
            copy.write_row((position, *key))
    return connection


def _compiled(question: str, database_url: str, folder: Path) -> str:
    """What dbt makes of a question in its own language."""
    options = Conninfo.parse(database_url.encode())
    address = {o.envvar.decode(): o.val.decode() for o in options if o.envvar and o.val is not None}
    project = str(dbt_project_directory())
    command = [sys.executable, "-P", "-c", "from dbt.cli.main import cli; cli()", "--quiet", "compile"]
    command += ["--project-dir", project, "--profiles-dir", project, "--target-path", str(folder)]
    command += ["--log-path", str(folder), "--inline", question]
    compiled = subprocess.run(
        command, env=os.environ | address, cwd=folder, capture_output=True, text=True, check=False
    )
    assert compiled.returncode == 0, compiled.stdout
    return compiled.stdout


def test_sql_and_python_and_dbt_agree(items: Connection, keys: list[Key], database_url: str, tmp_path: Path) -> None:
    expected = [slice_bucket(org_id, item_id, SALT) for org_id, item_id in keys]
    plain = "select public.slice_bucket(org_id, item_id, %s) from items order by position"
    in_dbt = "select {{ slice_bucket('org_id', 'item_id', '%s::text') }} from items order by position"
    assert len(expected) == 100_000
    for query in (plain, _compiled(in_dbt, database_url, tmp_path)):
        found = [bucket for (bucket,) in items.execute(query.encode(), [SALT])]
        assert found == expected


def test_slices_are_nested_and_of_the_size_asked_for(items: Connection) -> None:
    five, quarter, whole = (
        {
            position
            for (position,) in items.execute(
                "select position from items where slice_bucket(org_id, item_id, %s) < %s",
                [SALT, Slice.parse(share, SALT).buckets],
            )
        }
        for share in ("5%", "25%", "100%")
    )
    assert five < quarter < whole
    assert len(whole) == 100_000
    assert 4_700 < len(five) < 5_300
    assert 24_000 < len(quarter) < 26_000


def test_without_a_salt_there_is_no_bucket(connection: Connection) -> None:
    assert connection.execute("select slice_bucket(gen_random_uuid(), 'cup', null)").fetchone() == (None,)


def test_the_function_says_how_it_is_used(connection: Connection) -> None:
    described = connection.execute(
        "select obj_description('public.slice_bucket(uuid, text, text)'::regprocedure), p.provolatile, p.proparallel"
        " from pg_proc as p where p.oid = 'public.slice_bucket(uuid, text, text)'::regprocedure"
    ).fetchone()
    assert described
    assert "< 500" in described[0]
    assert described[1:] == ("i", "s")
