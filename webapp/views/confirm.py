"""Address confirmation by link, without signing in and in any browser.

``GET`` only shows the page, because mail scanners open every link; ``POST`` confirms, and the page shows the
outcome from then on.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from pyramid.config import Configurator
from pyramid.httpexceptions import HTTPBadRequest, HTTPGone, HTTPSeeOther, HTTPTooManyRequests
from pyramid.response import Response
from pyramid.security import NO_PERMISSION_REQUIRED
from sqlalchemy.orm import Session

from fmn.errors import UserError
from fmn.infra.db import id_of_public_id
from fmn.ledger.system_deliveries import start_confirmation
from fmn.people.confirmations import (
    ConfirmationOutcome,
    ConfirmationResult,
    check_confirmation,
    confirm_address,
)
from fmn.people.models import Confirmation
from fmn.translations import gettext
from webapp.context_names import context_name
from webapp.request import Request

Page = Mapping[str, object]

#: What our buttons post, and what they want.
ACTION: Final = "action"
CONFIRM: Final = "confirm"
RESEND: Final = "resend"


def includeme(config: Configurator) -> None:
    """Add the views.

    The ``POST`` view needs no CSRF token, and so no cookie: nobody else has the token in the URL, so no other
    site can make a browser post it.
    """
    config.add_view(
        ask, route_name="confirm", request_method="GET", renderer="confirm.mako",
        permission=NO_PERMISSION_REQUIRED)
    config.add_view(
        act, route_name="confirm", request_method="POST", renderer="confirm.mako", require_csrf=False,
        permission=NO_PERMISSION_REQUIRED)


def ask(request: Request) -> Page:
    """Confirmation page, or the outcome so far."""
    return _page(request, _confirmation(request, request.read_session))


def act(request: Request) -> Page | Response:
    """Confirm the address, or send a new link in place of an expired one."""
    action = request.POST.get(ACTION, "")
    if action not in (CONFIRM, RESEND):
        raise HTTPBadRequest(gettext("The form was incomplete. Open the link in the mail again."))
    if action == CONFIRM:
        meant = _confirmation_id(request, request.db)
        if meant is not None:
            confirm_address(request.db, meant, request.now)
    else:
        asked = _confirmation(request, request.db)
        try:
            _ask_again(request, asked)
        except UserError as error:
            request.response.status = HTTPTooManyRequests.code
            return _page(request, asked, problem=str(error))
    return HTTPSeeOther(request.path)


def _ask_again(request: Request, asked: ConfirmationResult | None) -> None:
    if asked is not None and asked.address is not None and asked.outcome is ConfirmationOutcome.EXPIRED:
        start_confirmation(request.db, asked.address, request.now, request.services.settings.confirmation)


def _confirmation(request: Request, session: Session) -> ConfirmationResult | None:
    meant = _confirmation_id(request, session)
    return None if meant is None else check_confirmation(session, meant, request.now)


def _confirmation_id(request: Request, session: Session) -> int | None:
    return id_of_public_id(session, Confirmation, request.links.read_confirm(request.matchdict["token"]))


def _page(request: Request, asked: ConfirmationResult | None, problem: str = "") -> Page:
    if asked is None or asked.outcome is ConfirmationOutcome.GONE:
        request.response.status = HTTPGone.code
    return {"it": asked, "by": context_name(asked.context) if asked else "", "problem": problem}
