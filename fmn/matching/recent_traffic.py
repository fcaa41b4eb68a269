"""Recent traffic on the bus, for the linter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class RecentTraffic:
    """Kinds of messages by category and event type, and topics, in the last ``days`` days.

    ``categories_without_event`` are categories with messages whose event type wasn't stored.
    """

    kinds: frozenset[tuple[str, str]] = frozenset()
    topics: frozenset[str] = frozenset()
    categories_without_event: frozenset[str] = frozenset()
    days: int = 0

    def __bool__(self) -> bool:
        """Whether there was any traffic: a bus that has just been connected says nothing."""
        return bool(self.topics)

    def includes(self, category: str, event: str) -> bool:
        """Whether there may have been a message of this kind."""
        return (category, event) in self.kinds or category in self.categories_without_event


NO_RECENT_TRAFFIC: Final = RecentTraffic()
