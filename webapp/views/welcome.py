"""The first visit, on one page: what to follow, by which filters, and where to. Coming again is harmless."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from pyramid.config import Configurator
from pyramid.httpexceptions import HTTPSeeOther, HTTPUnprocessableEntity
from pyramid.response import Response

from fmn.channels import channel_type
from fmn.directory.snapshot import Directory
from fmn.errors import UserError
from fmn.filters.presets import presets
from fmn.filters.spec import FilterSpec
from fmn.ledger.onboarding import Onboarded, complete_onboarding, skip_onboarding
from fmn.matching.subject_lookup import SubjectLookup
from fmn.translations import gettext as _
from webapp.directory_or_none import directory_or_none
from webapp.flash_messages import flash
from webapp.forms import read_form
from webapp.owned import current_user, owned_preference
from webapp.request import Request
from webapp.welcome_page import ADDRESS, WelcomeForm, WelcomeState, known_addresses, welcome_page

Page = Mapping[str, object]

#: What the button says that doesn't choose anything.
SKIP: Final = "skip"


def includeme(config: Configurator) -> None:
    """Add the views."""
    config.add_view(ask, route_name="welcome", request_method="GET", renderer="welcome.mako")
    config.add_view(begin, route_name="welcome", request_method="POST", renderer="welcome.mako")


def ask(request: Request) -> Page:
    """Onboarding page. Links may name what to follow."""
    user = current_user(request, request.read_session)
    first = WelcomeForm(context=request.contexts[0], subject=request.GET.get("subject", ""))
    return welcome_page(request, user, WelcomeState(first, known_addresses(request, user)))


def begin(request: Request) -> Page | Response:
    """Save the choices, or skip onboarding."""
    if SKIP in request.POST:
        skip_onboarding(current_user(request, request.db), request.now)
        return HTTPSeeOther(request.route_path("home"))
    read = read_form(WelcomeForm, request.POST)
    choice = read.model_copy(update={"context": read.context or request.contexts[0]})
    typed = {each: request.POST.get(f"{ADDRESS}-{each}", "").strip() for each in request.contexts}
    try:
        done = _set_up(request, choice, typed.get(choice.context, ""))
    except UserError as error:
        return _rejected(request, WelcomeState(choice, typed, {error.field: str(error)}))
    if done.asked:
        asked = channel_type(choice.context).mask(done.asked)
        said = _("Saved. Now confirm {address} to get notifications: open the link we sent.").format(
            address=asked)
    else:
        said = _("You’re all set. Notifications start with the next message.")
    flash(request, said, undo=done.undo_id)
    return HTTPSeeOther(request.route_path("home"))


def _set_up(request: Request, choice: WelcomeForm, address: str) -> Onboarded:
    directory = directory_or_none(request.services) or Directory()
    lookup = SubjectLookup(request.db, request.services.completer, directory, request.now)
    followed: list[FilterSpec] = [
        each.spec(each.levels[0]) for each in lookup.read(choice.subject)]
    chosen = [each.spec for each in presets(request.services.rule_types) if each.key in choice.presets]
    return complete_onboarding(
        request.db, owned_preference(request, request.db, choice.context), [*followed, *chosen], address,
        request.now, request.services.settings, replaces=choice.replace)


def _rejected(request: Request, shown: WelcomeState) -> Page:
    request.response.status = HTTPUnprocessableEntity.code
    # Not the session that would have written it: in that one some of it may be there.
    return welcome_page(request, current_user(request, request.read_session), shown)
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
    """The preferences to begin with: those whose addresses can be typed, if there are any."""
    found = request.read_session.scalars(
        select(Preference)
        .where(Preference.user_id == request.me.user_id, Preference.context.in_(request.contexts))
        .order_by(Preference.id)).all()
    return [each for each in found if channel_type(each.context).input_type != "hidden"] or found


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
