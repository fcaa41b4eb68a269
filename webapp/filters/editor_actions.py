"""Actions of the filter editor's buttons on a draft, with the element that gets the focus."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

from fmn.filters.expression_syntax import ExpressionSyntaxError
from fmn.filters.rule_types import RuleTypes
from fmn.translations import gettext, mark
from webapp.filters.drafts import Draft
from webapp.filters.rule_groups import (
    MAX_GROUPS,
    GroupKind,
    RuleGroup,
    RuleRow,
    nodes_of,
    required,
    with_part,
    without_part,
)
from webapp.forms import parse_whole_number

NO_ROWS: Final = mark(
    "This filter uses double negation, deep groups or line breaks, which rows can’t show. Edit it as text.")
UNREADABLE_TEXT: Final = mark("Fix the error in the text before editing it as rows.")
TOO_MANY_GROUPS: Final = mark("There can be {most} groups at most. Edit the filter as text to add more.")

#: Ids of elements on the page.
TEXT_ID: Final = "text"
SEARCH_ID: Final = "search"
_PLACE: Final = re.compile(r"(?P<group>[0-9]*)(?P<exceptions>-not)?")


class RulePlace(NamedTuple):
    """Where a rule is added: a group, ``None`` for the one around all, and whether as an exception."""

    group: int | None = None
    exceptions: bool = False

    @classmethod
    def of(cls, text: str) -> RulePlace:
        """Read what a form sends: ``""``, ``3``, ``3-not``."""
        found = _PLACE.fullmatch(text)
        return cls(parse_whole_number(found["group"]), bool(found["exceptions"])) if found else cls()

    def __str__(self) -> str:
        return f"{'' if self.group is None else self.group}{'-not' if self.exceptions else ''}"


#: At the end of the group around all.
WHOLE_FILTER: Final = RulePlace()


@dataclass(frozen=True)
class ActionResult:
    """The draft after an action. ``focus`` is an element's id, ``notice`` says what can't be done.

    ``place`` is where the next rule is added, ``choosing`` whether one is chosen now, and ``chosen`` whether
    one was.
    """

    draft: Draft
    focus: str = ""
    notice: str = ""
    place: RulePlace = WHOLE_FILTER
    choosing: bool = False
    chosen: bool = False


def row_id(number: int) -> str:
    """The id of a row's first field."""
    return f"row-{number}"


def apply_action(
    draft: Draft, action: str, what: str, rule_types: RuleTypes, place: RulePlace = WHOLE_FILTER,
) -> ActionResult:
    """Apply an action to ``what`` in the draft. Unknown actions change nothing."""
    match action:
        case "add" if what in rule_types.by_name:
            added, number = draft.with_rule(
                rule_types.by_name[what], rule_types, place.group, wanted=not place.exceptions)
            return ActionResult(
                added, TEXT_ID if added.text is not None else row_id(number), place=place, chosen=True)
        case "text":
            return ActionResult(draft.as_text(rule_types), TEXT_ID)
        case "rows":
            return _as_rows(draft, rule_types)
        case "into":
            return ActionResult(draft, SEARCH_ID, place=RulePlace.of(what), choosing=True)
        case "group":
            return _with_group(draft, parse_whole_number(what))
    return replace(_node_action(draft, action, parse_whole_number(what)), place=place)


def _node_action(draft: Draft, action: str, number: int | None) -> ActionResult:
    """The action on a row or a group."""
    if number is None or number not in nodes_of(draft.root):
        return ActionResult(draft)
    match action:
        case "remove":
            return _without_part(draft, number)
        case "require":
            return ActionResult(replace(draft, root=required(draft.root, number)), row_id(number))
    return ActionResult(draft)


def _with_group(draft: Draft, place: int | None) -> ActionResult:
    """A new group in another one. What is alternatives at least once is what people make groups for."""
    groups = sum(not isinstance(node.item, RuleRow) for node in nodes_of(draft.root).values())
    if groups >= MAX_GROUPS:
        return ActionResult(draft, notice=gettext(TOO_MANY_GROUPS).format(most=MAX_GROUPS))
    root, number = with_part(draft.root, place, RuleGroup(GroupKind.ANY))
    return ActionResult(replace(draft, root=root), SEARCH_ID, place=RulePlace(number), choosing=True)


def _without_part(draft: Draft, number: int) -> ActionResult:
    fewer = without_part(draft.root, number)
    rows = [each for each, node in nodes_of(fewer).items() if isinstance(node.item, RuleRow)]
    near = [each for each in rows if each <= number] or rows
    return ActionResult(replace(draft, root=fewer), row_id(near[-1]) if near else SEARCH_ID)


def _as_rows(draft: Draft, rule_types: RuleTypes) -> ActionResult:
    try:
        rows = draft.as_rows(rule_types)
    except ExpressionSyntaxError:
        return ActionResult(draft, TEXT_ID, gettext(UNREADABLE_TEXT))
    if rows is None:
        return ActionResult(draft, TEXT_ID, gettext(NO_ROWS))
    first = next((each for each, node in nodes_of(rows.root).items() if isinstance(node.item, RuleRow)), None)
    return ActionResult(rows, SEARCH_ID if first is None else row_id(first))
