"""Tiles of everything that can notify somebody, and a form for each chat and push service."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from pyramid.config import Configurator
from pyramid.httpexceptions import HTTPNotFound, HTTPSeeOther, HTTPUnprocessableEntity
from pyramid.response import Response

from fmn.channels import channel_type
from fmn.delivery.apprise.about import ABOUT as APPRISE
from fmn.delivery.apprise.chat_services import offered_services
from fmn.delivery.apprise.service_forms import MAX_LENGTH, ChatService
from fmn.errors import UserError
from fmn.people.addresses import add_address, validate_address
from fmn.people.preferences import set_enabled
from webapp.context_names import context_heading
from webapp.owned import owned_preference
from webapp.request import Request
from webapp.views.addresses import send_confirmation

Page = Mapping[str, object]

#: The last tile: an address as Apprise's documentation has it.
URL: Final = "url"


@dataclass(frozen=True)
class Tile:
    """A tile: where it leads to, its title, a line about it, and its icon, ``""`` for its first letter."""

    where: str
    title: str
    line: str
    icon: str


def includeme(config: Configurator) -> None:
    """Add the views."""
    config.add_view(show_tiles, route_name="services", request_method="GET", renderer="services.mako")
    config.add_view(show_form, route_name="service", request_method="GET", renderer="service.mako")
    config.add_view(add, route_name="service", request_method="POST", renderer="service.mako")


def show_tiles(request: Request) -> Page:
    """Page of tiles: channels of their own, then chat and push services."""
    chats = [
        Tile(request.route_path("service", service=each.key), each.title, each.line, each.icon)
        for each in offered_services(request.services.settings)]
    return {"channels": list(_channels(request)), "chats": chats}


def show_form(request: Request) -> Page:
    """Form of a service."""
    service = _service(request)
    owned_preference(request, request.read_session, APPRISE.name)
    return _page(service, {field.name: field.value for field in service.fields}, {})


def add(request: Request) -> Page | Response:
    """Add an address, request its confirmation and switch the channel on, or refuse all of that."""
    service = _service(request)
    typed = {field.name: request.POST.get(field.name, "").strip() for field in service.fields}
    preference = owned_preference(request, request.db, APPRISE.name)
    problems = service.problems(typed)
    if not problems:
        try:
            value = validate_address(APPRISE.name, service.address(typed), request.services.settings)
            send_confirmation(request, add_address(request.db, preference, value, request.now))
            set_enabled(request.db, preference, on=True)
            return HTTPSeeOther(request.route_path("preference", context=APPRISE.name))
        except UserError as error:
            problems = {service.fields[0].name: str(error)}
    request.response.status = HTTPUnprocessableEntity.code
    return _page(service, typed, problems)


def _page(service: ChatService, typed: Mapping[str, str], problems: Mapping[str, str]) -> Page:
    return {"service": service, "typed": typed, "problems": problems, "longest": MAX_LENGTH}


def _service(request: Request) -> ChatService:
    """The service in the URL. Raises :class:`HTTPNotFound` if it isn't offered."""
    offered = offered_services(request.services.settings)
    found = next((each for each in offered if each.key == request.matchdict["service"]), None)
    if found is None:
        raise HTTPNotFound
    return found


def _channels(request: Request) -> Sequence[Tile]:
    """Tiles of channels that aren't a service's."""
    return [
        Tile(request.route_path("preference", context=each), context_heading(each), "",
             channel_type(each).icon)
        for each in request.contexts if each != APPRISE.name]
