"""Views of the inbox: searches that everybody has, and those that its owner saved."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from fmn.ledger.models import SavedSearch
from fmn.translations import gettext, mark


@dataclass(frozen=True)
class InboxView:
    """A search with a name and an icon. ``search_id`` is set if its owner saved it."""

    name: str
    query: str
    icon: str
    current: bool
    search_id: int | None = None


#: Names, queries and icons of what everybody has.
_FIXED: Final = (
    (mark("Inbox"), "", "inbox"),
    (mark("Unread"), "is:unread", "circle-dot"),
    (mark("Snoozed"), "is:snoozed", "clock"),
    (mark("Done"), "is:done", "check-check"),
)


def inbox_views(saved: Iterable[SavedSearch], query: str) -> Sequence[InboxView]:
    """All views; the current one is that of the query."""
    return [
        *(InboxView(gettext(name), text, icon, text == query) for name, text, icon in _FIXED),
        *(InboxView(each.name, each.query, "bookmark", each.query == query, each.id) for each in saved)]
