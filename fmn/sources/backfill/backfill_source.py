"""Interface of a backfill source: returns the messages of a time window as they were on the bus."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, Protocol

from fmn.sources.backfill.time_windows import BackfillWindow

#: Bytes of an answer in memory: a hundred messages, each five times the size of the largest real ones.
#: Decoded they may take 25 times as much.
MAX_BYTES: Final = 4_000_000

#: Bodies of some messages, decoded but not validated.
Bodies = Sequence[object]


class BackfillSourceError(Exception):
    """A source failed; the text is a sentence that says which one and why."""


class WindowTooLargeError(Exception):
    """A window has too many messages for one answer and must be split."""


class BackfillSource(Protocol):
    """A source that returns the messages of a time window."""

    #: Kind of source in a word, for a metric's label.
    kind: str
    #: Address of the source, and the key of its pending backfills.
    address: str

    def messages(self, window: BackfillWindow) -> Iterator[Bodies]:
        """Messages sent in a window, in chunks, each message at least once.

        :raises BackfillSourceError: the source failed, maybe after some chunks
        :raises WindowTooLargeError: the window must be split; never for the shortest window
        """

    def close(self) -> None:
        """Close connections."""
