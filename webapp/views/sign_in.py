"""Signing in and out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field
from pyramid.config import Configurator
from pyramid.httpexceptions import HTTPNotFound, HTTPSeeOther
from pyramid.response import Response
from pyramid.security import NO_PERMISSION_REQUIRED

from fmn.people.accounts import account_of
from fmn.wiring import CONTEXTS
from webapp.flashes import say
from webapp.forms import Form, FormError, read_form
from webapp.request import Request
from webapp.sessions import sign_in, sign_out

Page = Mapping[str, object]


class DevelopmentLogin(Form):
    """Who somebody says they are."""

    nick: Annotated[str, Field(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_.+-]{0,63}$")]
    to: str = ""


def includeme(config: Configurator) -> None:
    """Add the views."""
    config.add_view(
        ask, route_name="sign_in", request_method="GET", renderer="sign_in.mako",
        permission=NO_PERMISSION_REQUIRED)
    config.add_view(
        be_anyone, route_name="sign_in", request_method="POST", renderer="sign_in.mako",
        permission=NO_PERMISSION_REQUIRED)
    config.add_view(leave, route_name="sign_out", request_method="POST")


def ask(request: Request) -> Page:
    """How to sign in."""
    return {"to": request.GET.get("to", ""), "nick": "", "problems": {},
            "anyone": request.services.settings.web.development_login}


def be_anyone(request: Request) -> Page | Response:
    """The development login: whoever they say they are."""
    if not request.services.settings.web.development_login:
        raise HTTPNotFound
    try:
        form = read_form(DevelopmentLogin, request.POST)
    except FormError as error:
        request.response.status = 422
        return {"to": request.POST.get("to", ""), "nick": request.POST.get("nick", ""), "anyone": True,
                "problems": error.problems}
    user = account_of(request.db, form.nick, CONTEXTS)
    sign_in(request, user)
    return HTTPSeeOther(place_after(request, form.to))


def place_after(request: Request, wanted: str) -> str:
    """Where somebody goes who signed in: to what they wanted to see, if that's here."""
    inside = wanted.startswith("/") and not wanted.startswith(("//", "/\\")) and wanted.isprintable()
    return wanted if inside else request.route_path("home")


def leave(request: Request) -> Response:
    """Sign out."""
    sign_out(request)
    say(request, "You are signed out.")
    return HTTPSeeOther(request.route_path("home"))
