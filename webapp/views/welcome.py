"""The first visit, on one page: which filters to begin with, and where to. Coming again is harmless."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from pyramid.config import Configurator
from pyramid.httpexceptions import HTTPSeeOther, HTTPUnprocessableEntity
from pyramid.response import Response
from sqlalchemy import select

from fmn.catalog import catalog
from fmn.channels import channel_type, shown
from fmn.filters.locking import EditError
from fmn.filters.presets import Preset, presets
from fmn.ledger.day_range import DAYS, Window
from fmn.ledger.onboarding import chosen_already, set_up, skip
from fmn.matching.match_context import Knowledge
from fmn.matching.preset_previews import maintains_something, offers
from fmn.people.accounts import EMAIL
from fmn.people.local_time import zone_called
from fmn.people.models import Preference, User
from fmn.people.refusals import RefusedError
from webapp.directory_or_none import current_directory
from webapp.flash_messages import say
from webapp.forms import Form, read_form
from webapp.humanize import per_day, when
from webapp.owned import my_preference, my_user
from webapp.request import Request

Page = Mapping[str, object]

#: What the button says that doesn't choose anything.
SKIP: Final = "skip"
#: What the names of the fields for addresses begin with.
ADDRESS: Final = "address"


class Choice(Form):
    """What somebody chose: presets by their keys, and where they want to hear."""

    presets: tuple[str, ...] = ()
    context: str = ""


@dataclass(frozen=True)
class Shown:
    """The form as it's shown: what is chosen, an address for each context, and what is wrong with it."""

    choice: Choice
    addresses: Mapping[str, str]
    problems: Mapping[str, str] = field(default_factory=dict)


def includeme(config: Configurator) -> None:
    """Add the views."""
    config.add_view(ask, route_name="welcome", request_method="GET", renderer="welcome.mako")
    config.add_view(begin, route_name="welcome", request_method="POST", renderer="welcome.mako")


def ask(request: Request) -> Page:
    """What there is to choose from."""
    user = my_user(request, request.reading)
    first = Choice(context=request.contexts[0])
    return _page(request, user, Shown(first, _known_addresses(request, user)))


def begin(request: Request) -> Page | Response:
    """Begin with what was chosen, or without choosing anything."""
    if SKIP in request.POST:
        skip(my_user(request, request.db), request.now)
        return HTTPSeeOther(request.route_path("home"))
    read = read_form(Choice, request.POST)
    choice = read.model_copy(update={"context": read.context or request.contexts[0]})
    typed = {each: request.POST.get(f"{ADDRESS}-{each}", "").strip() for each in request.contexts}
    try:
        asked = _set_up(request, choice, typed.get(choice.context, ""))
    except (RefusedError, EditError) as error:
        return _again(request, Shown(choice, typed, {error.field: str(error)}))
    if asked:
        say(request, f"Saved. One thing is left: confirm {asked}.")
    else:
        say(request, "You’re set up. What your filters let through is sent from the next message on.")
    return HTTPSeeOther(request.route_path("home"))


def _set_up(request: Request, choice: Choice, address: str) -> str:
    chosen = [each for each in presets(request.services.rule_types) if each.key in choice.presets]
    preference = my_preference(request, request.db, choice.context)
    asked = set_up(request.db, preference, chosen, address, request.now, request.services.settings)
    return channel_type(choice.context).shown(asked) if asked else ""


def _again(request: Request, shown: Shown) -> Page:
    request.response.status = HTTPUnprocessableEntity.code
    # Not the session that would have written it: in that one some of it may be there.
    return _page(request, my_user(request, request.reading), shown)


def _page(request: Request, user: User, shown: Shown) -> Page:
    zone = zone_called(user.time_zone)
    there = list(presets(request.services.rule_types))
    preferences = _preferences(request)
    return {
        "shown": shown, "user": user, "days": DAYS, "per_day": per_day,
        "presets": there, "channels": [channel_type(each.context) for each in preferences],
        "taken": _taken(request, preferences, there),
        "when": lambda moment: when(moment, request.now, zone),
        **_offered(request, user, there),
    }


def _preferences(request: Request) -> Sequence[Preference]:
    return request.reading.scalars(
        select(Preference)
        .where(Preference.user_id == request.me.user_id, Preference.context.in_(request.contexts))
        .order_by(Preference.id)).all()


def _taken(request: Request, preferences: Sequence[Preference], there: Sequence[Preset]) -> frozenset[str]:
    """The keys of the presets that are chosen in every context already."""
    found = chosen_already(request.reading, [each.id for each in preferences], there).values()
    return frozenset.intersection(*found) if found else frozenset()


def _offered(request: Request, user: User, there: Sequence[Preset]) -> Page:
    """What each preset would bring, by its key; nothing while nobody knows who owns what."""
    directory = current_directory(request.services)
    if directory is None:
        return {"offers": {}, "maintains": True}
    knowledge = Knowledge(request.services.rule_types, catalog(), directory)
    window = Window(request.now, zone=zone_called(user.time_zone))
    found = offers(request.reading, there, user.nick, knowledge, window)
    return {
        "offers": {each.preset.key: each for each in found},
        "maintains": maintains_something(directory, user.nick)}


def _known_addresses(request: Request, user: User) -> Mapping[str, str]:
    """Where somebody is reached in each context: what they added there, or what their sign-in said.

    What has a secret in it isn't repeated. Without an address, what they added counts anyway.
    """
    found = {EMAIL: user.email or ""}
    for preference in user.preferences:
        if preference.context in request.contexts and preference.detail_values:
            first = preference.detail_values[0].value
            found[preference.context] = first if first == shown(preference.context, first) else ""
    return found
