"""Format of replies: plain lines that fit into one IRC line each, at most a screenful.

Pure, but for who asks.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Final

from fmn.people.local_time import zone_or_utc
from fmn.people.models import Preference

#: Lines of an answer.
MAX_LINES: Final = 12
#: Bytes of a line, as far as we make it up from short pieces.
MAX_LINE_BYTES: Final = 350
#: Characters of what people wrote themselves, where it's a part of a line.
MAX_NAME_LENGTH: Final = 60
MAX_SENTENCE_LENGTH: Final = 180


@dataclass(frozen=True)
class Requester:
    """Somebody who confirmed the address that they write from, at this time."""

    preference: Preference
    now: datetime

    @property
    def zone(self) -> tzinfo:
        """Theirs."""
        return zone_or_utc(self.preference.user.time_zone)

    def moment(self, moment: datetime) -> str:
        """A moment to the minute on their clock."""
        return f"{moment.astimezone(self.zone):%Y-%m-%d %H:%M}"


def truncate_lines(lines: Sequence[str], link: str) -> Sequence[str]:
    """The lines, or the first of them and how many more a page has."""
    if len(lines) <= MAX_LINES:
        return lines
    kept = lines[:MAX_LINES - 1]
    return [*kept, f"and {len(lines) - len(kept)} more: {link}"]


def wrap_names(names: Iterable[str], room: int = MAX_LINE_BYTES) -> Iterator[str]:
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
