"""Requests that nobody can read are refused before a view sees them: that's no fault of ours."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from pyramid.config import Configurator
from pyramid.events import NewRequest
from pyramid.httpexceptions import HTTPBadRequest, HTTPNotFound

from webapp.request import Request

UNREADABLE: Final = (
    "Your browser sent something that can’t be read. Go back, load the page again, and try once more.")
#: What WebOb raises for it; the warning is for a form in another character set than UTF-8.
FAULTS: Final = (ValueError, LookupError, DeprecationWarning)
#: Databases refuse it, and nobody can type it.
NUL: Final = "\0"
CSRF_FIELD: Final = "csrf_token"


def includeme(config: Configurator) -> None:
    """Look at every request."""
    config.add_subscriber(look_at, NewRequest)


def look_at(event: NewRequest) -> None:
    """Refuse what can't be read. Raises :class:`HTTPNotFound` or :class:`HTTPBadRequest`."""
    request: Request = event.request
    try:
        path = request.path_info
    except UnicodeDecodeError:
        raise HTTPNotFound from None
    if NUL in path:
        raise HTTPNotFound
    try:
        readable = not any(NUL in text for text in _texts(request))
        # A file in the place of the token that a form has to come with.
        readable = readable and isinstance(request.POST.get(CSRF_FIELD, ""), str)
    except FAULTS:
        readable = False
    if not readable:
        raise HTTPBadRequest(UNREADABLE)


def _texts(request: Request) -> Iterator[str]:
    """All that an address and a form say. Raises one of the :data:`FAULTS`."""
    for said in (request.GET, request.POST):
        for pair in said.items():
            yield from (each for each in pair if isinstance(each, str))
