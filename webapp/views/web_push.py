"""Web Push in the web app: the service worker, the manifest, and browsers that renew their subscription."""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib.resources import files
from typing import Final

from pyramid.config import Configurator
from pyramid.httpexceptions import HTTPForbidden, HTTPGone, HTTPNoContent, HTTPUnprocessableEntity
from pyramid.response import Response
from pyramid.security import NO_PERMISSION_REQUIRED

from fmn.delivery.webpush.about import ABOUT
from fmn.delivery.webpush.subscriptions import endpoint_digest, push_service, renewed
from fmn.errors import UserError
from fmn.ledger.address_renewal import renew_address
from fmn.people.addresses import validate_address
from fmn.people.models import DetailValue
from webapp.forms import Form, read_form
from webapp.owned import owned_preference
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


class RenewalForm(Form):
    """What a service worker says: the endpoint of its former subscription, and the new subscription."""

    old: str = ""
    address: str = ""


def includeme(config: Configurator) -> None:
    """Add the views."""
    config.add_view(
        service_worker, route_name="service_worker", request_method="GET", permission=NO_PERMISSION_REQUIRED)
    # A service worker has no form with a token in it; see renew().
    config.add_view(renew, route_name="web_push_renewal", request_method="POST", require_csrf=False)
    config.add_view(
        manifest, route_name="manifest", request_method="GET", http_cache=_CACHE_SECONDS,
        permission=NO_PERMISSION_REQUIRED)


def service_worker(_request: Request) -> Response:
    """The service worker, at the root of the app: a browser uses it for the pages beside and below it."""
    script = files("webapp").joinpath("static", "service-worker.js").read_bytes()
    # Browsers ask for a newer one at each visit, and have to get it at once when it's there.
    return Response(script, content_type="text/javascript", charset="utf-8", cache_control="no-cache")


def renew(request: Request) -> Response:
    """Let a browser's new subscription take the place of its former one.

    A service worker sends it while no page may be open, so no token of a form comes with it. The session
    cookie says whose browser it is. All browsers with Web Push say which site a request comes from, and no
    site can change that. Others don't know the former endpoint either.
    """
    if request.headers.get("Sec-Fetch-Site") != "same-origin":
        raise HTTPForbidden
    said = read_form(RenewalForm, request.POST)
    former = _subscription(request, said.old)
    if former is None:
        raise HTTPGone
    try:
        value = renewed(
            validate_address(ABOUT.name, said.address, request.services.settings), former.value)
        renew_address(
            request.db, former, value, request.now, request.services.settings,
            proven=push_service(value) == push_service(former.value))
    except UserError:
        raise HTTPUnprocessableEntity from None
    return HTTPNoContent()


def _subscription(request: Request, endpoint: str) -> DetailValue | None:
    """The current user's subscription with an endpoint."""
    if ABOUT.name not in request.contexts:
        return None
    known, preference = endpoint_digest(endpoint), owned_preference(request, request.db, ABOUT.name)
    return next((each for each in preference.detail_values if endpoint_digest(each.value) == known), None)


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
