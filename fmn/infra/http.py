"""Fetching over HTTP, with patience for servers that are slow, busy or restarting."""

from __future__ import annotations

import random
import time
import zlib
from collections.abc import Callable, Mapping
from typing import Final, TypeVar

import httpx
import structlog

log = structlog.get_logger()

#: How often one page is asked for before we give up for now.
ATTEMPTS: Final = 3
#: Seconds before the second attempt; doubled before each further one, and up to half as much again so
#: that several processes don't knock in step.
FIRST_BACKOFF_SECONDS: Final = 1.0
#: Answers that say "not now" rather than "no".
TOO_MANY_REQUESTS: Final = 429
SERVER_ERRORS: Final = 500

#: Bytes of an answer, unpacked, unless somebody says otherwise: Fedora's owners have 2 MB. Decoded they
#: may take 50 times as much.
MAX_BYTES: Final = 8_000_000
#: Says to zlib that gzip's header comes first.
GZIP: Final = zlib.MAX_WBITS | 16

Query = Mapping[str, str | int]
Value = TypeVar("Value")


class FetchError(Exception):
    """A page can't be fetched now; the text says which one and why."""


class NotFoundError(FetchError):
    """The server has no such page."""


class ResponseTooLargeError(FetchError):
    """The answer has more bytes than we take."""


class RetryableError(Exception):
    """This attempt failed, another may not; the text says what the server did."""


def _unchanged(body: bytes) -> bytes:
    return body


class Fetcher:
    """A client, with its connections. ``timeout_seconds`` is how long one whole answer may take.

    An answer of more than ``most_bytes``, unpacked, is an error.
    """

    def __init__(
        self, timeout_seconds: float, *, token: str = "", most_bytes: int = MAX_BYTES,
        pause: Callable[[float], object] = time.sleep,
    ) -> None:
        self._timeout_seconds = timeout_seconds
        self._most_bytes = most_bytes
        self._pause = pause
        # What httpx unpacks itself it unpacks at once, however large it becomes.
        headers = {"Accept": "application/json", "Accept-Encoding": "gzip"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        self._client = httpx.Client(timeout=timeout_seconds, follow_redirects=True, headers=headers)

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def get_bytes(self, url: str, query: Query | None = None) -> bytes:
        """What the server answers. Raises :class:`FetchError`."""
        return self.fetch(url, query, _unchanged)

    def fetch(self, url: str, query: Query | None, read: Callable[[bytes], Value]) -> Value:
        """What ``read`` makes of the answer. Raises :class:`FetchError`.

        ``read`` may raise :class:`RetryableError` for an answer that only a server in trouble gives.
        """
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return read(self._attempt(url, query))
            except RetryableError as error:
                reason = str(error)
            if attempt < ATTEMPTS:
                log.warning("page failed, trying again", url=url, attempt=attempt, reason=reason)
                self._pause(_backoff(attempt))
        raise FetchError(f"{url}: {reason}, {ATTEMPTS} times in a row")

    def _attempt(self, url: str, query: Query | None) -> bytes:
        deadline = time.monotonic() + self._timeout_seconds
        try:
            with self._client.stream("GET", url, params=query) as response:
                _check_status(url, response)
                return self._body(url, response, deadline)
        except httpx.TimeoutException as error:
            raise self._timed_out() from error
        except httpx.RequestError as error:
            raise RetryableError(f"can't be reached: {str(error) or type(error).__name__}") from error
        except httpx.InvalidURL as error:
            raise FetchError(f"{url}: isn't a usable address: {error}") from error

    def _body(self, url: str, response: httpx.Response, deadline: float) -> bytes:
        unpack, chunks, size = _decompressor(url, response), [], 0
        for packed in response.iter_raw():
            chunk = unpack(packed, self._most_bytes + 1 - size)
            chunks.append(chunk)
            size += len(chunk)
            if size > self._most_bytes:
                raise ResponseTooLargeError(f"{url}: answers with more than {self._most_bytes:,} bytes")
            if time.monotonic() > deadline:  # httpx's own limit is from one chunk to the next
                raise self._timed_out()
        return b"".join(chunks)

    def _timed_out(self) -> RetryableError:
        return RetryableError(f"took longer than {self._timeout_seconds:g} seconds")


def _decompressor(url: str, response: httpx.Response) -> Callable[[bytes, int], bytes]:
    """What unpacks a part of an answer, up to so many bytes; raises :class:`FetchError` if nothing does."""
    encoding = response.headers.get("Content-Encoding", "identity").strip().lower()
    if encoding == "identity":
        return lambda packed, _most: packed
    if encoding != "gzip":
        raise FetchError(f"{url}: answers in the encoding {encoding[:40]!r}, and was asked for gzip")
    stream = zlib.decompressobj(GZIP)

    def unpack(packed: bytes, most: int) -> bytes:
        try:
            return stream.decompress(packed, most)
        except zlib.error as error:
            raise RetryableError(f"didn't answer with gzip: {error}") from error

    return unpack


def _check_status(url: str, response: httpx.Response) -> None:
    answer = f"answered {response.status_code} {response.reason_phrase}".rstrip()
    if response.status_code >= SERVER_ERRORS or response.status_code == TOO_MANY_REQUESTS:
        raise RetryableError(answer)
    if response.status_code == httpx.codes.NOT_FOUND:
        raise NotFoundError(f"{url}: {answer}")
    if not response.is_success:
        raise FetchError(f"{url}: {answer}")


def _backoff(attempt: int) -> float:
    shortest = FIRST_BACKOFF_SECONDS * float(2 ** (attempt - 1))
    return random.uniform(shortest, 1.5 * shortest)  # noqa: S311 - spreads load, guards nothing
