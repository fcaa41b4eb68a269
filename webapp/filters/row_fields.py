"""Rows of the filter editor's form: a rule's title and help, and a field for each argument."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from fmn.catalog import Argument
from fmn.filters.expressions import ACCOUNT_ARGUMENT, Rule
from fmn.filters.rule_types import RuleError, RuleType, RuleTypes
from fmn.matching.completion import CompletionKind
from fmn.text import sentence
from webapp.filters.drafts import Draft, RuleRow

#: What completes the arguments of rules that have just one; an account's name is one everywhere.
COMPLETED: Final[Mapping[str, CompletionKind]] = {
    "package_filter": CompletionKind.PACKAGES,
    "fas_group_member_filter": CompletionKind.GROUPS,
    "group": CompletionKind.GROUPS,
    "topic_filter": CompletionKind.TOPICS,
    "application": CompletionKind.APPLICATIONS,
    "event": CompletionKind.EVENTS,
    "severity": CompletionKind.SEVERITIES,
}


@dataclass(frozen=True)
class ArgumentField:
    """A field for an argument of a rule. ``completes`` names its completion, ``""`` for none."""

    key: str
    label: str
    hint: str
    value: str
    completes: str
    problem: str = ""


@dataclass(frozen=True)
class EditorRow:
    """A row of the form."""

    number: int
    row: RuleRow
    title: str
    help: str
    fields: Sequence[ArgumentField]
    problem: str = ""


def editor_rows(draft: Draft, rule_types: RuleTypes, *, validated: bool = False) -> Sequence[EditorRow]:
    """The rows of a draft, with problems if they are to be ``validated``."""
    return [_shown(number, row, rule_types, validated=validated) for number, row in enumerate(draft.rows)]


def missing_arguments(draft: Draft, rule_types: RuleTypes) -> Sequence[str]:
    """A sentence for each empty field."""
    return [
        f"Fill in “{field.label}” in the rule “{row.title}”."
        for row in editor_rows(draft, rule_types) for field in row.fields if not field.value.strip()
    ]


def _shown(number: int, row: RuleRow, rule_types: RuleTypes, *, validated: bool) -> EditorRow:
    known = rule_types.by_name.get(row.rule)
    fields = list(_fields(number, row, known, validated=validated))
    asked = validated and not any(field.problem for field in fields)
    return EditorRow(
        number, row, known.title if known else row.rule, known.help if known else "", fields,
        _problem(row, rule_types) if asked else "")


def _problem(row: RuleRow, rule_types: RuleTypes) -> str:
    try:
        rule_types.check_rule(Rule.of(row.rule, row.arguments))
    except RuleError as error:
        return sentence(str(error))
    return ""


def _fields(number: int, row: RuleRow, known: RuleType | None, *, validated: bool) -> Iterator[ArgumentField]:
    """A field for each argument that the rule takes, and for each that it has nevertheless."""
    taken = {argument.name: argument for argument in (known.arguments if known else ())}
    given = {name: Argument(name, name) for name in row.arguments if name not in taken}
    for name, argument in {**taken, **given}.items():
        value = row.arguments.get(name, "")
        yield ArgumentField(
            f"with-{number}-{name}", argument.title, _hint(argument), value, _completed(row.rule, name),
            "Fill in this field." if validated and not value.strip() else "")


def _hint(argument: Argument) -> str:
    example = f"For example: {argument.sample}" if argument.sample else ""
    return " ".join(filter(None, (argument.help, example)))


def _completed(rule: str, argument: str) -> str:
    return CompletionKind.USERS if argument == ACCOUNT_ARGUMENT else COMPLETED.get(rule, "")
