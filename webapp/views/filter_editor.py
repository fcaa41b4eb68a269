"""The filter editor. Its form comes back with all that was typed until it's saved. It needs no scripts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from pyramid.config import Configurator
from pyramid.httpexceptions import HTTPConflict, HTTPNotFound, HTTPSeeOther, HTTPUnprocessableEntity
from pyramid.response import Response
from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm import Session

from fmn.filters.editing import (
    add_filter_once,
    change_filter,
    clean_name,
    set_filter_enabled,
    set_hold,
    set_oneshot,
)
from fmn.filters.expressions import Expression
from fmn.filters.locking import EditError, all_or_nothing
from fmn.filters.models import Filter
from fmn.matching.deadlines import NobodyWaits, NobodyWaitsError
from fmn.matching.linter import MOST_RULES
from fmn.people.models import Preference
from fmn.people.versions import EditConflictError
from webapp.filters.draft_review import Editor, Look
from webapp.filters.drafts import Draft
from webapp.filters.editor_actions import turned
from webapp.filters.editor_page import Place, Shown, editor, filter_page, previewer, saved_draft, typed
from webapp.filters.preview_lock import BUSY, BusyError, preview_turn
from webapp.filters.starting_drafts import from_message, from_rules
from webapp.flash_messages import say
from webapp.owned import my_filter, my_preference
from webapp.request import Request

Page = Mapping[str, object]

NOT_KEPT: Final = "That message isn’t kept any more, so this begins with nothing."
CONFLICT: Final = (
    "This filter was changed meanwhile, maybe in another window. What you typed is below: saving it puts it "
    "in the place of what is there now.")
GONE: Final = "This filter is deleted. What you typed is below: saving it makes a new filter of it."


def includeme(config: Configurator) -> None:
    """Add the views."""
    for route, show, act in (("filter_new", begin, create), ("filter", edit, change)):
        config.add_view(show, route_name=route, request_method="GET", renderer="editor.mako")
        config.add_view(act, route_name=route, request_method="POST", renderer="editor.mako")


def begin(request: Request) -> Page:
    """A new filter: empty, or with what the address says."""
    place = Place(my_preference(request, request.reading))
    draft, notice = _beginning(request)
    return filter_page(request, place, draft, Shown(notice=notice))


def create(request: Request) -> Page | Response:
    """Go on with a new filter, or save it."""
    return _go_on(request, Place(my_preference(request, request.reading)))


def edit(request: Request) -> Page:
    """A filter as it's saved."""
    chosen = my_filter(request, request.reading)
    draft, notice = saved_draft(request, chosen)
    return filter_page(request, _place(request, chosen), draft, Shown(notice=notice))


def change(request: Request) -> Page | Response:
    """Go on with a filter, or save it. If it's deleted, what was typed can become a new one."""
    try:
        chosen = my_filter(request, request.reading)
    except HTTPNotFound:
        return _gone(request)
    return _go_on(request, _place(request, chosen))


def _place(request: Request, chosen: Filter) -> Place:
    return Place(request.reading.get_one(Preference, chosen.preference_id), chosen)


def _beginning(request: Request) -> tuple[Draft, str]:
    rule_types = request.services.rule_types
    msg_id = request.GET.get("from", "")
    if not msg_id:
        return from_rules(request.GET.getall("rule")[:MOST_RULES], rule_types), ""
    looks = previewer(request)
    facts = looks.facts(msg_id) if looks else None
    return (from_message(facts, request.me.nick, rule_types), "") if facts else (Draft(), NOT_KEPT)


def _go_on(request: Request, place: Place) -> Page | Response:
    form = typed(request)
    draft = Draft.typed(form)
    action, _, what = form.get("do", "").partition(":")
    if action == "save":
        return _save(request, place, draft)
    after = turned(draft, action, what, request.services.rule_types)
    shown = Shown(focus=after.focus, notice=after.notice)
    if "live" not in form:  # a script, which has the preview by itself
        shown = _looked_at(request, place, after.draft, shown, explained=what if action == "why" else "")
    return filter_page(request, place, after.draft, shown)


def _looked_at(request: Request, place: Place, draft: Draft, shown: Shown, *, explained: str) -> Shown:
    at = editor(request, place.preference.id, place.filter_id)
    try:
        with preview_turn(request) as nobody_waits:
            return _previewed(request, at, draft, shown, explained, nobody_waits)
    except (BusyError, NobodyWaitsError):
        return replace(shown, look=Look() if draft.empty else replace(at.check(draft), problem=BUSY))


def _previewed(
    request: Request, at: Editor, draft: Draft, shown: Shown, explained: str, nobody_waits: NobodyWaits,
) -> Shown:
    looks = previewer(request, nobody_waits)
    look = at.look(draft, looks, typed(request).get("message", "").strip())
    if looks is None or look.expression is None or not explained:
        return replace(shown, look=look)
    return replace(shown, look=look, explained=looks.tried(look.expression, explained))


def _save(request: Request, place: Place, draft: Draft) -> Page | Response:
    look = editor(request, place.preference.id, place.filter_id).check(draft)
    if look.expression is None:
        return _refused(request, place, draft, Shown(look=look, judged=True))
    named = draft.called(request.services.rule_types)
    try:
        new = _keep(request.db, place, named, look.expression)
    except EditError as error:
        shown = Shown(look=look, judged=True)
        return _refused(request, place, draft, _with_problem(shown, error))
    except EditConflictError:
        return _conflict(request, place, draft)
    except NoResultFound:
        return _gone(request)
    say(request, f"“{named.name}” is saved." if new else f"“{named.name}” is there already.")
    return HTTPSeeOther(request.route_path("preference", context=place.preference.context))


def _with_problem(shown: Shown, error: EditError) -> Shown:
    """What is shown with what can't be done, beside the field that is to blame."""
    sentence = str(error)
    if error.field == "name":
        return replace(shown, name_problem=sentence)
    return replace(shown, hold_problem=sentence) if error.field == "hold_minutes" else (
        replace(shown, notice=sentence))


@all_or_nothing
def _keep(session: Session, place: Place, draft: Draft, expression: Expression) -> bool:
    """Save it all, or raise; returns false if there is such a filter already."""
    hold_minutes = draft.hold_minutes
    if place.filter_id is None:
        preference = session.get_one(Preference, place.preference.id)
        added = add_filter_once(session, preference, clean_name(draft.name), expression)
        if not added.new:
            return False
        filter_id = added.filter.id
    else:
        filter_id = change_filter(
            session, place.filter_id, name=draft.name, expression=expression, seen=draft.version).id
    # Only what somebody ticked here: it may have been switched off elsewhere since the page was shown.
    if draft.oneshot != draft.was_oneshot:
        set_oneshot(session, filter_id, oneshot=draft.oneshot)
    if draft.hold != draft.was_hold:
        set_hold(session, filter_id, hold_minutes)
    if draft.enabled != draft.was_enabled:
        set_filter_enabled(session, filter_id, enabled=draft.enabled)
    return True


def _refused(request: Request, place: Place, draft: Draft, shown: Shown) -> Page:
    request.response.status = HTTPUnprocessableEntity.code
    return filter_page(request, place, draft, shown)


def _conflict(request: Request, place: Place, draft: Draft) -> Page:
    request.response.status = HTTPConflict.code
    chosen = request.db.get_one(Filter, place.filter_id, populate_existing=True)
    there, _ = saved_draft(request, chosen)
    mine = replace(
        draft, version=there.version, was_enabled=there.was_enabled, was_oneshot=there.was_oneshot,
        was_hold=there.was_hold)
    return filter_page(request, Place(place.preference, chosen), mine, Shown(notice=CONFLICT, there=there))


def _gone(request: Request) -> Page:
    """There's no such filter of mine. Without knowing where it was, there's no page either."""
    form = typed(request)
    place = Place(my_preference(request, request.reading, form.get("context", "")))
    request.response.status = HTTPNotFound.code
    return filter_page(request, place, Draft.typed(form), Shown(notice=GONE))
