"""Size limit of services' answers, uncompressed, since requests keeps them in memory.

FMN needs a status and a line. A server that a user names may send an endless answer, or a few kilobytes that
unpack to gigabytes.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import requests
from requests.adapters import HTTPAdapter

from fmn.delivery.egress.library_guard import is_guarded

#: Bytes of an answer, unpacked.
MOST: Final = 1_000_000


class _Bounded:
    """urllib3's response, with an error where it's too long."""

    def __init__(self, answer: Any) -> None:
        self._answer = answer

    def __getattr__(self, name: str) -> Any:
        return getattr(self._answer, name)

    def stream(self, *arguments: Any, **named: Any) -> Iterator[bytes]:
        left = MOST
        for part in self._answer.stream(*arguments, **named):
            left -= len(part)
            if left < 0:
                raise requests.ConnectionError("the answer is too long")
            yield part


class _BoundedAdapter(HTTPAdapter):
    def build_response(self, req: requests.PreparedRequest, resp: Any) -> requests.Response:
        response = super().build_response(req, resp)
        if is_guarded():
            response.raw = _Bounded(resp)
        return response


def limit_response_size() -> None:
    """Limit responses within each guard, from now on. Apprise makes its sessions itself."""
    requests.sessions.HTTPAdapter = _BoundedAdapter  # type: ignore[attr-defined]
