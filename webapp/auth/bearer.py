"""Bearer tokens: authentication of programs by ``Authorization: Bearer …``."""

from __future__ import annotations

import structlog
from sqlalchemy.exc import SQLAlchemyError

from fmn.people import api_tokens
from webapp.identity import Identity
from webapp.request import Request

log = structlog.get_logger()


def bearer_token(request: Request) -> str | None:
    """The request's bearer token, if it has one."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


def identity_of_token(request: Request, token: str) -> Identity | None:
    """The identity of a token; ``None`` if the token is unknown, revoked or expired."""
    found = api_tokens.find_token(request.read_session, token, request.now)
    if found is None:
        return None
    administrators = request.services.settings.web.administrators
    is_administrator = found.nick in administrators and not found.succeeds
    return Identity(found.user_id, found.nick, is_administrator=is_administrator, token=found)


def note_use(request: Request) -> None:
    """Record the token's last use, at most now and then, before the request writes anything itself."""
    token = request.me.token
    if token is None or not api_tokens.is_use_due(token, request.now):
        return
    try:
        with request.services.database.transaction() as session:
            api_tokens.update_last_used(session, token.token_id, request.now)
    except SQLAlchemyError:
        # Whoever only reads can do so while nobody can write.
        log.warning("a token's use can't be noted", token=token.token_id, exc_info=True)
