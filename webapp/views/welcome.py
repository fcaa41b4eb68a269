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
from fmn.channels import channel_type, mask_address
from fmn.errors import UserError
from fmn.filters.presets import Preset, presets
from fmn.ledger.day_range import DAYS, DayRange
from fmn.ledger.onboarding import complete_onboarding, presets_in_use, skip_onboarding
from fmn.matching.match_context import MatchContext
from fmn.matching.preset_previews import maintains_packages, preview_presets
from fmn.people.accounts import EMAIL_CONTEXT
from fmn.people.local_time import zone_or_utc
from fmn.people.models import Preference, User
from webapp.directory_or_none import directory_or_none
from webapp.flash_messages import flash
from webapp.forms import Form, read_form
from webapp.humanize import messages_per_day, natural_time
from webapp.owned import current_user, owned_preference
from webapp.request import Request

Page = Mapping[str, object]

#: What the button says that doesn't choose anything.
SKIP: Final = "skip"
#: What the names of the fields for addresses begin with.
ADDRESS: Final = "address"


class WelcomeForm(Form):
    """Onboarding form: chosen presets by key, and a channel."""

    presets: tuple[str, ...] = ()
    context: str = ""


@dataclass(frozen=True)
class WelcomeState:
    """State of the onboarding form: choices, an address per context, and problems."""

    choice: WelcomeForm
    addresses: Mapping[str, str]
    problems: Mapping[str, str] = field(default_factory=dict)


def includeme(config: Configurator) -> None:
    """Add the views."""
    config.add_view(ask, route_name="welcome", request_method="GET", renderer="welcome.mako")
    config.add_view(begin, route_name="welcome", request_method="POST", renderer="welcome.mako")


def ask(request: Request) -> Page:
    """Onboarding page."""
    user = current_user(request, request.read_session)
    first = WelcomeForm(context=request.contexts[0])
    return _page(request, user, WelcomeState(first, _known_addresses(request, user)))


def begin(request: Request) -> Page | Response:
    """Save the choices, or skip onboarding."""
    if SKIP in request.POST:
        skip_onboarding(current_user(request, request.db), request.now)
        return HTTPSeeOther(request.route_path("home"))
    read = read_form(WelcomeForm, request.POST)
    choice = read.model_copy(update={"context": read.context or request.contexts[0]})
    typed = {each: request.POST.get(f"{ADDRESS}-{each}", "").strip() for each in request.contexts}
    try:
        asked = _set_up(request, choice, typed.get(choice.context, ""))
    except UserError as error:
        return _rejected(request, WelcomeState(choice, typed, {error.field: str(error)}))
    if asked:
        flash(request, f"Saved. Now confirm {asked} to get notifications.")
    else:
        flash(request, "You’re all set. Notifications start with the next message.")
    return HTTPSeeOther(request.route_path("home"))


def _set_up(request: Request, choice: WelcomeForm, address: str) -> str:
    chosen = [each for each in presets(request.services.rule_types) if each.key in choice.presets]
    preference = owned_preference(request, request.db, choice.context)
    asked = complete_onboarding(
        request.db, preference, [each.spec for each in chosen], address, request.now,
        request.services.settings).asked
    return channel_type(choice.context).mask(asked) if asked else ""


def _rejected(request: Request, shown: WelcomeState) -> Page:
    request.response.status = HTTPUnprocessableEntity.code
    # Not the session that would have written it: in that one some of it may be there.
    return _page(request, current_user(request, request.read_session), shown)


def _page(request: Request, user: User, shown: WelcomeState) -> Page:
    zone = zone_or_utc(user.time_zone)
    there = list(presets(request.services.rule_types))
    preferences = _preferences(request)
    return {
        "shown": shown, "user": user, "days": DAYS, "messages_per_day": messages_per_day,
        "presets": there, "channels": [channel_type(each.context) for each in preferences],
        "taken": _taken(request, preferences, there),
        "when": lambda moment: natural_time(moment, request.now, zone),
        **_offered(request, user, there),
    }


def _preferences(request: Request) -> Sequence[Preference]:
    return request.read_session.scalars(
        select(Preference)
        .where(Preference.user_id == request.me.user_id, Preference.context.in_(request.contexts))
        .order_by(Preference.id)).all()


def _taken(request: Request, preferences: Sequence[Preference], there: Sequence[Preset]) -> frozenset[str]:
    """Keys of the presets that every context has already."""
    found = presets_in_use(request.read_session, [each.id for each in preferences], there).values()
    return frozenset.intersection(*found) if found else frozenset()


def _offered(request: Request, user: User, there: Sequence[Preset]) -> Page:
    """Preview of each preset by its key; empty while the directory is unavailable."""
    directory = directory_or_none(request.services)
    if directory is None:
        return {"offers": {}, "maintains": True}
    match_context = MatchContext(request.services.rule_types, catalog(), directory)
    window = DayRange(request.now, zone=zone_or_utc(user.time_zone))
    found = preview_presets(request.read_session, there, user.nick, match_context, window)
    return {
        "offers": {each.preset.key: each for each in found},
        "maintains": maintains_packages(directory, user.nick)}


def _known_addresses(request: Request, user: User) -> Mapping[str, str]:
    """Address to suggest for each context: added before, or from the sign-in.

    Addresses with secrets in them aren't repeated; an empty field keeps the one added before.
    """
    found = {EMAIL_CONTEXT: user.email or ""}
    for preference in user.preferences:
        if preference.context in request.contexts and preference.detail_values:
            first = preference.detail_values[0].value
            found[preference.context] = first if first == mask_address(preference.context, first) else ""
    return found
