"""Groups related events: same kind, same agent or package, close in time.

Pure: takes values, knows neither clock nor database.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

#: A pause longer than this between two alike events makes them two occasions. People at work and machines
#: in a mass rebuild pause for minutes; what goes on after an hour is usually something else.
LONGEST_PAUSE = timedelta(hours=1)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class GroupableEvent:
    """The attributes of an event by which it's grouped. Events of different kinds are never grouped.

    ``agent`` is ``None`` for what services did by themselves, which counts as one agent.
    """

    kind: Hashable
    agent: str | None
    packages: Sequence[str]
    sent_at: datetime


class _Run:
    """Events with one grouping key, each at most :data:`LONGEST_PAUSE` after the one before."""

    __slots__ = ("last_at", "size")

    def __init__(self, first_at: datetime) -> None:
        self.last_at = first_at
        self.size = 0


class _Runs:
    """The runs by grouping key. Events have to be added in the order of their times."""

    def __init__(self) -> None:
        self._latest: dict[Hashable, _Run] = {}

    def add(self, tie: Hashable, moment: datetime) -> _Run:
        """Count an event in the latest run with this key, or in a new one after a long pause; returns it."""
        run = self._latest.get(tie)
        if run is None or moment - run.last_at > LONGEST_PAUSE:
            run = self._latest[tie] = _Run(moment)
        run.last_at = moment
        run.size += 1
        return run


def group_related(items: Iterable[T], event_of: Callable[[T], GroupableEvent]) -> Sequence[Sequence[T]]:
    """Group items by their events; each item is in exactly one group.

    Groups come in the order of their first events, items of a group in the order of their times. An event may
    be related to others by its agent and by each of its packages: it goes into the largest of these groups.
    The time grows with the number of events and their packages, not with its square.
    """
    events = sorted(((event_of(thing), thing) for thing in items), key=lambda one: one[0].sent_at)
    runs = _Runs()
    choices = [[runs.add(tie, event.sent_at) for tie in _ties(event)] for event, _ in events]
    # What went elsewhere may leave long pauses, so the chosen ones form runs again.
    chosen = _Runs()
    groups: dict[_Run, list[T]] = {}
    for (event, thing), choice in zip(events, choices, strict=True):
        run = chosen.add(max(choice, key=lambda run: run.size), event.sent_at)
        groups.setdefault(run, []).append(thing)
    return list(groups.values())


def _ties(event: GroupableEvent) -> Iterator[Hashable]:
    """An event's grouping keys: its agent, then each package. Of groups of equal size, the first key wins."""
    yield "agent", event.kind, event.agent
    for package in sorted(set(event.packages)):
        yield "package", event.kind, package
