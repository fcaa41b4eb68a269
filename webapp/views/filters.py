"""Filter list of a channel and its actions.

Each button posts, and the next page says what it did. Deletions can be undone. Pressing a button twice has
the effect of once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from pyramid.config import Configurator
from pyramid.httpexceptions import HTTPNotFound, HTTPSeeOther, HTTPUnprocessableEntity
from pyramid.response import Response
from sqlalchemy.exc import NoResultFound

from fmn.errors import UserError
from fmn.filters.bulk import remove_all_filters, reset_filters
from fmn.filters.default_filters import default_filters
from fmn.filters.editing import (
    add_filter_once,
    copy_filter,
    move_filter,
    remove_filter,
    set_filter_enabled,
    set_oneshot,
    snooze_filter,
)
from fmn.filters.models import Filter
from fmn.filters.presets import presets
from fmn.filters.spec import FilterSpec
from fmn.filters.undo import UndoResult, find_removed_filter, undo
from fmn.localized import number_text, series
from fmn.people.local_time import zone_or_utc
from fmn.people.models import Preference
from fmn.translations import gettext, ngettext
from webapp.context_names import context_heading, context_name
from webapp.filters.filter_list import RejectedForm, filter_list
from webapp.filters.filter_list_forms import CopyForm, ListForm, MoveForm, SnoozeForm, SwitchForm
from webapp.flash_messages import filter_undo_path, flash
from webapp.forms import read_form
from webapp.humanize import natural_time_without_on
from webapp.owned import id_from_path, owned_filter, owned_preference
from webapp.request import Request

Page = Mapping[str, object]


def includeme(config: Configurator) -> None:
    """Add the views."""
    config.add_view(see, route_name="filters", request_method="GET", renderer="filters.mako")
    config.add_view(change_all, route_name="filters", request_method="POST", renderer="filters.mako")
    config.add_view(act, route_name="filter_action", request_method="POST", renderer="filters.mako")
    config.add_view(undo_removal, route_name="undo", request_method="POST")


def see(request: Request) -> Page:
    """Filter list."""
    preference = owned_preference(request, request.read_session)
    return {"heading": context_heading(
        preference.context), "it": filter_list(request, request.read_session, preference)}


def change_all(request: Request) -> Response:
    """Run an action on the whole list."""
    preference = owned_preference(request, request.db)
    try:
        _CHANGES[read_form(ListForm, request.POST).action](request, preference)
    except UserError as error:
        flash(request, str(error), error=True)
    return back(request, preference.context)


def _add(request: Request, preference: Preference) -> None:
    known = {each.key: each for each in presets(request.services.rule_types)}
    preset = known.get(request.POST.get("preset", ""))
    if preset is None:
        raise UserError(gettext("This ready-made filter no longer exists. Choose another one."))
    name = gettext(preset.name)
    _, new = add_filter_once(request.db, preference, FilterSpec(name=name, expression=preset.expression))
    sentence = gettext("Added “{name}”. It starts with the next message.") if new else gettext(
        "You already have “{name}”.")
    flash(request, sentence.format(name=name))


def _reset(request: Request, preference: Preference) -> None:
    kept = reset_filters(request.db, preference, default_filters(request.services.rule_types))
    if kept is None:
        flash(request, gettext("You already have the default filters."))
    else:
        flash(request, gettext("Replaced your filters with the default filters."),
              undo=filter_undo_path(request, kept))


def _delete_all(request: Request, preference: Preference) -> None:
    kept = remove_all_filters(request.db, preference)
    if kept is None:
        flash(request, gettext("There are no filters left to delete."))
    else:
        sentence = gettext("Deleted all filters. We send nothing more by {channel}.")
        flash(request, sentence.format(channel=context_name(preference.context)),
              undo=filter_undo_path(request, kept))


_CHANGES: Final[Mapping[str, Callable[[Request, Preference], None]]] = {
    "add": _add, "reset": _reset, "delete": _delete_all}


def act(request: Request) -> Page | Response:
    """Run an action on one filter."""
    action = _ACTIONS.get(request.matchdict["action"])
    if action is None:
        raise HTTPNotFound
    try:
        chosen = owned_filter(request, request.db)
        preference = request.db.get_one(Preference, chosen.preference_id)
        action(request, chosen, preference)
    except (HTTPNotFound, NoResultFound):
        return _gone(request)
    except UserError as error:
        return _rejected(request, chosen, preference, str(error))
    return back(request, preference.context)


def _gone(request: Request) -> Response:
    """Response for a filter that was deleted before, maybe by the same button."""
    found = find_removed_filter(request.db, request.me.user_id, id_from_path(request, "filter_id"))
    if found is None:
        raise HTTPNotFound
    flash(request, _deleted(found.name), undo=filter_undo_path(request, found.undo_id))
    return back(request, found.context)


def _rejected(request: Request, chosen: Filter, preference: Preference, sentence: str) -> Page:
    request.response.status = HTTPUnprocessableEntity.code
    refused = RejectedForm(chosen.id, sentence, {
        name: value for name, value in request.POST.items() if isinstance(value, str)})
    return {"heading": context_heading(preference.context),
            "it": filter_list(request, request.db, preference, refused)}


def _switch(request: Request, chosen: Filter, _preference: Preference) -> None:
    on = read_form(SwitchForm, request.POST).on
    set_filter_enabled(request.db, chosen.id, enabled=on)
    sentence = gettext("Switched “{name}” on. It starts with the next message.") if on else gettext(
        "Switched “{name}” off.")
    flash(request, sentence.format(name=chosen.name))


def _once(request: Request, chosen: Filter, _preference: Preference) -> None:
    once = read_form(SwitchForm, request.POST).on
    set_oneshot(request.db, chosen.id, oneshot=once)
    sentence = gettext("“{name}” will switch itself off after one match.") if once else gettext(
        "“{name}” will stay on after a match.")
    flash(request, sentence.format(name=chosen.name))


def _snooze(request: Request, chosen: Filter, preference: Preference) -> None:
    zone = zone_or_utc(preference.user.time_zone)
    moment = read_form(SnoozeForm, request.POST).until(request.now, zone)
    snooze_filter(request.db, chosen.id, moment, request.now)
    flash(request, gettext("Snoozed “{name}” until {when}.").format(
        name=chosen.name, when=natural_time_without_on(moment, request.now, zone)))


def _move(request: Request, chosen: Filter, _preference: Preference) -> None:
    position = move_filter(request.db, chosen.id, read_form(MoveForm, request.POST).position)
    flash(request, gettext("Moved “{name}” to position {position}.").format(
        name=chosen.name, position=position + 1))


def _copy(request: Request, chosen: Filter, _preference: Preference) -> None:
    other = owned_preference(request, request.db, read_form(CopyForm, request.POST).context)
    _, new = copy_filter(request.db, chosen.id, other.context)
    sentences = [gettext("Copied “{name}” to {channel}.") if new else gettext(
        "“{name}” is already among your filters by {channel}.")]
    if not other.enabled:
        sentences.append(gettext("Notifications by {channel} are switched off."))
    flash(request, " ".join(sentences).format(name=chosen.name, channel=context_name(other.context)))


def _delete(request: Request, chosen: Filter, _preference: Preference) -> None:
    sentence = _deleted(chosen.name)
    flash(request, sentence, undo=filter_undo_path(request, remove_filter(request.db, chosen.id)))


def _deleted(name: str) -> str:
    return gettext("Deleted “{name}”.").format(name=name)


_ACTIONS: Final[Mapping[str, Callable[[Request, Filter, Preference], None]]] = {
    "switch": _switch, "once": _once, "snooze": _snooze, "move": _move, "copy": _copy, "delete": _delete}


def undo_removal(request: Request) -> Response:
    """Restore deleted filters."""
    try:
        undone = undo(request.db, request.me.user_id, id_from_path(request, "undo_id"))
    except NoResultFound:
        raise HTTPNotFound from None
    except UserError as error:
        flash(request, str(error), error=True)
        return HTTPSeeOther(request.route_path("home"))
    flash(request, undone_sentence(undone))
    return back(request, undone.context)


def undone_sentence(undone: UndoResult) -> str:
    """What an undo did, in a sentence."""
    if undone.withdrawn:
        return gettext("Removed {names} again.").format(names=_in_quotes(undone.withdrawn))
    if not undone.names:
        return gettext("This was already undone.")
    if len(undone.names) == 1:
        return gettext("Restored “{name}”.").format(name=undone.names[0])
    number = len(undone.names)
    sentence = ngettext("Restored {number} filter: {names}.", "Restored {number} filters: {names}.", number)
    return sentence.format(number=number_text(number), names=_in_quotes(undone.names))


def _in_quotes(names: Iterable[str]) -> str:
    return series(gettext("“{name}”").format(name=name) for name in names)


def back(request: Request, context: str) -> Response:
    """Redirect to the list after an action."""
    return HTTPSeeOther(request.route_path("filters", context=context))
