"""Home page: channel overview for signed-in people, landing page for others."""

from __future__ import annotations

from collections.abc import Mapping

from pyramid.config import Configurator
from pyramid.security import NO_PERMISSION_REQUIRED

from fmn.people.local_time import zone_or_utc
from fmn.people.preferences import Frequency, QuietHours
from fmn.people.schedule_text import frequency_text, quiet_hours_text
from webapp.context_names import context_heading, context_name
from webapp.humanize import messages_per_day, natural_time
from webapp.owned import current_user
from webapp.preferences.channel_overview import channel_overviews
from webapp.request import Request

Page = Mapping[str, object]


def includeme(config: Configurator) -> None:
    """Add the view."""
    config.add_view(
        home, route_name="home", request_method="GET", renderer="landing.mako",
        permission=NO_PERMISSION_REQUIRED)


def home(request: Request) -> Page:
    """Home page or landing page. A program's token counts as anonymous here."""
    if request.identity is None or request.identity.token is not None:
        return {"days": request.services.settings.history.days}
    request.override_renderer = "home.mako"
    return _overview_page(request)


def _overview_page(request: Request) -> Page:
    me = current_user(request, request.read_session)
    channels = channel_overviews(
        request.read_session, me, request.contexts, request.now, request.services.settings.flood)
    zone = zone_or_utc(me.time_zone)
    return {
        "channels": channels,
        "new": me.set_up_at is None and not any(each.filters.total for each in channels),
        "context_name": context_name, "context_heading": context_heading,
        "frequency_text": lambda it: frequency_text(Frequency.of(it)),
        "quiet_hours_text": lambda it: quiet_hours_text(QuietHours.of(it)),
        "messages_per_day": messages_per_day, "when": lambda moment: natural_time(moment, request.now, zone),
    }
