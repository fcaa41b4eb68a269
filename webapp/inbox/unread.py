"""Number of unread notifications, shown in the navigation."""

from __future__ import annotations

from typing import Final

from pyramid.request import RequestLocalCache

from fmn.ledger.read_state import MAX_COUNTED, unread_count
from webapp.request import Request
from webapp.routes import PUBLIC

_counts: Final = RequestLocalCache(
    lambda request: unread_count(request.read_session, request.me.user_id, request.now))


def unread(request: Request) -> int:
    """Number of the current user's unread notifications, counted up to one above the limit."""
    count: int = _counts.get_or_create(request)
    return count


def unread_badge(request: Request) -> str:
    """The number as the navigation shows it; ``""`` for none and on public pages."""
    count = unread(request) if _shows_badge(request) else 0
    return f"{MAX_COUNTED}+" if count > MAX_COUNTED else str(count or "")


def _shows_badge(request: Request) -> bool:
    route = getattr(request, "matched_route", None)
    if request.identity is None or request.exception is not None or route is None:
        return False
    return route.name == "home" or route.name not in PUBLIC
