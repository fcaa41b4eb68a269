"""Preview lock: one preview per person in all processes, where a new one supersedes the older.

A person who types in the editor wants the preview of what they typed last. So a new preview makes the running
one stop at once, and begins when it has.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from secrets import token_hex
from typing import Any, Final

from fmn.infra.cache import Cache
from fmn.matching.deadlines import IsAbandoned, RequestAbandonedError
from webapp.request import Request

#: Seconds within which the older preview ends: it looks up at each rule, of which none takes longer.
WAIT_SECONDS: Final = 5.0
#: Seconds between two looks at the cache, which is a process of its own in production.
POLL_SECONDS: Final = 0.05
#: Seconds after which a preview whose process died keeps nobody from another.
MAX_SECONDS: Final = 60.0


#: What whoever has to ask again reads.
BUSY: Final = "Another preview of yours is in progress. Try again in a few seconds."
#: Seconds after which it's worth trying again.
RETRY_AFTER_SECONDS: Final = 5


class PreviewBusyError(Exception):
    """An older preview of the same person didn't stop in time."""


@contextmanager
def preview_lock(request: Request) -> Iterator[IsAbandoned]:
    """Lock previews of this person; yields a function that says whether to stop.

    Raises :class:`PreviewBusyError`, and :class:`~fmn.matching.deadlines.RequestAbandonedError` if the client
    is gone.
    """
    lock = _PreviewLock(request.services.cache, request.me.user_id, request.environ)
    lock.acquire()
    try:
        yield lock.is_superseded
    finally:
        lock.release()


class _PreviewLock:
    def __init__(self, cache: Cache, user_id: int, environ: dict[str, Any]) -> None:
        self._cache = cache
        self._newest, self._running = f"preview-newest:{user_id}", f"preview-running:{user_id}"
        self._mark = token_hex(8).encode()
        self._is_gone: IsAbandoned = environ.get("waitress.client_disconnected", lambda: False)
        self._looked_at = time.monotonic()

    def acquire(self) -> None:
        self._cache.set(self._newest, self._mark, MAX_SECONDS)
        until = time.monotonic() + WAIT_SECONDS
        while not self._cache.acquire(self._running, MAX_SECONDS):
            if time.monotonic() > until:
                raise PreviewBusyError
            time.sleep(POLL_SECONDS)
            if self.is_superseded():
                raise RequestAbandonedError

    def is_superseded(self) -> bool:
        """Whether the client is gone or a newer preview waits. A cache that is away reports none."""
        if self._is_gone():
            return True
        if time.monotonic() - self._looked_at < POLL_SECONDS:
            return False
        self._looked_at = time.monotonic()
        return self._cache.get(self._newest) not in (None, self._mark)

    def release(self) -> None:
        self._cache.delete(self._running)
