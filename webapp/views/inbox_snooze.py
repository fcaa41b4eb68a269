"""Page that asks until when to snooze a notification. A script asks in a dialog of the inbox instead."""

from __future__ import annotations

from collections.abc import Mapping

from pyramid.config import Configurator
from pyramid.httpexceptions import HTTPBadRequest

from fmn.delivery.notification_text import shown
from fmn.translations import gettext
from webapp.directory_or_none import directory_or_none
from webapp.forms import FormError, read_form
from webapp.inbox.inbox_items import describer
from webapp.inbox.search_form import InboxSearch
from webapp.inbox.snooze_times import snooze_offers
from webapp.owned import current_user_zone, owned_notification
from webapp.request import Request

Page = Mapping[str, object]

def includeme(config: Configurator) -> None:
    """Add the view."""
    config.add_view(ask, route_name="inbox_snooze", request_method="GET", renderer="inbox_snooze.mako")


def ask(request: Request) -> Page:
    """The choices for one notification. The address has the search to go back to."""
    found = owned_notification(request, request.read_session)
    try:
        search = read_form(InboxSearch, request.GET)
    except FormError:
        raise HTTPBadRequest(gettext("The address is incomplete. Open your inbox again.")) from None
    described = describer(directory_or_none(request.services))(found.stored_message.message)
    return {
        "notification_id": found.id, "summary": shown(described.summary), "search": search,
        "spans": snooze_offers(request.now, current_user_zone(request))}
