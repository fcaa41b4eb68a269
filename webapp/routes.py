"""Every address of the web app, in one list. Mails link to some of them, see :mod:`fmn.delivery.links`."""

from __future__ import annotations

from typing import Final

from pyramid.config import Configurator

#: Seconds that browsers may keep the style sheet without asking again.
STATIC_SECONDS: Final = 3600


def includeme(config: Configurator) -> None:
    """Add the routes."""
    config.add_static_view("static", "webapp:static", cache_max_age=STATIC_SECONDS)
    config.add_route("home", "/")
    config.add_route("why", "/why/{token}")
    config.add_route("unsubscribe", "/unsubscribe/{token}")
    config.add_route("live", "/healthz/live")
    config.add_route("ready", "/healthz/ready")
