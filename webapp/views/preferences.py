"""Channel page: switch, schedule, quiet hours, format and addresses.

Each form saves separately. Changes made elsewhere since the page was loaded aren't overwritten: the form
returns with the input beside the saved value.
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
from fmn.errors import ConflictError, UserError
from fmn.ledger.system_deliveries import confirmation_deliveries
from fmn.people.accounts import EMAIL_CONTEXT
from fmn.people.addresses import FIELD, AddressStatus, list_addresses
from fmn.people.local_time import zone_or_utc
from fmn.people.models import Preference
from fmn.people.preferences import (
    Frequency,
    QuietHours,
    set_enabled,
    set_frequency,
    set_presentation,
    set_quiet_hours,
)
from fmn.people.schedule_text import frequency_text, quiet_hours_text
from fmn.translations import gettext, mark
from webapp.context_names import context_heading, context_name
from webapp.filters.filter_list import filter_list
from webapp.flash_messages import flash
from webapp.forms import Form, read_form
from webapp.humanize import natural_time
from webapp.owned import owned_preference
from webapp.preferences.address_confirmation import confirmation_phrase
from webapp.preferences.address_list import address_list_items
from webapp.preferences.preference_forms import (
    DURATION_UNITS,
    FormState,
    FrequencyForm,
    PresentationForm,
    QuietHoursForm,
    frequency_values,
    presentation_values,
    quiet_hours_values,
    submitted_values,
)
from webapp.preferences.signing_secrets import signing_secret
from webapp.redirects import safe_redirect
from webapp.request import Request

Page = Mapping[str, object]
AForm = TypeVar("AForm", bound=Form)

#: The forms of the page, and what each shows of a preference.
FORMS: Final[Mapping[str, Callable[[Preference], Mapping[str, object]]]] = {
    "frequency": frequency_values, "quiet": quiet_hours_values, "presentation": presentation_values}
#: Days by their number, as boxes are labelled.
DAYS: Final = (
    mark("Mon"), mark("Tue"), mark("Wed"), mark("Thu"), mark("Fri"), mark("Sat"), mark("Sun"))


class ReturnedForm(NamedTuple):
    """A form to show again: its name and state."""

    name: str
    shown: FormState


def includeme(config: Configurator) -> None:
    """Add the views."""
    config.add_view(see, route_name="preference", request_method="GET", renderer="preference.mako")
    config.add_view(switch_context, route_name="preference_switch", request_method="POST")
    for view, route in (
        (save_frequency, "preference_frequency"), (save_quiet_hours, "preference_quiet"),
        (save_presentation, "preference_presentation"),
    ):
        config.add_view(view, route_name=route, request_method="POST", renderer="preference.mako")


def see(request: Request) -> Page:
    """Channel page."""
    return page(request, request.read_session, owned_preference(request, request.read_session))


def switch_context(request: Request) -> Response:
    """Switch a channel on or off. Idempotent."""
    preference = owned_preference(request, request.db)
    on = request.POST.get("on") == "true"
    set_enabled(request.db, preference, on=on)
    heading = context_heading(preference.context)
    sentence = gettext("{channel} is on. It starts with the next message.") if on else gettext(
        "{channel} is off. We send nothing more, starting with the next message.")
    flash(request, sentence.format(channel=heading))
    return back(request, preference)


def save_frequency(request: Request) -> Page | Response:
    """Save the schedule."""
    return _save(request, "frequency", FrequencyForm, lambda preference, form: set_frequency(
        request.db, preference, form.frequency, form.version))


def save_quiet_hours(request: Request) -> Page | Response:
    """Save quiet hours."""
    return _save(request, "quiet", QuietHoursForm, lambda preference, form: set_quiet_hours(
        request.db, preference, form.quiet_hours, form.version))


def save_presentation(request: Request) -> Page | Response:
    """Save the format."""
    return _save(request, "presentation", PresentationForm, lambda preference, form: set_presentation(
        request.db, preference, form.presentation, form.version))


def _save(
    request: Request, name: str, form: type[AForm], write: Callable[[Preference, AForm], None],
) -> Page | Response:
    preference = owned_preference(request, request.db)
    try:
        write(preference, read_form(form, request.POST))
    except UserError as error:
        return _rejected(
            request, preference, name, FormState(submitted_values(form, request.POST), error.by_field))
    except ConflictError:
        values = {**submitted_values(form, request.POST), "version": preference.version}
        return _rejected(request, preference, name, FormState(values, conflict=True))
    flash(request, gettext("Saved: {setting}.").format(setting=_descriptions(preference)[name]))
    return back(request, preference)


def _rejected(request: Request, preference: Preference, name: str, shown: FormState) -> Page:
    request.response.status = (HTTPConflict if shown.conflict else HTTPUnprocessableEntity).code
    return page(request, request.db, preference, ReturnedForm(name, shown))


def back(request: Request, preference: Preference) -> Response:
    """Redirect after an action to the page that sent it, by default the channel page."""
    here = request.route_path("preference", context=preference.context)
    return HTTPSeeOther(safe_redirect(request.POST.get("to", "")) or here)


def page(
    request: Request, session: Session, preference: Preference, returned: ReturnedForm | None = None,
) -> Page:
    """Template values of the channel page, with a rejected form if there is one."""
    shown = {name: FormState({**values(preference), "version": preference.version})
             for name, values in FORMS.items()}
    shown[FIELD] = FormState({FIELD: ""})
    if returned is not None:
        shown[returned.name] = returned.shown
    addresses = list_addresses(session, [preference.id], request.now).get(preference.id, [])
    asked = [each.confirmation.id for each in addresses if each.confirmation is not None]
    zone, about = zone_or_utc(preference.user.time_zone), channel_type(preference.context)

    def format_time(moment: datetime) -> str:
        return natural_time(moment, request.now, zone)

    return {
        "it": preference, "by": context_name(preference.context),
        "heading": context_heading(preference.context),
        "about": about,
        "address_list_items": address_list_items(
            about, addresses, confirmation_deliveries(session, asked), format_time,
            lambda confirmation: confirmation_phrase(request, preference.context, confirmation)),
        "secrets": {each.id: signing_secret(request, preference, each.value) for each in addresses},
        "reachable": any(each.status is AddressStatus.CONFIRMED for each in addresses),
        "forms": shown, "words": _descriptions(preference), "units": DURATION_UNITS,
        "days": [gettext(day) for day in DAYS],
        "suggested": _suggested(preference, [each.value for each in addresses]),
        "own_filters": filter_list(request, session, preference),
    }


def _suggested(preference: Preference, known: list[str]) -> str:
    """E-mail address from the sign-in, unless it's already added."""
    email = preference.user.email if preference.context == EMAIL_CONTEXT else None
    return email if email and email.lower() not in map(str.lower, known) else ""


def _descriptions(preference: Preference) -> Mapping[str, str]:
    """Current settings as ends of sentences."""
    text = gettext("full text") if preference.long_text else gettext("summary")
    about = channel_type(preference.context)
    extras = [
        *([gettext("reason and links")] if preference.trigger_links else []),
        *([gettext("short links")] if preference.short_links else []),
        *([about.markup if preference.markup else gettext("plain text")] if about.markup else []),
        *([gettext("MIME digests")] if preference.mime_digest and about.mime_digests else []),
    ]
    return {
        "frequency": frequency_text(Frequency.of(preference)),
        "quiet": quiet_hours_text(QuietHours.of(preference)) or gettext("no quiet hours"),
        "presentation": ", ".join([text, *extras]),
    }
