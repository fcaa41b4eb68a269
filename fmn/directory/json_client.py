"""HTTP client for the directory's JSON sources."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from fmn.directory.json_validation import JsonValidator
from fmn.directory.merging import DirectoryUnavailableError
from fmn.infra import http
from fmn.infra.http import Fetcher, FetchError, Query


class DirectoryPageMissingError(DirectoryUnavailableError):
    """The server has no such page."""


class JsonClient:
    """Client of one server. ``timeout_seconds`` limits one whole answer."""

    def __init__(
        self, base_url: str, timeout_seconds: float, *, token: str = "",
        pause: Callable[[float], object] = time.sleep,
    ) -> None:
        self._base_url = base_url.rstrip("/")
        self._fetcher = Fetcher(timeout_seconds, token=token, pause=pause)

    def close(self) -> None:
        """Close the connections."""
        self._fetcher.close()

    def url(self, path: str) -> str:
        """The URL of a path."""
        return f"{self._base_url}/{path}"

    def get(self, path: str, query: Query | None = None) -> Any:
        """The JSON value at a path.

        :raises DirectoryPageMissingError: there is no such page
        :raises DirectoryUnavailableError: the server failed, or its answer isn't JSON
        """
        url = self.url(path)
        try:
            body = self._fetcher.get_bytes(url, query)
        except http.NotFoundError as error:
            raise DirectoryPageMissingError(str(error)) from error
        except FetchError as error:
            raise DirectoryUnavailableError(str(error)) from error
        return JsonValidator(url).parse(body)
