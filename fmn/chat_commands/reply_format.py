"""How the desk says things: plain lines that fit into one of IRC each, and no more of them than a screen has.

Pure, but for who asks.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Final

from fmn.people.local_time import zone_called
from fmn.people.models import Preference

#: Lines of an answer.
MOST_LINES: Final = 12
#: Bytes of a line, as far as we make it up from short pieces.
LONGEST_LINE: Final = 350
#: Characters of what people wrote themselves, where it's a part of a line.
LONGEST_NAME: Final = 60
LONGEST_SENTENCE: Final = 180


@dataclass(frozen=True)
class Visitor:
    """Somebody who confirmed the address that they write from, at this time."""

    preference: Preference
    now: datetime

    @property
    def zone(self) -> tzinfo:
        """Theirs."""
        return zone_called(self.preference.user.time_zone)

    def moment(self, moment: datetime) -> str:
        """A moment to the minute on their clock."""
        return f"{moment.astimezone(self.zone):%Y-%m-%d %H:%M}"


def screenful(lines: Sequence[str], link: str) -> Sequence[str]:
    """The lines, or the first of them and how many more a page has."""
    if len(lines) <= MOST_LINES:
        return lines
    kept = lines[:MOST_LINES - 1]
    return [*kept, f"and {len(lines) - len(kept)} more: {link}"]


def in_line(names: Iterable[str], room: int = LONGEST_LINE) -> Iterator[str]:
    """Names behind one another with commas between, in lines that have at most so many bytes."""
    line = ""
    for name in names:
        longer = f"{line}, {name}" if line else name
        if line and len(longer.encode()) > room:
            yield f"{line},"
            longer = name
        line = longer
    if line:
        yield line
