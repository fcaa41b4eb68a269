"""Programs show who they act for by a token: ``Authorization: Bearer …``."""

from __future__ import annotations

from fmn.people.tokens import find_token
from webapp.identity import Identity
from webapp.request import Request


def bearer_token(request: Request) -> str | None:
    """The token that a request shows, if it shows any."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


def identity_of_token(request: Request, token: str) -> Identity | None:
    """Whom the token stands for, ``None`` if it isn't one or not any more."""
    found = find_token(request.reading, token, request.now)
    return Identity(found.user_id, found.nick, scopes=found.scopes) if found else None
