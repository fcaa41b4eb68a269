"""JSON over HTTP, with patience for servers that are slow, busy or restarting."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any, Self

import httpx
import structlog

from fmn.directory.parts import DirectoryUnavailableError
from fmn.directory.shapes import Shape

log = structlog.get_logger()

#: How often one page is asked for before we give up until the next refresh.
ATTEMPTS = 3

#: Seconds before the second attempt; doubled before each further one, and up to half as much again so
#: that several processes don't knock in step.
FIRST_PAUSE_SECONDS = 1.0

#: Answers that say "not now" rather than "no".
TOO_MANY_REQUESTS = 429
SERVER_ERRORS = 500


class PageMissingError(DirectoryUnavailableError):
    """The server has no such page."""


class _TryAgainError(Exception):
    """This attempt failed, another may not."""


class JsonClient:
    """Pages of one server. ``timeout_seconds`` is how long one whole answer may take."""

    def __init__(
        self, base_url: str, timeout_seconds: float, *, token: str = "",
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._base_url = base_url.rstrip("/")
        self._timeout_seconds = timeout_seconds
        self._pause = pause
        self._client = httpx.Client(
            timeout=timeout_seconds,
            follow_redirects=True,
            headers={"Authorization": f"Bearer {token}"} if token else {},
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None,
    ) -> None:
        self._client.close()

    def url(self, path: str) -> str:
        """The address of a page."""
        return f"{self._base_url}/{path}"

    def get(self, path: str, query: Mapping[str, str | int] | None = None) -> Any:
        """The JSON value at a path.

        Raises :class:`PageMissingError` or another :class:`DirectoryUnavailableError`.
        """
        url = self.url(path)
        return Shape(url).parse(self._patiently(url, query))

    def _patiently(self, url: str, query: Mapping[str, str | int] | None) -> bytes:
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return self._once(url, query)
            except _TryAgainError as error:
                reason = str(error)
            if attempt < ATTEMPTS:
                log.warning("directory page failed, trying again", url=url, attempt=attempt, reason=reason)
                self._pause(_pause_after(attempt))
        raise DirectoryUnavailableError(f"{url}: {reason}, {ATTEMPTS} times in a row")

    def _once(self, url: str, query: Mapping[str, str | int] | None) -> bytes:
        deadline = time.monotonic() + self._timeout_seconds
        try:
            with self._client.stream("GET", url, params=query) as response:
                _check_status(url, response)
                return self._body(response, deadline)
        except httpx.TimeoutException as error:
            raise self._too_slow() from error
        except httpx.RequestError as error:
            raise _TryAgainError(f"can't be reached: {str(error) or type(error).__name__}") from error
        except httpx.InvalidURL as error:
            raise DirectoryUnavailableError(f"{url}: isn't a usable address: {error}") from error

    def _body(self, response: httpx.Response, deadline: float) -> bytes:
        chunks = []
        for chunk in response.iter_bytes():
            chunks.append(chunk)
            if time.monotonic() > deadline:  # httpx's own limit is from one chunk to the next
                raise self._too_slow()
        return b"".join(chunks)

    def _too_slow(self) -> _TryAgainError:
        return _TryAgainError(f"took longer than {self._timeout_seconds:g} seconds")


def _check_status(url: str, response: httpx.Response) -> None:
    answer = f"answered {response.status_code} {response.reason_phrase}".rstrip()
    if response.status_code >= SERVER_ERRORS or response.status_code == TOO_MANY_REQUESTS:
        raise _TryAgainError(answer)
    if response.status_code == httpx.codes.NOT_FOUND:
        raise PageMissingError(f"{url}: {answer}")
    if not response.is_success:
        raise DirectoryUnavailableError(f"{url}: {answer}")


def _pause_after(attempt: int) -> float:
    shortest = FIRST_PAUSE_SECONDS * float(2 ** (attempt - 1))
    return random.uniform(shortest, 1.5 * shortest)  # noqa: S311 - spreads load, guards nothing
