"""The page that says why somebody was sent something. Whoever has its link may see it, without a login."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pyramid.config import Configurator
from pyramid.httpexceptions import HTTPGone
from pyramid.renderers import render_to_response
from pyramid.response import Response
from pyramid.security import NO_PERMISSION_REQUIRED

from fmn.catalog import catalog
from fmn.delivery.notification_text import minute
from fmn.delivery.signed_links import Links
from fmn.infra.db import number_of
from fmn.ledger.inbox import entries_of
from fmn.ledger.models import Notification
from fmn.ledger.read_state import mark_read
from webapp.context_names import spoken
from webapp.directory_or_none import current_directory
from webapp.filters.explanations import Explainer, Explanation
from webapp.identity import Permission
from webapp.inbox.delivery_status import Standing
from webapp.inbox.inbox_items import standings
from webapp.inbox.mute_choices import mutables
from webapp.message_json import source_of
from webapp.owned import my_zone
from webapp.request import Request


def includeme(config: Configurator) -> None:
    """Add the view."""
    config.add_view(
        why, route_name="why", request_method="GET", renderer="why.mako", http_cache=0,
        permission=NO_PERMISSION_REQUIRED)


def why(request: Request) -> Mapping[str, object] | Response:
    """Why this notification was sent, or that it isn't kept any more. Its owner has read it then."""
    meant = request.links.read_why(request.matchdict["token"])
    notification_id = number_of(request.reading, Notification, meant)
    explainer = Explainer(catalog(), request.services.rule_types, current_directory(request.services))
    explanation = notification_id and explainer.explain(request.reading, notification_id)
    if not notification_id or not explanation:
        return _gone(request)
    own = _is_mine(request, explanation)
    if own and explanation.unread:
        mark_read(request.db, request.me.user_id, [notification_id], request.now)
    return {
        "it": explanation,
        "by": spoken(explanation.preference.context),
        "when": minute(explanation.telling.sent_at),
        "source": source_of(explanation.facts.message),
        "own": own,
        "standings": _standings(request, notification_id) if own else [],
        "mutables": mutables(request, explanation.facts) if own else [],
        **_ways(request.links, explanation),
    }


def _is_mine(request: Request, explanation: Explanation) -> bool:
    """Whether who reads it is signed in as the one who was sent it."""
    identity = request.identity
    return (identity is not None and identity.may(Permission.SIGNED_IN)
            and identity.user_id == explanation.preference.user_id)


def _standings(request: Request, notification_id: int) -> Sequence[Standing]:
    entries = entries_of(request.reading, [notification_id])
    found = standings(
        request.reading, entries, request.now, my_zone(request), request.services.settings.flood)
    return [standing for entry in entries for standing in found.of(entry)]


def _gone(request: Request) -> Response:
    days = request.services.settings.history.days
    response = render_to_response("why_gone.mako", {"days": days}, request=request)
    response.status = HTTPGone.code
    return response


def _ways(links: Links, explanation: Explanation) -> Mapping[str, object]:
    preference, chosen = explanation.preference, explanation.chosen
    return {
        "stop_all": links.unsubscribe(preference.row_name, None),
        "stop_filter": links.unsubscribe(preference.row_name, chosen.row_name) if chosen else "",
    }
