"""Format of replies: plain lines, each short enough for an IRC line, 12 at most.

Pure, but for who asks.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Final

from fmn.people.local_time import zone_or_utc
from fmn.people.models import Preference
from fmn.translations import gettext

#: Lines of an answer.
MAX_LINES: Final = 12
#: Bytes of a line, as far as we make it up from short pieces.
MAX_LINE_BYTES: Final = 350
#: Characters of what people wrote themselves, where it's a part of a line.
MAX_NAME_LENGTH: Final = 60
MAX_SENTENCE_LENGTH: Final = 180


@dataclass(frozen=True)
class Requester:
    """Sender of a command, by a confirmed address, and the time of the command."""

    preference: Preference
    now: datetime

    @property
    def zone(self) -> tzinfo:
        """The requester's time zone."""
        return zone_or_utc(self.preference.user.time_zone)

    def moment(self, moment: datetime) -> str:
        """A time to the minute in the requester's time zone."""
        return f"{moment.astimezone(self.zone):%Y-%m-%d %H:%M}"


def truncate_lines(lines: Sequence[str], link: str) -> Sequence[str]:
    """The lines, or the first of them and a link to the page with the others."""
    if len(lines) <= MAX_LINES:
        return lines
    kept = lines[:MAX_LINES - 1]
    more = gettext("and {number} more: {link}").format(number=len(lines) - len(kept), link=link)
    return [*kept, more]


def wrap_names(names: Iterable[str], room: int = MAX_LINE_BYTES) -> Iterator[str]:
    """Names joined by commas, in lines of at most ``room`` bytes."""
    line = ""
    for name in names:
        longer = f"{line}, {name}" if line else name
        if line and len(longer.encode()) > room:
            yield f"{line},"
            longer = name
        line = longer
    if line:
        yield line
