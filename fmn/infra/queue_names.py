"""Names of the queues that aren't backends', by themselves: importing the broker takes a while."""

from __future__ import annotations

from typing import Final

MATCH_QUEUE: Final = "match"
DIGESTS_QUEUE: Final = "digests"
