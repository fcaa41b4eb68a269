"""The first visit, on one page: what to follow, by which filters, and where to. Coming again is harmless."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from pyramid.config import Configurator
from pyramid.httpexceptions import HTTPSeeOther, HTTPUnprocessableEntity
from pyramid.response import Response

from fmn.channels import Proof, channel_type
from fmn.delivery.webpush.about import ABOUT as WEB_PUSH
from fmn.directory.snapshot import Directory
from fmn.errors import UserError
from fmn.filters.presets import presets
from fmn.filters.spec import FilterSpec
from fmn.ledger.onboarding import Onboarded, complete_onboarding, skip_onboarding
from fmn.matching.subject_lookup import SubjectLookup
from fmn.translations import gettext as _
from webapp.directory_or_none import directory_or_none
from webapp.flash_messages import filter_undo_path, flash
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
    flash(request, _what_next(choice.context, done.asked), undo=filter_undo_path(request, done.undo_id))
    return HTTPSeeOther(_next_page(request, choice.context, done.asked))


def _what_next(context: str, asked: str) -> str:
    if not asked:
        return _("You’re all set. Notifications start with the next message.")
    address, proof = channel_type(context).mask(asked), channel_type(context).proof
    if proof is Proof.LINK:
        return _("Saved. Now confirm {address} to get notifications: open the link we sent.").format(
            address=address)
    return _("Saved. Now confirm {address} to get notifications.").format(address=address)


def _next_page(request: Request, context: str, asked: str) -> str:
    """Home, which says what to do; for a browser the page whose script confirms it."""
    here = asked and context == WEB_PUSH.name
    path: str = request.route_path("preference", context=context) if here else request.route_path("home")
    return path


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
