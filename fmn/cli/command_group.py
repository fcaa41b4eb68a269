"""Base class of ``fmn`` and its command groups: sections, whole sentences and colours in help."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import Any

import click
from click.shell_completion import CompletionItem

#: The section of commands in a group that has no sections.
COMMANDS_HEADING = "Commands"
#: Longer than any sentence: click otherwise cuts a command's sentence to what fits on the rest of its line.
_UNCUT = 1_000


class HelpFormatter(click.HelpFormatter):
    """Help with coloured headings. ``click.echo`` strips the colours where none are wanted."""

    def write_heading(self, heading: str) -> None:
        """Write a heading into the buffer."""
        super().write_heading(click.style(heading, fg="yellow", bold=True))


class CommandContext(click.Context):
    """A command's invocation. Colours are off for all of it if the environment says so."""

    formatter_class = HelpFormatter

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if colours_refused(os.environ):
            self.color = False


class CommandGroup(click.Group):
    """A group of commands whose help has each command's first sentence in full."""

    context_class = CommandContext

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of this name, if there is one."""
        found = super().get_command(ctx, cmd_name)
        if found is not None:
            found.context_class = CommandContext
        return found

    def sections(self, ctx: click.Context) -> Mapping[str, Mapping[str, str]]:
        """Headings, and below each the commands by name with their first sentence."""
        return {COMMANDS_HEADING: {
            name: _first_sentence(command) for name, command in self._visible(ctx)}}

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the sections, their columns aligned."""
        sections = self.sections(ctx)
        width = max((len(name) for commands in sections.values() for name in commands), default=0)
        for heading, commands in sections.items():
            with formatter.section(heading):
                formatter.write_dl(
                    [(click.style(f"{name:{width}}", fg="green"), help_) for name, help_ in commands.items()])

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """The commands that begin with what was typed, and the options."""
        names = [
            CompletionItem(name, help=help_)
            for commands in self.sections(ctx).values() for name, help_ in commands.items()
            if name.startswith(incomplete)]
        return names + click.Command.shell_complete(self, ctx, incomplete)

    def _visible(self, ctx: click.Context) -> Iterator[tuple[str, click.Command]]:
        for name in self.list_commands(ctx):
            command = self.get_command(ctx, name)
            if command is not None and not command.hidden:
                yield name, command


def colours_refused(environ: Mapping[str, str]) -> bool:
    """Whether the environment asks for plain text: NO_COLOR (https://no-color.org) or a terminal without."""
    return bool(environ.get("NO_COLOR")) or environ.get("TERM") == "dumb"


def _first_sentence(command: click.Command) -> str:
    return f"{command.get_short_help_str(_UNCUT).rstrip('.')}."
