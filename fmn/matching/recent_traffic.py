"""What the bus brought lately, as far as the linter wants to know."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from fmn.text import counted


@dataclass(frozen=True)
class Seen:
    """Kinds of messages by category and event type, and topics, of the last ``days`` days.

    ``untold`` are categories with messages whose event type wasn't noted.
    """

    kinds: frozenset[tuple[str, str]] = frozenset()
    topics: frozenset[str] = frozenset()
    untold: frozenset[str] = frozenset()
    days: int = 0

    def __bool__(self) -> bool:
        """Whether there was anything at all: a bus that has just been connected tells nothing."""
        return bool(self.topics)

    def brought(self, category: str, event: str) -> bool:
        """Whether there may have been a message of this kind."""
        return (category, event) in self.kinds or category in self.untold

    @property
    def time(self) -> str:
        """How long it was looked, in words."""
        return counted(self.days, "day") if self.days > 1 else "24 hours"


NOTHING_SEEN: Final = Seen()
