"""Filter editor. The form returns with all input until it's saved, and works without scripts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

from pyramid.config import Configurator
from pyramid.httpexceptions import HTTPConflict, HTTPNotFound, HTTPSeeOther, HTTPUnprocessableEntity
from pyramid.response import Response
from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm import Session

from fmn.errors import ConflictError, UserError
from fmn.filters.editing import add_filter_once, edit_filter
from fmn.filters.expressions import Expression
from fmn.filters.locking import atomic
from fmn.filters.models import Filter
from fmn.filters.spec import FilterSpec
from fmn.matching.deadlines import IsAbandoned, RequestAbandonedError
from fmn.matching.linter import MAX_RULES
from fmn.people.models import Preference
from fmn.translations import gettext, mark, ngettext
from webapp.filters.draft_review import DraftReview, DraftReviewer
from webapp.filters.drafts import CHECKED, Draft
from webapp.filters.editor_actions import SEARCH_ID, RulePlace, apply_action
from webapp.filters.editor_page import (
    EditorPaths,
    EditorState,
    EditorTarget,
    draft_reviewer,
    filter_page,
    form_fields,
    previewer,
    saved_draft,
)
from webapp.filters.preview_lock import BUSY, PreviewBusyError, preview_lock
from webapp.filters.starting_drafts import draft_from_message, draft_from_rules
from webapp.flash_messages import flash
from webapp.groups import group_of_filter
from webapp.owned import id_from_path, owned_filter, owned_preference
from webapp.request import Request

Page = Mapping[str, object]
#: Saves a draft and its expression, or raises; returns false if there is such a filter already.
Store = Callable[[Session, EditorTarget, Draft, Expression], bool]

NOT_KEPT: Final = mark("That message was deleted, so the filter starts empty.")
CONFLICT: Final = mark(
    "This filter was changed after you loaded the page, maybe in another window. Your version is below: save "
    "it to overwrite the other one.")
GONE: Final = mark("This filter was deleted. Your version is below: save it to create a new filter.")


def includeme(config: Configurator) -> None:
    """Add the views."""
    for route, show, act in (("filter_new", begin, create), ("filter", edit, change)):
        config.add_view(show, route_name=route, request_method="GET", renderer="filter_editor.mako")
        config.add_view(act, route_name=route, request_method="POST", renderer="filter_editor.mako")


def begin(request: Request) -> Page:
    """Editor for a new filter: empty, or with the rule or message in the URL."""
    target = EditorTarget(owned_preference(request, request.read_session))
    draft, notice = _starting_draft(request)
    return filter_page(request, target, draft, EditorState(
        notice=notice, focus=SEARCH_ID if draft.empty and not notice else ""))


def create(request: Request) -> Page | Response:
    """Run an editor action on a new filter, or save it."""
    return continue_editing(request, EditorTarget(owned_preference(request, request.read_session)))


def edit(request: Request) -> Page | Response:
    """Editor for a saved filter. Notifications of a group's filter lead to the group."""
    try:
        chosen = owned_filter(request, request.read_session)
    except HTTPNotFound:
        return HTTPSeeOther(request.route_path(
            "group_filters", group=group_of_filter(request, id_from_path(request, "filter_id"))))
    draft, notice = saved_draft(request, chosen)
    return filter_page(request, _target(request, chosen), draft, EditorState(notice=notice))


def change(request: Request) -> Page | Response:
    """Run an editor action on a filter, or save it. A filter deleted meanwhile can be saved as a new one."""
    try:
        chosen = owned_filter(request, request.read_session)
    except HTTPNotFound:
        return _gone(request)
    return continue_editing(request, _target(request, chosen))


def _target(request: Request, chosen: Filter) -> EditorTarget:
    return EditorTarget(request.read_session.get_one(Preference, chosen.preference_id), chosen)


def _starting_draft(request: Request) -> tuple[Draft, str]:
    rule_types = request.services.rule_types
    msg_id = request.GET.get("from", "")
    if not msg_id:
        return draft_from_rules(request.GET.getall("rule")[:MAX_RULES], rule_types), ""
    previews = previewer(request)
    facts = previews.facts(msg_id) if previews else None
    if facts is None:
        return Draft(), gettext(NOT_KEPT)
    return draft_from_message(facts, request.me.nick, rule_types), ""


def continue_editing(request: Request, target: EditorTarget, store: Store | None = None) -> Page | Response:
    """Run an editor action on a filter, or save it by ``store``."""
    form = form_fields(request)
    draft = Draft.from_form(form)
    action, _, what = form.get("do", "").partition(":")
    if action == "save":
        return _save(request, target, draft, store or _store)
    if action == "cancel":
        return _cancel(request, target, draft)
    after = apply_action(
        draft, action, what, request.services.rule_types, RulePlace.of(form.get("into", "")))
    # Without scripts: whoever looks for a rule is shown what was found, which is far below.
    searching = action in {"look", "search"} and form.get("search", "").strip()
    shown = EditorState(
        focus=SEARCH_ID if searching else after.focus, notice=after.notice, place=after.place,
        choosing=after.choosing, chosen=after.chosen)
    if "live" not in form:  # a script, which has the preview by itself
        shown = _reviewed(request, target, after.draft, shown, explained=what if action == "why" else "")
    return filter_page(request, target, after.draft, shown)


def _cancel(request: Request, target: EditorTarget, draft: Draft) -> Page | Response:
    """Leave the editor, or ask whether to if something would be lost."""
    if draft.fingerprint(request.services.rule_types) == draft.began:
        return HTTPSeeOther(EditorPaths.of(request, target).back)
    return filter_page(request, target, draft, EditorState(leaving=True))


def _reviewed(
    request: Request, target: EditorTarget, draft: Draft, shown: EditorState, *, explained: str,
) -> EditorState:
    reviewer = draft_reviewer(request, target, target.filter_id)
    try:
        with preview_lock(request) as is_abandoned:
            return _previewed(request, reviewer, draft, shown, explained, is_abandoned)
    except (PreviewBusyError, RequestAbandonedError):
        return replace(
            shown, review=DraftReview() if draft.empty else replace(reviewer.check(draft), problem=BUSY))


def _previewed(
    request: Request, reviewer: DraftReviewer, draft: Draft, shown: EditorState, explained: str,
    is_abandoned: IsAbandoned,
) -> EditorState:
    previews = previewer(request, is_abandoned)
    review = reviewer.review(draft, previews, form_fields(request).get("message", "").strip())
    if previews is None or review.expression is None or not explained:
        return replace(shown, review=review)
    return replace(shown, review=review, explained=previews.test_message(review.expression, explained))


def _save(request: Request, target: EditorTarget, draft: Draft, store: Store) -> Page | Response:
    review = draft_reviewer(request, target, target.filter_id).check(draft)
    if review.expression is None:
        return _refused(request, target, draft, EditorState(review=review, validated=True))
    if target.group and form_fields(request).get("confirmed") != CHECKED:
        shown = EditorState(notice=_confirmation(target), confirming=True)
        return filter_page(request, target, draft, _reviewed(request, target, draft, shown, explained=""))
    named = draft.named(request.services.rule_types)
    try:
        new = store(request.db, target, named, review.expression)
    except UserError as error:
        shown = EditorState(review=review, validated=True)
        return _refused(request, target, draft, _with_problem(shown, error))
    except ConflictError:
        return _conflict(request, target, draft)
    except NoResultFound:
        return gone_page(request, target)
    flash(request, (gettext("Saved “{name}”.") if new else gettext("“{name}” already exists.")).format(
        name=named.name))
    return HTTPSeeOther(EditorPaths.of(request, target).back)


def _confirmation(target: EditorTarget) -> str:
    return ngettext(
        "This applies to {n} member of the group {group}, starting with the next message. Look at the "
        "preview, which shows what you would get yourself, and save again to confirm.",
        "This applies to {n} members of the group {group}, starting with the next message. Look at the "
        "preview, which shows what you would get yourself, and save again to confirm.",
        target.members).format(n=target.members, group=target.group)


def _with_problem(shown: EditorState, error: UserError) -> EditorState:
    """What is shown with what can't be done, beside the field that is to blame."""
    if error.field in FilterSpec.model_fields:
        return replace(shown, problems={error.field: str(error)})
    return replace(shown, notice=str(error))


@atomic
def _store(session: Session, target: EditorTarget, draft: Draft, expression: Expression) -> bool:
    """Save it all, or raise; returns false if there is such a filter already."""
    if target.filter_id is None:
        assert target.preference is not None  # only a group may have none
        preference = session.get_one(Preference, target.preference.id)
        new = draft.applied_to(FilterSpec(name=draft.name), expression)
        return add_filter_once(session, preference, new).new
    edit_filter(
        session, target.filter_id, lambda there: draft.applied_to(there, expression), seen=draft.version)
    return True


def _refused(request: Request, target: EditorTarget, draft: Draft, shown: EditorState) -> Page:
    request.response.status = HTTPUnprocessableEntity.code
    return filter_page(request, target, draft, shown)


def _conflict(request: Request, target: EditorTarget, draft: Draft) -> Page:
    request.response.status = HTTPConflict.code
    chosen = request.db.get_one(Filter, target.filter_id, populate_existing=True)
    there, _ = saved_draft(request, chosen)
    return filter_page(
        request, replace(target, chosen=chosen), draft.based_on(there),
        EditorState(notice=gettext(CONFLICT), there=there))


def _gone(request: Request) -> Page:
    """Response for a missing filter: the editor with the input if its context is known, else 404."""
    context = form_fields(request).get("context", "")
    return gone_page(request, EditorTarget(owned_preference(request, request.read_session, context)))


def gone_page(request: Request, target: EditorTarget) -> Page:
    """The editor with the input, which can be saved as a new filter, for a filter that was deleted."""
    request.response.status = HTTPNotFound.code
    return filter_page(
        request, replace(target, chosen=None), Draft.from_form(form_fields(request)),
        EditorState(notice=gettext(GONE)))
