"""The commands dead-letters list and redrive: what they choose, what they say, and what the next run does."""

from collections.abc import Callable

import pytest

from tests.cli.conftest import Ended, World


@pytest.fixture
def letters(world: World) -> World:
    """Beside the one letter of the first run: three that the API refused, and one of an import."""
    for item in ("lamp", "desk", "chair"):
        world.connection.execute(
            "insert into pipeline.dead_letters (version, org_id, namespace, item_id, stage, reason, detail)"
            " values ('v1', gen_random_uuid(), 'default', %s, 'embed', 'refused_by_api', '[/]odd_input')",
            [item],
        )
    world.connection.execute(
        "insert into pipeline.dead_letters (version, org_id, namespace, item_id, stage, reason)"
        " values ('*', gen_random_uuid(), 'default', 'stool', 'import', 'bad_timestamp')"
    )
    return world


def _open(world: World) -> list[str]:
    rows = world.ask("select item_id from pipeline.dead_letters where resolved_at is null order by item_id")
    return [item for (item,) in rows]


def test_dead_letters_are_listed_with_their_reason(world: World, cli: Callable[..., Ended]) -> None:
    [letter] = cli("dead-letters", "list", "--json").answer["dead_letters"]
    assert (letter["item_id"], letter["namespace"], letter["version"]) == ("silent", "default", "v1")
    assert (letter["stage"], letter["reason"], letter["attempts"]) == ("plan", "empty_text", 1)
    assert "empty_text" in cli("dead-letters", "list").out


def test_a_list_is_headed_by_its_counts_and_may_be_cut(letters: World, cli: Callable[..., Ended]) -> None:
    listed = cli("dead-letters", "list", "--limit", "2", "--json").answer
    assert listed["total"] == 5
    assert list(listed["reasons"].items()) == [("refused_by_api", 3), ("bad_timestamp", 1), ("empty_text", 1)]
    assert len(listed["dead_letters"]) == 2
    shown = cli("dead-letters", "list", "--limit", "2").out
    assert shown.index("the API refuses this very text") < shown.index("Dead letters: the latest 2 of 5")
    whole = cli("dead-letters", "list").out
    assert "Dead letters: 5" in whole
    assert "[/]odd_input" in whole


@pytest.mark.parametrize(
    ("arguments", "items"),
    [
        (["--reason", "refused_by_api"], {"lamp", "desk", "chair"}),
        (["--reason", "empty_text", "--reason", "bad_timestamp"], {"silent", "stool"}),
        (["--version", "v1"], {"silent", "lamp", "desk", "chair"}),
        (["--version", "*"], {"stool"}),
        (["--item", "lamp"], {"lamp"}),
        (["--item", "lamp", "--reason", "empty_text"], set()),
    ],
)
def test_a_list_may_be_narrowed(
    letters: World, cli: Callable[..., Ended], arguments: list[str], items: set[str]
) -> None:
    listed = cli("dead-letters", "list", *arguments, "--json").answer
    assert {letter["item_id"] for letter in listed["dead_letters"]} == items
    assert listed["total"] == len(items)


def test_an_empty_list_says_so(letters: World, cli: Callable[..., Ended]) -> None:
    assert cli("dead-letters", "list", "--item", "nobody").out == "No dead letters.\n"
    assert cli("dead-letters", "redrive", "--item", "nobody").out == "No dead letters to try again.\n"


@pytest.mark.parametrize("command", ["list", "redrive"])
@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--reason", "bad_luck"], "there is no reason 'bad_luck'; there are: bad_timestamp, "),
        (["--reason", "empty_text", "--reason", "Empty_Text"], "there is no reason 'Empty_Text'"),
        (["--version", "v9"], "there is no embedding version 'v9'; there are: v1"),
    ],
)
def test_what_no_letter_can_have_is_refused(
    letters: World, cli: Callable[..., Ended], command: str, arguments: list[str], sentence: str
) -> None:
    ended = cli("dead-letters", command, *arguments, "--json")
    assert (ended.code, ended.out) == (2, "")
    assert sentence in ended.err
    assert len(_open(letters)) == 5


def test_redriving_says_how_many_by_reason_and_what_is_left(letters: World, cli: Callable[..., Ended]) -> None:
    expected = {
        "total": 4,
        "reasons": {"refused_by_api": 3, "empty_text": 1},
        "left_of_import": 1,
        "left_of_unfinished_run": 0,
    }
    dry = cli("dead-letters", "redrive", "--dry-run", "--json").answer
    assert dry == expected | {"dry_run": True}
    assert "4 would be tried again" in cli("dead-letters", "redrive", "--dry-run").out
    assert len(_open(letters)) == 5
    assert cli("dead-letters", "redrive", "--json").answer == expected | {"dry_run": False}
    assert _open(letters) == ["stool"]
    again = cli("dead-letters", "redrive")
    assert again.code == 0
    assert "1 left: an import refused them" in again.out
    assert "import it again" in again.out
    assert "tried again" not in again.out


def test_only_what_is_chosen_is_redriven(letters: World, cli: Callable[..., Ended]) -> None:
    shown = cli("dead-letters", "redrive", "--reason", "refused_by_api", "--item", "lamp", "--version", "v1").out
    assert "1 will be tried again by the next run" in shown
    assert _open(letters) == ["chair", "desk", "silent", "stool"]


def test_what_an_unfinished_run_found_dead_waits_for_its_end(letters: World, cli: Callable[..., Ended]) -> None:
    letters.connection.execute("update pipeline.runs set state = 'paused'")
    ended = cli("dead-letters", "redrive", "--item", "silent")
    assert ended.code == 0
    assert "1 left: a run that is not finished found them dead" in ended.out.replace("\n", " ")
    assert "silent" in _open(letters)


def test_a_redriven_letter_is_planned_again(world: World, cli: Callable[..., Ended]) -> None:
    before = cli("plan", "--json").answer
    assert (before["new"], before["known_dead"]) == (0, 1)
    cli("dead-letters", "redrive")
    after = cli("plan", "--json").answer
    assert (after["new"], after["known_dead"], after["refused"]) == (1, 0, 1)
