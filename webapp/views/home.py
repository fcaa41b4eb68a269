"""The first page: what FMN is, and how to get help."""

from __future__ import annotations

from collections.abc import Mapping

from pyramid.config import Configurator
from pyramid.security import NO_PERMISSION_REQUIRED

from webapp.request import Request


def includeme(config: Configurator) -> None:
    """Add the view."""
    config.add_view(
        home, route_name="home", request_method="GET", renderer="home.mako",
        permission=NO_PERMISSION_REQUIRED)


def home(request: Request) -> Mapping[str, object]:
    """What FMN is."""
    return {"days": request.services.settings.history.days}
