"""Saved searches of the inbox: save and delete."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field
from pyramid.config import Configurator
from pyramid.httpexceptions import HTTPBadRequest, HTTPNotFound, HTTPSeeOther
from pyramid.response import Response

from fmn.errors import UserError
from fmn.ledger.saved_searches import delete_search, save_search
from fmn.translations import gettext
from webapp.flash_messages import flash, inbox_undo_path
from webapp.forms import Form, FormError, read_form
from webapp.inbox.search_form import resolve_search
from webapp.inbox.search_query import MAX_LENGTH, parse_query
from webapp.owned import current_user, id_from_path
from webapp.request import Request


class SaveForm(Form):
    """A search and its name."""

    name: str = ""
    q: Annotated[str, Field(max_length=MAX_LENGTH)] = ""


def includeme(config: Configurator) -> None:
    """Add the views."""
    config.add_view(save, route_name="inbox_searches", request_method="POST")
    config.add_view(delete, route_name="inbox_search", request_method="POST")


def save(request: Request) -> Response:
    """Save a search under a name."""
    try:
        form = read_form(SaveForm, request.POST)
    except FormError:
        raise HTTPBadRequest(gettext("The search is too long. Shorten it and try again.")) from None
    try:
        resolve_search(request, current_user(request, request.read_session), form.q)
        query = str(parse_query(form.q))
        saved = save_search(request.db, request.me.user_id, form.name, query, request.now)
    except UserError as error:
        flash(request, str(error), error=True)
        return HTTPSeeOther(request.route_path("inbox", _query={"q": form.q} if form.q else None))
    flash(request, gettext("Saved the search “{name}”.").format(name=saved.name))
    return HTTPSeeOther(request.route_path("inbox", _query={"q": saved.query}))


def delete(request: Request) -> Response:
    """Delete a saved search."""
    deleted = delete_search(
        request.db, request.me.user_id, id_from_path(request, "search_id"), request.now)
    if deleted is None:
        raise HTTPNotFound
    name, undo = deleted
    sentence = gettext("Deleted the saved search “{name}”.").format(name=name)
    flash(request, sentence, undo=inbox_undo_path(request, undo))
    return HTTPSeeOther(request.route_path("inbox"))
