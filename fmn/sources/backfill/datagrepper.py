"""Client of datagrepper, an archive of the bus with a paged HTTP API.

Its pages aren't stable: they are sorted by second, messages of the same second come in any order, and a
message that is archived late moves others. So a window is complete only when it has as many distinct messages
as the archive counts; otherwise it's fetched again in shorter windows.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from time import sleep
from typing import Any, Final

import structlog

from fmn.infra.http import Fetcher, FetchError, Query, ResponseTooLargeError, RetryableError
from fmn.sources.backfill.backfill_source import MAX_BYTES, BackfillSourceError, Bodies, WindowTooLargeError
from fmn.sources.backfill.time_windows import SHORTEST, BackfillWindow

log = structlog.get_logger()

#: Messages per page: datagrepper's maximum.
ROWS: Final = 100
#: Pages per window. The archive skips over all earlier rows for each page, so late pages are slow.
MAX_PAGES: Final = 20
#: Pages per second of time, 100,000 messages: an archive with more never ends.
MAX_PAGES_OF_A_SECOND: Final = 1000
#: Unreadable messages in a row after which the archive is at fault, not the messages.
MAX_UNREADABLE: Final = 10
#: Attempts at a second that seems to lack messages.
PASSES: Final = 3


class UnreadablePageError(Exception):
    """An answer is too large or nested too deep to be read; a retry wouldn't help."""


@dataclass(frozen=True)
class ArchivePage:
    """A page: some messages, and the total of pages and messages."""

    messages: list[Any]
    pages: int
    total: int


class Datagrepper:
    """The archive at ``url``, the address of its ``/raw`` or ``/v2/search``.

    ``timeout_seconds`` limits one page.
    """

    kind = "datagrepper"

    def __init__(
        self, url: str, timeout_seconds: float, *, pause: Callable[[float], object] = sleep,
        most_bytes: int = MAX_BYTES,
    ) -> None:
        self.address = url
        self._fetcher = Fetcher(timeout_seconds, most_bytes=most_bytes, pause=pause)

    def messages(self, window: BackfillWindow) -> Iterator[Bodies]:
        """See :class:`~fmn.sources.backfill.backfill_source.BackfillSource`."""
        seen: set[str] = set()
        for _ in range(PASSES):
            total = 0
            for page in self._pages(window):
                yield page.messages
                seen.update(map(_identity, page.messages))
                total = max(total, page.total)
            if len(seen) >= total:
                return
            if window.seconds > SHORTEST:
                raise WindowTooLargeError("its pages overlap")
        log.warning("archive doesn't have as many messages as it says", source=self.address,
                    second=window.start, messages=len(seen), said=total)

    def _pages(self, window: BackfillWindow) -> Iterator[ArchivePage]:
        try:
            yield from self._pages_of_size(window, ROWS)
        except UnreadablePageError as error:
            if window.seconds > SHORTEST:
                raise WindowTooLargeError(str(error)) from error
            yield from self._one_by_one(window)

    def _pages_of_size(self, window: BackfillWindow, rows: int) -> Iterator[ArchivePage]:
        page = self._page(window, 1, rows)
        if page.pages > MAX_PAGES and window.seconds > SHORTEST:
            raise WindowTooLargeError(f"it has {page.pages} pages")
        yield page
        number = 1
        while (number := number + 1) <= page.pages:
            self._check_number(number)
            page = self._page(window, number, rows)
            yield page

    def _check_number(self, number: int) -> None:
        if number > MAX_PAGES_OF_A_SECOND:
            raise BackfillSourceError(
                f"{self.address}: has more than {MAX_PAGES_OF_A_SECOND} pages of one time")

    def _one_by_one(self, window: BackfillWindow) -> Iterator[ArchivePage]:
        """The messages of a second one by one, without those that can't be read."""
        number, pages, unreadable = 0, 1, 0
        while (number := number + 1) <= pages:
            self._check_number(number // ROWS)
            try:
                page = self._page(window, number, 1)
            except UnreadablePageError as error:
                unreadable += 1
                if unreadable > MAX_UNREADABLE:
                    raise BackfillSourceError(str(error)) from error
                log.warning("message can't be read, left out", source=self.address, second=window.start,
                            reason=str(error))
                pages = max(pages, number + 1)  # the next page has the total
                continue
            pages, unreadable = page.pages, 0
            # Skipped messages can't be counted.
            yield ArchivePage(page.messages, pages, 0)

    def _page(self, window: BackfillWindow, number: int, rows: int) -> ArchivePage:
        query: Query = {
            "start": window.start, "end": window.end, "order": "asc", "rows_per_page": rows, "page": number}
        try:
            return self._fetcher.fetch(self.address, query, read_page)
        except ResponseTooLargeError as error:
            raise UnreadablePageError(str(error)) from error
        except FetchError as error:
            raise BackfillSourceError(str(error)) from error

    def close(self) -> None:
        """Close the connections."""
        self._fetcher.close()


def read_page(answer: bytes) -> ArchivePage:
    """Parse an answer.

    :raises UnreadablePageError: it's too large or nested too deep
    :raises ~fmn.infra.http.RetryableError: it isn't JSON of the expected form, as from a failing server
    """
    try:
        found = json.loads(answer)
    except RecursionError as error:
        raise UnreadablePageError("the answer is nested too deeply") from error
    except ValueError as error:  # a proxy's error page, or an answer cut off
        raise RetryableError(f"didn't answer with JSON: {error}") from error
    if isinstance(found, dict):
        messages, pages, total = (found.get(name) for name in ("raw_messages", "pages", "total"))
        if isinstance(messages, list) and isinstance(pages, int) and isinstance(total, int):
            return ArchivePage(messages, pages, total)
    raise RetryableError("didn't answer with raw_messages, pages and total, as datagrepper does")


def _identity(message: Any) -> str:
    """Key that identifies a message among the pages of a window."""
    msg_id = message.get("id", message.get("msg_id")) if isinstance(message, dict) else None
    try:
        # Two services may use the same id, with different signatures.
        text = f"{msg_id} {message.get('signature')}" if isinstance(msg_id, str) else json.dumps(message)
    except RecursionError:  # not counted, like unreadable messages
        text = ""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
