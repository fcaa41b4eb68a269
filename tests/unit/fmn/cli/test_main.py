"""``fmn`` itself: help, version, mistyped commands, colours, and what it imports."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib import metadata

import click
import pytest
from click.shell_completion import ShellComplete
from click.testing import CliRunner

from fmn import settings as fmn_settings
from fmn.cli import COMMANDS, CONFIG_VARIABLE, SECTIONS, main

#: What takes long to import.
HEAVY = [
    "pydantic", "sqlalchemy", "alembic", "dramatiq", "pyramid", "httpx", "zmq", "fmn.catalog", "fmn.wiring",
]


def fmn(*arguments: str, color: bool = False) -> str:
    return CliRunner().invoke(main, arguments, color=color, env={"TERM": "xterm", "NO_COLOR": None}).output


def test_help_groups_commands_with_a_full_sentence_each() -> None:
    shown = fmn("--help")
    headings = [line.rstrip(":") for line in shown.splitlines() if re.fullmatch(r"[A-Z][\w ]*:", line)]
    assert headings == ["Options", "Run", "Look", "Fix", "Set up"]
    flowing = " ".join(shown.split())
    for name, entry in COMMANDS.items():
        assert f" {name} {entry.sentence}" in flowing


def test_help_and_completion_import_no_command() -> None:
    # A process of its own: this one has imported everything
    script = (
        "import sys\n"
        "from click.testing import CliRunner\n"
        "from fmn.cli import main\n"
        "assert CliRunner().invoke(main, ['--help']).exit_code == 0\n"
        "assert CliRunner().invoke(main, ['stauts']).exit_code == 2\n"
        f"print(sorted(set({HEAVY}) & sys.modules.keys()))\n")
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


@pytest.mark.parametrize("name", COMMANDS)
def test_the_list_says_the_first_sentence_of_each_command(name: str) -> None:
    command = main.get_command(click.Context(main), name)
    assert command is not None
    assert command.get_short_help_str(1_000).rstrip(".") == COMMANDS[name].sentence.removesuffix(".")


def test_the_environment_names_the_settings_for_every_program_alike() -> None:
    assert CONFIG_VARIABLE == fmn_settings.CONFIG_VARIABLE


def test_no_command_is_listed_twice() -> None:
    assert len(COMMANDS) == sum(map(len, SECTIONS.values()))


def test_version() -> None:
    assert fmn("--version") == f"fmn {metadata.version('fmn')}\n"


@pytest.mark.parametrize(("typed", "suggested"), [
    (["stauts"], "No such command 'stauts'. Did you mean 'status'?"),
    (["import-fmn"], "No such command 'import-fmn'. Did you mean 'import-fmn2'?"),
    (["catalog", "lits"], "No such command 'lits'. Did you mean 'list'?"),
    (["xyzzy"], "No such command 'xyzzy'."),
    (["--confg", "x", "status"], "No such option '--confg'. Did you mean '--config'?"),
])
def test_mistyped_commands_get_a_suggestion(typed: list[str], suggested: str) -> None:
    ended = CliRunner().invoke(main, typed)
    assert (ended.exit_code, ended.stderr.splitlines()[-1]) == (2, f"Error: {suggested}")


def test_no_color_prints_plain_text_on_a_terminal() -> None:
    assert "\x1b" in fmn("--help", color=True)
    assert "\x1b" not in fmn("--no-color", "--help", color=True)
    assert "\x1b" not in fmn("--no-color", "catalog", "--help", color=True)


def test_shells_complete_commands() -> None:
    found = ShellComplete(main, {}, "fmn", "_FMN_COMPLETE").get_completions([], "de")
    assert [(each.value, each.help) for each in found] == [("deliveries", COMMANDS["deliveries"].sentence)]
