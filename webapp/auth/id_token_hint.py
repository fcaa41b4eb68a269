"""The ID token, kept by the browser until its person signs out: it tells the provider who is leaving.

In a cookie of its own, which only the page for signing out gets to see, because the session's has no room.
It needs no signature: nothing here believes it, and the provider looks at its own.
"""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

from pyramid.response import Response

from webapp.request import Request

COOKIE_NAME: Final = "fmn-id-token"
#: Characters of the longest one that browsers keep.
MAX_COOKIE_LENGTH: Final = 3800


def set_id_token_hint(request: Request, response: Response, id_token: str) -> None:
    """Let the browser keep the token; one that's too long isn't needed by all providers."""
    response.set_cookie(
        COOKIE_NAME, id_token if len(id_token) <= MAX_COOKIE_LENGTH else "",
        path=request.route_path("sign_out"),
        secure=urlsplit(request.services.settings.web.base_url).scheme == "https", httponly=True,
        samesite="Lax")


def pop_id_token_hint(request: Request) -> str | None:
    """The token, which the browser forgets; ``None`` if it has none, so that nobody is to be told."""
    found: str | None = request.cookies.get(COOKIE_NAME)
    if found is not None:
        request.response.delete_cookie(COOKIE_NAME, path=request.route_path("sign_out"))
    return found
