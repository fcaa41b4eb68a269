"""The directive ``command-reference``: every command of ``fmn`` with its help, read from click."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click
from docutils import nodes
from rst_text import definitions, escaped, title
from sphinx.util.docutils import SphinxDirective

from fmn.cli import main

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.util.typing import ExtensionMetadata


def as_rst() -> str:
    """All commands, each with a section; those of a group with one each below the group's."""
    root = click.Context(main, info_name="fmn")
    return "".join(_command(root, name, "-") for name in main.list_commands(root))


def _command(parent: click.Context, name: str, underline: str) -> str:
    group = parent.command
    assert isinstance(group, click.Group)
    command = group.get_command(parent, name)
    assert command is not None
    if command.hidden:
        return ""
    context = click.Context(command, info_name=name, parent=parent)
    text = title(context.command_path, underline) + _help(command)
    text += f"::\n\n    {' '.join((context.command_path, *command.collect_usage_pieces(context)))}\n\n"
    text += definitions(_options(command, context))
    if isinstance(command, click.Group):
        text += "".join(_command(context, each, "~") for each in command.list_commands(context))
    return text


def _help(command: click.Command) -> str:
    r"""What a command says of itself; ``\b`` before a paragraph keeps its lines, as with click."""
    paragraphs = inspect.cleandoc(command.help or "").partition("\f")[0].split("\n\n")
    return "".join(_paragraph(each) for each in paragraphs if each.strip())


def _paragraph(text: str) -> str:
    if text.startswith("\b"):
        lines = text.removeprefix("\b").strip("\n").splitlines()
        return "\n".join(f"| {escaped(line)}" for line in lines) + "\n\n"
    return f"{escaped(' '.join(text.split()))}\n\n"


def _options(command: click.Command, context: click.Context) -> Iterator[tuple[str, str]]:
    for parameter in command.get_params(context):
        record = parameter.get_help_record(context)
        # --help is the same everywhere; arguments are in the usage line, and most need no more.
        if record is not None and record[1] and "--help" not in record[0]:
            yield f"``{record[0]}``", escaped(" ".join(record[1].split()))


class CommandReference(SphinxDirective):
    """All commands."""

    def run(self) -> list[nodes.Node]:
        """Read again at each build: Sphinx can't see that a command changed."""
        self.env.note_reread()
        return self.parse_text_to_nodes(as_rst(), allow_section_headings=True)


def setup(app: Sphinx) -> ExtensionMetadata:
    """Tell Sphinx of the directive."""
    app.add_directive("command-reference", CommandReference)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
