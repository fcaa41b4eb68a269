"""The page of one context: whether, how often and how somebody is written to, and where.

Each form saves by itself. What was changed elsewhere since the page was loaded isn't overwritten: the form
comes back with what was typed, beside what is there now.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final, NamedTuple, TypeVar

from pyramid.config import Configurator
from pyramid.httpexceptions import HTTPConflict, HTTPSeeOther, HTTPUnprocessableEntity
from pyramid.response import Response
from sqlalchemy.orm import Session

from fmn.channels import channel_type
from fmn.ledger.system_deliveries import confirmation_letters
from fmn.people.accounts import EMAIL
from fmn.people.addresses import FIELD, Standing, listed
from fmn.people.local_time import zone_called
from fmn.people.models import Preference
from fmn.people.preferences import set_frequency, set_presentation, set_quiet_hours, switch
from fmn.people.refusals import RefusedError
from fmn.people.schedule_text import how_often, quiet_hours
from fmn.people.versions import EditConflictError
from webapp.context_names import spoken, titled
from webapp.filters.filter_list import filter_list
from webapp.flash_messages import say
from webapp.forms import Form, FormError, read_form
from webapp.humanize import when
from webapp.owned import my_preference
from webapp.preferences.address_confirmation import what_to_say
from webapp.preferences.address_list import address_lines
from webapp.preferences.preference_forms import (
    UNITS,
    FrequencyForm,
    PresentationForm,
    QuietForm,
    Shown,
    frequency_of,
    presentation_of,
    quiet_of,
    typed,
)
from webapp.preferences.signing_secrets import secret_of
from webapp.redirects import inside
from webapp.request import Request

Page = Mapping[str, object]
AForm = TypeVar("AForm", bound=Form)

#: The forms of the page, and what each shows of a preference.
FORMS: Final[Mapping[str, Callable[[Preference], Mapping[str, object]]]] = {
    "frequency": frequency_of, "quiet": quiet_of, "presentation": presentation_of}
#: Days by their number, as boxes are labelled.
DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


class Refilled(NamedTuple):
    """A form that comes back: which, and what it shows."""

    name: str
    shown: Shown


def includeme(config: Configurator) -> None:
    """Add the views."""
    config.add_view(see, route_name="preference", request_method="GET", renderer="preference.mako")
    config.add_view(turn, route_name="preference_switch", request_method="POST")
    for view, route in (
        (save_frequency, "preference_frequency"), (save_quiet_hours, "preference_quiet"),
        (save_presentation, "preference_presentation"),
    ):
        config.add_view(view, route_name=route, request_method="POST", renderer="preference.mako")


def see(request: Request) -> Page:
    """All that can be set in a context."""
    return page(request, request.reading, my_preference(request, request.reading))


def turn(request: Request) -> Response:
    """Switch it on or off; twice is once."""
    preference = my_preference(request, request.db)
    on = request.POST.get("on") == "true"
    switch(request.db, preference, on=on)
    by = spoken(preference.context)
    say(request, f"You’ll hear by {by} again, from the next message on." if on
        else f"Nothing more is sent by {by}, from the next message on.")
    return back(request, preference)


def save_frequency(request: Request) -> Page | Response:
    """Save how often."""
    return _save(request, "frequency", FrequencyForm, lambda preference, form: set_frequency(
        request.db, preference, form.frequency, form.version))


def save_quiet_hours(request: Request) -> Page | Response:
    """Save when nothing is sent."""
    return _save(request, "quiet", QuietForm, lambda preference, form: set_quiet_hours(
        request.db, preference, form.quiet_hours, form.version))


def save_presentation(request: Request) -> Page | Response:
    """Save what it looks like."""
    return _save(request, "presentation", PresentationForm, lambda preference, form: set_presentation(
        request.db, preference, form.presentation, form.version))


def _save(
    request: Request, name: str, form: type[AForm], write: Callable[[Preference, AForm], None],
) -> Page | Response:
    preference = my_preference(request, request.db)
    try:
        write(preference, read_form(form, request.POST))
    except FormError as error:
        return _again(request, preference, name, Shown(typed(form, request.POST), error.problems))
    except RefusedError as error:
        return _again(
            request, preference, name, Shown(typed(form, request.POST), {error.field: str(error)}))
    except EditConflictError:
        values = {**typed(form, request.POST), "version": preference.version}
        return _again(request, preference, name, Shown(values, conflict=True))
    say(request, f"Saved: {_in_words(preference)[name]}.")
    return back(request, preference)


def _again(request: Request, preference: Preference, name: str, shown: Shown) -> Page:
    request.response.status = (HTTPConflict if shown.conflict else HTTPUnprocessableEntity).code
    return page(request, request.db, preference, Refilled(name, shown))


def back(request: Request, preference: Preference) -> Response:
    """To the page where it was asked for, after something was done: this one, or the one that says so."""
    here = request.route_path("preference", context=preference.context)
    return HTTPSeeOther(inside(request.POST.get("to", "")) or here)


def page(
    request: Request, session: Session, preference: Preference, refilled: Refilled | None = None,
) -> Page:
    """The page's values, with a form as somebody filled it in, if it has to come back."""
    shown = {name: Shown({**values(preference), "version": preference.version})
             for name, values in FORMS.items()}
    shown[FIELD] = Shown({FIELD: ""})
    if refilled is not None:
        shown[refilled.name] = refilled.shown
    addresses = listed(session, [preference.id], request.now).get(preference.id, [])
    asked = [each.confirmation.id for each in addresses if each.confirmation is not None]
    zone, about = zone_called(preference.user.time_zone), channel_type(preference.context)

    def told(moment: datetime) -> str:
        return when(moment, request.now, zone)

    return {
        "it": preference, "by": spoken(preference.context), "heading": titled(preference.context),
        "about": about,
        "address_lines": address_lines(
            about, addresses, confirmation_letters(session, asked), told,
            lambda confirmation: what_to_say(request, preference.context, confirmation)),
        "secrets": {each.id: secret_of(request, preference, each.value) for each in addresses},
        "reachable": any(each.standing is Standing.CONFIRMED for each in addresses),
        "forms": shown, "words": _in_words(preference), "units": UNITS, "days": DAYS,
        "suggested": _suggested(preference, [each.value for each in addresses]),
        "own_filters": filter_list(request, session, preference),
    }


def _suggested(preference: Preference, known: list[str]) -> str:
    """An address that the sign-in said is theirs, and that they haven't added."""
    email = preference.user.email if preference.context == EMAIL else None
    return email if email and email.lower() not in map(str.lower, known) else ""


def _in_words(preference: Preference) -> Mapping[str, str]:
    """What is set, as the ends of sentences."""
    text = "the whole text" if preference.long_text else "a sentence"
    about = channel_type(preference.context)
    extras = [
        *(["what triggered it"] if preference.trigger_links else []),
        *(["short links"] if preference.short_links else []),
        *([about.markup if preference.markup else "plain text"] if about.markup else []),
        *(["digests of mails"] if preference.mime_digest and about.mime_digests else []),
    ]
    return {
        "frequency": how_often(preference), "quiet": quiet_hours(preference) or "no quiet hours",
        "presentation": ", ".join([text, *extras]),
    }
