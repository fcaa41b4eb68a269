"""Versions: whoever changes something may say which one they saw, in a header or in the body."""

from __future__ import annotations

import re
from typing import Final

from webapp.api.problems import ApiError
from webapp.request import Request

_ETAG: Final = re.compile(r'"([0-9]{1,10})"')


def format_etag(version: int) -> str:
    """A version as a header says it."""
    return f'"{version}"'


def expected_version(request: Request, in_body: int | None) -> int | None:
    """The version that a program saw, ``None`` for whatever there is. Raises :class:`ApiError`."""
    header = request.headers.get("If-Match")
    if header is None or header.strip() == "*":
        return in_body
    found = _ETAG.fullmatch(header.strip())
    if found is None:
        raise ApiError(412, "Send exactly one ETag in If-Match, as you received it.")
    return int(found[1])
