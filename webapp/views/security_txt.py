"""``/.well-known/security.txt`` (RFC 9116): contacts for reporting vulnerabilities."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from pyramid.config import Configurator
from pyramid.httpexceptions import HTTPNotFound
from pyramid.response import Response
from pyramid.security import NO_PERMISSION_REQUIRED

from fmn.infra.clock import utc_now
from webapp.request import Request

#: How long the file may be believed: RFC 9116 wants less than a year.
VALIDITY: Final = timedelta(days=90)
#: Seconds that whoever fetches it may keep it.
CACHE_SECONDS: Final = 3600


def includeme(config: Configurator) -> None:
    """Add the view."""
    config.add_view(
        security_txt, route_name="security_txt", request_method="GET", http_cache=CACHE_SECONDS,
        permission=NO_PERMISSION_REQUIRED)


def security_txt(request: Request) -> Response:
    """The file, or 404 without ``fmn.web.security_contact``."""
    web = request.services.settings.web
    if not web.security_contact:
        raise HTTPNotFound
    canonical = f"{web.base_url.rstrip('/')}/.well-known/security.txt"
    text = render(web.security_contact, canonical, utc_now())
    return Response(text, content_type="text/plain", charset="utf-8")


def render(contacts: Sequence[str], canonical: str, now: datetime) -> str:
    """Text of the file: contacts in order of preference, expiry and canonical URL.

    It expires at midnight, so that it's the same for a day.
    """
    expires = (now + VALIDITY).replace(hour=0, minute=0, second=0, microsecond=0)
    fields = [
        *(f"Contact: {contact}" for contact in contacts), f"Expires: {expires:%Y-%m-%dT%H:%M:%SZ}",
        "Preferred-Languages: en", f"Canonical: {canonical}"]
    return "".join(f"{field}\n" for field in fields)
