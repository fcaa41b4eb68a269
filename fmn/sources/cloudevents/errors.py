"""What's wrong with posted events."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class EventProblem:
    """A problem of an event: a sentence, and the JSON pointer or the header of what's wrong."""

    place: str
    reason: str

    def within(self, place: str) -> EventProblem:
        """The same problem of an event that is itself at a place."""
        return replace(self, place=f"{place}{self.place}")


class InvalidEventError(ValueError):
    """Posted events that can't be taken, with all that's wrong."""

    def __init__(self, problems: Sequence[EventProblem]) -> None:
        super().__init__(problems[0].reason)
        self.problems = tuple(problems)


class UnsupportedEventError(ValueError):
    """A content type that isn't taken; the text says which are."""


def invalid(place: str, reason: str) -> InvalidEventError:
    """An error with one problem."""
    return InvalidEventError([EventProblem(place, reason)])
