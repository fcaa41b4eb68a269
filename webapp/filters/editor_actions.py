"""What the buttons of the filter editor do to a draft, and where the keyboard goes on from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from fmn.filters.expression_syntax import NotationError
from fmn.filters.rule_types import RuleTypes
from webapp.filters.drafts import Draft

NO_ROWS: Final = (
    "Rows only say what must all be so. This has alternatives, groups or several lines in it, so it stays "
    "a text.")
UNREADABLE: Final = "This can’t be shown as rows until it can be read."

#: Ids of elements on the page.
TEXT: Final = "text"
SEARCH: Final = "search"


@dataclass(frozen=True)
class Turned:
    """A draft after a button was pressed. ``focus`` is an element's id, ``notice`` what can't be done."""

    draft: Draft
    focus: str = ""
    notice: str = ""


def row_id(number: int) -> str:
    """The id of a row's first field."""
    return f"row-{number}"


def turned(draft: Draft, action: str, what: str, rule_types: RuleTypes) -> Turned:
    """The draft after an action on ``what``; actions that there aren't change nothing."""
    match action:
        case "add" if what in rule_types.by_name:
            added = draft.with_rule(rule_types.by_name[what], rule_types)
            return Turned(added, TEXT if added.text is not None else row_id(len(draft.rows)))
        case "remove" if what in map(str, range(len(draft.rows))):
            fewer = draft.without_row(int(what))
            return Turned(fewer, row_id(min(int(what), len(fewer.rows) - 1)) if fewer.rows else SEARCH)
        case "text":
            return Turned(draft.as_text(rule_types), TEXT)
        case "rows":
            return _as_rows(draft, rule_types)
    return Turned(draft)


def _as_rows(draft: Draft, rule_types: RuleTypes) -> Turned:
    try:
        rows = draft.as_rows(rule_types)
    except NotationError:
        return Turned(draft, TEXT, UNREADABLE)
    if rows is None:
        return Turned(draft, TEXT, NO_ROWS)
    return Turned(rows, row_id(0) if rows.rows else SEARCH)
