"""Somebody's addresses: adding one, having it confirmed, trying it, removing it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from pyramid.config import Configurator
from pyramid.httpexceptions import HTTPNotFound, HTTPUnprocessableEntity
from pyramid.response import Response

from fmn.channels import shown
from fmn.ledger.system_deliveries import ask_to_confirm, send_test
from fmn.people.addresses import FIELD, add, checked, remove
from fmn.people.models import DetailValue
from fmn.people.refusals import RefusedError
from fmn.people.reply_codes import confirm_by_code
from webapp.flash_messages import say
from webapp.owned import my_address, my_preference
from webapp.preferences.address_confirmation import asked_in_words, refusal
from webapp.preferences.preference_forms import Shown
from webapp.request import Request
from webapp.views.preferences import Page, Refilled, back, page


def includeme(config: Configurator) -> None:
    """Add the views."""
    config.add_view(add_one, route_name="addresses", request_method="POST", renderer="preference.mako")
    config.add_view(act, route_name="address", request_method="POST")


def add_one(request: Request) -> Page | Response:
    """Add an address and ask its owner to confirm it; if that can't be, neither is done."""
    preference = my_preference(request, request.db)
    text = request.POST.get(FIELD, "")
    try:
        value = checked(preference.context, text, request.services.settings)
        added = add(request.db, preference, value, request.now)
        _ask(request, added)
    except RefusedError as error:
        request.response.status = HTTPUnprocessableEntity.code
        # Not the session that would have written it: in that one it's still there.
        saved = my_preference(request, request.reading)
        shown = Shown({FIELD: text}, {FIELD: str(error)})
        return page(request, request.reading, saved, Refilled(FIELD, shown))
    return back(request, preference)


def act(request: Request) -> Response:
    """Do one of the things that the buttons beside an address say."""
    action = ACTIONS.get(request.matchdict["action"])
    if action is None:
        raise HTTPNotFound
    address = my_address(request, request.db)
    preference = address.preference
    try:
        action(request, address)
    except RefusedError as error:
        say(request, str(error), trouble=True)
    return back(request, preference)


def _ask(request: Request, address: DetailValue) -> None:
    ask_to_confirm(request.db, address, request.now, request.services.settings.confirmation)
    say(request, asked_in_words(address))


def _confirm(request: Request, address: DetailValue) -> None:
    typed = request.POST.get("code", "")
    asked = confirm_by_code(request.db, address, typed, request.links.is_code, request.now)
    if sentence := refusal(asked):
        say(request, sentence, trouble=True)
    else:
        say(request, f"{asked.value} is confirmed. What your filters let through is sent there from now on.")


def _test(request: Request, address: DetailValue) -> None:
    send_test(request.db, address, request.now, request.services.settings.confirmation)
    say(request, f"A test is on its way to {_name(address)}.")


def _remove(request: Request, address: DetailValue) -> None:
    remove(request.db, address)
    say(request, f"{_name(address)} is removed. Nothing more is sent there.")


def _name(address: DetailValue) -> str:
    return shown(address.preference.context, address.value)


ACTIONS: Final[Mapping[str, Callable[[Request, DetailValue], None]]] = {
    "resend": _ask, "code": _confirm, "test": _test, "remove": _remove}
