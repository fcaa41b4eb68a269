"""What people see of commands before one runs: help, suggestions, completion and colours."""

from __future__ import annotations

import click
import pytest
from click.shell_completion import ShellComplete
from click.testing import CliRunner

from fmn.cli.command_group import CommandGroup

HEADING = "\x1b[33m\x1b[1m"


@click.group(cls=CommandGroup)
def tools() -> None:
    """Use tools."""


@tools.command()
def hammer() -> None:
    """Drive nails of up to 200 mm into wood that is not harder than oak, one at a time and by hand.

    Gloves are advised.
    """


@tools.command(hidden=True)
def chisel() -> None:
    """Carve."""


def test_help_has_each_first_sentence_in_full() -> None:
    shown = CliRunner().invoke(tools, ["--help"]).output
    assert "one at a time and by hand." in " ".join(shown.split())
    assert "Gloves" not in shown
    assert "chisel" not in shown


def test_a_mistyped_command_gets_a_suggestion() -> None:
    ended = CliRunner().invoke(tools, ["hamer"])
    assert ended.exit_code == 2
    assert ended.stderr.endswith("Error: No such command 'hamer'. Did you mean 'hammer'?\n")


@pytest.mark.parametrize(("environ", "coloured"), [
    ({"TERM": "xterm"}, True), ({"TERM": "xterm", "NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)])
@pytest.mark.parametrize("arguments", [["--help"], ["hammer", "--help"]])
def test_a_terminal_shows_colours_unless_told_not_to(
    environ: dict[str, str], coloured: bool, arguments: list[str],
) -> None:
    shown = CliRunner().invoke(tools, arguments, color=True, env={"NO_COLOR": None, **environ}).output
    assert (f"{HEADING}Options" in shown) is coloured
    assert ("\x1b" in shown) is coloured


def test_a_pipe_gets_none() -> None:
    assert "\x1b" not in CliRunner().invoke(tools, ["--help"], env={"TERM": "xterm"}).output


def test_shells_complete_commands_with_their_sentence() -> None:
    found = ShellComplete(tools, {}, "tools", "_TOOLS_COMPLETE").get_completions([], "ha")
    assert [(each.value, str(each.help)[:11]) for each in found] == [("hammer", "Drive nails")]
