"""The account that a token is of."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final

from pydantic import AwareDatetime, Field

from fmn.ledger.pauses import is_paused, pause, resume
from fmn.people.accounts import set_language, set_time_zone
from fmn.people.models import ApiToken, User
from webapp.api.models import RequestModel, ResponseModel
from webapp.api.operations import Operation, operation
from webapp.identity import Permission
from webapp.owned import current_user
from webapp.request import Request


class Token(ResponseModel):
    """The token of the request."""

    name: str
    scopes: list[str]
    created_at: datetime
    expires_at: datetime | None


class Me(ResponseModel):
    """The account. Times of day and quiet hours are in its time zone.

    ``paused_until`` is when its notifications go on, ``null`` if they aren't paused. Pages and mails are in
    its ``language``. If that's ``null``, pages are in the browser's and mails in English.
    """

    nick: str
    email: str | None
    time_zone: str
    language: str | None
    paused_until: datetime | None
    created_at: datetime
    token: Token


class MyChanges(RequestModel):
    """Changes of the account. What is left out stays; ``paused_until: null`` ends a pause."""

    time_zone: Annotated[str | None, Field(max_length=64, examples=["Europe/Prague"])] = None
    language: Annotated[str | None, Field(max_length=16, examples=["de"])] = None
    paused_until: AwareDatetime | None = None


@operation("api_me", "GET", Permission.READ)
def show_me(request: Request) -> Me:
    """Show the account and the token of the request."""
    return _me(request, current_user(request, request.read_session))


@operation("api_me", "PATCH", Permission.WRITE)
def change_me(request: Request, body: MyChanges) -> Me:
    """Change the time zone or the language, pause all notifications until a time, or end a pause."""
    user = current_user(request, request.db)
    if body.time_zone is not None:
        set_time_zone(request.db, user, body.time_zone)
    if "language" in body.model_fields_set:
        set_language(user, body.language or "")
    if body.paused_until is not None:
        pause(request.db, user, body.paused_until, request.now)
    elif "paused_until" in body.model_fields_set:
        resume(request.db, user, request.now)
    return _me(request, user)


def _me(request: Request, user: User) -> Me:
    shown = request.me.token
    assert shown is not None
    token = request.read_session.get_one(ApiToken, shown.token_id)
    return Me(
        nick=user.nick, email=user.email, time_zone=user.time_zone, language=user.language,
        paused_until=user.paused_until if is_paused(user, request.now) else None, created_at=user.created_at,
        token=Token(name=token.name, scopes=token.scopes, created_at=token.created_at,
                    expires_at=token.expires_at))


OPERATIONS: Final[tuple[Operation, ...]] = (show_me, change_me)
