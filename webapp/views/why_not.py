"""The page "Why didn't I get this?": people ask about any message by its id or a link to it."""

from __future__ import annotations

from collections.abc import Mapping

from pyramid.config import Configurator

from webapp.inbox.missing_messages import answers
from webapp.message_lookup import MAX_QUERY_LENGTH
from webapp.request import Request


def includeme(config: Configurator) -> None:
    """Add the view."""
    config.add_view(why_not, route_name="why_not", request_method="GET", renderer="why_not.mako")


def why_not(request: Request) -> Mapping[str, object]:
    """What I was sent of the message that ``q`` names, and what kept it from me elsewhere."""
    wanted = request.GET.get("q", "").strip()
    return {
        "wanted": wanted[:MAX_QUERY_LENGTH],
        "answers": answers(request, wanted) if wanted else (),
        "days": request.services.settings.history.days,
    }
