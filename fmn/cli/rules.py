"""``fmn rules``: the questions that can be asked of messages."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TextIO

import click

from fmn.catalog import Facts
from fmn.catalog import catalog as known
from fmn.cli.catalog import messages_in
from fmn.directory import Directory
from fmn.directory.file import FileSource
from fmn.directory.parts import merge
from fmn.filters.expressions import Rule
from fmn.filters.rule_types import RuleError, rule_types
from fmn.matching.verdicts import Judge


@click.group("rules")
def rules() -> None:
    """The questions that can be asked of messages."""


@rules.command("list")
def list_rules() -> None:
    """List all rules."""
    for rule_type in rule_types().by_name.values():
        arguments = ", ".join(argument.name for argument in rule_type.arguments)
        click.echo(f"{rule_type.name + (f'({arguments})' if arguments else ''):50} {rule_type.help}")


@rules.command()
@click.argument("questions", type=click.File(encoding="utf-8"))
@click.argument("file", type=click.File(encoding="utf-8"))
@click.option("--json", "as_json", is_flag=True, help="Write one JSON list of lists of positions.")
@click.option(
    "--directory", "directory_file", type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="A JSON file with owners, groups and aliases.")
def ask(questions: TextIO, file: TextIO, directory_file: Path | None, *, as_json: bool) -> None:
    """Say which of the messages in FILE each of the rules in QUESTIONS would let through.

    QUESTIONS is a JSON list of {"rule": NAME, "with": {ARGUMENT: VALUE}}. Messages count from 0.
    """
    directory = merge([FileSource(directory_file).fetch()]) if directory_file else Directory()
    asked = _rules_in(questions)
    facts = [known().facts(message, directory.account) for message in messages_in(file)]
    answers = [_answer(rule, facts, directory) for rule in asked]
    if as_json:
        click.echo(json.dumps(answers))
    else:
        for rule, found in zip(asked, answers, strict=True):
            click.echo(f"{rule.name} {dict(rule.arguments)}: {', '.join(map(str, found)) or 'none'}")


def _rules_in(questions: TextIO) -> list[Rule]:
    try:
        value: Any = json.load(questions)
    except ValueError as error:
        raise click.ClickException(f"{questions.name}: isn't JSON: {error}") from error
    try:
        return [Rule.of(question["rule"], question.get("with") or {}) for question in value]
    except (TypeError, KeyError, AttributeError):
        raise click.ClickException(
            f'{questions.name}: should be a JSON list of {{"rule": NAME, "with": {{…}}}}') from None


def _answer(rule: Rule, facts: Sequence[Facts], directory: Directory) -> list[int]:
    try:
        return [
            position for position, one in enumerate(facts)
            if Judge(one, directory, rule_types()).holds(rule)
        ]
    except RuleError as error:
        raise click.ClickException(str(error)) from error
