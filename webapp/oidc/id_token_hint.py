"""The ID token, kept by the browser until its person signs out: it tells the provider who is leaving.

In a cookie of its own, which only the page for signing out gets to see, because the session's has no room.
It needs no signature: nothing here believes it, and the provider looks at its own.
"""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

from pyramid.response import Response

from webapp.request import Request

NAME: Final = "fmn-id-token"
#: Characters of the longest one that browsers keep.
LONGEST: Final = 3800


def keep_hint(request: Request, response: Response, id_token: str) -> None:
    """Let the browser keep the token; one that's too long isn't needed by all providers."""
    response.set_cookie(
        NAME, id_token if len(id_token) <= LONGEST else "", path=request.route_path("sign_out"),
        secure=urlsplit(request.services.settings.web.base_url).scheme == "https", httponly=True,
        samesite="Lax")


def take_hint(request: Request) -> str | None:
    """The token, which the browser forgets; ``None`` if it has none, so that nobody is to be told."""
    found: str | None = request.cookies.get(NAME)
    if found is not None:
        request.response.delete_cookie(NAME, path=request.route_path("sign_out"))
    return found
