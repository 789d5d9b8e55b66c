"""The command reads its options, answers with a table or with one object, and says what it refuses."""

import json
from pathlib import Path

import pytest
from typer import Typer
from typer.testing import CliRunner

from catalog_embeddings.cli.import_command import import_catalog, parse_fraction
from catalog_embeddings.errors import InputError
from catalog_embeddings.postgres.connection import connect


@pytest.fixture
def command(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Typer:
    monkeypatch.setenv("CATALOG_EMBEDDINGS_DATABASE_URL", database_url)
    app = Typer()
    app.command()(import_catalog)
    return app


@pytest.fixture
def feed(tmp_path: Path) -> Path:
    path = tmp_path / "products.csv"
    path.write_text("id,name,maker,price,t_colour\n1,Kettle,Acme,5,red\n2,Pan,,7,\n,Lid,,1,\n", encoding="utf-8")
    return path


def test_every_option_is_heeded(command: Typer, feed: Path, database_url: str) -> None:
    options = ["--map", "item_id=id", "--map", "title=name", "--map", "brand=maker", "--drop", "price"]
    options += ["--attribute-prefix", "t_", "--max-bad", "50%", "--namespace", "kitchen", "--full"]
    options += ["--org", "00000000-0000-0000-0000-000000000007", "--encoding", "utf-8", "--json"]
    result = CliRunner().invoke(command, [str(feed), *options])
    assert result.exit_code == 0, result.output
    report = json.loads(result.stdout)
    assert (report["read"], report["inserted"], report["bad"], report["format"]) == (3, 2, 1, "csv")
    assert report["bad_lines"] == [{"line": 4, "reason": "item_id_missing", "detail": ""}]
    with connect(database_url) as connection:
        rows = connection.execute(
            "select org_id::text, namespace, item_id, title, brand, attributes from analytics.catalog_features_raw "
            "order by item_id"
        ).fetchall()
    org = "00000000-0000-0000-0000-000000000007"
    assert rows == [
        (org, "kitchen", "1", "Kettle", "Acme", {"colour": "red"}),
        (org, "kitchen", "2", "Pan", None, None),
    ]


def test_a_person_gets_a_table(command: Typer, feed: Path) -> None:
    result = CliRunner().invoke(command, [str(feed), "--map", "item_id=id", "--max-bad", "0.5"])
    assert result.exit_code == 0, result.output
    for text in ("products.csv (csv, utf-8)", "inserted", "item_id_missing"):
        assert text in result.stdout


def test_a_map_overrules_a_preset(command: Typer, feed: Path, database_url: str) -> None:
    options = ["--preset", "icecat", "--map", "title=maker", "--max-bad", "50%", "--json"]
    result = CliRunner().invoke(command, [str(feed), *options])
    assert json.loads(result.stdout)["inserted"] == 2
    with connect(database_url) as connection:
        titles = connection.execute("select title from analytics.catalog_features_raw order by item_id").fetchall()
    assert titles == [("Acme",), (None,)]


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--map", "nonsense"], "is not TARGET=SOURCE"),
        (["--map", "price=p"], "there is no column 'price'"),
        (["--preset", "none"], "there is no preset 'none'"),
        (["--max-bad", "many"], "is not a fraction"),
        (["--encoding", "utf-9"], "there is no encoding"),
        ([], "--map item_id=FIELD"),
    ],
)
def test_what_cannot_be_meant_is_refused(command: Typer, feed: Path, options: list[str], sentence: str) -> None:
    result = CliRunner().invoke(command, [str(feed), *options])
    assert isinstance(result.exception, InputError)
    assert sentence in str(result.exception)


@pytest.mark.parametrize(
    ("text", "fraction"), [("1%", 0.01), ("0.01", 0.01), (" 2.5 % ", 0.025), ("0", 0.0), ("100%", 1.0), (".5", 0.5)]
)
def test_a_fraction_is_written_either_way(text: str, fraction: float) -> None:
    assert parse_fraction(text) == pytest.approx(fraction)


@pytest.mark.parametrize("text", ["", "%", "2", "-1%", "101%", "nan", "1e-2"])
def test_what_is_no_fraction_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        parse_fraction(text)
