"""What a source of missed messages promises: those of a window of time, as they were on the bus."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, Protocol

from fmn.sources.backfill.time_windows import BackfillWindow

#: Bytes of one answer that are kept in memory: a hundred messages, each five times as large as real ones
#: become. Decoded they may take 25 times as much.
MAX_BYTES: Final = 4_000_000

#: The bodies of some messages, decoded but not looked at.
Bodies = Sequence[object]


class BackfillSourceError(Exception):
    """A source can't be asked now; the text is a sentence that says which one and why."""


class WindowTooLargeError(Exception):
    """A window has more in it than can be told at once, and has to be asked for in pieces."""


class BackfillSource(Protocol):
    """Somebody who can be asked for messages."""

    #: What kind of source it is, in a word: a metric's label.
    kind: str
    #: Where it is. What is still to be asked is kept by it.
    address: str

    def messages(self, window: BackfillWindow) -> Iterator[Bodies]:
        """What was sent in a window, some messages at a time, each at least once.

        Raises :class:`BackfillSourceError`, or :class:`WindowTooLargeError` unless the window is of the
        shortest; also after some messages.
        """

    def close(self) -> None:
        """Give connections back."""
