"""Address actions: add, confirm, test and remove."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from pyramid.config import Configurator
from pyramid.httpexceptions import HTTPNotFound, HTTPUnprocessableEntity
from pyramid.response import Response

from fmn.channels import mask_address, repair_hint
from fmn.errors import UserError
from fmn.ledger.system_deliveries import send_test_message, start_confirmation
from fmn.people.addresses import FIELD, add_address, remove_address, remove_ended, validate_address
from fmn.people.models import DetailValue
from fmn.people.preferences import set_enabled
from fmn.people.reply_codes import confirm_by_typed_code
from fmn.translations import gettext
from webapp.flash_messages import flash
from webapp.owned import owned_address, owned_preference
from webapp.preferences.address_confirmation import code_refusal, confirmation_requested_message
from webapp.preferences.preference_forms import FormState
from webapp.request import Request
from webapp.views.preferences import Page, ReturnedForm, back, page


def includeme(config: Configurator) -> None:
    """Add the views."""
    config.add_view(add_one, route_name="addresses", request_method="POST", renderer="preference.mako")
    config.add_view(act, route_name="address", request_method="POST")


def add_one(request: Request) -> Page | Response:
    """Add an address and request its confirmation; if that is refused, neither happens.

    The form of a channel that people enable rather than give an address of switches it ``on`` as well.
    """
    preference = owned_preference(request, request.db)
    text = request.POST.get(FIELD, "")
    try:
        value = validate_address(preference.context, text, request.services.settings)
        if repair_hint(preference.context):
            remove_ended(request.db, preference, value)
        added = add_address(request.db, preference, value, request.now)
        send_confirmation(request, added)
        if request.POST.get("on") == "true":
            set_enabled(request.db, preference, on=True)
    except UserError as error:
        request.response.status = HTTPUnprocessableEntity.code
        # Not the session that would have written it: in that one it's still there.
        saved = owned_preference(request, request.read_session)
        shown = FormState({FIELD: text}, {FIELD: str(error)})
        return page(request, request.read_session, saved, ReturnedForm(FIELD, shown))
    return back(request, preference)


def act(request: Request) -> Response:
    """Run the action of an address's button."""
    action = ACTIONS.get(request.matchdict["action"])
    if action is None:
        raise HTTPNotFound
    address = owned_address(request, request.db)
    preference = address.preference
    try:
        action(request, address)
    except UserError as error:
        flash(request, str(error), error=True)
    return back(request, preference)


def send_confirmation(request: Request, address: DetailValue) -> None:
    """Request an address's confirmation, and say what to do about it."""
    start_confirmation(request.db, address, request.now, request.services.settings.confirmation)
    flash(request, confirmation_requested_message(address))


def _confirm(request: Request, address: DetailValue) -> None:
    typed = request.POST.get("code", "")
    asked = confirm_by_typed_code(request.db, address, typed, request.links.is_code, request.now)
    if sentence := code_refusal(asked):
        flash(request, sentence, error=True)
    else:
        flash(request, gettext("Confirmed {address}. We now send your notifications there.").format(
            address=asked.value))


def _test(request: Request, address: DetailValue) -> None:
    send_test_message(request.db, address, request.now, request.services.settings.confirmation)
    flash(request, gettext("Sent a test notification to {address}.").format(address=_name(address)))


def _remove(request: Request, address: DetailValue) -> None:
    remove_address(request.db, address)
    flash(request, gettext("Removed {address}. We send nothing more there.").format(
        address=_name(address)))


def _name(address: DetailValue) -> str:
    return mask_address(address.preference.context, address.value)


ACTIONS: Final[Mapping[str, Callable[[Request, DetailValue], None]]] = {
    "resend": send_confirmation, "code": _confirm, "test": _test, "remove": _remove}
