"""One preview at a time for each person, whatever process it's in: a new one takes the place of the older.

Whoever types in the editor wants the preview of what they typed last. So a new preview lets the one that runs
end at once, and begins when that has.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from secrets import token_hex
from typing import Any, Final

from fmn.infra.cache import Cache
from fmn.matching.deadlines import NobodyWaits, NobodyWaitsError
from webapp.request import Request

#: Seconds within which the older preview ends: it looks up at each rule, of which none takes longer.
WAIT: Final = 5.0
#: Seconds between two looks at the cache, which is a process of its own in production.
LOOK: Final = 0.05
#: Seconds after which a preview whose process died keeps nobody from another.
LONGEST: Final = 60.0


#: What whoever has to ask again reads.
BUSY: Final = "Another preview of yours is being made. Try again in a few seconds."
#: Seconds after which it's worth trying again.
AGAIN: Final = 5


class BusyError(Exception):
    """There's no turn: an older preview of the same person didn't end in time."""


@contextmanager
def preview_turn(request: Request) -> Iterator[NobodyWaits]:
    """A turn to preview something, and whether nobody waits for that any more.

    Raises :class:`BusyError`, or :class:`~fmn.matching.deadlines.NobodyWaitsError` if nobody does already.
    """
    turn = _Turn(request.services.cache, request.me.user_id, request.environ)
    turn.take()
    try:
        yield turn.is_over
    finally:
        turn.give_back()


class _Turn:
    def __init__(self, cache: Cache, user_id: int, environ: dict[str, Any]) -> None:
        self._cache = cache
        self._newest, self._running = f"preview-newest:{user_id}", f"preview-running:{user_id}"
        self._mark = token_hex(8).encode()
        self._is_gone: NobodyWaits = environ.get("waitress.client_disconnected", lambda: False)
        self._looked_at = time.monotonic()

    def take(self) -> None:
        self._cache.set(self._newest, self._mark, LONGEST)
        until = time.monotonic() + WAIT
        while not self._cache.acquire(self._running, LONGEST):
            if time.monotonic() > until:
                raise BusyError
            time.sleep(LOOK)
            if self.is_over():
                raise NobodyWaitsError

    def is_over(self) -> bool:
        """Whether the client is gone, or there's a newer preview. A cache that is away knows of none."""
        if self._is_gone():
            return True
        if time.monotonic() - self._looked_at < LOOK:
            return False
        self._looked_at = time.monotonic()
        return self._cache.get(self._newest) not in (None, self._mark)

    def give_back(self) -> None:
        self._cache.delete(self._running)
