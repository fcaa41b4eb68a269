"""``fmn rules``: the questions that can be asked of messages."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, BinaryIO, Final, TextIO

import click

from fmn.catalog import catalog as known
from fmn.cli.catalog import json_in, messages_in
from fmn.directory import Directory
from fmn.directory.file import FileSource
from fmn.directory.merging import merge
from fmn.filters.expression_syntax import ExpressionSyntaxError, parse_expression, print_expression
from fmn.filters.expressions import Rule
from fmn.filters.rule_types import RuleError, rule_types
from fmn.matching.lint_findings import refusals
from fmn.matching.linter import lint as lint_expression
from fmn.matching.verdicts import ExpressionEvaluator

#: What questions look like.
SHAPE = 'should be a JSON list of {"rule": NAME, "with": {ARGUMENT: VALUE}}'


#: fedmsg's environment where nobody set one: what FMN 2 answered as, when its rules were last asked.
FMN_2_ENVIRONMENT: Final = "dev"


@click.group("rules")
def rules() -> None:
    """The questions that can be asked of messages."""


@rules.command("list")
def list_rules() -> None:
    """List all rules."""
    for rule_type in rule_types().by_name.values():
        arguments = ", ".join(argument.name for argument in rule_type.arguments)
        retired = "" if rule_type.offered else " (retired)"
        click.echo(f"{rule_type.name + (f'({arguments})' if arguments else ''):50} {rule_type.help}{retired}")


@rules.command()
@click.argument("questions", type=click.File("rb"))
@click.argument("file", type=click.File(encoding="utf-8"))
@click.option("--json", "as_json", is_flag=True, help="Write one JSON list of lists of positions.")
@click.option(
    "--directory", "directory_file", type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="A JSON file with owners, groups and aliases.")
@click.option(
    "--environment", default=FMN_2_ENVIRONMENT, show_default=True,
    help="The environment of the installation that asks; a few rules are about it alone.")
def ask(
    questions: BinaryIO, file: TextIO, directory_file: Path | None, environment: str, *, as_json: bool,
) -> None:
    """Say which of the messages in FILE each of the rules in QUESTIONS would let through.

    QUESTIONS is a JSON list of {"rule": NAME, "with": {ARGUMENT: VALUE}}. Messages count from 0.
    """
    directory = merge([FileSource(directory_file).fetch()]) if directory_file else Directory()
    asked = _rules_in(questions)
    facts = [known().facts(message, directory.account) for message in messages_in(file)]
    judges = [ExpressionEvaluator(one, directory, rule_types(environment)) for one in facts]
    answers = [[at for at, judge in enumerate(judges) if judge.holds(rule)] for rule in asked]
    if as_json:
        click.echo(json.dumps(answers))
    else:
        for rule, found in zip(asked, answers, strict=True):
            click.echo(f"{print_expression(rule, rule_types())}: {', '.join(map(str, found)) or 'none'}")


@rules.command()
@click.argument("expression")
@click.pass_context
def lint(context: click.Context, expression: str) -> None:
    """Say what's wrong with the filter EXPRESSION; exits with 1 if it couldn't be saved.

    For example: 'maintains(@me) and not actor(@me)'.
    """
    try:
        findings = lint_expression(parse_expression(expression, rule_types()), rule_types(), known())
    except ExpressionSyntaxError as error:
        raise click.ClickException(str(error)) from error
    for finding in findings:
        click.echo(f"{finding.severity}: {finding.sentence}")
    if not findings:
        click.echo("Nothing is wrong with it.")
    if refusals(findings):
        context.exit(1)


def _rules_in(questions: BinaryIO) -> list[Rule]:
    asked = json_in(questions.read(), questions.name)
    if not isinstance(asked, list):
        raise click.ClickException(f"{questions.name}: {SHAPE}")
    return [_rule(question, f"{questions.name}, question {at}") for at, question in enumerate(asked)]


def _rule(question: Any, where: str) -> Rule:
    match question:
        case {"rule": str(name)}:
            arguments = question.get("with") or {}
        case _:
            raise click.ClickException(f"{where}: {SHAPE}")
    if not isinstance(arguments, dict) or not all(isinstance(value, str) for value in arguments.values()):
        raise click.ClickException(f'{where}: "with" should be an object from argument to text')
    rule = Rule.of(name, arguments)
    try:
        rule_types().check(rule)
    except RuleError as error:
        raise click.ClickException(f"{where}: {error}") from error
    return rule
