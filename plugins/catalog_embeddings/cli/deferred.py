"""Commands that are imported when they are called: `--help` and a quick look wait for no library of another command.

Knows how a command stands in a group before it is loaded; which commands there are is told in ``commands``.
"""

from collections.abc import Callable
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup


class DeferredCommand(TyperCommand):
    """A command of a module of this folder, known by its name and the sentences that a list of commands shows."""

    def __init__(self, name: str, where: str, told: str) -> None:
        """``where`` is ``module:function``; ``told`` is how the function's docstring begins."""
        super().__init__(name, help=told)
        self.where = where

    def load(self) -> Any:
        """The command itself, with its options."""
        module, _, function = self.where.partition(":")
        callback: Callable[..., Any] = getattr(import_module(f"{__package__}.{module}"), function)
        alone = typer.Typer(add_completion=False)
        alone.command(self.name)(callback)
        return typer.main.get_command(alone)

    def make_context(self, info_name: str | None, args: list[str], parent: Any = None, **extra: Any) -> Any:
        """Where a call begins: from here on it is the command itself that is called."""
        return self.load().make_context(info_name, args, parent, **extra)


def group(name: str, told: str, commands: dict[str, tuple[str, str]], *groups: TyperGroup) -> TyperGroup:
    """A group of ``commands``, each by its name with where it is and what is told of it, and of other groups."""
    members = [DeferredCommand(command, *about) for command, about in commands.items()]
    return TyperGroup(name=name, help=told, no_args_is_help=True, commands=[*members, *groups])
