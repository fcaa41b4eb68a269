"""Commands that we tell people to type are there."""

from __future__ import annotations

import re
from pathlib import Path

import click

from fmn.cli import COMMANDS, main

ROOT = Path(__file__).parents[3]
#: Where we speak to people: pages, settings, alerts, and what programs say.
SAID = [
    path for pattern in (
        "*.rst", "*.ini", "docs/**/*.rst", "deploy/**/*.yml", "deploy/**/*.j2", "fmn/**/*.py",
        "webapp/**/*.py", "webapp/**/*.mako")
    for path in ROOT.glob(pattern)]
CONTEXT = click.Context(main)
GROUPS = {
    name: command for name in COMMANDS
    if isinstance(command := main.get_command(CONTEXT, name), click.Group)}
#: ``fmn db upgrade`` in a text, also where a line ends in between.
TYPED = re.compile(rf"\bfmn\s+({'|'.join(GROUPS)})\s+([a-z][a-z-]*)")
#: Words that go on in a sentence rather than in the command.
PROSE = {"lists"}


def commands_in(text: str) -> set[tuple[str, str]]:
    return {(group, command) for group, command in TYPED.findall(text) if command not in PROSE}


def test_every_command_that_is_told_is_there() -> None:
    told = {(pair, path) for path in SAID for pair in commands_in(path.read_text(encoding="utf-8"))}
    assert {("db", "upgrade"), ("deliveries", "requeue"), ("config", "check")} <= {pair for pair, _ in told}
    assert [
        f"{path.relative_to(ROOT)}: fmn {group} {command}"
        for (group, command), path in sorted(told) if command not in GROUPS[group].commands] == []
