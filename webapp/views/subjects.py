"""Pages of packages, people, groups and applications, and watching them.

Looking changes nothing: links and badges on other sites lead to ``/watch?package=…``, which leads to the
page, and there one confirms.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from pyramid.config import Configurator
from pyramid.httpexceptions import HTTPNotFound, HTTPSeeOther, HTTPUnprocessableEntity
from pyramid.response import Response

from fmn.directory.snapshot import Directory
from fmn.errors import UserError
from fmn.filters.watch_subjects import FIELD, Subject, SubjectKind, WatchLevel, subject
from fmn.filters.watches import unwatch, watch
from fmn.ledger.onboarding import start_notifications
from fmn.matching.subject_lookup import MAX_TEXT_LENGTH, SubjectLookup
from fmn.people.accounts import EMAIL_CONTEXT
from fmn.people.models import Preference
from fmn.translations import gettext as _
from webapp.context_names import context_heading, context_name
from webapp.directory_or_none import directory_or_none
from webapp.flash_messages import filter_undo_path, flash
from webapp.forms import Form, read_form
from webapp.owned import owned_preference
from webapp.request import Request
from webapp.subjects.subject_links import ROUTES, subject_path
from webapp.subjects.subject_page import level_title, subject_page

Page = Mapping[str, object]

_KINDS: Final = {route: kind for kind, route in ROUTES.items()}


class WatchForm(Form):
    """Form of a watch: how much, by which channel; and with ``stop``, not any more."""

    context: str
    level: WatchLevel | None = None
    stop: bool = False


def includeme(config: Configurator) -> None:
    """Add the views."""
    for route in ROUTES.values():
        config.add_view(see, route_name=route, request_method="GET", renderer="subject.mako")
        config.add_view(change, route_name=route, request_method="POST", renderer="subject.mako")
    config.add_view(find, route_name="watch", request_method="GET", renderer="watch.mako")


def see(request: Request) -> Page:
    """Page of a subject."""
    return {"it": subject_page(request, _subject(request), _level(request)), "problem": ""}


def change(request: Request) -> Page | Response:
    """Watch the subject, at another level, or not any more. Idempotent."""
    it = _subject(request)
    try:
        form = read_form(WatchForm, request.POST)
        preference = owned_preference(request, request.db, form.context)
        if form.stop:
            _stop(request, preference, it)
        else:
            _watch(request, preference, it, form.level or it.levels[0])
    except UserError as error:
        request.response.status = HTTPUnprocessableEntity.code
        return {"it": subject_page(request, it), "problem": str(error)}
    return HTTPSeeOther(subject_path(request, it))


def _watch(request: Request, preference: Preference, it: Subject, level: WatchLevel) -> None:
    changed = watch(request.db, preference, it, level)
    asked = _begin(request, preference)
    parts = {"subject": it.label, "channel": context_name(preference.context), "level": level_title(level)}
    if changed.undo_id is None:
        flash(request, _("You watch {subject} by {channel} already.").format(**parts))
        return
    said = [_("Watching {subject} by {channel}: {level}.").format(**parts)]
    if asked:
        said.append(_("Open the link that we sent to {address} to get notifications.").format(address=asked))
    elif not preference.enabled:
        said.append(_("{channel} is switched off.").format(channel=context_heading(preference.context)))
    flash(request, " ".join(said), undo=filter_undo_path(request, changed.undo_id))


def _begin(request: Request, preference: Preference) -> str:
    """Switch the channel on for somebody who has set up nothing yet; returns the address to confirm."""
    user = preference.user
    if user.set_up_at is not None or preference.enabled:
        return ""
    try:
        with request.db.begin_nested():
            return start_notifications(
                request.db, preference, _known_address(preference), request.now, request.services.settings)
    except UserError:  # the page says that there's no address yet
        return ""


def _known_address(preference: Preference) -> str:
    known = preference.user.email if preference.context == EMAIL_CONTEXT else None
    return "" if preference.detail_values else known or ""


def _stop(request: Request, preference: Preference, it: Subject) -> None:
    changed = unwatch(request.db, preference, it)
    if changed is None:
        flash(request, _("You don’t watch {subject}.").format(subject=it.label))
    else:
        flash(request, _("No longer watching {subject}.").format(subject=it.label),
              undo=filter_undo_path(request, changed.undo_id))


def find(request: Request) -> Page | Response:
    """Lead to the page of the subject that the address names, or ask which one."""
    words = _words(request)
    problem = ""
    if words:
        try:
            return HTTPSeeOther(_watch_path(request, _read(request, words)))
        except UserError as error:
            problem = str(error)
            request.response.status = HTTPUnprocessableEntity.code
    return {"typed": words, "problem": problem}


def _words(request: Request) -> str:
    """The subject as one would type it: ``q``, or a parameter named after its kind."""
    for kind in SubjectKind:
        if name := request.GET.get(kind, "").strip():
            return f"{kind}:{name[:MAX_TEXT_LENGTH]}"
    return request.GET.get("q", "").strip()[:MAX_TEXT_LENGTH]


def _read(request: Request, words: str) -> Subject:
    directory = directory_or_none(request.services) or Directory()
    lookup = SubjectLookup(request.read_session, request.services.completer, directory, request.now)
    found = lookup.read(words)
    if len(found) != 1:
        raise UserError(_("Name one package, person, group or application."), FIELD)
    return found[0]


def _watch_path(request: Request, it: Subject) -> str:
    level = _level(request)
    return subject_path(request, it, **({"level": str(level)} if level else {}))


def _level(request: Request) -> WatchLevel | None:
    wanted = request.GET.get("level", "")
    return WatchLevel(wanted) if wanted in list(WatchLevel) else None


def _subject(request: Request) -> Subject:
    assert request.matched_route is not None
    kind = _KINDS[request.matched_route.name]
    try:
        return subject(kind, request.matchdict["name"])
    except UserError as error:
        raise HTTPNotFound(str(error)) from None
