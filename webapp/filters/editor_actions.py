"""Actions of the filter editor's buttons on a draft, with the element that gets the focus."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from fmn.filters.expression_syntax import ExpressionSyntaxError
from fmn.filters.rule_types import RuleTypes
from webapp.filters.drafts import Draft

NO_ROWS: Final = (
    "This filter uses “or”, groups or line breaks, which rows can’t show. Edit it as text.")
UNREADABLE_TEXT: Final = "Fix the error in the text before editing it as rows."

#: Ids of elements on the page.
TEXT_ID: Final = "text"
SEARCH_ID: Final = "search"


@dataclass(frozen=True)
class ActionResult:
    """The draft after an action. ``focus`` is an element's id, ``notice`` says what can't be done."""

    draft: Draft
    focus: str = ""
    notice: str = ""


def row_id(number: int) -> str:
    """The id of a row's first field."""
    return f"row-{number}"


def apply_action(draft: Draft, action: str, what: str, rule_types: RuleTypes) -> ActionResult:
    """Apply an action to ``what`` in the draft. Unknown actions change nothing."""
    match action:
        case "add" if what in rule_types.by_name:
            added = draft.with_rule(rule_types.by_name[what], rule_types)
            return ActionResult(added, TEXT_ID if added.text is not None else row_id(len(draft.rows)))
        case "remove" if what in map(str, range(len(draft.rows))):
            fewer = draft.without_row(int(what))
            return ActionResult(
                fewer, row_id(min(int(what), len(fewer.rows) - 1)) if fewer.rows else SEARCH_ID)
        case "text":
            return ActionResult(draft.as_text(rule_types), TEXT_ID)
        case "rows":
            return _as_rows(draft, rule_types)
    return ActionResult(draft)


def _as_rows(draft: Draft, rule_types: RuleTypes) -> ActionResult:
    try:
        rows = draft.as_rows(rule_types)
    except ExpressionSyntaxError:
        return ActionResult(draft, TEXT_ID, UNREADABLE_TEXT)
    if rows is None:
        return ActionResult(draft, TEXT_ID, NO_ROWS)
    return ActionResult(rows, row_id(0) if rows.rows else SEARCH_ID)
