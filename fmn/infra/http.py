"""HTTP client for directories and archives: retries, a time limit per answer, and a size limit."""

from __future__ import annotations

import random
import time
import zlib
from collections.abc import Callable, Mapping
from typing import Final, TypeVar

import httpx
import structlog

log = structlog.get_logger()

#: Attempts at one page.
ATTEMPTS: Final = 3
#: Seconds before the second attempt. Doubled before each further one, plus up to half of it at random, so
#: that processes don't retry at the same moment.
FIRST_BACKOFF_SECONDS: Final = 1.0
#: Status codes of failures that may pass.
TOO_MANY_REQUESTS: Final = 429
SERVER_ERRORS: Final = 500

#: Bytes of an answer after decompression, by default. Fedora's owners have 2 MB. Decoded JSON may take 50
#: times as much memory.
MAX_BYTES: Final = 8_000_000
#: zlib's window bits for data with a gzip header.
GZIP: Final = zlib.MAX_WBITS | 16

Query = Mapping[str, str | int]
Value = TypeVar("Value")


class FetchError(Exception):
    """A page couldn't be fetched; the text says which one and why."""


class NotFoundError(FetchError):
    """The server answered 404: there is no such page."""


class ResponseTooLargeError(FetchError):
    """The answer exceeds the size limit."""


class RetryableError(Exception):
    """This attempt failed, another may succeed; the text says what the server did."""


def _unchanged(body: bytes) -> bytes:
    return body


class Fetcher:
    """HTTP client with a pool of connections.

    ``timeout_seconds`` limits one whole answer, ``most_bytes`` its size after decompression.
    """

    def __init__(
        self, timeout_seconds: float, *, token: str = "", most_bytes: int = MAX_BYTES,
        pause: Callable[[float], object] = time.sleep,
    ) -> None:
        self._timeout_seconds = timeout_seconds
        self._most_bytes = most_bytes
        self._pause = pause
        # httpx decompresses an answer at once, whatever its size.
        headers = {"Accept": "application/json", "Accept-Encoding": "gzip"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        self._client = httpx.Client(timeout=timeout_seconds, follow_redirects=True, headers=headers)

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def get_bytes(self, url: str, query: Query | None = None) -> bytes:
        """The body of the answer.

        :raises FetchError: no attempt succeeded
        """
        return self.fetch(url, query, _unchanged)

    def fetch(self, url: str, query: Query | None, read: Callable[[bytes], Value]) -> Value:
        """The result of ``read`` on the answer.

        ``read`` may raise :class:`RetryableError` for an answer that only a failing server gives.

        :raises FetchError: no attempt succeeded
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
            if time.monotonic() > deadline:  # httpx's own limit applies between two chunks
                raise self._timed_out()
        return b"".join(chunks)

    def _timed_out(self) -> RetryableError:
        return RetryableError(f"took longer than {self._timeout_seconds:g} seconds")


def _decompressor(url: str, response: httpx.Response) -> Callable[[bytes, int], bytes]:
    """Function that decompresses a chunk of an answer up to a number of bytes.

    :raises FetchError: the answer's encoding is unknown
    """
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
