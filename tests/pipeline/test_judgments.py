"""Judgments, queries and interactions as files: what is understood, and what is refused with its line."""

import gzip
from collections.abc import Callable
from pathlib import Path

import pytest

from catalog_embeddings.errors import InputError
from catalog_embeddings.pipeline.judgments import JudgedText, Judgment, read_judgments, read_popularity

LAMP = JudgedText("1", "reading lamp", (Judgment("a", 3), Judgment("b", 0)))
DESK = JudgedText("2", "standing desk", (Judgment("a", 1),))


@pytest.fixture
def written(tmp_path: Path) -> Callable[..., Path]:
    def write(text: str, name: str = "judgments.csv") -> Path:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return write


def _named_by_text(*judged: JudgedText) -> list[JudgedText]:
    return [JudgedText(found.query, found.query, found.judgments) for found in judged]


def test_a_table_spells_its_queries_out(written: Callable[..., Path]) -> None:
    text = "query,item_id,rating\nreading lamp,a,3\nstanding desk,a,1\nreading lamp,b,0\nreading lamp,a,3\n"
    assert read_judgments(written(text)) == _named_by_text(LAMP, DESK)
    lines = (
        '{"query": "reading lamp", "item_id": "a", "rating": 3}\n'
        '{"query": "standing desk", "item_id": "a", "rating": 1.0}\n'
        '{"query": "reading lamp", "item_id": "b", "rating": 0}\n'
    )
    assert read_judgments(written(lines, "judgments.jsonl")) == _named_by_text(LAMP, DESK)


def test_a_gzipped_table_and_numbers_for_ids_are_read(tmp_path: Path) -> None:
    path = tmp_path / "judgments.csv.gz"
    path.write_bytes(gzip.compress(b"query,item_id,rating\nlamp,007,2.5\nlamp,7.0,1\n"))
    (found,) = read_judgments(path)
    assert found.judgments == (Judgment("007", 2.5), Judgment("7.0", 1))


@pytest.mark.parametrize(
    ("name", "queries"),
    [
        ("queries.tsv", "1\treading lamp\n\n2\tstanding desk\n3\tnobody asks\n"),
        ("queries.tsv", "query_id\tquery\n1\treading lamp\n2\tstanding desk\n"),
        ("queries.csv", "query_id,query\n1,reading lamp\n2,standing desk\n"),
        ("queries.jsonl", '{"query_id": 1, "query": "reading lamp"}\n{"query_id": "2", "query": "standing desk"}\n'),
    ],
)
@pytest.mark.parametrize(
    ("judgments_name", "judgments"),
    [
        ("qrels.txt", "1 0 a 3\n2\t0\ta\t1\n\n1 0 b -1\n"),
        ("table.csv", "query_id,item_id,rating\n1,a,3\n2,a,1\n1,b,0\n"),
    ],
)
def test_queries_named_by_id_get_their_text_from_a_second_file(
    written: Callable[..., Path], name: str, queries: str, judgments_name: str, judgments: str
) -> None:
    assert read_judgments(written(judgments, judgments_name), written(queries, name)) == [LAMP, DESK]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("1 0 a 3\n", "line 1: no text for query '1'; name a file that has it with --queries"),
        ("query,item_id,rating\nlamp,a,3\nlamp,a,2\n", "line 3: item 'a' is rated 2 here and 3 further up"),
        ("query,item_id,rating\nlamp,a,high\n", "line 2: rating is not a number"),
        ("query,item_id,rating\nlamp,a,inf\n", "line 2: rating is not a number"),
        ("query,item_id,rating\nlamp,,3\n", "line 2: item_id_missing"),
        ("query,item_id,rating\n,a,3\n", "line 2: neither query nor query_id is filled"),
        ("query,item_id\nlamp,a\n", "line 2: no rating"),
        ("query,item_id,rating\nlamp,a\n", "line 2: wrong_field_count"),
        ("query_id,query,item_id,rating\n1,lamp,a,1\n1,desk,a,1\n", "line 3: query '1' has another text"),
        ("query,item_id,rating\n", "holds no judgments"),
        ("", "is empty"),
    ],
)
def test_a_mistake_is_told_with_its_line(written: Callable[..., Path], text: str, sentence: str) -> None:
    with pytest.raises(InputError) as refused:
        read_judgments(written(text))
    assert sentence in str(refused.value)
    assert "judgments.csv" in str(refused.value)


def test_a_broken_line_of_qrels_is_told(written: Callable[..., Path]) -> None:
    with pytest.raises(InputError, match="line 2: a line of qrels is QUERY_ID 0 ITEM_ID RATING"):
        read_judgments(written("1 0 a 3\n1 0 b\n"), written("1\treading lamp\n", "queries.tsv"))


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("1\treading lamp\n2 standing desk\n", "line 2: a line of queries is QUERY_ID, a tab, and the query"),
        ("1\treading lamp\n2\t \n", "line 2: a line of queries is QUERY_ID, a tab, and the query"),
        ("query_id,query\n1,\n", "line 2: a query needs its query_id and its query"),
    ],
)
def test_a_mistake_in_the_queries_too(written: Callable[..., Path], text: str, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        read_judgments(written("1 0 a 3\n"), written(text, "queries.txt"))


def test_files_that_cannot_be_read_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="there is no file"):
        read_judgments(tmp_path / "nowhere.csv")
    path = tmp_path / "qrels.txt"
    path.write_bytes(b"1 0 a 3\n1 0 \xff\xfe 2\n")
    with pytest.raises(InputError, match="is not UTF-8"):
        read_judgments(path)


def test_interactions_are_counted(written: Callable[..., Path]) -> None:
    assert read_popularity(written("item_id\na\nb\na\n")) == {"a": 2, "b": 1}
    assert read_popularity(written("item_id,count\na,20\nb,1\na,5\n")) == {"a": 25, "b": 1}
    assert read_popularity(written('{"item_id": 7, "count": 3}\n', "clicks.jsonl")) == {"7": 3}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("item_id,count\na,many\n", "line 2: count is not a number"),
        ("product,count\na,1\n", "line 2: item_id_missing"),
        ("item_id\n", "holds no interactions"),
    ],
)
def test_interactions_that_cannot_be_counted_are_refused(
    written: Callable[..., Path], text: str, sentence: str
) -> None:
    with pytest.raises(InputError, match=sentence):
        read_popularity(written(text))
