"""Actions of the inbox: triage, mutes, undo. Each says what it did, and offers to undo it.

A script asks for JSON: the sentence, and where to undo.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from pyramid.config import Configurator
from pyramid.httpexceptions import HTTPBadRequest, HTTPNotFound, HTTPSeeOther
from pyramid.response import Response
from sqlalchemy.exc import NoResultFound

from fmn.errors import UserError
from fmn.ledger.inbox import inbox
from fmn.ledger.inbox_filter import InboxFilter
from fmn.ledger.inbox_paging import PagePosition
from fmn.ledger.read_state import unread_count
from fmn.ledger.triage import Action, Triaged, TriageRequest, triage, triage_all
from fmn.translations import gettext, mark, ngettext
from webapp.flash_messages import flash, inbox_undo_path
from webapp.forms import FormError, read_form
from webapp.humanize import natural_time_without_on
from webapp.inbox.group_triage import triage_whole
from webapp.inbox.muting import mute_subjects
from webapp.inbox.search_form import resolve_search
from webapp.inbox.triage_form import MAX_SELECTED, Scope, TriageForm
from webapp.inbox.undoing import undo_change
from webapp.owned import current_user, current_user_zone, id_from_path
from webapp.redirects import safe_redirect
from webapp.request import Request

JSON: Final = "application/json"
#: What can be answered, the first one if whoever asks doesn't care.
OFFERS: Final = ("text/html", JSON)
NOTHING_TICKED: Final = mark("Tick the notifications first.")


@dataclass(frozen=True)
class Outcome:
    """What an action did, in a sentence, and what undoes it."""

    sentence: str
    undo: int | None = None
    error: bool = False


def includeme(config: Configurator) -> None:
    """Add the views."""
    config.add_view(change, route_name="inbox_triage", request_method="POST")
    config.add_view(undo, route_name="inbox_undo", request_method="POST")


def change(request: Request) -> Response:
    """Run the action of a button of the list."""
    try:
        form = read_form(TriageForm, request.POST)
    except FormError:
        raise HTTPBadRequest(gettext("The form was incomplete. Reload your inbox and try again.")) from None
    try:
        outcome = _mute(request, form) if form.mutes else _triage(request, form)
    except UserError as error:
        outcome = Outcome(str(error), error=True)
    return _answer(request, outcome, request.route_path("inbox", _query=form.query(form.place)))


def undo(request: Request) -> Response:
    """Undo a change of the inbox."""
    undo_id = id_from_path(request, "undo_id")
    try:
        with request.db.begin_nested():
            outcome = Outcome(undo_change(request.db, request.me.user_id, undo_id, request.now))
    except NoResultFound:
        raise HTTPNotFound from None
    except UserError as error:
        outcome = Outcome(str(error), error=True)
    return _answer(request, outcome, safe_redirect(request.POST.get("to", "")) or request.route_path("inbox"))


def _triage(request: Request, form: TriageForm) -> Outcome:
    wish = form.request(request.now, current_user_zone(request))
    if form.scope is Scope.ALL:
        done = triage_all(request.db, request.me.user_id, wish, _wanted(request, form), form.newest)
    elif form.scope is Scope.WHOLE:
        done = triage_whole(
            request.db, request.me.user_id, wish, _wanted(request, form), form, current_user_zone(request))
    elif form.chosen:
        done = triage(request.db, request.me.user_id, wish, form.chosen)
    else:
        raise UserError(gettext(NOTHING_TICKED))
    return Outcome(_sentence(request, wish, done), done.undo_id)


def _sentence(request: Request, wish: TriageRequest, done: Triaged) -> str:
    if not done.changed:
        return gettext("Nothing to change so far. Press the button again.") if done.more else gettext(
            "Nothing to change.")
    changed = _changed(wish.action, done.changed).format(n=f"{done.changed:,}", when=_until(request, wish))
    more = gettext("There may be more: press the button again.") if done.more else ""
    return f"{changed} {more}".strip()


def _changed(action: Action, number: int) -> str:
    match action:
        case Action.READ:
            return ngettext(
                "{n} notification is marked as read.", "{n} notifications are marked as read.", number)
        case Action.UNREAD:
            return ngettext(
                "{n} notification is marked as unread.", "{n} notifications are marked as unread.", number)
        case Action.DONE:
            return ngettext("{n} notification is done.", "{n} notifications are done.", number)
        case Action.SNOOZE:
            return ngettext(
                "{n} notification is snoozed until {when}.", "{n} notifications are snoozed until {when}.",
                number)
        case Action.OPEN:
            return ngettext(
                "{n} notification is back in your inbox.", "{n} notifications are back in your inbox.",
                number)


def _until(request: Request, wish: TriageRequest) -> str:
    if wish.until is None:
        return ""
    return natural_time_without_on(wish.until, request.now, current_user_zone(request))


def _mute(request: Request, form: TriageForm) -> Outcome:
    assert form.mutes is not None
    ids = form.chosen
    if form.scope is Scope.ALL:
        shown = inbox(
            request.db, request.me.user_id, request.now, _wanted(request, form),
            PagePosition(before=form.newest + 1), most=MAX_SELECTED)
        ids = [each.id for each in shown.entries]
    if not ids:
        raise UserError(gettext(NOTHING_TICKED))
    muted, undo_id = mute_subjects(request, ids, form.mutes)
    sentence = gettext("Muted forever: {subject}. The mute starts with the next message.")
    return Outcome(sentence.format(subject=muted), undo_id)


def _wanted(request: Request, form: TriageForm) -> InboxFilter:
    return resolve_search(request, current_user(request, request.read_session), form.q)


def _answer(request: Request, outcome: Outcome, place: str) -> Response:
    undo_path = inbox_undo_path(request, outcome.undo)
    if request.accept.acceptable_offers(OFFERS)[:1] == [(JSON, 1.0)]:
        return Response(json_body={
            "sentence": outcome.sentence, "error": outcome.error,
            "undo": undo_path,
            "unread": unread_count(request.db, request.me.user_id, request.now)})
    flash(request, outcome.sentence, undo=undo_path, error=outcome.error)
    return HTTPSeeOther(place)
