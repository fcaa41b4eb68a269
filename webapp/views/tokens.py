"""API tokens: created and shown once, listed with their last use, revoked."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Final, Literal

from pydantic import BeforeValidator, Field
from pyramid.config import Configurator
from pyramid.httpexceptions import HTTPNotFound, HTTPSeeOther, HTTPUnprocessableEntity
from pyramid.response import Response
from sqlalchemy.orm import Session

from fmn.errors import UserError
from fmn.people.api_tokens import create_token, revoke_token, tokens_of
from fmn.text import one_line
from fmn.translations import gettext, mark
from webapp.flash_messages import flash
from webapp.forms import Form, read_form
from webapp.humanize import natural_date
from webapp.identity import Permission
from webapp.owned import current_user_zone, id_from_path
from webapp.request import Request

Page = Mapping[str, object]

#: Characters of a token's name.
LONGEST_NAME: Final = 100
#: What a token may do, by what the form calls it.
SCOPES: Final[Mapping[str, tuple[str, ...]]] = {
    "read": (Permission.READ,), "change": (Permission.READ, Permission.WRITE),
    "publish": (Permission.PUBLISH,)}
#: Names of tokens that publish: events are known by them.
_PUBLISHER: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,49}")
#: How long it holds, in days and in words; without a number, until it's revoked.
ENDS: Final[Mapping[str, str]] = {
    "30": mark("after 30 days"), "90": mark("after 90 days"), "365": mark("after a year"),
    "never": mark("never")}


class NewToken(Form):
    """Form of a new token."""

    name: Annotated[str, BeforeValidator(one_line), Field(min_length=1, max_length=LONGEST_NAME)]
    may: Literal["read", "change", "publish"]
    end: Literal["30", "90", "365", "never"]


def includeme(config: Configurator) -> None:
    """Add the views."""
    config.add_view(show, route_name="tokens", request_method="GET", renderer="tokens.mako")
    config.add_view(make, route_name="tokens", request_method="POST", renderer="tokens.mako")
    config.add_view(revoke, route_name="token_revoke", request_method="POST")


def show(request: Request) -> Page:
    """List of the current user's tokens."""
    return _page(request, request.read_session)


def make(request: Request) -> Page:
    """Create a token. The response shows it, because it can't be shown later, and so isn't a redirect.

    Submitting the form again creates none, because the name is taken.
    """
    try:
        form = read_form(NewToken, request.POST)
        if form.may == "publish":
            _check_publisher(request, form.name)
        end = None if form.end == "never" else request.now + timedelta(days=int(form.end))
        with request.db.begin_nested():
            _, token = create_token(request.db, request.me.user_id, form.name, SCOPES[form.may], end)
    except UserError as error:
        request.response.status = HTTPUnprocessableEntity.code
        return _page(
            request, request.read_session, typed=dict(request.POST.items()), problems=error.by_field)
    return _page(request, request.db, made=token, name=form.name)


def _check_publisher(request: Request, name: str) -> None:
    """Only administrators may make tokens that publish, because an event speaks to everybody."""
    if not request.me.is_administrator:
        raise UserError(gettext("Only administrators can create tokens that publish events."), "may")
    if _PUBLISHER.fullmatch(name) is None:
        raise UserError(gettext(
            "Events are known by this name: use up to 50 small letters, digits, dots, dashes and "
            "underscores."), "name")


def revoke(request: Request) -> Response:
    """Revoke a token."""
    name = revoke_token(request.db, request.me.user_id, id_from_path(request, "token_id"))
    if name is None:
        raise HTTPNotFound
    flash(request, gettext(
        "Revoked “{name}”. Programs that use it no longer have access.").format(name=name))
    return HTTPSeeOther(request.route_path("tokens"))


def _page(
    request: Request, session: Session, *, made: str = "", name: str = "",
    typed: Mapping[str, object] | None = None, problems: Mapping[str, str] | None = None,
) -> Page:
    zone = current_user_zone(request)
    return {
        "tokens": tokens_of(session, request.me.user_id), "made": made, "made_name": name, "ends": ENDS,
        "typed": {"name": "", "may": "read", "end": "90", **(typed or {})}, "problems": problems or {},
        "now": request.now,
        "day": lambda moment: natural_date(moment, zone),
        "changes": lambda token: Permission.WRITE in token.scopes,
        "publishes": lambda token: Permission.PUBLISH in token.scopes,
        "may_publish": request.me.is_administrator,
    }
