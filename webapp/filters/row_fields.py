"""Rows and groups of the filter editor's form: titles and help, and a field for each argument."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from fmn.catalog import Argument, Catalog
from fmn.filters.expressions import ACCOUNT_ARGUMENT, Rule
from fmn.filters.generic_rules import GENERIC_APPLICATION, GROUP_PACKAGES_RULE
from fmn.filters.rule_types import RuleError, RuleType, RuleTypes
from fmn.matching.completion import CompletionKind
from fmn.text import sentence
from fmn.translations import gettext
from webapp.filters.drafts import Draft
from webapp.filters.rule_groups import GroupKind, Node, RuleGroup, RuleRow, nodes_of

#: What completes the arguments of rules that have just one; an account's name is one everywhere.
COMPLETED: Final[Mapping[str, CompletionKind]] = {
    "package_filter": CompletionKind.PACKAGES,
    "fas_group_member_filter": CompletionKind.GROUPS,
    "group": CompletionKind.GROUPS,
    GROUP_PACKAGES_RULE: CompletionKind.OWNING_GROUPS,
    "topic_filter": CompletionKind.TOPICS,
    "application": CompletionKind.APPLICATIONS,
    "event": CompletionKind.EVENTS,
}
#: Exceptions that are shown at once; more are folded.
SHOWN_EXCEPTIONS: Final = 3


@dataclass(frozen=True)
class ArgumentField:
    """A field for an argument of a rule. ``completes`` names its completion, ``""`` for none.

    ``lists`` says whether it takes several values, separated by commas. ``choices`` are all values if they're
    few, and the one that it has.
    """

    key: str
    label: str
    hint: str
    value: str
    completes: str
    lists: bool = False
    choices: Sequence[str] = ()
    problem: str = ""

    @property
    def radios(self) -> bool:
        """Whether one of the choices is chosen, and none typed."""
        return bool(self.choices) and not self.lists


@dataclass(frozen=True)
class EditorRow:
    """A row of the form, in the group ``parent``."""

    number: int
    row: RuleRow
    title: str
    help: str
    #: Id and title of the application; without a title it's a rule for any message.
    category: str
    application: str
    fields: Sequence[ArgumentField]
    parent: int | None = None
    problem: str = ""

    @property
    def wrong(self) -> bool:
        """Whether something is said to be wrong with it."""
        return bool(self.problem) or any(field.problem for field in self.fields)


@dataclass(frozen=True)
class EditorGroup:
    """A group of the form, in the group ``parent``. The one around all has no number and is ``0`` by name.

    ``exceptions`` are the rows of a conjunction that have to be false.
    """

    kind: GroupKind
    parts: Sequence[EditorRow | EditorGroup]
    exceptions: Sequence[EditorRow] = ()
    number: int | None = None
    parent: int | None = None
    #: Its place among the groups in reading order, which is its name.
    name: int = 0
    level: int = 0

    @property
    def groups(self) -> Iterator[EditorGroup]:
        """It and all groups in it, in reading order."""
        yield self
        for part in self.parts:
            if isinstance(part, EditorGroup):
                yield from part.groups

    @property
    def folded(self) -> bool:
        """Whether the exceptions are so many, and all right, that they can be shown when asked for."""
        return len(self.exceptions) > SHOWN_EXCEPTIONS and not any(each.wrong for each in self.exceptions)

    @property
    def excepted_applications(self) -> Sequence[str]:
        """Titles of the exceptions' applications, without repetition."""
        return list(dict.fromkeys(each.application for each in self.exceptions if each.application))


def editor_group(
    draft: Draft, rule_types: RuleTypes, catalog: Catalog, *, validated: bool = False,
) -> EditorGroup:
    """The rows and groups of a draft, with problems if they are to be ``validated``."""
    nodes = nodes_of(draft.root)
    rows = {number: _shown(number, node, rule_types, catalog, validated=validated)
            for number, node in nodes.items() if isinstance(node.item, RuleRow)}
    names = {number: name for name, number in enumerate(
        (each for each in nodes if each not in rows), start=1)}

    def group(kind: GroupKind, number: int | None, level: int) -> EditorGroup:
        inside = [each for each, node in nodes.items() if node.parent == number]
        parts = [rows.get(each) or inner(each, level + 1) for each in inside]
        return _split(EditorGroup(
            kind, parts, (), number, nodes[number].parent if number is not None else None,
            names.get(number, 0) if number is not None else 0, level))

    def inner(number: int, level: int) -> EditorGroup:
        kind = nodes[number].item
        assert isinstance(kind, GroupKind)
        return group(kind, number, level)

    return group(draft.root.kind, None, 0)


def _split(group: EditorGroup) -> EditorGroup:
    """The group with its exceptions by themselves, if it's a conjunction."""
    exceptions = [each for each in group.parts if isinstance(each, EditorRow) and not each.row.wanted]
    if group.kind is not GroupKind.ALL or not exceptions:
        return group
    return replace(group, exceptions=exceptions, parts=[
        each for each in group.parts if not isinstance(each, EditorRow) or each.row.wanted])


def missing_arguments(draft: Draft, rule_types: RuleTypes) -> Sequence[str]:
    """A sentence for each empty field and each empty group."""
    return [*_empty_fields(draft, rule_types), *_empty_groups(draft.root.parts)]


def _empty_fields(draft: Draft, rule_types: RuleTypes) -> Iterator[str]:
    for node in nodes_of(draft.root).values():
        if isinstance(node.item, RuleRow) and (known := rule_types.by_name.get(node.item.rule)):
            for field in _fields(0, node.item, known, validated=True):
                if field.problem:
                    yield gettext("Fill in “{field}” in the rule “{rule}”.").format(
                        field=field.label, rule=known.title)


def _empty_groups(parts: Iterable[RuleRow | RuleGroup]) -> Iterator[str]:
    for part in parts:
        if isinstance(part, RuleGroup) and not part.parts:
            yield gettext("A group is empty. Add a rule to it, or remove it.")
        elif isinstance(part, RuleGroup):
            yield from _empty_groups(part.parts)


def _shown(number: int, node: Node, rule_types: RuleTypes, catalog: Catalog, *, validated: bool) -> EditorRow:
    row = node.item
    assert isinstance(row, RuleRow)
    known = rule_types.by_name.get(row.rule)
    fields = list(_fields(number, row, known, validated=validated))
    asked = validated and not any(field.problem for field in fields)
    category = known.application if known else ""
    application = catalog.applications.get(category) if category != GENERIC_APPLICATION else None
    return EditorRow(
        number, row, known.title if known else row.rule, known.help if known else "", category,
        application.title if application else "", fields, node.parent,
        _problem(row, rule_types) if asked else "")


def _problem(row: RuleRow, rule_types: RuleTypes) -> str:
    try:
        rule_types.check(rule_types.canonical(Rule.of(row.rule, row.arguments)))
    except RuleError as error:
        return sentence(str(error))
    return ""


def _fields(number: int, row: RuleRow, known: RuleType | None, *, validated: bool) -> Iterator[ArgumentField]:
    """A field for each argument that the rule takes, and for each that it has nevertheless."""
    taken = {argument.name: argument for argument in (known.arguments if known else ())}
    given = {name: Argument(name, name) for name in row.arguments if name not in taken}
    for name, argument in {**taken, **given}.items():
        value = row.arguments.get(name, "")
        completes = _completed(row.rule, name)
        yield ArgumentField(
            f"with-{number}-{name}", argument.title, _hint(argument), value, completes,
            argument.several or bool(completes), _choices(argument, value),
            gettext("Fill in this field.") if validated and not value.strip() else "")


def _choices(argument: Argument, value: str) -> Sequence[str]:
    """The argument's choices. One that somebody typed elsewhere is among them, so that it isn't lost."""
    if argument.several or not argument.choices or not value or value in argument.choices:
        return argument.choices
    return (value, *argument.choices)


def _hint(argument: Argument) -> str:
    example = gettext("For example: {example}").format(example=argument.sample) if argument.sample else ""
    return " ".join(filter(None, (argument.help, example)))


def _completed(rule: str, argument: str) -> str:
    return CompletionKind.USERS if argument == ACCOUNT_ARGUMENT else COMPLETED.get(rule, "")
