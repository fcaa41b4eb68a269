"""Cookie with the ID token, sent to the provider as ``id_token_hint`` when its owner signs out.

A cookie of its own, sent only to the sign-out page, because the session cookie has no room. It isn't signed:
FMN doesn't trust it, and the provider checks its own signature.
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
    """Store the token in the cookie; tokens too long for a cookie are left out."""
    response.set_cookie(
        COOKIE_NAME, id_token if len(id_token) <= MAX_COOKIE_LENGTH else "",
        path=request.route_path("sign_out"),
        secure=urlsplit(request.services.settings.web.base_url).scheme == "https", httponly=True,
        samesite="Lax")


def pop_id_token_hint(request: Request) -> str | None:
    """Return the token and delete the cookie; ``None`` if there is none."""
    found: str | None = request.cookies.get(COOKIE_NAME)
    if found is not None:
        request.response.delete_cookie(COOKIE_NAME, path=request.route_path("sign_out"))
    return found
