"""What the filter editor's scripts ask for while somebody types: the preview, and names that begin so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from pyramid.config import Configurator
from pyramid.httpexceptions import HTTPNotFound, HTTPTooManyRequests
from pyramid.renderers import render_to_response
from pyramid.response import Response

from fmn.directory.snapshot import Directory
from fmn.matching.completion import Thing
from fmn.matching.deadlines import NobodyWaits, NobodyWaitsError
from webapp.directory_or_none import current_directory
from webapp.filters.drafts import Draft
from webapp.filters.editor_page import editor, previewer, typed
from webapp.filters.preview_lock import AGAIN, BUSY, BusyError, preview_turn
from webapp.forms import whole_number
from webapp.owned import my_preference
from webapp.request import Request

#: Characters of a name's beginning; no name is longer.
LONGEST_BEGINNING: Final = 200


def includeme(config: Configurator) -> None:
    """Add the views."""
    config.add_view(preview, route_name="preview", request_method="POST")
    config.add_view(completions, route_name="completions", request_method="GET", renderer="json")


def preview(request: Request) -> Response:
    """A part of the page: what's to be said of a draft, and what it would let through.

    With ``do=why:…``, why it lets that message through.
    """
    try:
        with preview_turn(request) as nobody_waits:
            return _preview(request, nobody_waits)
    except (BusyError, NobodyWaitsError):
        return HTTPTooManyRequests(BUSY, headers={"Retry-After": str(AGAIN)})


def _preview(request: Request, nobody_waits: NobodyWaits) -> Response:
    form = typed(request)
    preference = my_preference(request, request.reading, form.get("context", ""))
    draft, looks = Draft.typed(form), previewer(request, nobody_waits)
    at = editor(request, preference.id, whole_number(form.get("filter_id", "")))
    action, _, what = form.get("do", "").partition(":")
    if action == "why":
        asked = at.check(draft).expression
        tried = looks.tried(asked, what) if looks and asked else None
        return render_to_response("verdict.mako", {"tried": tried}, request=request)
    look = at.look(draft, looks, form.get("message", "").strip())
    return render_to_response("preview.mako", {"draft": draft, "look": look}, request=request)


def completions(request: Request) -> Mapping[str, Sequence[str]]:
    """Names of a kind that begin with ``q``."""
    what = request.matchdict["what"]
    if what not in list(Thing):
        raise HTTPNotFound
    beginning = request.GET.get("q", "")[:LONGEST_BEGINNING]
    # Without a directory, what the bus brought is offered all the same.
    directory = current_directory(request.services) or Directory()
    names = request.services.completer.complete(
        request.reading, directory, Thing(what), beginning, request.now)
    return {"names": names}
