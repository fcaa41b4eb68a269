"""The page that says why somebody was sent something. Whoever has its link may see it, without a login."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pyramid.config import Configurator
from pyramid.httpexceptions import HTTPGone
from pyramid.renderers import render_to_response
from pyramid.response import Response
from pyramid.security import NO_PERMISSION_REQUIRED

from fmn.catalog import catalog
from fmn.delivery.signed_links import Links
from fmn.infra.db import id_of_public_id
from fmn.ledger.inbox import load_entries
from fmn.ledger.models import Notification
from fmn.ledger.read_state import mark_read
from webapp.context_names import context_name
from webapp.directory_or_none import directory_or_none
from webapp.filters.explanations import Explainer, Explanation
from webapp.identity import Permission
from webapp.inbox.delivery_status import DeliveryStatus
from webapp.inbox.inbox_items import delivery_statuses
from webapp.inbox.mute_choices import mute_choices
from webapp.message_json import message_json
from webapp.owned import current_user_zone
from webapp.request import Request
from webapp.subjects.subject_links import links_of_facts


def includeme(config: Configurator) -> None:
    """Add the view."""
    config.add_view(
        why, route_name="why", request_method="GET", renderer="why.mako", http_cache=0,
        permission=NO_PERMISSION_REQUIRED)


def why(request: Request) -> Mapping[str, object] | Response:
    """Why this notification was sent, or that it isn't kept any more. Its owner has read it then."""
    meant = request.links.read_why(request.matchdict["token"])
    notification_id = id_of_public_id(request.read_session, Notification, meant)
    explainer = Explainer(catalog(), request.services.rule_types, directory_or_none(request.services))
    explanation = notification_id and explainer.explain(request.read_session, notification_id)
    if not notification_id or not explanation:
        return _gone(request)
    own = _is_owner(request, explanation)
    if own and explanation.unread:
        mark_read(request.db, request.me.user_id, [notification_id], request.now)
    return {
        "it": explanation,
        "by": context_name(explanation.preference.context),
        "message_json": message_json(explanation.facts.message),
        "own": own,
        "delivery_statuses": _delivery_statuses(request, notification_id) if own else [],
        "about": links_of_facts(request, explanation.facts) if own else [],
        "mute_choices": mute_choices(request, explanation.facts) if own else [],
        **_stop_links(request.links, explanation),
    }


def _is_owner(request: Request, explanation: Explanation) -> bool:
    """Whether who reads it is signed in as the one who was sent it."""
    identity = request.identity
    return (identity is not None and identity.has_permission(Permission.SIGNED_IN)
            and identity.user_id == explanation.preference.user_id)


def _delivery_statuses(request: Request, notification_id: int) -> Sequence[DeliveryStatus]:
    entries = load_entries(request.read_session, [notification_id])
    found = delivery_statuses(
        request.read_session, entries, request.now, current_user_zone(request),
        request.services.settings.flood)
    return [status for entry in entries for status in found.of(entry)]


def _gone(request: Request) -> Response:
    days = request.services.settings.history.days
    response = render_to_response("why_gone.mako", {"days": days}, request=request)
    response.status = HTTPGone.code
    return response


def _stop_links(links: Links, explanation: Explanation) -> Mapping[str, object]:
    preference, chosen = explanation.preference, explanation.chosen
    return {
        "stop_all": links.unsubscribe(preference.public_id, None),
        "stop_filter": links.unsubscribe(preference.public_id, chosen.public_id) if chosen else "",
    }
