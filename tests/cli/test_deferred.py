"""A command stands in its group before it is imported, and is itself once it is called."""

import pytest

from catalog_embeddings.cli.deferred import group


def test_a_command_is_looked_for_when_it_is_called_and_not_when_it_is_listed(
    capsys: pytest.CaptureFixture[str],
) -> None:
    program = group("program", "A program.", {"lost": ("nowhere:nothing", "It is told of all the same.")})
    program(["--help"], standalone_mode=False)
    assert "It is told of all the same." in capsys.readouterr().out
    with pytest.raises(ModuleNotFoundError, match=r"catalog_embeddings\.cli\.nowhere"):
        program(["lost"], standalone_mode=False)


def test_a_command_has_its_own_options_and_usage_in_a_group_of_a_group(capsys: pytest.CaptureFixture[str]) -> None:
    inner = group("inner", "A group.", {"down": ("up_command:down", "End it.")})
    program = group("program", "A program.", {}, inner)
    program(["inner", "down", "--help"], prog_name="program", standalone_mode=False)
    shown = capsys.readouterr().out
    assert "Usage: program inner down [OPTIONS]" in shown
    assert "--json" in shown
