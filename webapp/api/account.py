"""The account that a token is of."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final

from pydantic import Field

from fmn.people.accounts import set_time_zone
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
    """The account. Times of day and quiet hours are in its time zone."""

    nick: str
    email: str | None
    time_zone: str
    created_at: datetime
    token: Token


class MyChanges(RequestModel):
    """Changes of the account."""

    time_zone: Annotated[str, Field(max_length=64, examples=["Europe/Prague"])]


@operation("api_me", "GET", Permission.READ)
def show_me(request: Request) -> Me:
    """Show the account and the token of the request."""
    return _me(request, current_user(request, request.read_session))


@operation("api_me", "PATCH", Permission.WRITE)
def change_me(request: Request, body: MyChanges) -> Me:
    """Change the time zone."""
    user = current_user(request, request.db)
    set_time_zone(request.db, user, body.time_zone)
    return _me(request, user)


def _me(request: Request, user: User) -> Me:
    shown = request.me.token
    assert shown is not None
    token = request.read_session.get_one(ApiToken, shown.token_id)
    return Me(
        nick=user.nick, email=user.email, time_zone=user.time_zone, created_at=user.created_at,
        token=Token(name=token.name, scopes=token.scopes, created_at=token.created_at,
                    expires_at=token.expires_at))


OPERATIONS: Final[tuple[Operation, ...]] = (show_me, change_me)
