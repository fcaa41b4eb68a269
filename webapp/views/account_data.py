"""Export and deletion of an account's data."""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import chain

import structlog
from pyramid.config import Configurator
from pyramid.httpexceptions import HTTPSeeOther, HTTPUnprocessableEntity
from pyramid.response import Response

from fmn.administration.audit_log import entries_about
from fmn.ledger.account_deletion import delete_account
from fmn.ledger.account_export import export_account
from fmn.translations import gettext
from webapp.auth.sessions import sign_out
from webapp.flash_messages import flash
from webapp.owned import current_user
from webapp.rate_limits import release_when_sent
from webapp.request import Request

log = structlog.get_logger()

Page = Mapping[str, object]


def includeme(config: Configurator) -> None:
    """Add the views."""
    config.add_view(export, route_name="account_export", request_method="GET")
    config.add_view(
        ask, route_name="account_delete", request_method="GET", renderer="account_delete.mako")
    config.add_view(
        delete, route_name="account_delete", request_method="POST", renderer="account_delete.mako")


def export(request: Request) -> Response:
    """All data of the account, as a streamed JSON file."""
    services, me = request.services, request.me
    since = current_user(request, request.read_session).created_at
    done = {"done_by_administrators": entries_about(request.read_session, me.nick, since)}
    pieces = export_account(services.database, services.rule_types, me.user_id, done)
    begun = next(pieces)  # as long as one can still be told what's wrong
    name = re.sub(r"[^\w.-]", "_", me.nick, flags=re.ASCII)
    return Response(
        app_iter=release_when_sent(request, (piece.encode() for piece in chain([begun], pieces))),
        content_type="application/json", charset="utf-8",
        content_disposition=f'attachment; filename="fmn-{name}.json"')


def ask(request: Request) -> Page:
    """Confirmation page of account deletion."""
    return _page(request, "", "")


def delete(request: Request) -> Page | Response:
    """Delete the account if its name was typed correctly."""
    me = request.me
    typed = request.POST.get("nick", "").strip()
    if typed != me.nick:
        request.response.status = HTTPUnprocessableEntity.code
        return _page(
            request, typed, gettext("Type “{nick}” to delete your account.").format(nick=me.nick))
    delete_account(request.db, me.user_id)
    log.info("account deleted", nick=me.nick)
    sign_out(request)
    flash(request, gettext(
        "Deleted the account {nick} and everything FMN knew about you.").format(nick=me.nick))
    return HTTPSeeOther(request.route_path("home"))


def _page(request: Request, typed: str, problem: str) -> Page:
    comes_back = bool(request.services.settings.autocreate.events)
    return {"typed": typed, "problem": problem, "comes_back": comes_back}
