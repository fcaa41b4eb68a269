"""The page that says why somebody was sent something. Whoever has its link may see it, without a login."""

from __future__ import annotations

from collections.abc import Mapping

from pyramid.config import Configurator
from pyramid.httpexceptions import HTTPGone
from pyramid.renderers import render_to_response
from pyramid.response import Response
from pyramid.security import NO_PERMISSION_REQUIRED

from fmn.catalog import catalog
from fmn.delivery.links import Links
from fmn.delivery.notes import minute
from fmn.directory import DirectoryUnavailableError
from fmn.directory.snapshot import Directory
from fmn.wiring import Services
from webapp.contexts import spoken
from webapp.explanations import Explainer, Explanation
from webapp.request import Request


def includeme(config: Configurator) -> None:
    """Add the view."""
    config.add_view(
        why, route_name="why", request_method="GET", renderer="why.mako", http_cache=0,
        permission=NO_PERMISSION_REQUIRED)


def why(request: Request) -> Mapping[str, object] | Response:
    """Why this notification was sent, or that it isn't kept any more."""
    notification_id = request.links.read_why(request.matchdict["token"])
    # First, because it may have to be fetched: a transaction that has begun isn't to wait for that.
    directory = _directory(request.services)
    explainer = Explainer(catalog(), request.services.rule_types, directory)
    explanation = explainer.explain(request.db, notification_id)
    if explanation is None:
        return _gone(request)
    return {
        "it": explanation,
        "by": spoken(explanation.preference.context),
        "when": minute(explanation.telling.sent_at),
        **_ways(request.links, explanation),
    }


def _gone(request: Request) -> Response:
    days = request.services.settings.history.days
    response = render_to_response("why_gone.mako", {"days": days}, request=request)
    response.status = HTTPGone.code
    return response


def _ways(links: Links, explanation: Explanation) -> Mapping[str, object]:
    preference, chosen = explanation.preference, explanation.chosen
    return {
        "stop_all": links.unsubscribe(preference.id, None),
        "stop_filter": links.unsubscribe(preference.id, chosen.id) if chosen else "",
    }


def _directory(services: Services) -> Directory | None:
    try:
        return services.directory.current()
    except DirectoryUnavailableError:
        return None
