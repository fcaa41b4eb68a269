"""Mutes: add from a notification's page, list and remove."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Literal

from pyramid.config import Configurator
from pyramid.httpexceptions import HTTPBadRequest, HTTPNotFound, HTTPSeeOther
from pyramid.response import Response

from fmn.catalog import Facts, catalog
from fmn.catalog.message_reader import no_accounts
from fmn.errors import UserError
from fmn.filters.models import MuteKind
from fmn.filters.mute_options import MuteOption, describe_mute, mute_options
from fmn.filters.mutes import MuteRequest, mutes_of
from fmn.infra.db import id_of_public_id
from fmn.ledger.inbox import message_for_user
from fmn.ledger.models import Notification
from fmn.ledger.undoable_mutes import mute_undoably, unmute_undoably
from fmn.translations import gettext
from webapp.directory_or_none import directory_or_none
from webapp.flash_messages import flash, inbox_undo_path
from webapp.forms import Form, FormError, read_form
from webapp.inbox.mute_choices import mute_duration
from webapp.owned import id_from_path
from webapp.redirects import safe_redirect
from webapp.request import Request

#: How long something is muted, by what the buttons are called; ``None`` is for ever.
SPANS: Final[Mapping[str, timedelta | None]] = {"week": timedelta(weeks=1), "ever": None}


class MuteForm(Form):
    """What to mute, and for how long."""

    kind: MuteKind
    value: list[str]
    span: Literal["week", "ever"]


@dataclass(frozen=True)
class MuteListItem:
    """A mute in the list. ``page`` is the URL of a muted thread."""

    id: int
    words: str
    page: str
    duration: str


def includeme(config: Configurator) -> None:
    """Add the views."""
    config.add_view(show, route_name="mutes", request_method="GET", renderer="mutes.mako")
    config.add_view(mute_it, route_name="why_mute", request_method="POST")
    config.add_view(lift_it, route_name="mute_lift", request_method="POST")


def show(request: Request) -> Mapping[str, object]:
    """Mute list."""
    return {"mutes": [
        MuteListItem(
            each.id, describe_mute(each.kind, each.value), each.value if each.kind == MuteKind.THREAD else "",
              mute_duration(request, each))
        for each in mutes_of(request.read_session, request.me.user_id, request.now)
    ]}


def mute_it(request: Request) -> Response:
    """Mute something from a notification's page."""
    token = request.matchdict["token"]
    form = _form(request)
    notification_id = id_of_public_id(request.db, Notification, request.links.read_why(token))
    if notification_id is None:
        raise HTTPNotFound
    chosen = _offer(request, notification_id, form)
    span = SPANS[form.span]
    until = None if span is None else request.now + span
    try:
        with request.db.begin_nested():
            wishes = [MuteRequest(chosen.kind, value, until) for value in chosen.values]
            undo = mute_undoably(request.db, request.me.user_id, wishes, request.now)
    except UserError as error:
        flash(request, str(error), error=True)
    else:
        told = gettext("Muted forever: {what}. The mute starts with the next message.") if until is None \
            else gettext("Muted for a week: {what}. The mute starts with the next message.")
        flash(request, told.format(what=chosen.words), undo=inbox_undo_path(request, undo))
    return HTTPSeeOther(request.route_path("why", token=token))


def lift_it(request: Request) -> Response:
    """Remove a mute."""
    mute_id = id_from_path(request, "mute_id")
    undo = unmute_undoably(request.db, request.me.user_id, mute_id, request.now)
    if undo is None:
        raise HTTPNotFound
    flash(request, gettext("Unmuted. You get these notifications again, starting with the next message."),
          undo=inbox_undo_path(request, undo))
    return HTTPSeeOther(safe_redirect(request.POST.get("to", "")) or request.route_path("mutes"))


def _form(request: Request) -> MuteForm:
    try:
        return read_form(MuteForm, request.POST)
    except FormError:
        raise HTTPBadRequest(gettext(
            "The form was incomplete. Reload the page and choose what to mute.")) from None


def _offer(request: Request, notification_id: int, form: MuteForm) -> MuteOption:
    directory = directory_or_none(request.services)
    message = message_for_user(request.db, request.me.user_id, notification_id)
    if message is None:
        raise HTTPNotFound
    facts: Facts = catalog().facts(message, directory.account if directory else no_accounts)
    for offer in mute_options(facts):
        if offer.kind is form.kind and list(offer.values) == form.value:
            return offer
    raise HTTPBadRequest(gettext(
        "This can’t be muted for this message. Reload the page and choose again."))
