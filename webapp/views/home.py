"""The first page: how everything stands for whoever is signed in, and for others what FMN is."""

from __future__ import annotations

from collections.abc import Mapping

from pyramid.config import Configurator
from pyramid.security import NO_PERMISSION_REQUIRED

from fmn.people.local_time import zone_called
from fmn.people.schedule_text import how_often, quiet_hours
from webapp.context_names import spoken, titled
from webapp.humanize import per_day, when
from webapp.owned import my_user
from webapp.preferences.channel_overview import channels_of
from webapp.request import Request

Page = Mapping[str, object]


def includeme(config: Configurator) -> None:
    """Add the view."""
    config.add_view(
        home, route_name="home", request_method="GET", renderer="landing.mako",
        permission=NO_PERMISSION_REQUIRED)


def home(request: Request) -> Page:
    """What FMN is, or how it all stands. A program with a token is nobody who looks at pages."""
    if request.identity is None or request.identity.token is not None:
        return {"days": request.services.settings.history.days}
    request.override_renderer = "home.mako"
    return _mine(request)


def _mine(request: Request) -> Page:
    me = my_user(request, request.reading)
    channels = channels_of(
        request.reading, me, request.contexts, request.now, request.services.settings.flood)
    zone = zone_called(me.time_zone)
    return {
        "channels": channels,
        "new": me.set_up_at is None and not any(each.filters.total for each in channels),
        "spoken": spoken, "titled": titled, "how_often": how_often, "quiet_hours": quiet_hours,
        "per_day": per_day, "when": lambda moment: when(moment, request.now, zone),
    }
