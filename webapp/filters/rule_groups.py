"""Rules of a filter's form: rows in groups of "all of", "any of", "none of" and "not all of".

A form names each row and group by a number, and the group that it's in. The group around all has none.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final, NamedTuple

from fmn.filters.expressions import All, AnyOf, Expression, Not, Rule

#: Groups within groups that a form shows; deeper ones are written as text.
MAX_LEVELS: Final = 5
#: Groups of a form.
MAX_GROUPS: Final = 100


class GroupKind(StrEnum):
    """How many of a group's parts have to be true."""

    ALL = "all"
    ANY = "any"
    NONE = "none"
    NOT_ALL = "not-all"


@dataclass(frozen=True)
class RuleRow:
    """A row of the form: a rule, and whether it has to be true or false."""

    rule: str
    wanted: bool = True
    arguments: Mapping[str, str] = field(default_factory=dict)

    @property
    def expression(self) -> Expression:
        """The row's expression."""
        rule = Rule.of(self.rule, self.arguments)
        return rule if self.wanted else Not(rule)


@dataclass(frozen=True)
class RuleGroup:
    """A group of rows and groups."""

    kind: GroupKind = GroupKind.ALL
    parts: tuple[RuleRow | RuleGroup, ...] = ()

    @property
    def expression(self) -> Expression:
        """The group's expression."""
        parts = tuple(part.expression for part in self.parts)
        match self.kind:
            case GroupKind.ALL:
                return All(parts)
            case GroupKind.ANY:
                return AnyOf(parts)
            case GroupKind.NONE:
                return Not(AnyOf(parts))
            case GroupKind.NOT_ALL:
                return Not(All(parts))


#: A form without rules.
EMPTY: Final = RuleGroup()


class Node(NamedTuple):
    """A row or a group by itself, and the number of the group that it's in."""

    parent: int | None
    item: RuleRow | GroupKind


#: Rows and groups by number, in reading order.
Nodes = Mapping[int, Node]


class _UnfitError(Exception):
    """An expression that the form can't show."""


def group_of(expression: Expression) -> RuleGroup | None:
    """The form of an expression, ``None`` for double negations, texts of several lines and deep nesting.

    The form of one rule and that of a conjunction of just this rule are the same.
    """
    try:
        found = _part(expression, 0)
    except _UnfitError:
        return None
    root = RuleGroup(parts=(found,)) if isinstance(found, RuleRow) else found
    groups = sum(not isinstance(node.item, RuleRow) for node in nodes_of(root).values())
    return root if groups <= MAX_GROUPS else None


def _part(expression: Expression, level: int) -> RuleRow | RuleGroup:
    match expression:
        case Rule():
            return _row(expression, wanted=True)
        case Not(Rule() as rule):
            return _row(rule, wanted=False)
        case All(parts):
            return _group(GroupKind.ALL, parts, level)
        case AnyOf(parts):
            return _group(GroupKind.ANY, parts, level)
        case Not(AnyOf(parts)):
            return _group(GroupKind.NONE, parts, level)
        case Not(All(parts)):
            return _group(GroupKind.NOT_ALL, parts, level)
    raise _UnfitError


def _group(kind: GroupKind, parts: Iterable[Expression], level: int) -> RuleGroup:
    if level > MAX_LEVELS:
        raise _UnfitError
    return RuleGroup(kind, tuple(_part(part, level + 1) for part in parts))


def _row(rule: Rule, *, wanted: bool) -> RuleRow:
    if {"\r", "\n"}.intersection("".join(value for _, value in rule.arguments)):
        raise _UnfitError
    return RuleRow(rule.name, wanted, dict(rule.arguments))


def expression_of(root: RuleGroup) -> Expression:
    """The expression of a form. A row that is alone is that rule."""
    if root.kind is GroupKind.ALL and len(root.parts) == 1 and isinstance(root.parts[0], RuleRow):
        return root.parts[0].expression
    return root.expression


def nodes_of(root: RuleGroup) -> Nodes:
    """The rows and groups within a group, numbered from 0 in reading order."""
    found: dict[int, Node] = {}

    def number(group: RuleGroup, parent: int | None) -> None:
        for part in group.parts:
            here = len(found)
            found[here] = Node(parent, part if isinstance(part, RuleRow) else part.kind)
            if isinstance(part, RuleGroup):
                number(part, here)

    number(root, None)
    return found


def group_from_nodes(
    kind: GroupKind, nodes: Nodes, excepted: frozenset[int] = frozenset(),
) -> RuleGroup:
    """The group with these rows and groups, in order of their numbers.

    What is in no group that there is, or too deep, is in the group around all. The rows ``excepted`` were
    shown as exceptions of their group: they stay that if it isn't a conjunction any more.
    """
    parents = _parents(nodes)
    children: defaultdict[int | None, list[int]] = defaultdict(list)
    for number in sorted(nodes):
        children[parents[number]].append(number)

    def part(number: int) -> RuleRow | RuleGroup:
        item = nodes[number].item
        return item if isinstance(item, RuleRow) else group(item, number)

    def group(kind: GroupKind, place: int | None) -> RuleGroup:
        inside = children[place]
        apart = [] if kind is GroupKind.ALL else [number for number in inside if number in excepted]
        made = RuleGroup(kind, tuple(part(number) for number in inside if number not in apart))
        return RuleGroup(GroupKind.ALL, (made, *map(part, apart))) if apart else made

    return group(kind, None)


def _parents(nodes: Nodes) -> Mapping[int, int | None]:
    """The group that each node is in. A group's number is below those of the groups in it: no circles."""
    levels: dict[int | None, int] = {None: 0}
    found: dict[int, int | None] = {}
    for number, (parent, item) in sorted(nodes.items()):
        if not isinstance(item, RuleRow):
            found[number] = parent if levels.get(parent, MAX_LEVELS) < MAX_LEVELS else None
            levels[number] = levels[found[number]] + 1
    for number, (parent, item) in nodes.items():
        if isinstance(item, RuleRow):
            found[number] = parent if parent in levels else None
    return found


def with_part(root: RuleGroup, place: int | None, part: RuleRow | RuleGroup) -> tuple[RuleGroup, int]:
    """The form with one more part at the end of a group, and the part's number.

    If there is no such group, the part is at the end of the group around all.
    """
    path = _path_to(root, place)
    grown = _grown(root, path, part)
    return grown, _number_of_last(grown, path)


def _path_to(root: RuleGroup, place: int | None) -> Sequence[int]:
    """The places at which one goes down to a group, from the outermost in."""
    nodes = nodes_of(root)
    path: list[int] = []
    while place is not None and place in nodes and not isinstance(nodes[place].item, RuleRow):
        parent = nodes[place].parent
        siblings = [number for number, node in nodes.items() if node.parent == parent]
        path.insert(0, siblings.index(place))
        place = parent
    return path


def _grown(group: RuleGroup, path: Sequence[int], part: RuleRow | RuleGroup) -> RuleGroup:
    if not path:
        return replace(group, parts=(*group.parts, part))
    inner = group.parts[path[0]]
    assert isinstance(inner, RuleGroup)
    return replace(group, parts=(
        *group.parts[:path[0]], _grown(inner, path[1:], part), *group.parts[path[0] + 1:]))


def _number_of_last(root: RuleGroup, path: Sequence[int]) -> int:
    """The number of the last part of the group to which a path leads."""
    nodes = nodes_of(root)
    parent: int | None = None
    for step in (*path, -1):
        parent = [number for number, node in nodes.items() if node.parent == parent][step]
    assert parent is not None
    return parent


def without_part(root: RuleGroup, number: int) -> RuleGroup:
    """The form without a row, or without a group and everything in it."""
    gone = {number}
    kept: dict[int, Node] = {}
    for each, node in nodes_of(root).items():
        if each == number or node.parent in gone:
            gone.add(each)
        else:
            kept[each] = node
    return group_from_nodes(root.kind, kept)


def required(root: RuleGroup, number: int) -> RuleGroup:
    """The form in which a row that had to be false has to be true."""
    nodes = dict(nodes_of(root))
    parent, item = nodes[number]
    if isinstance(item, RuleRow):
        nodes[number] = Node(parent, replace(item, wanted=True))
    return group_from_nodes(root.kind, nodes)
