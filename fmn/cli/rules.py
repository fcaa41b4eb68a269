"""``fmn rules``: lists the rules for filters, and tests them on messages."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, BinaryIO, Final, TextIO

import click

from fmn.catalog import catalog as known
from fmn.cli.catalog import event_types_directory, json_in, messages_in
from fmn.cli.command_group import CommandGroup
from fmn.cli.progress import progress
from fmn.directory import Directory
from fmn.directory.file import FileSource
from fmn.directory.merging import merge
from fmn.filters.expression_syntax import ExpressionSyntaxError, parse_expression, print_expression
from fmn.filters.expressions import Rule
from fmn.filters.rule_types import RuleError, follow_event_types, rule_types
from fmn.matching.lint_findings import refusals
from fmn.matching.linter import lint as lint_expression
from fmn.matching.verdicts import ExpressionEvaluator

#: The form of QUESTIONS, in an error.
SHAPE = 'must be a JSON list of {"rule": NAME, "with": {ARGUMENT: VALUE}}'


#: fedmsg's environment by default, and FMN 2's when its answers were recorded.
FMN_2_ENVIRONMENT: Final = "dev"


@click.group("rules", cls=CommandGroup)
@click.pass_context
def rules(context: click.Context) -> None:
    """List the rules for filters, and test them on messages."""
    follow_event_types(event_types_directory(context))


@rules.command("list")
def list_rules() -> None:
    """List all rule types with their arguments."""
    for rule_type in rule_types().by_name.values():
        arguments = ", ".join(argument.name for argument in rule_type.arguments)
        retired = "" if rule_type.offered else " (retired)"
        click.echo(f"{rule_type.name + (f'({arguments})' if arguments else ''):50} {rule_type.help}{retired}")


@rules.command()
@click.argument("questions", type=click.File("rb"))
@click.argument("file", type=click.File(encoding="utf-8"))
@click.option("--json", "as_json", is_flag=True, help="Print a JSON list of lists of positions.")
@click.option(
    "--directory", "directory_file", type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="A JSON file with owners, groups and aliases.")
@click.option(
    "--environment", default=FMN_2_ENVIRONMENT, show_default=True,
    help="The environment of the installation; a few rules depend on it.")
def ask(
    questions: BinaryIO, file: TextIO, directory_file: Path | None, environment: str, *, as_json: bool,
) -> None:
    """Show which messages in FILE each rule in QUESTIONS matches.

    QUESTIONS is a JSON list of {"rule": NAME, "with": {ARGUMENT: VALUE}}. The first message is 0.
    """
    directory = merge([FileSource(directory_file).fetch()]) if directory_file else Directory()
    asked = _rules_in(questions)
    messages = list(messages_in(file))
    answers: list[list[int]] = [[] for _ in asked]
    with progress("Messages", len(messages)) as advance:
        for at, message in enumerate(messages):
            facts = known().facts(message, directory.account)
            evaluator = ExpressionEvaluator(facts, directory, rule_types(environment))
            for rule, matched in zip(asked, answers, strict=True):
                if evaluator.holds(rule):
                    matched.append(at)
            advance(1, "")
    if as_json:
        click.echo(json.dumps(answers))
    else:
        for rule, found in zip(asked, answers, strict=True):
            click.echo(f"{print_expression(rule, rule_types())}: {', '.join(map(str, found)) or 'none'}")


@rules.command()
@click.argument("expression")
@click.pass_context
def lint(context: click.Context, expression: str) -> None:
    """Check the filter EXPRESSION. Exit with 1 if it couldn't be saved.

    For example: 'maintains(@me) and not actor(@me)'.
    """
    try:
        findings = lint_expression(parse_expression(expression, rule_types()), rule_types(), known())
    except ExpressionSyntaxError as error:
        raise click.ClickException(str(error)) from error
    for finding in findings:
        click.echo(f"{finding.severity}: {finding.sentence}")
    if not findings:
        click.echo("No problems found.")
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
        raise click.ClickException(f'{where}: "with" must be an object that maps arguments to text')
    rule = Rule.of(name, arguments)
    try:
        rule_types().check(rule)
    except RuleError as error:
        raise click.ClickException(f"{where}: {error}") from error
    return rule
