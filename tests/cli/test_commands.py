"""Which commands there are, what each is said to do, and what --json promises."""

from collections.abc import Iterator

from typer.core import TyperGroup

from catalog_embeddings.cli.commands import app
from catalog_embeddings.cli.deferred import DeferredCommand

# It reports nothing: it serves.
WITHOUT_JSON = {"emulator"}


def _deferred(group: TyperGroup, path: str = "") -> Iterator[tuple[str, DeferredCommand]]:
    for name, member in group.commands.items():
        if isinstance(member, TyperGroup):
            yield from _deferred(member, f"{path} {name}".strip())
        else:
            assert isinstance(member, DeferredCommand)
            yield f"{path} {name}".strip(), member


DEFERRED = dict(_deferred(app))
COMMANDS = {name: command.load() for name, command in DEFERRED.items()}


def test_the_promised_commands_are_there() -> None:
    assert set(COMMANDS) >= {
        "demo",
        "up",
        "down",
        "migrate",
        "import",
        "plan",
        "run",
        "rebuild",
        "search",
        "similar",
        "emulator",
        "psql",
        "versions list",
        "versions create",
        "versions promote",
        "versions rollback",
        "versions drop",
        "dead-letters list",
        "dead-letters redrive",
    }


def test_every_command_explains_itself_and_reports_as_json() -> None:
    assert [name for name, command in COMMANDS.items() if not command.help] == []
    unexplained = [
        f"{name} {parameter.name}"
        for name, command in COMMANDS.items()
        for parameter in command.params
        if parameter.param_type_name == "option" and not parameter.help
    ]
    assert unexplained == []
    silent = {
        name
        for name, command in COMMANDS.items()
        if not any("--json" in parameter.opts for parameter in command.params)
    }
    assert silent == WITHOUT_JSON


def test_a_list_tells_how_a_command_explains_itself() -> None:
    differing = [name for name, command in COMMANDS.items() if command.help.split("\n\n")[0] != DEFERRED[name].help]
    assert differing == []
