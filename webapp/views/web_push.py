"""Web Push in the web app: the service worker, the manifest, and enabling a browser."""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib.resources import files
from typing import Final

from pyramid.config import Configurator
from pyramid.response import Response
from pyramid.security import NO_PERMISSION_REQUIRED

from webapp.request import Request

#: Colours of an installed app's frame while it starts, as in ``static/icon.svg``.
THEME_COLOUR: Final = "#0b6a63"
BACKGROUND_COLOUR: Final = "#ffffff"
#: Icons of an installed app: file, size and purpose. ``webapp/assets/app_icons.py`` makes them.
ICONS: Final = (
    ("icon.svg", "any", "any"), ("icon-192.png", "192x192", "any"), ("icon-512.png", "512x512", "any"),
    ("icon-maskable-512.png", "512x512", "maskable"))
#: Seconds that browsers may keep the manifest.
_CACHE_SECONDS: Final = 3600


def includeme(config: Configurator) -> None:
    """Add the views."""
    config.add_view(
        service_worker, route_name="service_worker", request_method="GET", permission=NO_PERMISSION_REQUIRED)
    config.add_view(
        manifest, route_name="manifest", request_method="GET", http_cache=_CACHE_SECONDS,
        permission=NO_PERMISSION_REQUIRED)


def service_worker(_request: Request) -> Response:
    """The service worker, at the root of the app: a browser uses it for the pages beside and below it."""
    script = files("webapp").joinpath("static", "service-worker.js").read_bytes()
    # Browsers ask for a newer one at each visit, and have to get it at once when it's there.
    return Response(script, content_type="text/javascript", charset="utf-8", cache_control="no-cache")


def manifest(request: Request) -> Response:
    """The manifest, with which browsers install FMN as an app."""
    return Response(
        json.dumps(_manifest(request)), content_type="application/manifest+json", charset="utf-8")


def _manifest(request: Request) -> Mapping[str, object]:
    home = request.route_path("home")
    return {
        "id": home, "name": "FMN notifications", "short_name": "FMN", "lang": "en",
        "description": "Notifies you about the project events that concern you.",
        "start_url": home, "scope": home, "display": "standalone",
        "theme_color": THEME_COLOUR, "background_color": BACKGROUND_COLOUR,
        "icons": [_icon(request, *each) for each in ICONS],
        "shortcuts": [{"name": "Inbox", "url": request.route_path("inbox")}],
    }


def _icon(request: Request, name: str, sizes: str, purpose: str) -> Mapping[str, str]:
    kind = "image/svg+xml" if name.endswith(".svg") else "image/png"
    return {
        "src": request.static_path(f"webapp:static/{name}"), "sizes": sizes, "type": kind, "purpose": purpose}
